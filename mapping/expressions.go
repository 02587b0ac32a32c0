package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// scope is what an expression sees. Which of its parts are filled depends on
// where the expression stands.
type scope struct {
	Order     orderView  `expr:"order"`
	Line      lineView   `expr:"line"`
	Charge    chargeView `expr:"charge"`
	Reference string     `expr:"reference"`
}

type orderView struct {
	Store, ID, Number, Currency  string
	PaymentMethod, PaymentStatus string
	ShippingMethod               string
	CustomerNote, Coupons        string
	Email, FirstName, LastName   string
	Membership                   string
	Guest                        bool
	Total                        decimal.Decimal
	ShipTo, BillTo               commerce.Address
}

type lineView struct {
	SKU, Name       string
	Quantity, Price decimal.Decimal
	Attributes      map[string]string
}

type chargeView struct {
	Kind, Code, Name string
	Amount           decimal.Decimal
}

func viewOf(o commerce.Order) orderView {
	return orderView{
		Store: o.Store, ID: o.ID, Number: o.Number, Currency: string(o.Currency),
		PaymentMethod: o.PaymentMethod, PaymentStatus: o.PaymentStatus, ShippingMethod: o.ShippingMethod,
		CustomerNote: o.CustomerNote, Coupons: strings.Join(o.Coupons, " "),
		Email: o.Customer.Email, FirstName: o.Customer.FirstName, LastName: o.Customer.LastName,
		Membership: o.Customer.Membership, Guest: o.Customer.Guest, Total: o.Total,
		ShipTo: o.Destination(), BillTo: o.BillTo,
	}
}

// programs are the profile's expressions, compiled and type-checked.
type programs struct {
	text  map[expression]*vm.Program
	truth map[expression]*vm.Program
}

// functions are what expressions can call besides expr's own: all without side
// effects.
func functions(tables map[string]map[string]string) []expr.Option {
	decimals := func(name, operator string, f func(a, b decimal.Decimal) decimal.Decimal) []expr.Option {
		return []expr.Option{
			expr.Function(name, func(p ...any) (any, error) { return f(p[0].(decimal.Decimal), p[1].(decimal.Decimal)), nil },
				new(func(decimal.Decimal, decimal.Decimal) decimal.Decimal)),
			expr.Operator(operator, name),
		}
	}
	compare := func(name, operator string, f func(sign int) bool) []expr.Option {
		return []expr.Option{
			expr.Function(name, func(p ...any) (any, error) { return f(p[0].(decimal.Decimal).Cmp(p[1].(decimal.Decimal))), nil },
				new(func(decimal.Decimal, decimal.Decimal) bool)),
			expr.Operator(operator, name),
		}
	}
	options := []expr.Option{
		expr.Function("lookup", func(p ...any) (any, error) {
			if value, ok := tables[p[0].(string)][p[1].(string)]; ok {
				return value, nil
			}
			return p[2].(string), nil
		}, new(func(table, key, otherwise string) string)),
		expr.Function("left", func(p ...any) (any, error) { return left(p[0].(string), p[1].(int)), nil },
			new(func(string, int) string)),
		expr.Function("coalesce", func(p ...any) (any, error) {
			for _, v := range p {
				if s := v.(string); s != "" {
					return s, nil
				}
			}
			return "", nil
		}, new(func(...string) string)),
		expr.Function("dec", func(p ...any) (any, error) { return parseAmount([]byte(p[0].(string))) },
			new(func(string) decimal.Decimal)),
		expr.Function("text", func(p ...any) (any, error) { return p[0].(decimal.Decimal).String(), nil },
			new(func(decimal.Decimal) string)),
	}
	for _, more := range [][]expr.Option{
		decimals("decimalAdd", "+", decimal.Decimal.Add), decimals("decimalSub", "-", decimal.Decimal.Sub),
		decimals("decimalMul", "*", decimal.Decimal.Mul),
		compare("decimalLess", "<", func(s int) bool { return s < 0 }), compare("decimalMore", ">", func(s int) bool { return s > 0 }),
		compare("decimalAtMost", "<=", func(s int) bool { return s <= 0 }), compare("decimalAtLeast", ">=", func(s int) bool { return s >= 0 }),
		compare("decimalEqual", "==", func(s int) bool { return s == 0 }),
	} {
		options = append(options, more...)
	}
	return options
}

