// Package workflows holds the business processes, one file each: what happens,
// in which order, and what it waits for.
//
// A process is an exported function and an unexported struct with its state:
// setup registers the handlers, run reads like the process. Everything that
// touches the world is an activity.
package workflows

import (
	"go.temporal.io/sdk/temporal"

	"github.com/cart21/cart21/activities"
)

// The task queues. Calls to the two systems have queues of their own, so that
// their slots and rates hold for the whole fleet.
const (
	QueueProcesses = "processes"
	QueueXCart     = "xcart"
	QueueP21       = "prophet21"
	QueueAlerts    = "alerts"
)

// The processes' registered names.
const (
	OrderToCashName          = "OrderToCash"
	ShipmentNotificationName = "ShipmentNotification"
	OrderIntakeName          = "OrderIntake"
	FulfilmentIntakeName     = "FulfilmentIntake"
	AlertWatchName           = "AlertWatch"
)

// OrderID is the workflow ID of the process of a web order.
func OrderID(store, orderID string) string { return "order/" + store + "/" + orderID }

// ShipmentID is the workflow ID of the notification of a shipment.
func ShipmentID(pickTicket string) string { return "shipment/" + pickTicket }

// Signals, updates and queries. A person's signal from the Web UI has the same
// name and payload as the update that validates and answers.
const (
	// SignalShopChanged pokes a process: the order changed in the shop. No payload.
	SignalShopChanged = "shop-changed"
	// SignalProgress carries a commerce.OrderProgress.
	SignalProgress = "erp-progress"
	// SignalNotified carries a ShipmentNotified.
	SignalNotified = "shipment-notified"
	// Resolve decides about a parked process. It carries a Resolution; the update answers an Answer.
	Resolve = "resolve"
	// PreviewResolution is an update with the payload and the answer of Resolve
	// that changes nothing.
	PreviewResolution = "preview-resolution"
	// QueryFraudHold answers what a reviewer is asked, as a *FraudHold; null when nothing.
	QueryFraudHold = "fraud-hold"
	// SignalFraudDecision and UpdateDecideFraud decide about a hold. Both carry a
	// FraudDecision; the update answers an Answer.
	SignalFraudDecision = "fraud-decision"
	UpdateDecideFraud   = "decide-fraud"
	// QueryDecisions answers what people decided about a process, as []Decided, oldest first.
	QueryDecisions = "decisions"
	// QueryBlocked answers what a process is parked for, as a *Blocked.
	QueryBlocked = "blocked"
	// QueryStatus answers an OrderStatus.
	QueryStatus = "status"
	// QueryOrder answers the order as the process knows it, corrections included, as
	// a *commerce.Order; null until it has been read.
	QueryOrder = "order"
)

// The search attributes. They hold no personal data.
var (
	AttrStore        = temporal.NewSearchAttributeKeyKeyword("Store")
	AttrWebOrder     = temporal.NewSearchAttributeKeyKeyword("WebOrder")
	AttrErpOrder     = temporal.NewSearchAttributeKeyKeyword("ErpOrder")
	AttrStage        = temporal.NewSearchAttributeKeyKeyword("Stage")
	AttrBlockedOn    = temporal.NewSearchAttributeKeyKeyword("BlockedOn")
	AttrBlockedSince = temporal.NewSearchAttributeKeyTime("BlockedSince")
	AttrFraudOutcome = temporal.NewSearchAttributeKeyKeyword("FraudOutcome")
	AttrOrderTotal   = temporal.NewSearchAttributeKeyFloat64("OrderTotal")
	AttrRiskScore    = temporal.NewSearchAttributeKeyFloat64("RiskScore")
)

// What AttrFraudOutcome says, beside what the screening does (accept; shadow-review
// and shadow-reject where it holds nothing).
const (
	FraudReview    = activities.RiskReview // held, and what the score advises
	FraudReject    = activities.RiskReject
	FraudEscalated = "escalated" // held for long
	FraudExpired   = "expired"   // held past its deadline
	FraudApproved  = "approved"
	FraudRejected  = "rejected"
	FraudLowered   = "lowered"   // the order changed, and is held no more
	FraudWithdrawn = "withdrawn" // the order was cancelled while it was held
)

// Stage is how far an order has come.
type Stage string

// The stages of an order.
const (
	StageReceived    Stage = "received"
	StageWaiting     Stage = "awaiting-payment"
	StageFraudReview Stage = "fraud-review"
	StageInERP       Stage = "in-erp"
	StageOpen        Stage = activities.StageAcknowledged // the shop knows; being fulfilled
	StageShipping    Stage = "shipping"
	StageCompleted   Stage = activities.StageCompleted
	StageCancelled   Stage = activities.StageCancelled
	StageNotImported Stage = activities.StageNotImported
)
