package prophet21

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Event is a poke from the ERP, sent by a business rule or a gateway. It only
// names what changed; the process reads the record itself.
type Event struct {
	Name string
	// PickTicket of a shipment event.
	PickTicket string
}

// ShipmentConfirmed is the event that is acted on. Others are accepted and
// passed over.
const ShipmentConfirmed = "shipment.confirmed"

// ParseEvent reads a webhook's body: {"event": "shipment.confirmed", "id":
// "300123"}.
func ParseEvent(body []byte) (Event, error) {
	var doc struct {
		Event string          `json:"event"`
		ID    json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return Event{}, errors.New(`the body is not a JSON object such as {"event": "shipment.confirmed", "id": "300123"}`)
	}
	if doc.Event == "" {
		return Event{}, fmt.Errorf(`"event" is missing: use %s`, ShipmentConfirmed)
	}
	var id ident
	if len(doc.ID) > 0 {
		if err := id.UnmarshalJSON(doc.ID); err != nil {
			id = "" // no number: refused below
		}
	}
	if !isTicket(string(id)) {
		return Event{}, errors.New(`"id" must be the pick ticket number, digits only`)
	}
	return Event{Name: doc.Event, PickTicket: string(id)}, nil
}

// isTicket reports whether s can be a pick ticket number.
func isTicket(s string) bool {
	if s == "" || len(s) > 18 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