// left is the first n letters.
func left(s string, n int) string {
	letters := []rune(s)
	return string(letters[:min(max(n, 0), len(letters))])
}

// compile checks and compiles every expression of a profile.
func compile(d document, where locator) (programs, error) {
	options := append(functions(d.Tables), expr.Env(scope{}), expr.MaxNodes(500))
	out := programs{text: map[expression]*vm.Program{}, truth: map[expression]*vm.Program{}}
	var mistakes []error
	add := func(into map[expression]*vm.Program, path string, source expression, kind expr.Option) {
		if source == "" {
			mistakes = append(mistakes, fmt.Errorf("%s: an expression must be given; '\"\"' leaves the field empty", where.at(path)))
			return
		}
		program, err := expr.Compile(string(source), append(options, kind)...)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: in the expression %s: %w", where.at(path), source, err))
			return
		}
		into[source] = program
	}
	for path, source := range d.texts() {
		add(out.text, path, source, expr.AsKind(reflect.String))
	}
	for path, source := range map[string]expression{"order.approved": d.Order.Approved, "order.will_call": d.Order.WillCall} {
		add(out.truth, path, source, expr.AsBool())
	}
	return out, errors.Join(mistakes...)
}

// texts are the expressions that give text, by their place in the profile.
func (d document) texts() map[string]expression {
	all := map[string]expression{
		"order.taker": d.Order.Taker, "order.location": d.Order.Location, "order.source_location": d.Order.SourceLocation,
		"order.po_number": d.Order.PONumber, "order.carrier": d.Order.Carrier, "order.packing_basis": d.Order.PackingBasis,
		"order.freight_code": d.Order.FreightCode, "order.terms": d.Order.Terms,
		"order.delivery_instructions": d.Order.DeliveryInstructions, "order.job_name": d.Order.JobName,
		"lines.item": d.Lines.Item, "lines.uom": d.Lines.UOM, "lines.description": d.Lines.Description,
		"charges.description": d.Charges.Description, "customers.terms": d.Customers.Terms,
	}
	for i, n := range d.Notes {
		all[fmt.Sprintf("notes.%d.topic", i)], all[fmt.Sprintf("notes.%d.class", i)], all[fmt.Sprintf("notes.%d.text", i)] = n.Topic, n.Class, n.Text
	}
	for path, extra := range map[string]map[string]expression{
		"order.extra.": d.Order.Extra, "lines.extra.": d.Lines.Extra, "customers.extra.": d.Customers.Extra,
	} {
		for name, source := range extra {
			all[path+name] = source
		}
	}
	return all
}

// evaluation runs expressions and collects what goes wrong.
type evaluation struct {
	programs programs
	findings []Finding
}

func (e *evaluation) text(source expression, s scope) string {
	value, err := vm.Run(e.programs.text[source], s)
	if err != nil {
		e.failed(source, err)
		return ""
	}
	return strings.TrimSpace(value.(string))
}

func (e *evaluation) truth(source expression, s scope) bool {
	value, err := vm.Run(e.programs.truth[source], s)
	if err != nil {
		e.failed(source, err)
		return false
	}
	return value.(bool)
}

func (e *evaluation) extra(sources map[string]expression, s scope) map[string]string {
	if len(sources) == 0 {
		return nil
	}
	values := make(map[string]string, len(sources))
	for name, source := range sources {
		values[name] = e.text(source, s)
	}
	return values
}

func (e *evaluation) failed(source expression, err error) {
	e.findings = append(e.findings, Finding{Code: "expression-failed",
		Message: fmt.Sprintf("the profile's expression %s failed on this order: %v", source, err)})
}
