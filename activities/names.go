package activities

// The names under which activities are registered. They are part of every
// running process's history: never change one, never reuse one.
const (
	ReadOrderName      = "xcart.ReadOrder"
	AcknowledgeName    = "xcart.Acknowledge"
	NotifyShipmentName = "xcart.NotifyShipment"
	TellHoldName       = "xcart.TellHold"
	PollShopName       = "xcart.PollOrders"
	PrepareOrderName   = "prophet21.PrepareOrder"
	CreateAccountName  = "prophet21.CreateAccount"
	CreateOrderName    = "prophet21.CreateOrder"
	ReadShipmentName   = "prophet21.ReadShipment"
	PollFulfilmentName = "prophet21.PollFulfilment"
	DecideName         = "profile.Decide"
	MapOrderName       = "profile.MapOrder"
	AmendOrderName     = "profile.AmendOrder"
	RecordDecisionName = "records.RecordDecision"
	LookName           = "alerts.Look"
	TellName           = "alerts.Tell"
	RecordStageName    = "records.RecordStage"
)
