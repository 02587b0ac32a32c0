package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/shop"
)

// stock puts the articles into both systems, and the charge items into the ERP.
func stock(s *shop.Shop, e *erp.ERP, goods []good) {
	for _, g := range goods {
		if _, there := s.Product(g.SKU); !there {
			s.AddProduct(shop.Product{SKU: g.SKU, Name: g.Name, Price: g.Price, Amount: 1_000_000})
		}
		plenty := decimal.NewFromInt(10_000_000)
		e.AddItem(erp.Item{ID: g.SKU, Desc: g.Name, Price: g.Price, BaseUnit: "EA", SellingUnit: "EA", Stock: map[int]decimal.Decimal{10: plenty, 20: plenty}})
	}
	for _, id := range []string{"DISCOUNT", "GIFTCERT", "HANDLING", "POSTAGE", "ROUNDING"} {
		e.AddItem(erp.Item{ID: id, Desc: strings.ToLower(id), BaseUnit: "EA", SellingUnit: "EA", OtherCharge: true})
	}
}

// shopper makes orders as a distributor's customers would: mostly good ones,
// some that wait for their payment, some that somebody must look at.
type shopper struct {
	w         *world
	r         *rand.Rand
	people    []person
	customers map[string]int // shop account by e-mail
	later     sync.WaitGroup
}

func newShopper(w *world) *shopper {
	r := rand.New(rand.NewPCG(w.o.seed, 54))
	s := &shopper{w: w, r: r, people: buyers(r, 60), customers: map[string]int{}}
	for _, c := range w.shop.Customers() {
		s.customers[c.Email] = c.ID
	}
	return s
}

