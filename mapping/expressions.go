package mapping

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// What an expression sees depends on where it stands; each place has a type, so
// that using a line where there is none is an error when the profile is loaded.
type (
	orderScope struct {
		Order     orderView `expr:"order"`
		Reference string    `expr:"reference"` // our key, xc-<store>-<order id>
		Today     string    `expr:"today"`     // YYYY-MM-DD in the company's time zone, never before order.Date
	}
	lineScope struct {
		Order orderView `expr:"order"`
		Line  lineView  `expr:"line"`
	}
	chargeScope struct {
		Order  orderView  `expr:"order"`
		Charge chargeView `expr:"charge"`
	}
	customerScope struct {
		Order orderView `expr:"order"`
	}
)

type orderView struct {
	Store, ID, Number, Currency   string
	Date                          string // when it was placed, YYYY-MM-DD in the company's time zone
	PaymentMethod, PaymentStatus  string
	ShippingMethod                string
	ShippingStatus                string
	CustomerNote, StaffNote       string
	Coupons                       string // separated by a space
	Email, FirstName, LastName    string
	ProfileID, Membership, TaxID  string
	Guest                         bool
	Total, Goods, Freight, WebTax decimal.Decimal
	ShipTo, BillTo                commerce.Address
}

type lineView struct {
	ProductID, SKU, Name string
	Quantity, Price      decimal.Decimal // Price is what was charged for one, unrounded
	ListPrice, Subtotal  decimal.Decimal
	Attributes           map[string]string
}

type chargeView struct {
	Kind, Code, Name string
	Amount           decimal.Decimal
}

func (p *Profile) view(o commerce.Order) orderView {
	return orderView{
		Store: o.Store, ID: o.ID, Number: o.Number, Currency: string(o.Currency), Date: string(p.orderDate(o)),
		PaymentMethod: o.PaymentMethod, PaymentStatus: o.PaymentStatus,
		ShippingMethod: o.ShippingMethod, ShippingStatus: o.ShippingStatus,
		CustomerNote: o.CustomerNote, StaffNote: o.StaffNote, Coupons: strings.Join(o.Coupons, " "),
		Email: o.Customer.Email, FirstName: o.Customer.FirstName, LastName: o.Customer.LastName,
		ProfileID: o.Customer.ProfileID, Membership: o.Customer.Membership, TaxID: o.Customer.TaxID, Guest: o.Customer.Guest,
		Total: o.Total, Goods: o.GoodsTotal(), Freight: o.ChargeTotal(commerce.ChargeFreight), WebTax: o.ChargeTotal(commerce.ChargeTax),
		ShipTo: o.Destination(), BillTo: o.BillTo,
	}
}

func (p *Profile) orderDate(o commerce.Order) commerce.Date {
	return commerce.DateOf(o.PlacedAt.In(p.zone))
}

func isWeekend(d commerce.Date) bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && (t.Weekday() == time.Saturday || t.Weekday() == time.Sunday)
}

// program is an expression where it stands: the same source can stand in two
// places and mean two things.
type program struct {
	source expression
	scope  reflect.Type
	kind   reflect.Kind
}

// programs are the profile's expressions, compiled and type-checked.
type programs map[program]*vm.Program

// use is an expression with its path in the profile.
type use struct {
	path     string
	source   expression
	scope    any
	kind     reflect.Kind
	optional bool
}

// Limits of one expression: its size, and what one run may allocate.
const (
	maxNodes     = 500
	memoryBudget = 100_000
)

// compile checks and compiles every expression of a profile.
func compile(d document, found *mistakes) programs {
	out := programs{}
	base := functions(d.Tables)
	for _, u := range d.uses() {
		if u.source == "" {
			if !u.optional {
				found.at(u.path, `an expression must be given; '""' leaves the field empty`)
			}
			continue
		}
		kind := expr.AsKind(u.kind)
		names := &names{tables: d.Tables}
		options := append([]expr.Option{expr.Env(u.scope), expr.MaxNodes(maxNodes), kind, expr.Patch(names)}, base...)
		compiled, err := expr.Compile(string(u.source), options...)
		switch {
		case err != nil:
			found.inExpression(u.path, u.source, err)
		case names.unknown != nil:
			found.inExpression(u.path, u.source, names.unknown.Bind(file.NewSource(string(u.source))))
		default:
			out[program{u.source, reflect.TypeOf(u.scope), u.kind}] = compiled
		}
	}
	return out
}

// uses are all expressions of a profile.
func (d document) uses() []use {
	var all []use
	add := func(scope any, kind reflect.Kind, prefix string, sources map[string]expression) {
		for name, source := range sources {
			all = append(all, use{path: prefix + name, source: source, scope: scope, kind: kind})
		}
	}
	h := d.Order
	add(orderScope{}, reflect.String, "order.", map[string]expression{
		"taker": h.Taker, "location": h.Location, "source_location": h.SourceLocation, "po_number": h.PONumber,
		"requested_date": h.RequestedDate, "carrier": h.Carrier, "packing_basis": h.PackingBasis, "freight_code": h.FreightCode,
		"terms": h.Terms, "delivery_instructions": h.DeliveryInstructions, "job_name": h.JobName,
	})
	add(orderScope{}, reflect.Bool, "order.", map[string]expression{"approved": h.Approved, "will_call": h.WillCall})
	add(orderScope{}, reflect.String, "order.extra.", h.Extra)
	add(lineScope{}, reflect.String, "lines.", map[string]expression{
		"item": d.Lines.Item, "uom": d.Lines.UOM, "description": d.Lines.Description,
	})
	add(lineScope{}, reflect.String, "lines.extra.", d.Lines.Extra)
	add(chargeScope{}, reflect.String, "charges.", map[string]expression{"description": d.Charges.Description})
	add(customerScope{}, reflect.String, "customers.", map[string]expression{"terms": d.Customers.Terms})
	add(customerScope{}, reflect.String, "customers.extra.", d.Customers.Extra)
	for i, n := range d.Notes {
		for name, source := range map[string]expression{"topic": n.Topic, "class": n.Class, "text": n.Text} {
			all = append(all, use{path: fmt.Sprintf("notes.%d.%s", i, name), source: source, scope: orderScope{},
				kind: reflect.String, optional: name != "text"})
		}
	}
	return all
}

// evaluation runs expressions and collects what goes wrong.
type evaluation struct {
	programs programs
	findings []Finding
}

func (e *evaluation) text(source expression, scope any) string {
	value, ok := e.run(source, scope, reflect.String).(string)
	if !ok {
		return ""
	}
	return strings.TrimSpace(value)
}

func (e *evaluation) truth(source expression, scope any) bool {
	value, _ := e.run(source, scope, reflect.Bool).(bool)
	return value
}

func (e *evaluation) extra(sources map[string]expression, scope any) map[string]string {
	if len(sources) == 0 {
		return nil
	}
	values := make(map[string]string, len(sources))
	for name, source := range sources {
		values[name] = e.text(source, scope)
	}
	return values
}

func (e *evaluation) run(source expression, scope any, kind reflect.Kind) any {
	compiled := e.programs[program{source, reflect.TypeOf(scope), kind}]
	if compiled == nil {
		return nil // an optional expression that was not given
	}
	machine := vm.VM{MemoryBudget: memoryBudget}
	value, err := machine.Run(compiled, scope)
	if err != nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		e.findings = append(e.findings, Finding{Code: "expression-failed", Severity: Refuses,
			Message: fmt.Sprintf("the profile's expression %s failed on this order: %s; mend it in the profile, or amend the order", source, message)})
	}
	return value
}
