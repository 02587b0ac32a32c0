package commerce

import (
	"time"

	"github.com/shopspring/decimal"
)

// SalesOrder is an order in the ERP: what mapping asks for, and what is read
// back. Empty fields are left to the ERP's defaults.
type SalesOrder struct {
	// Number is the ERP's order number; empty until created.
	Number string `json:"number,omitempty"`
	// Reference is ours: it finds the order again after an unknown outcome.
	Reference string `json:"reference"`
	PONumber  string `json:"po_number,omitempty"`

	CompanyID        string `json:"company_id,omitempty"`
	CustomerID       string `json:"customer_id,omitempty"`
	ContactID        string `json:"contact_id,omitempty"`
	ShipToID         string `json:"ship_to_id,omitempty"`
	LocationID       string `json:"location_id,omitempty"`
	SourceLocationID string `json:"source_location_id,omitempty"`
	Taker            string `json:"taker,omitempty"`

	OrderDate     Date `json:"order_date,omitempty"`
	RequestedDate Date `json:"requested_date,omitempty"`

	Approved             bool   `json:"approved,omitempty"`
	WillCall             bool   `json:"will_call,omitempty"`
	CarrierID            string `json:"carrier_id,omitempty"`
	PackingBasis         string `json:"packing_basis,omitempty"`
	FreightCode          string `json:"freight_code,omitempty"`
	Terms                string `json:"terms,omitempty"`
	DeliveryInstructions string `json:"delivery_instructions,omitempty"`
	JobName              string `json:"job_name,omitempty"`

	ShipTo   Address          `json:"ship_to"`
	Currency Currency         `json:"currency,omitempty"`
	Lines    []SalesOrderLine `json:"lines"`
	Notes    []Note           `json:"notes,omitempty"`
	// Freight is the header's freight amount; freight sold as a charge item is a line.
	Freight decimal.Decimal `json:"freight"`
	// Extra are further fields of the tenant's, by the API's own names, sent as they are.
	Extra map[string]string `json:"extra,omitempty"`

	// WebTax and WebTotal are the shop's tax and total, to compare with what the ERP makes of it.
	WebTax   decimal.Decimal `json:"web_tax"`
	WebTotal decimal.Decimal `json:"web_total"`

	// Read back only:

	Tax         decimal.Decimal `json:"tax"` // as the ERP computed it
	Status      OrderProgress   `json:"status"`
	UpdatedAt   time.Time       `json:"updated_at,omitzero"`
	TaxReported bool            `json:"tax_reported,omitempty"` // false when the API does not tell the tax
}

// SalesOrderLine is one line of a sales order: an item, or a charge item such
// as freight, a discount or a fee.
type SalesOrderLine struct {
	LineNo           int             `json:"line_no"`
	ItemID           string          `json:"item_id"`
	Description      string          `json:"description,omitempty"`
	Quantity         decimal.Decimal `json:"quantity"`
	UOM              string          `json:"uom,omitempty"`
	UnitPrice        decimal.Decimal `json:"unit_price"`
	SourceLocationID string          `json:"source_location_id,omitempty"`
	// Charge marks an other-charge item: it carries money but nothing to ship.
	Charge bool              `json:"charge,omitempty"`
	Extra  map[string]string `json:"extra,omitempty"`

	// Read back only:

	Extended  decimal.Decimal `json:"extended"`
	Allocated decimal.Decimal `json:"allocated"`
	Invoiced  decimal.Decimal `json:"invoiced"`
	Cancelled decimal.Decimal `json:"cancelled"`
}

// Note is a note on a sales order.
type Note struct {
	Topic string `json:"topic,omitempty"`
	Text  string `json:"text"`
	Class string `json:"class,omitempty"`
}

// OrderProgress is how far a sales order has come in the ERP.
type OrderProgress struct {
	Approved  bool   `json:"approved,omitempty"`
	OnHold    string `json:"on_hold,omitempty"` // why, in the ERP's word; empty when not held
	Quote     bool   `json:"quote,omitempty"`
	Allocated bool   `json:"allocated,omitempty"` // all open quantity is allocated
	Shipped   bool   `json:"shipped,omitempty"`   // a pick ticket was confirmed
	Invoiced  bool   `json:"invoiced,omitempty"`  // all that was ordered and not cancelled is invoiced
	Completed bool   `json:"completed,omitempty"`
	Cancelled bool   `json:"cancelled,omitempty"`
	// Vanished says how it was seen that the ERP does not have the order any
	// more, as after a restore from a backup; empty while it has.
	Vanished string `json:"vanished,omitempty"`
}

