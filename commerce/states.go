package commerce

// PaymentState is what a shop's payment status code means, as a mapping
// profile says.
type PaymentState string

// The payment states.
const (
	PaymentUnknown    PaymentState = "" // the profile does not know the code: hold
	PaymentDraft      PaymentState = "draft"
	PaymentAwaiting   PaymentState = "awaiting"
	PaymentAuthorized PaymentState = "authorized"
	PaymentPartial    PaymentState = "partly-paid"
	PaymentPaid       PaymentState = "paid"
	PaymentDeclined   PaymentState = "declined"
	PaymentCancelled  PaymentState = "cancelled"
	PaymentRefunded   PaymentState = "refunded"
)

// Dead reports whether no goods should ever leave for this payment state.
func (s PaymentState) Dead() bool {
	return s == PaymentDeclined || s == PaymentCancelled || s == PaymentRefunded
}

// FulfilmentState is what a shop's shipping status code means, as a mapping
// profile says.
type FulfilmentState string

// The fulfilment states, in the order in which a shop passes through them.
const (
	FulfilmentUnknown        FulfilmentState = "" // the profile does not know the code: hold
	FulfilmentDraft          FulfilmentState = "draft"
	FulfilmentAwaitApproval  FulfilmentState = "awaiting-approval"
	FulfilmentNew            FulfilmentState = "new"
	FulfilmentBackordered    FulfilmentState = "backordered"
	FulfilmentProcessing     FulfilmentState = "processing"
	FulfilmentPartlyShipped  FulfilmentState = "partly-shipped"
	FulfilmentShipped        FulfilmentState = "shipped"
	FulfilmentDelivered      FulfilmentState = "delivered"
	FulfilmentWillNotDeliver FulfilmentState = "will-not-deliver"
	FulfilmentReturned       FulfilmentState = "returned"
)

var fulfilmentRank = map[FulfilmentState]int{
	FulfilmentAwaitApproval: 1, FulfilmentNew: 2, FulfilmentBackordered: 3, FulfilmentProcessing: 4,
	FulfilmentPartlyShipped: 5, FulfilmentShipped: 6, FulfilmentDelivered: 7,
	FulfilmentWillNotDeliver: 8, FulfilmentReturned: 8,
}

// MayBecome reports whether setting next over s goes forward. A process never
// takes an order back: what staff marked Delivered does not become Shipped, and
// what they marked Returned or Will Not Deliver is left alone.
func (s FulfilmentState) MayBecome(next FulfilmentState) bool {
	from, known := fulfilmentRank[s]
	to, possible := fulfilmentRank[next]
	return known && possible && to > from
}
