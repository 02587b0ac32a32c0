package commerce

import "time"

// Screening is what a shop knows of an order for fraud screening alone. It is
// kept apart from [Order], so that it travels no further than the screening:
// it is read, scored and dropped, and goes into no log and no history.
//
// Every field may be empty: shops and gateways differ in what they keep. Words
// of a gateway are left as it gave them.
type Screening struct {
	// AccountSince is when the customer's account was made; zero for a guest.
	AccountSince time.Time `json:"account_since,omitzero"`
	IP           string    `json:"ip,omitempty"` // from which the order was placed
	// IPCountry is the country of the address, ISO 3166-1 alpha-2, where
	// somebody has looked it up.
	IPCountry string `json:"ip_country,omitempty"`
	Device    string `json:"device,omitempty"` // a fingerprint, where an addon takes one

	// Card is the masked number (first six and last four digits); never a whole one.
	Card       string `json:"card,omitempty"`
	Cardholder string `json:"cardholder,omitempty"`
	AVS        string `json:"avs,omitempty"` // the gateway's word on the billing address
	CVV        string `json:"cvv,omitempty"` // the gateway's word on the security code

	Verdicts []ScreeningVerdict `json:"verdicts,omitempty"`
}

// ScreeningVerdict is what a screening service said of an order.
type ScreeningVerdict struct {
	Service string `json:"service"`          // Kount, NoFraud, Signifyd, AntiFraud, ...
	Result  string `json:"result,omitempty"` // its word or code, as the shop keeps it
	Score   string `json:"score,omitempty"`  // its number, as the shop keeps it
}
