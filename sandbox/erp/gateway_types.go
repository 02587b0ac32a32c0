package erp

import "time"

// The documents of the gateway.

type gatewayOrder struct {
	OrderNo              string           `json:"orderNo,omitempty"`
	CompanyID            string           `json:"companyId"`
	CustomerID           int              `json:"customerId"`
	ContactID            int              `json:"contactId"`
	ShipToID             int              `json:"shipToId"`
	LocationID           int              `json:"locationId"`
	SourceLocationID     int              `json:"sourceLocationId"`
	CarrierID            int              `json:"carrierId,omitempty"`
	PoNo                 string           `json:"poNo"`
	WebReferenceNo       string           `json:"webReferenceNo"`
	Taker                string           `json:"taker"`
	OrderDate            string           `json:"orderDate,omitempty"`
	RequestedDate        string           `json:"requestedDate,omitempty"`
	Approved             bool             `json:"approved"`
	Quote                bool             `json:"quote,omitempty"`
	WillCall             bool             `json:"willCall,omitempty"`
	Terms                string           `json:"terms,omitempty"`
	FreightCode          string           `json:"freightCode,omitempty"`
	PackingBasis         string           `json:"packingBasis,omitempty"`
	DeliveryInstructions string           `json:"deliveryInstructions,omitempty"`
	FreightOut           amount           `json:"freightOut"`
	ShipToName           string           `json:"shipToName,omitempty"`
	ShipToAddress1       string           `json:"shipToAddress1,omitempty"`
	ShipToAddress2       string           `json:"shipToAddress2,omitempty"`
	ShipToAddress3       string           `json:"shipToAddress3,omitempty"`
	ShipToCity           string           `json:"shipToCity,omitempty"`
	ShipToState          string           `json:"shipToState,omitempty"`
	ShipToZip            string           `json:"shipToZip,omitempty"`
	ShipToCountry        string           `json:"shipToCountry,omitempty"`
	ShipToPhone          string           `json:"shipToPhone,omitempty"`
	ShipToEmail          string           `json:"shipToEmail,omitempty"`
	Lines                []gatewayLine    `json:"lines"`
	Notes                []gatewayNote    `json:"notes,omitempty"`
	Payments             []gatewayPayment `json:"payments,omitempty"`
}

// gatewayOrderView is what comes back: the order with what P21 made of it.
type gatewayOrderView struct {
	gatewayOrder
	Status       string        `json:"status"`
	Completed    bool          `json:"completed"`
	Cancelled    bool          `json:"cancelled"`
	Totals       gatewayTotals `json:"totals"`
	DateCreated  time.Time     `json:"dateCreated"`
	DateModified time.Time     `json:"dateModified"`
}

type gatewayTotals struct {
	Goods   amount `json:"goods"`
	Freight amount `json:"freight"`
	Charges amount `json:"charges"`
	Tax     amount `json:"tax"`
	Total   amount `json:"total"`
}

type gatewayLine struct {
	LineNo       int    `json:"lineNo,omitempty"`
	ItemID       string `json:"itemId"`
	Quantity     amount `json:"quantity"`
	Unit         string `json:"unitOfMeasure,omitempty"`
	UnitPrice    amount `json:"unitPrice"`
	ManualPrice  bool   `json:"manualPrice"`
	Description  string `json:"description,omitempty"`
	Extended     amount `json:"extendedPrice"`
	Tax          amount `json:"tax"`
	OtherCharge  bool   `json:"otherCharge"`
	QtyAllocated amount `json:"qtyAllocated"`
	QtyInvoiced  amount `json:"qtyInvoiced"`
	QtyCanceled  amount `json:"qtyCanceled"`
	Complete     bool   `json:"complete"`
	Cancelled    bool   `json:"cancelled"`
}

type gatewayNote struct {
	Topic string `json:"topic"`
	Text  string `json:"text"`
	Class string `json:"class,omitempty"`
}

type gatewayPayment struct {
	TypeID        string `json:"typeId"`
	Amount        amount `json:"amount"`
	Description   string `json:"description,omitempty"`
	Authorization string `json:"authorization,omitempty"`
	Date          string `json:"date,omitempty"`
}
