package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-openapi/jsonpointer"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/mapping"
)

// Profile applies the mapping profile. Its activities are pure and quick, and
// run as local activities: not in workflow code, so that a changed profile
// cannot break the replay of a running process.
type Profile struct {
	Mapping *mapping.Profile
	Now     func() time.Time
}

// The words of mapping that the processes speak.
type (
	// Facts are what the ERP knows of an order's items and customer.
	Facts = mapping.Facts
	// Finding is one thing that stands against importing an order.
	Finding = mapping.Finding
	// Difference is something in which the ERP's order is not what was sent.
	Difference = mapping.Difference
	// Deadlines are how long an order may take from one stage to the next.
	Deadlines = mapping.Deadlines
)

// The import rules' verdicts.
const (
	Import    = mapping.Import
	Wait      = mapping.Wait
	Never     = mapping.Never
	GiveUp    = mapping.GiveUp
	Cancelled = mapping.Cancelled
	Hold      = mapping.Hold
)

// Decision is what the import rules say about an order, with what the process
// needs next.
type Decision struct {
	mapping.Decision
	Profile string `json:"profile"` // version
	Needs   Needs  `json:"needs"`
	// OnImport is the shipping status code that tells the shop's staff and
	// customer; empty when none shall be set.
	OnImport string `json:"on_import,omitempty"`
	// Deadlines are the profile's; 0 of one is for ever.
	Deadlines *Deadlines `json:"deadlines,omitempty"`
}

// Needs are the ERP's records that an order needs.
type Needs struct {
	ItemIDs []string `json:"item_ids"`
	// HouseAccount is the customer that the profile names for this order's
	// buyer; empty when the buyer gets an account of their own.
	HouseAccount string `json:"house_account,omitempty"`
	// Account is the buyer, as a customer that could be looked for or created.
	Account commerce.Account `json:"account"`
}

// Decide applies the import rules.
func (p *Profile) Decide(_ context.Context, order commerce.Order) (Decision, error) {
	house, _ := p.Mapping.HouseAccount(order)
	deadlines := p.Mapping.Deadlines()
	return Decision{
		Decision:  p.Mapping.ImportDecision(order, p.Now()),
		Profile:   p.Mapping.Version(),
		Needs:     Needs{ItemIDs: p.Mapping.Items(order), HouseAccount: house, Account: p.Mapping.Account(order)},
		OnImport:  p.Mapping.ShippingCode(commerce.FulfilmentProcessing),
		Deadlines: &deadlines,
	}, nil
}

// Mapped is a sales order ready to be written, or the findings against it.
type Mapped struct {
	SalesOrder commerce.SalesOrder `json:"sales_order"`
	Findings   []Finding           `json:"findings,omitempty"`
	Reason     string              `json:"reason,omitempty"` // to park under; empty when nothing stands against it
	// NewAccount is the customer to create first, when the ERP has none.
	NewAccount *commerce.Account `json:"new_account,omitempty"`
	Profile    string            `json:"profile,omitempty"` // version
}

// MapOrder validates an order and maps it. All findings come at once.
func (p *Profile) MapOrder(_ context.Context, order commerce.Order, facts Facts) (Mapped, error) {
	sales, findings := p.Mapping.MapOrder(order, facts, p.Now())
	m := Mapped{SalesOrder: sales, Findings: findings, Reason: mapping.Reason(findings), Profile: p.Mapping.Version()}
	if facts.Account == nil && m.Reason == "" {
		account := p.Mapping.Account(order)
		m.NewAccount = &account
	}
	return m, nil
}

// Amended is an order with people's corrections applied.
type Amended struct {
	Order commerce.Order `json:"order"`
	// Changes tells each correction as "path: old -> new".
	Changes []string `json:"changes"`
}

// Amendment is a set of corrections to an order document: JSON pointer to new
// value, such as "/ship_to/state": "OK" or "/lines/0/sku": "WIDGET-1".
type Amendment map[string]any

// AmendOrder applies corrections to an order.
func (p *Profile) AmendOrder(_ context.Context, order commerce.Order, amendment Amendment) (Amended, error) {
	return amend(order, amendment)
}

func amend(order commerce.Order, amendment Amendment) (Amended, error) {
	raw, err := json.Marshal(order)
	if err != nil {
		return Amended{}, fmt.Errorf("writing the order down: %w", err)
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return Amended{}, fmt.Errorf("reading the order back: %w", err)
	}
	out := Amended{}
	for _, path := range slices.Sorted(maps.Keys(amendment)) {
		place, err := jsonpointer.New(path)
		if err != nil {
			return Amended{}, refuse("amendment", fmt.Sprintf("%q is not a place in the order: write it like /ship_to/state or /lines/0/sku", path))
		}
		old, _, err := place.Get(doc)
		if err != nil {
			old = nil // an optional field that is not there yet
		}
		if doc, err = place.Set(doc, amendment[path]); err != nil {
			return Amended{}, refuse("amendment", fmt.Sprintf("%s is not a place in the order: %v", path, err))
		}
		out.Changes = append(out.Changes, fmt.Sprintf("%s: %s -> %s", path, inWords(old), inWords(amendment[path])))
	}
	if raw, err = json.Marshal(doc); err != nil {
		return Amended{}, fmt.Errorf("writing the corrected order down: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields() // a misspelt field would be lost without a word
	if err := decoder.Decode(&out.Order); err != nil {
		return Amended{}, refuse("amendment", "the corrected order is not an order any more: "+misfit(err))
	}
	if out.Order.Store != order.Store || out.Order.ID != order.ID {
		return Amended{}, refuse("amendment", "the order's store and id cannot be changed")
	}
	if strings.ContainsFunc(out.Order.ReferenceSuffix, func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') }) || len(out.Order.ReferenceSuffix) > 8 {
		return Amended{}, refuse("amendment", "/reference_suffix takes up to 8 small letters and digits, such as 2")
	}
	return out, arrived(out.Order, amendment)
}

// arrived refuses a correction that the order does not show: JSON takes a field
// in capitals for another spelling of the same, and would drop one of the two.
func arrived(order commerce.Order, amendment Amendment) error {
	raw, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("writing the corrected order down: %w", err)
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("reading the corrected order back: %w", err)
	}
	for path, value := range amendment {
		place, err := jsonpointer.New(path)
		if err != nil {
			return fmt.Errorf("reading %q again: %w", path, err)
		}
		if _, _, err := place.Get(doc); err != nil && value != nil && value != "" {
			return refuse("amendment", path+" is not a place in the order: write it like /ship_to/state or /lines/0/sku")
		}
	}
	return nil
}

// misfit says in an order desk's words what JSON does not accept.
func misfit(err error) string {
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		return fmt.Sprintf("/%s takes no %s", strings.ReplaceAll(mistyped.Field, ".", "/"), mistyped.Value)
	}
	if field, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return "it has no field " + field
	}
	return err.Error()
}

// inWords is a value as people read it in a diff.
func inWords(value any) string {
	if text, ok := value.(string); ok && text != "" {
		return text
	}
	raw, _ := json.Marshal(value) // it came from JSON
	return string(raw)
}