// LineTotal is the sum of the lines: quantity times unit price, each line
// rounded once, as the ERP extends them.
func (s SalesOrder) LineTotal() decimal.Decimal {
	total := decimal.Zero
	for _, l := range s.Lines {
		total = total.Add(s.Currency.Round(l.Quantity.Mul(l.UnitPrice)))
	}
	return total
}

// NetTotal is lines and freight without tax.
func (s SalesOrder) NetTotal() decimal.Decimal { return s.LineTotal().Add(s.Freight) }

// Date is a calendar day, YYYY-MM-DD, without a zone; empty when not set.
type Date string

// DateOf is the calendar day of an instant in its own location.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// AddDays moves a date; an empty or malformed date stays as it is.
func (d Date) AddDays(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return DateOf(t.AddDate(0, 0, n))
}

// Account is a customer of the ERP with the contact and ship-to that an order
// would use.
type Account struct {
	CustomerID string  `json:"customer_id"`
	CompanyID  string  `json:"company_id,omitempty"`
	Name       string  `json:"name,omitempty"`
	ContactID  string  `json:"contact_id,omitempty"`
	ShipToID   string  `json:"ship_to_id,omitempty"`
	FirstName  string  `json:"first_name,omitempty"`
	LastName   string  `json:"last_name,omitempty"`
	Email      string  `json:"email,omitempty"`
	Phone      string  `json:"phone,omitempty"`
	Address    Address `json:"address"`
	Terms      string  `json:"terms,omitempty"`
	// Reference is our key in the ERP's legacy id, which finds a customer
	// again after an unknown outcome.
	Reference string `json:"reference,omitempty"`
	Inactive  bool   `json:"inactive,omitempty"`
	// Extra are further fields of the tenant's, by the API's own names (tax group, sales rep, ...).
	Extra map[string]string `json:"extra,omitempty"`
}

// Item is a product of the ERP's item master.
type Item struct {
	ID          string          `json:"id"`
	UID         string          `json:"uid,omitempty"` // the ERP's internal key
	Description string          `json:"description,omitempty"`
	SellingUnit string          `json:"selling_unit,omitempty"`
	BaseUnit    string          `json:"base_unit,omitempty"`
	Price       decimal.Decimal `json:"price"`
	Inactive    bool            `json:"inactive,omitempty"`
}

// Shipment is one pick ticket: what left, from where, in which parcels.
type Shipment struct {
	ID          string         `json:"id"` // pick ticket number
	OrderNumber string         `json:"order_number"`
	LocationID  string         `json:"location_id,omitempty"`
	Carrier     string         `json:"carrier,omitempty"`  // display name
	Tracking    []string       `json:"tracking,omitempty"` // one for each parcel; none for will-call
	ShippedAt   time.Time      `json:"shipped_at,omitzero"`
	Confirmed   bool           `json:"confirmed,omitempty"` // it really left
	Deleted     bool           `json:"deleted,omitempty"`
	InvoiceNo   string         `json:"invoice_no,omitempty"`
	Lines       []ShipmentLine `json:"lines,omitempty"`
	UpdatedAt   time.Time      `json:"updated_at,omitzero"`
}

// ShipmentLine is what of one order line is in a shipment.
type ShipmentLine struct {
	OrderLine int             `json:"order_line"`
	ItemID    string          `json:"item_id,omitempty"`
	Quantity  decimal.Decimal `json:"quantity"`
}

// Invoice is an invoice or credit memo of the ERP.
type Invoice struct {
	Number      string          `json:"number"`
	OrderNumber string          `json:"order_number"`
	Date        Date            `json:"date,omitempty"`
	Total       decimal.Decimal `json:"total"`
	Tax         decimal.Decimal `json:"tax"`
	Freight     decimal.Decimal `json:"freight"`
	Paid        decimal.Decimal `json:"paid"`
	CreditMemo  bool            `json:"credit_memo,omitempty"`
	UpdatedAt   time.Time       `json:"updated_at,omitzero"`
}
