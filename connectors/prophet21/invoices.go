package prophet21

import (
	"context"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// invoices are read by the data services alone: REST has no family for them.
var invoices = table{name: "invoice_hdr", columns: []string{"invoice_no", "order_no", "invoice_date", "total_amount", "amount_paid", "tax_amount",
	"freight", "invoice_type", "date_last_modified"}}

// Invoices reads the invoices and credit memos of an order, in one call.
func (m *middleware) Invoices(ctx context.Context, orderNumber string) ([]commerce.Invoice, error) {
	operation := "read the invoices of order " + orderNumber
	if orderNumber == "" {
		return nil, m.client.Fail(connectors.Rejected, operation, "no order number", nil)
	}
	type row struct {
		No       ident             `json:"invoice_no"`
		OrderNo  ident             `json:"order_no"`
		Date     moment            `json:"invoice_date"`
		Total    connectors.Number `json:"total_amount"`
		Paid     connectors.Number `json:"amount_paid"`
		Tax      connectors.Number `json:"tax_amount"`
		Freight  connectors.Number `json:"freight"`
		Type     words             `json:"invoice_type"`
		Modified moment            `json:"date_last_modified"`
	}
	found, err := eachOf[row](ctx, m, operation, invoices, "order_no", []string{orderNumber}, "", "invoice_no")
	if err != nil {
		return nil, err
	}
	var out []commerce.Invoice
	for _, r := range found {
		kind := strings.TrimSpace(string(r.Type))
		invoice := commerce.Invoice{
			Number: string(r.No), OrderNumber: string(r.OrderNo), Total: r.Total.Decimal, Paid: r.Paid.Decimal, Tax: r.Tax.Decimal,
			Freight: r.Freight.Decimal, CreditMemo: kind != "" && kind != "IN", UpdatedAt: r.Modified.in(m.cfg.Location),
		}
		if at := r.Date.in(m.cfg.Location); !at.IsZero() {
			invoice.Date = commerce.DateOf(at.In(m.cfg.Location))
		}
		out = append(out, invoice)
	}
	return out, nil
}
