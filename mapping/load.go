package mapping

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

//go:embed default.yaml
var defaultYAML []byte

// maxProfile bounds a profile's size: large tables fit, a mistaken file does not.
const maxProfile = 8 << 20

// Load reads a profile; an empty path means the embedded default.
func Load(path string) (*Profile, error) {
	if path == "" {
		return Parse("default.yaml", defaultYAML)
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the mapping profile: %w", err)
	}
	if file.Size() > maxProfile {
		return nil, fmt.Errorf("the mapping profile %s is larger than %d MiB", path, maxProfile>>20)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the mapping profile: %w", err)
	}
	return Parse(path, text)
}

// Parse reads a profile. Every mistake found is in the error, each with file
// and line. A profile with `extends: default` holds only what differs from the
// embedded default.
func Parse(name string, text []byte) (*Profile, error) {
	p := &Profile{}
	var probe struct {
		Extends string `yaml:"extends"`
	}
	if err := yaml.Unmarshal(text, &probe); err != nil {
		return nil, inFile(name, err)
	}
	switch probe.Extends {
	case "":
	case "default":
		if err := yaml.UnmarshalWithOptions(defaultYAML, &p.doc, yaml.Strict()); err != nil {
			return nil, inFile("default.yaml", err)
		}
	default:
		return nil, fmt.Errorf("%s: extends: %q is not known: only \"default\" can be extended", name, probe.Extends)
	}
	tables, methods := p.doc.Tables, p.doc.Import.Methods
	payment, shipping, set := p.doc.Statuses.Payment, p.doc.Statuses.Shipping, p.doc.Statuses.Set
	if err := yaml.UnmarshalWithOptions(text, &p.doc, yaml.Strict()); err != nil {
		return nil, inFile(name, err)
	}
	// Decoding replaces a map; a table of the default keeps the rows that the
	// file does not name.
	for table, rows := range tables {
		if p.doc.Tables == nil {
			p.doc.Tables = map[string]map[string]string{}
		}
		p.doc.Tables[table] = merged(rows, p.doc.Tables[table])
	}
	p.doc.Import.Methods = merged(methods, p.doc.Import.Methods)
	p.doc.Statuses.Payment = merged(payment, p.doc.Statuses.Payment)
	p.doc.Statuses.Shipping = merged(shipping, p.doc.Statuses.Shipping)
	p.doc.Statuses.Set = merged(set, p.doc.Statuses.Set)

	where := locator{name: name, text: text}
	mistakes := []error{p.checkValues(where)}
	programs, err := compile(p.doc, where)
	mistakes = append(mistakes, err)
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	p.programs = programs
	effective, err := yaml.Marshal(p.doc)
	if err != nil {
		return nil, fmt.Errorf("%s: writing the effective profile down: %w", name, err)
	}
	p.version = hash(effective)
	return p, nil
}

func merged[K comparable, V any](base, over map[K]V) map[K]V {
	all := make(map[K]V, len(base)+len(over))
	for k, v := range base {
		all[k] = v
	}
	for k, v := range over {
		all[k] = v
	}
	return all
}

// inFile puts the file's name before the line of a YAML error.
func inFile(name string, err error) error {
	message := yaml.FormatError(err, false, true)
	if m := linePattern.FindStringSubmatch(message); m != nil {
		return fmt.Errorf("%s:%s: %s", name, m[1], strings.TrimSpace(strings.TrimPrefix(message, m[0])))
	}
	return fmt.Errorf("%s: %s", name, message)
}

var linePattern = regexp.MustCompile(`^\[(\d+):\d+\]`)

// locator finds the line of a key, to tell people where a mistake is.
type locator struct {
	name string
	text []byte
}

// at names the file and the line of a path such as "order.taker". A value that
// comes from the default has no line of its own.
func (l locator) at(path string) string {
	from := 0
	line := 0
	for _, key := range strings.Split(path, ".") {
		pattern := regexp.MustCompile(`(?m)^[ \t-]*["']?` + regexp.QuoteMeta(key) + `["']?[ \t]*:`)
		found := pattern.FindIndex(l.text[from:])
		if found == nil {
			continue // a list index, or a value of the default
		}
		from += found[1]
		line = bytes.Count(l.text[:from], []byte("\n")) + 1
	}
	if line == 0 {
		return l.name + ": " + path
	}
	return fmt.Sprintf("%s:%d: %s", l.name, line, path)
}