// placeAll places the orders of -orders or -from at the wanted rate.
func (w *world) placeAll(ctx context.Context) error {
	s := newShopper(w)
	defer s.later.Wait()
	if w.o.from != "" {
		return s.replay(ctx)
	}
	for i := range w.o.orders {
		if err := s.place(ctx); err != nil {
			return fmt.Errorf("placing order %d: %w", i+1, err)
		}
		sleep(ctx, w.pause())
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func (w *world) placeForever(ctx context.Context) error {
	s := newShopper(w)
	if w.o.from != "" {
		return s.replay(ctx)
	}
	for ctx.Err() == nil {
		if err := s.place(ctx); err != nil {
			return err
		}
		sleep(ctx, w.pause())
	}
	return nil
}

func (w *world) pause() time.Duration { return time.Duration(float64(time.Second) / w.o.rate) }

func (w *world) put(n shop.NewOrder, cancellation bool) (shop.Order, error) {
	at := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock() // the order is known before anybody can ask for it
	o, err := w.shop.Place(n)
	if err == nil {
		w.placed[strconv.Itoa(o.ID)] = placement{number: o.Number, at: at, cancellation: cancellation}
	}
	return o, err
}

// released notes that an order may go into the ERP only from now on.
func (w *world) released(id int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.placed[strconv.Itoa(id)]
	p.at = time.Now()
	w.placed[strconv.Itoa(id)] = p
}

// place places one order.
func (s *shopper) place(ctx context.Context) error {
	n := s.order()
	luck := s.r.Float64()
	switch {
	case luck < .02: // an article that the ERP does not have
		n.Lines[0].SKU = "NEW-" + n.Lines[0].SKU
	case luck < .03: // an address that cannot be shipped to
		n.Billing.City, n.Billing.Zip, n.Shipping = "", "", nil
	case luck < .04: // a total that does not add up
		wrong := decimal.NewFromInt(1)
		n.Total = &wrong
	case luck < .10: // paid later, or never
		n.PaymentStatus = "Q"
	case luck >= .92:
		s.risky(&n)
	}
	o, err := s.w.put(n, false)
	if err != nil || n.PaymentStatus != "Q" {
		return err
	}
	pays, after := s.r.Float64() < .6, time.Duration(500+s.r.IntN(2500))*time.Millisecond
	s.later.Add(1)
	go func() {
		defer s.later.Done()
		sleep(ctx, after)
		if pays {
			s.w.released(o.ID)
			_ = s.w.shop.SetPaymentStatus(o.ID, "P")
		} else {
			_ = s.w.shop.Cancel(o.ID)
		}
	}()
	return nil
}

// order makes up one order that is in order.
func (s *shopper) order() shop.NewOrder {
	p := pick(s.r, s.people)
	n := shop.NewOrder{
		Email: p.Email, PaymentMethod: "Credit Card", PaymentStatus: pick(s.r, []string{"A", "P", "P"}),
		ShippingMethod: pick(s.r, []string{"UPS Ground", "UPS Ground", "FedEx 2Day", "Will call"}),
		Billing:        p.address(), Shipping: p.address(), Notes: pick(s.r, []string{"", "", "Dock 3, ring twice", "gate code #5 & \"ring\" ü"}),
	}
	if p.Registered {
		n.CustomerID, n.Email = s.account(p), ""
	}
	goods := decimal.Zero
	for range 1 + s.r.IntN(5) {
		g := pick(s.r, s.w.goods)
		line := shop.NewLine{SKU: g.SKU, Name: g.Name, Quantity: 1 + s.r.IntN(12), Price: g.Price}
		charged := g.Price.Mul(decimal.NewFromInt(int64(line.Quantity)))
		if line.Quantity >= 10 { // a quantity price, which the list price does not show
			charged = charged.Mul(decimal.RequireFromString("0.85")).Round(2)
		}
		line.Subtotal = &charged
		goods = goods.Add(charged)
		n.Lines = append(n.Lines, line)
	}
	if n.ShippingMethod != "Will call" {
		n.Surcharges = append(n.Surcharges, shop.Freight(decimal.New(int64(750+s.r.IntN(2500)), -2)))
	}
	if s.r.Float64() < .2 {
		n.Surcharges = append(n.Surcharges, shop.Discount(goods.Mul(decimal.RequireFromString("0.1")).Round(2)))
		n.Coupons = []shop.Coupon{{Code: "SAVE10", Value: decimal.NewFromInt(10)}}
	}
	if s.r.Float64() < .1 {
		n.Surcharges = append(n.Surcharges, shop.Handling("Hazmat fee", decimal.RequireFromString("4.50")))
	}
	if tax := goods.Mul(taxRates[p.State]).Round(2); tax.IsPositive() {
		n.Surcharges = append(n.Surcharges, shop.Surcharge{Type: "tax", Code: "CDEV.STAX.1", Name: "Sales tax", Value: tax})
	}
	return n
}

func (s *shopper) account(p person) int {
	id, known := s.customers[p.Email]
	if !known {
		id = s.w.shop.AddCustomer(shop.Customer{Email: p.Email, Billing: p.address(), Shipping: p.address()}).ID
		s.customers[p.Email] = id
	}
	return id
}

func (p person) address() *shop.Address {
	return &shop.Address{FirstName: p.First, LastName: p.Last, Company: p.Company, Line1: p.Street, Line2: p.Suite, City: p.City,
		State: p.State, Country: "US", Zip: p.Zip, Phone: p.Phone}
}

// notStock are the codes of an export that are no articles: postage, manual
// corrections, bank charges and the like. The ERP has none of them.
var notStock = map[string]bool{"POST": true, "DOT": true, "C2": true, "M": true, "m": true, "D": true, "B": true, "S": true,
	"BANK CHARGES": true, "AMAZONFEE": true, "CRUK": true, "PADS": true}

// replay places the orders of an export.
func (s *shopper) replay(ctx context.Context) error {
	invoices, err := readExport(s.w.o.from)
	if err != nil {
		return err
	}
	s.w.say(fmt.Sprintf("replaying %d invoices of %s", len(invoices), s.w.o.from))
	stock(s.w.shop, s.w.erp, articles(invoices))
	if s.w.o.once && s.w.o.rate == 10 {
		s.w.o.rate = 100 // an export is long: as fast as it goes
	}
	for _, i := range invoices {
		if _, err := s.w.put(s.fromExport(i), i.cancellation()); err != nil {
			return fmt.Errorf("placing invoice %s: %w", i.Number, err)
		}
		sleep(ctx, s.w.pause())
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

func articles(invoices []invoice) []good {
	seen := map[string]bool{}
	var goods []good
	for _, i := range invoices {
		for _, l := range i.Lines {
			if !seen[l.SKU] && !notStock[l.SKU] {
				seen[l.SKU] = true
				goods = append(goods, good{SKU: l.SKU, Name: l.Name, Price: l.Price.Abs()})
			}
		}
	}
	return goods
}

// fromExport makes a shop's order of an invoice. A C-invoice, a cancellation or
// return of an earlier one, is an order whose payment is cancelled.
func (s *shopper) fromExport(i invoice) shop.NewOrder {
	country := mapping.NormaliseAddress(commerce.Address{Country: i.Country}).Country
	p := person{First: "Customer", Last: i.Customer, Email: "customer" + i.Customer + "@example.test", Registered: i.Customer != "",
		Street: "1 High Street", City: i.Country, Zip: "AB1 2CD"}
	if i.Customer == "" {
		p.Last, p.Email = i.Number, "guest"+i.Number+"@example.test"
	}
	address := p.address()
	address.Country = country
	n := shop.NewOrder{Number: i.Number, Email: p.Email, PaymentMethod: "Purchase Order", PaymentStatus: "P",
		ShippingMethod: "UPS Ground", Billing: address, Shipping: address}
	if p.Registered {
		id, known := s.customers[p.Email]
		if !known {
			id = s.w.shop.AddCustomer(shop.Customer{Email: p.Email, Billing: address, Shipping: address}).ID
			s.customers[p.Email] = id
		}
		n.CustomerID, n.Email = id, ""
	}
	if i.cancellation() {
		n.PaymentStatus = "C"
	}
	for _, l := range i.Lines {
		charged := l.Price.Mul(decimal.NewFromInt(l.Quantity)).Round(2)
		n.Lines = append(n.Lines, shop.NewLine{SKU: l.SKU, Name: l.Name, Quantity: int(l.Quantity), Price: l.Price, Subtotal: &charged})
	}
	return n
}
