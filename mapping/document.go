package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// document is a profile as it stands in YAML.
type document struct {
	Extends    string                       `yaml:"extends,omitempty"`
	Name       string                       `yaml:"name"`
	Company    company                      `yaml:"company"`
	Import     importing                    `yaml:"import"`
	Statuses   statuses                     `yaml:"statuses"`
	Order      header                       `yaml:"order"`
	Lines      lines                        `yaml:"lines"`
	Charges    charges                      `yaml:"charges"`
	Tax        tax                          `yaml:"tax"`
	Tolerance  amount                       `yaml:"total_tolerance"`
	Notes      []note                       `yaml:"notes"`
	Customers  customers                    `yaml:"customers"`
	Validate   bounds                       `yaml:"validation"`
	Addresses  addresses                    `yaml:"addresses"`
	Fulfilment fulfilment                   `yaml:"fulfilment"`
	Stock      stock                        `yaml:"stock"`
	FieldNames map[string]string            `yaml:"field_names"`
	Tables     map[string]map[string]string `yaml:"tables"`
}

type company struct {
	ID       string            `yaml:"id"`
	Currency commerce.Currency `yaml:"currency"`
	TimeZone string            `yaml:"time_zone"`
}

type importing struct {
	Default    importRule            `yaml:"default"`
	GiveUpDays int                   `yaml:"give_up_days"`
	Methods    map[string]importRule `yaml:"methods"`
}

type statuses struct {
	Payment  map[string]commerce.PaymentState    `yaml:"payment"`
	Shipping map[string]commerce.FulfilmentState `yaml:"shipping"`
	Set      map[commerce.FulfilmentState]string `yaml:"set"`
}

// expression is the source of an expression.
type expression string

type header struct {
	Taker                expression            `yaml:"taker"`
	Location             expression            `yaml:"location"`
	SourceLocation       expression            `yaml:"source_location"`
	PONumber             expression            `yaml:"po_number"`
	RequestedDate        expression            `yaml:"requested_date"`
	Approved             expression            `yaml:"approved"`
	Carrier              expression            `yaml:"carrier"`
	WillCall             expression            `yaml:"will_call"`
	PackingBasis         expression            `yaml:"packing_basis"`
	FreightCode          expression            `yaml:"freight_code"`
	Terms                expression            `yaml:"terms"`
	DeliveryInstructions expression            `yaml:"delivery_instructions"`
	JobName              expression            `yaml:"job_name"`
	Extra                map[string]expression `yaml:"extra"`
}

type lines struct {
	Item          expression            `yaml:"item"`
	UOM           expression            `yaml:"uom"`
	Description   expression            `yaml:"description"`
	PriceDecimals int32                 `yaml:"price_decimals"`
	RoundingItem  string                `yaml:"rounding_item"`
	Extra         map[string]expression `yaml:"extra"`
}

type charges struct {
	Freight         string     `yaml:"freight"`
	Discount        string     `yaml:"discount"`
	GiftCertificate string     `yaml:"gift-certificate"`
	PaymentFee      string     `yaml:"payment-fee"`
	Handling        string     `yaml:"handling"`
	Other           string     `yaml:"other"`
	Description     expression `yaml:"description"`
}

type tax struct {
	Prices    string `yaml:"prices"`
	OnFreight bool   `yaml:"included_in_freight"`
	Handling  string `yaml:"handling"`
	Item      string `yaml:"item"`
	Tolerance amount `yaml:"tolerance"`
}

type note struct {
	Topic expression `yaml:"topic"`
	Class expression `yaml:"class"`
	Text  expression `yaml:"text"`
}

type customers struct {
	Guests       string                `yaml:"guests"`
	HouseAccount string                `yaml:"house_account"`
	Terms        expression            `yaml:"terms"`
	Extra        map[string]expression `yaml:"extra"`
}

type bounds struct {
	MaxLines        int                 `yaml:"max_lines"`
	MaxQuantity     amount              `yaml:"max_quantity"`
	MinPrice        amount              `yaml:"min_price"`
	MaxPrice        amount              `yaml:"max_price"`
	MaxTotal        amount              `yaml:"max_total"`
	FreeItems       []string            `yaml:"free_items"`
	UnknownCarrier  string              `yaml:"unknown_carrier"`
	RequiredAddress map[string][]string `yaml:"required_address"`
	MaxLength       map[string]int      `yaml:"max_length"`
}

type addresses struct {
	Normalise bool   `yaml:"normalise"`
	Case      string `yaml:"case"`
	Phones    string `yaml:"phones"`
}

type fulfilment struct {
	Allocated span `yaml:"allocated_within"`
	Shipped   span `yaml:"shipped_within"`
	Invoiced  span `yaml:"invoiced_within"`
}

type stock struct {
	Safety amount            `yaml:"safety"`
	Items  map[string]amount `yaml:"items"`
}

// amount is a decimal in YAML, written as text so that it stays exact.
type amount struct{ decimal.Decimal }

// UnmarshalYAML reads an amount.
func (a *amount) UnmarshalYAML(text []byte) (err error) {
	a.Decimal, err = parseAmount(text)
	return err
}

// span is a duration in YAML, in Go's units or in days: "36h", "10d".
type span struct{ time.Duration }

// UnmarshalYAML reads a span.
func (s *span) UnmarshalYAML(text []byte) (err error) {
	s.Duration, err = parseSpan(text)
	return err
}

func parseAmount(text []byte) (decimal.Decimal, error) {
	s := unquoted(text)
	if len(s) > 32 {
		return decimal.Zero, fmt.Errorf("%.32s... is too long for an amount", s)
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() > 15 || d.Exponent() < -18 {
		return decimal.Zero, fmt.Errorf("%q is not an amount such as \"0.05\"", s)
	}
	return d, nil
}

func parseSpan(text []byte) (time.Duration, error) {
	s := unquoted(text)
	if count, days := strings.CutSuffix(s, "d"); days {
		if n, err := strconv.Atoi(count); err == nil && n >= 0 && n <= 3650 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a time span such as \"36h\" or \"10d\"", s)
	}
	return d, nil
}

func unquoted(text []byte) string { return strings.Trim(strings.TrimSpace(string(text)), `"'`) }