const (
	freightInHeader = "header"
	guestsOwn       = "own"
	guestsHouse     = "house"
	taxCompare      = "compare"
	taxAsCharge     = "charge-item"
)

// checkValues finds what a type cannot express.
func (p *Profile) checkValues(where locator) error {
	var mistakes []error
	wrong := func(path, format string, args ...any) {
		mistakes = append(mistakes, fmt.Errorf("%s: %s", where.at(path), fmt.Sprintf(format, args...)))
	}
	d := &p.doc
	if err := d.Company.Currency.Validate(); err != nil {
		wrong("company.currency", "%v", err)
	}
	var err error
	if p.zone, err = time.LoadLocation(d.Company.TimeZone); err != nil {
		wrong("company.time_zone", "%q is not a time zone such as America/Chicago", d.Company.TimeZone)
	}
	rules := []importRule{always, never, whenAuthorized, whenPaid}
	if !slices.Contains(rules, d.Import.Default) {
		wrong("import.default", "%q is not one of %v", d.Import.Default, rules)
	}
	for method, rule := range d.Import.Methods {
		if !slices.Contains(rules, rule) {
			wrong("import.methods."+method, "%q is not one of %v", rule, rules)
		}
	}
	for code, state := range d.Statuses.Payment {
		if !slices.Contains(paymentStates, state) {
			wrong("statuses.payment."+code, "%q is not one of %v", state, paymentStates)
		}
	}
	for code, state := range d.Statuses.Shipping {
		if !slices.Contains(fulfilmentStates, state) {
			wrong("statuses.shipping."+code, "%q is not one of %v", state, fulfilmentStates)
		}
	}
	for state, code := range d.Statuses.Set {
		if !slices.Contains(fulfilmentStates, state) {
			wrong("statuses.set", "%q is not one of %v", state, fulfilmentStates)
		} else if code != "" && d.Statuses.Shipping[code] != state {
			wrong("statuses.set."+string(state), "code %q does not mean %s under statuses.shipping", code, state)
		}
	}
	if d.Customers.Guests != guestsOwn && d.Customers.Guests != guestsHouse {
		wrong("customers.guests", "%q is not own or house", d.Customers.Guests)
	}
	if d.Customers.Guests == guestsHouse && d.Customers.HouseAccount == "" {
		wrong("customers.house_account", "must name the P21 customer of guests")
	}
	if d.Tax.Handling != taxCompare && d.Tax.Handling != taxAsCharge {
		wrong("tax.handling", "%q is not compare or charge-item", d.Tax.Handling)
	}
	if d.Tax.Handling == taxAsCharge && d.Tax.Item == "" {
		wrong("tax.item", "must name the charge item that carries the tax")
	}
	if d.Lines.PriceDecimals < 2 || d.Lines.PriceDecimals > 9 {
		wrong("lines.price_decimals", "%d is not between 2 and 9", d.Lines.PriceDecimals)
	}
	for country, parts := range d.Validate.RequiredAddress {
		for _, part := range parts {
			if _, ok := addressParts[part]; !ok {
				wrong("validation.required_address."+country, "%q is not a part of an address", part)
			}
		}
	}
	return errors.Join(mistakes...)
}

var paymentStates = []commerce.PaymentState{
	commerce.PaymentDraft, commerce.PaymentAwaiting, commerce.PaymentAuthorized, commerce.PaymentPartial,
	commerce.PaymentPaid, commerce.PaymentDeclined, commerce.PaymentCancelled, commerce.PaymentRefunded,
}

var fulfilmentStates = []commerce.FulfilmentState{
	commerce.FulfilmentDraft, commerce.FulfilmentAwaitApproval, commerce.FulfilmentNew, commerce.FulfilmentBackordered,
	commerce.FulfilmentProcessing, commerce.FulfilmentPartlyShipped, commerce.FulfilmentShipped,
	commerce.FulfilmentDelivered, commerce.FulfilmentWillNotDeliver, commerce.FulfilmentReturned,
}

func parseAmount(text []byte) (decimal.Decimal, error) {
	s := strings.Trim(strings.TrimSpace(string(text)), `"'`)
	if len(s) > 32 {
		return decimal.Zero, fmt.Errorf("%.32s... is too long for an amount", s)
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() > 15 {
		return decimal.Zero, fmt.Errorf("%q is not an amount such as \"0.05\"", s)
	}
	return d, nil
}
