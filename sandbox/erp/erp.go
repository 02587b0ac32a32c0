package erp

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/sandbox/faults"
)

// HouseAccount is the customer that every simulated company has for people
// without an account of their own; HouseContact is its only contact.
const (
	HouseAccount = 100000
	HouseContact = 2000
)

// Options say what kind of installation is simulated. The zero value is a
// small company "01" that lets user "api" with password "api" in.
type Options struct {
	Username, Password string
	ClientSecret       string // a consumer key; empty means none was made
	Company            string // a string: the usual first company is "01"
	Currency           string
	Locations          []int
	Takers             []string
	Carriers           map[int]string // address id to display name
	FreightCodes       []string
	TaxRates           map[string]decimal.Decimal // by state, 0.0825 = 8.25 %

	// Offset is how far the server's clock is from UTC. Timestamps carry no zone.
	Offset time.Duration
	// Now is the clock, time.Now by default.
	Now func() time.Time

	TokenLifetime time.Duration
	TokenXML      bool // answer the token request in XML, whatever Accept says
	OneToken      bool // a new token ends all earlier ones

	// ShipToState makes this a tenant whose order field for the state is
	// ShipToState instead of OeHdrShip2State. The other name is ignored.
	ShipToState bool
	// AutoApprove approves orders that do not say otherwise.
	AutoApprove bool

	Latency time.Duration
	// Faults decides for each request what shall go wrong with it.
	Faults func(*http.Request) faults.Fault

	// Seed and the shares (0 to 1) steer what the warehouse does to an order.
	Seed                 uint64
	PartialShare         float64 // ships in two parts, one after the other
	SplitShare           float64 // takes from a second location where it can
	ParcelShare          float64 // several parcels, tracked in clippership_return_10004
	ShipmentShare        float64 // tracked in the shipment table only
	IdleShare            float64 // rests during a step
	FirstCustomer        int     // ids of new customers and addresses start here
	FirstOrder           int     // numbers of new orders start here
	ClosedPeriodsThrough int     // months up to this one of the current year are closed
}

func (o Options) withDefaults() Options {
	setDefault(&o.Username, "api")
	setDefault(&o.Password, "api")
	setDefault(&o.Company, "01")
	setDefault(&o.Currency, "USD")
	setDefault(&o.TokenLifetime, 24*time.Hour)
	setDefault(&o.FirstCustomer, 100001)
	setDefault(&o.FirstOrder, 1000001)
	if len(o.Locations) == 0 {
		o.Locations = []int{10, 20}
	}
	if len(o.Takers) == 0 {
		o.Takers = []string{"XCART", "ADMIN"}
	}
	if len(o.FreightCodes) == 0 {
		o.FreightCodes = []string{"PPA", "PPD", "COL", "FREE"}
	}
	if len(o.Carriers) == 0 {
		o.Carriers = map[int]string{5001: "UPS GROUND", 5002: "FEDEX GROUND", 5003: "USPS PRIORITY"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// ERP is one simulated Prophet 21: its books, its users, its warehouse and
// its two front doors, Handler and Gateway. It is safe for concurrent use.
type ERP struct {
	options Options

	mu    sync.RWMutex
	books *books

	tokens *tokens
	gate   *faults.Gate

	catalogue sync.Once
	tables    map[string]*table
}

// New opens a company with its locations, takers, carriers and the house
// account, and nothing else.
func New(options Options) *ERP {
	options = options.withDefaults()
	e := &ERP{
		options: options,
		books:   newBooks(options),
		tokens:  newTokens(),
		gate:    &faults.Gate{Latency: options.Latency, Choose: options.Faults},
	}
	e.seed()
	return e
}

func (e *ERP) seed() {
	b := e.books
	for _, id := range sortedKeys(e.options.Carriers) {
		b.enterAddress(&Address{ID: id, Name: e.options.Carriers[id], Carrier: true})
	}
	postal := Postal{Line1: "1 Warehouse Way", City: "Springfield", State: "IL", Zip: "62701", Country: "US"}
	b.enterCustomer(CustomerRecord{
		Customer: Customer{ID: HouseAccount, Name: "WEB HOUSE ACCOUNT", Taxable: true},
		Address:  Address{Name: "WEB HOUSE ACCOUNT", Mail: postal, Phys: postal},
		Contacts: []Contact{{ID: HouseContact, First: "Web", Last: "Orders"}},
	})
}

// AddItem puts an article and its stock (in base units) into the item
// master, or replaces the one with the same id.
func (e *ERP) AddItem(item Item) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.books.enterItem(&item)
}

// SetStock says what a location has on hand, as a count or a receipt would.
func (e *ERP) SetStock(itemID string, location int, onHand decimal.Decimal) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	item, ok := e.books.items[itemID]
	if !ok {
		return false
	}
	stock := e.books.stock(item, location)
	stock.OnHand = onHand
	e.books.touch(stock)
	return true
}

// SetPrice changes the price of an article.
func (e *ERP) SetPrice(itemID string, price decimal.Decimal) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	item, ok := e.books.items[itemID]
	if !ok {
		return false
	}
	item.Price = price
	e.books.touch(item)
	return true
}

// AddCustomer enters a customer with its address, contacts and ship-tos and
// returns it with the ids it got. Ids already set are kept.
func (e *ERP) AddCustomer(c CustomerRecord) CustomerRecord {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.books.record(e.books.enterCustomer(c))
}

// Cancel cancels what is still open of an order, as the order desk would.
func (e *ERP) Cancel(orderNo string) error {
	return e.change(orderNo, func(o *Order) error { return e.books.cancelOrder(o) })
}

// CancelLine cancels what is still open of one line.
func (e *ERP) CancelLine(orderNo string, lineNo int) error {
	return e.change(orderNo, func(o *Order) error {
		i := slices.IndexFunc(o.Lines, func(l *Line) bool { return l.No == lineNo })
		if i < 0 {
			return ruleError("Line " + itoa(lineNo) + " does not exist.")
		}
		return e.books.cancelLine(o, o.Lines[i])
	})
}

// Hold puts an order on hold or releases it; the warehouse leaves it alone meanwhile.
func (e *ERP) Hold(orderNo string, on bool) error {
	return e.change(orderNo, func(o *Order) error {
		o.Validation = "OK"
		if on {
			o.Validation = "Hold"
		}
		e.books.touch(o)
		return nil
	})
}

// Approve approves an order, as the order desk would.
func (e *ERP) Approve(orderNo string) error {
	return e.change(orderNo, func(o *Order) error {
		o.Approved = true
		e.books.touch(o)
		return nil
	})
}

func (e *ERP) change(orderNo string, f func(*Order) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	o, ok := e.books.orders[orderNo]
	if !ok {
		return ruleError("Order " + orderNo + " does not exist.")
	}
	return f(o)
}

// luck is what happens to one order or ticket: the same for the same seed,
// whatever else goes on.
func (e *ERP) luck(key string, salt uint64) *rand.Rand {
	var h uint64 = 14695981039346656037
	for _, c := range []byte(key) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(e.options.Seed, h^salt))
}
