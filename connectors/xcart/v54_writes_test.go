package xcart

import (
	"context"
	"testing"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

func to(code string) func(commerce.Order) (string, error) {
	return func(commerce.Order) (string, error) { return code, nil }
}

// Each file holds exactly the calls that may be made: a status sent by its code,
// a tracking number for an order that is not there, or one write more fails.
func TestWrites54(t *testing.T) {
	shipped := func(ctx context.Context, s Shop) error { return s.SetShippingStatus(ctx, "71", "S") }
	track := func(numbers ...string) func(context.Context, Shop) error {
		return func(ctx context.Context, s Shop) error { return s.AddTracking(ctx, "71", numbers) }
	}
	acknowledge := func(erp, status string) func(context.Context, Shop) error {
		return func(ctx context.Context, s Shop) error {
			_, err := s.Acknowledge(ctx, "71", erp, to(status))
			return err
		}
	}
	for name, c := range map[string]struct {
		file  string
		call  func(context.Context, Shop) error
		kind  connectors.Kind
		words string
	}{
		"status goes by row id, never by code":      {"set-status", shipped, "", ""},
		"status already set is not written":         {"set-status-already", shipped, "", ""},
		"reading back catches a write that lies":    {"set-status-lie", shipped, connectors.Conflict, `status "N"`},
		"maintenance page in answer to a write":     {"set-status-maintenance", shipped, connectors.OutcomeUnknown, "no JSON"},
		"written but not read back":                 {"set-status-unread", shipped, connectors.OutcomeUnknown, "could not be read back"},
		"payment status, ids as text":               {"set-payment", func(ctx context.Context, s Shop) error { return s.SetPaymentStatus(ctx, "71", "R") }, "", ""},
		"acknowledge keeps what staff wrote":        {"acknowledge", acknowledge("1000123", "P"), "", ""},
		"acknowledge again writes nothing":          {"acknowledge-again", acknowledge("1000123", "P"), "", ""},
		"note alone":                                {"acknowledge-note-only", func(ctx context.Context, s Shop) error { return s.NoteERPOrder(ctx, "71", "1000") }, "", ""},
		"reading back catches a note that was lost": {"acknowledge-lie", acknowledge("1000123", ""), connectors.Conflict, "notes"},
		"tracking: only what is missing, each once": {"tracking", track("1Z0001", " 1Z0002", "1Z0002", ""), "", ""},
		"tracking: all there":                       {"tracking-all-there", track("1Z0001"), "", ""},
		"tracking: nothing to add":                  {"", track("", " "), "", ""},
		"tracking: the shop kept none":              {"tracking-lie", track("1Z0002"), connectors.Conflict, "1Z0002"},
		"tracking is never posted to a draft":       {"tracking-blank-order", track("1Z0002"), connectors.Rejected, "no number"},
		"tracking is never posted to an unknown order": {"tracking-unknown-order",
			func(ctx context.Context, s Shop) error { return s.AddTracking(ctx, "99999", []string{"1Z"}) }, connectors.NotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			shop := serve(t, "5.4", nil)
			if c.file != "" {
				shop = replay(t, "5.4", "54/"+c.file+".http")
			}
			err := c.call(t.Context(), shop)
			if c.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			failing(t, err, c.kind, c.words)
		})
	}
}

func TestUnknownStatusIsNeverWritten(t *testing.T) {
	err := replay(t, "5.4", "54/set-status-unknown-code.http").SetShippingStatus(t.Context(), "71", "ZZ")
	failing(t, err, connectors.Rejected, `"ZZ"`, "N, P, S")
}

func TestAcknowledgedOrderIsWhatOrderReads(t *testing.T) {
	order, err := replay(t, "5.4", "54/acknowledge.http").Acknowledge(t.Context(), "71", "1000123", func(now commerce.Order) (string, error) {
		if now.ShippingStatus != "N" || now.Number == "" {
			t.Errorf("the order is given as %+v", now)
		}
		return "P", nil
	})
	if err != nil || order.ShippingStatus != "P" || order.Store != "main" {
		t.Fatalf("%+v, %v", order, err)
	}
	again, err := replay(t, "5.4", "54/acknowledge-again.http").Order(t.Context(), "71")
	if err != nil || again.Fingerprint() != order.Fingerprint() {
		t.Errorf("notes changed the fingerprint, or %v", err)
	}
}
