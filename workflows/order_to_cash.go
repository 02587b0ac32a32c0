package workflows

import (
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
)

// OrderInput names the web order that a process is for.
type OrderInput struct {
	Store   string `json:"store"`
	OrderID string `json:"order_id"`
	Number  string `json:"number,omitempty"`
}

// OrderOutcome is how the process of an order ended.
type OrderOutcome struct {
	Stage    Stage           `json:"stage"`
	ERPOrder string          `json:"erp_order,omitempty"`
	Total    decimal.Decimal `json:"total"`
	Why      string          `json:"why,omitempty"`
}

// OrderToCash carries a web order from the shop into the ERP and follows it
// there until it is shipped and invoiced.
func OrderToCash(ctx workflow.Context, in OrderInput) (OrderOutcome, error) {
	p := &orderToCash{in: in, stage: StageReceived}
	if err := p.setup(ctx); err != nil {
		return OrderOutcome{}, err
	}
	return p.run(ctx)
}

type orderToCash struct {
	in    OrderInput
	stage Stage
	desk  *desk

	reading    activities.OrderReading
	order      commerce.Order
	amendments []activities.Amendment // kept, and applied again after every fresh look
	amended    []string               // told in words, for the status page
	profile    string                 // version of the mapping profile in use
	onImport   string                 // shipping status code that tells the shop
	created    activities.CreatedOrder
	accepted   bool // a person took the ERP order as it is, differences included
	again      bool // a person had it created although the ERP had it once
	deadlines  *activities.Deadlines
	progress   commerce.OrderProgress
	shipments  []ShipmentNotified
	waitingFor string
	late       string // which deadline has passed
	screening  screening

	shopChanged workflow.ReceiveChannel
	progressed  workflow.ReceiveChannel
	notified    workflow.ReceiveChannel
}

func (p *orderToCash) setup(ctx workflow.Context) (err error) {
	p.shopChanged = workflow.GetSignalChannel(ctx, SignalShopChanged)
	p.progressed = workflow.GetSignalChannel(ctx, SignalProgress)
	p.notified = workflow.GetSignalChannel(ctx, SignalNotified)
	if p.desk, err = newDesk(ctx, p.in.Store, p.correct, func() { p.show(ctx) }); err != nil {
		return err
	}
	if err := p.setupHold(ctx); err != nil {
		return err
	}
	err = errors.Join(
		workflow.SetQueryHandler(ctx, QueryStatus, func() (OrderStatus, error) { return p.status(), nil }),
		workflow.SetQueryHandler(ctx, QueryOrder, func() (*commerce.Order, error) { return p.known(), nil }))
	if err != nil {
		return fmt.Errorf("registering the queries %s and %s: %w", QueryStatus, QueryOrder, err)
	}
	return nil
}

// ended stops a process early, without a fault.
type ended struct {
	stage Stage
	why   string
}

func (e ended) Error() string { return string(e.stage) + ": " + e.why }

func (p *orderToCash) run(ctx workflow.Context) (OrderOutcome, error) {
	err := errCreateAgain
	for errors.Is(err, errCreateAgain) {
		err = p.once(ctx)
	}
	switch why := err.(type) {
	case nil:
		return p.end(ctx, StageCompleted, p.byHand())
	case ended:
		return p.end(ctx, why.stage, why.why)
	case beginAnew:
		if err := p.desk.close(ctx); err != nil {
			return OrderOutcome{}, err
		}
		return OrderOutcome{}, workflow.NewContinueAsNewError(ctx, OrderToCashName, why.in)
	default:
		return OrderOutcome{}, err
	}
}

func (p *orderToCash) once(ctx workflow.Context) error {
	for _, step := range []func(workflow.Context) error{p.bringIntoERP, p.acknowledge, p.fulfil} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// bringIntoERP ends when the ERP holds exactly one order that agrees with the
// shop's. Whatever stands against it parks the process here; every retry begins
// with a fresh look at the shop, where staff may have mended the cause.
func (p *orderToCash) bringIntoERP(ctx workflow.Context) error {
	for {
		blocked, err := p.tryToBringIntoERP(ctx)
		if err != nil || blocked == nil {
			return err
		}
		decision, err := p.ask(ctx, *blocked)
		if err != nil {
			return err
		}
		p.again = p.again || confirmsCreation(*blocked, decision)
		switch decision.Action {
		case Approve:
			p.approve()
		case Reject:
			return p.reject(ctx, decision)
		case Amend:
			p.amendments = append(p.amendments, decision.Changes)
		case Skip:
			p.accepted = true
		case Cancel:
			return ended{StageCancelled, "cancelled by " + decision.By + ": " + decision.Why}
		}
	}
}

// ask parks the process until somebody decides, or the order changes in the shop.
func (p *orderToCash) ask(ctx workflow.Context, b Blocked) (Resolution, error) {
	if b.Reason == ReasonFraudReview {
		return p.askReviewer(ctx, b)
	}
	return p.desk.park(ctx, b, p.shopChanged)
}

// tryToBringIntoERP makes one pass: read, decide, screen, look up, map, create, compare.
func (p *orderToCash) tryToBringIntoERP(ctx workflow.Context) (*Blocked, error) {
	if blocked := p.read(ctx); blocked != nil {
		return blocked, nil
	}
	decision, blocked, err := p.decide(ctx)
	if blocked != nil || err != nil {
		return blocked, err
	}
	if blocked, err := p.screen(ctx); blocked != nil || err != nil {
		return blocked, err
	}
	sales, blocked := p.prepare(ctx, decision.Needs)
	if blocked != nil {
		return blocked, nil
	}
	return p.create(ctx, sales), nil
}

func (p *orderToCash) read(ctx workflow.Context) *Blocked {
	p.wait(ctx, "reading the order from the shop")
	for p.shopChanged.ReceiveAsync(nil) {
		// What the poke tells is about to be read.
	}
	var reading activities.OrderReading
	err := workflow.ExecuteActivity(shopCall(ctx, "read the order from X-Cart"), activities.ReadOrderName, p.in.OrderID,
		activities.Screened{Approved: p.screening.approved}).Get(ctx, &reading)
	if err != nil {
		return new(blockedBy(err, Retry, Cancel))
	}
	p.overlookHold(&reading)
	p.order, p.reading = reading.Order, reading
	if blocked := p.reused(reading); blocked != nil {
		return blocked
	}
	p.created.Number = reading.ERPOrder
	p.amended = nil
	for _, amendment := range p.amendments {
		amended, err := p.amend(ctx, amendment, "apply corrections")
		if err != nil {
			// Start over: a correction that fits no more helps nobody.
			p.order, p.amendments, p.amended = reading.Order, nil, nil
			return new(blockedBy(err, Retry, Amend, Cancel))
		}
		p.order = amended.Order
		p.amended = append(p.amended, amended.Changes...)
	}
	return p.showNumber(ctx)
}

func (p *orderToCash) amend(ctx workflow.Context, a activities.Amendment, summary string) (amended activities.Amended, err error) {
	err = workflow.ExecuteLocalActivity(pure(ctx, summary), activities.AmendOrderName, p.order, a).Get(ctx, &amended)
	return amended, err
}

// correct says what an amendment would change in the order as it is known.
func (p *orderToCash) correct(ctx workflow.Context, a activities.Amendment) ([]string, error) {
	amended, err := p.amend(ctx, a, "check a correction")
	return amended.Changes, err
}

// showNumber lets staff find the order by the number that the shop shows them,
// when what started the process knew only its id.
func (p *orderToCash) showNumber(ctx workflow.Context) *Blocked {
	if p.in.Number != "" || p.order.Number == "" {
		return nil
	}
	if workflow.GetVersion(ctx, "web-order-number", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	p.in.Number = p.order.Number
	if err := workflow.UpsertTypedSearchAttributes(ctx, AttrWebOrder.ValueSet(p.order.Number)); err != nil {
		return new(blockedBy(err, Retry))
	}
	return nil
}

// decide applies the import rules, waiting for the payment where they say so.
func (p *orderToCash) decide(ctx workflow.Context) (activities.Decision, *Blocked, error) {
	for {
		var d activities.Decision
		err := workflow.ExecuteLocalActivity(pure(ctx, "import rules"), activities.DecideName, p.order).Get(ctx, &d)
		if err != nil {
			return d, new(blockedBy(err, Retry, Amend, Cancel)), nil
		}
		p.profile, p.onImport, p.deadlines = d.Profile, d.OnImport, d.Deadlines
		switch d.Action {
		case activities.Import:
			return d, nil, nil
		case activities.Hold:
			return d, &Blocked{Reason: d.Reason, Message: d.Why, Choices: []Action{Retry, Amend, Cancel}}, nil
		case activities.Cancelled:
			if p.created.Number != "" {
				return d, &Blocked{Reason: "cancelled-after-import", Choices: []Action{Retry, Cancel},
					Message: fmt.Sprintf("%s, and Prophet 21 has order %s: cancel it there, then cancel this process", d.Why, p.created.Number)}, nil
			}
			return d, nil, ended{StageCancelled, d.Why}
		case activities.Never, activities.GiveUp:
			return d, nil, ended{StageNotImported, d.Why}
		}
		if err := p.awaitShop(ctx, d); err != nil {
			return d, nil, err
		}
		if blocked := p.read(ctx); blocked != nil {
			return d, blocked, nil
		}
	}
}

// awaitShop waits until the order changes in the shop or the rule's time is up.
func (p *orderToCash) awaitShop(ctx workflow.Context, d activities.Decision) error {
	if err := p.moveTo(ctx, StageWaiting); err != nil {
		return err
	}
	p.wait(ctx, d.Why)
	timers, stop := workflow.WithCancel(ctx)
	defer stop()
	wait := workflow.NewNamedSelector(ctx, "payment")
	wait.AddReceive(p.shopChanged, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) })
	wait.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	patience := max(d.Until.Sub(workflow.Now(ctx)), time.Second)
	wait.AddFuture(workflow.NewTimerWithOptions(timers, patience, workflow.TimerOptions{Summary: "give up: " + d.Why}), func(workflow.Future) {})
	wait.Select(ctx)
	return ctx.Err()
}

// prepare looks up what the ERP knows, validates and maps, and creates the
// customer when there is none.
func (p *orderToCash) prepare(ctx workflow.Context, needs activities.Needs) (commerce.SalesOrder, *Blocked) {
	p.wait(ctx, "looking up items and customer in Prophet 21")
	var facts activities.Facts
	err := workflow.ExecuteActivity(erpCall(ctx, "look up items and customer"), activities.PrepareOrderName, needs).Get(ctx, &facts)
	if err != nil {
		return commerce.SalesOrder{}, new(blockedBy(err, Retry, Amend, Cancel))
	}
	mapped, blocked := p.mapOrder(ctx, facts)
	if blocked != nil || mapped.NewAccount == nil {
		return mapped.SalesOrder, blocked
	}
	p.wait(ctx, "creating the customer in Prophet 21")
	var account commerce.Account
	err = workflow.ExecuteActivity(erpCall(ctx, "create the customer"), activities.CreateAccountName, *mapped.NewAccount).Get(ctx, &account)
	if err != nil {
		return commerce.SalesOrder{}, new(blockedBy(err, Retry, Amend, Cancel))
	}
	facts.Account = &account
	mapped, blocked = p.mapOrder(ctx, facts)
	return mapped.SalesOrder, blocked
}

func (p *orderToCash) mapOrder(ctx workflow.Context, facts activities.Facts) (activities.Mapped, *Blocked) {
	var mapped activities.Mapped
	err := workflow.ExecuteLocalActivity(pure(ctx, "validate and map"), activities.MapOrderName, p.order, facts).Get(ctx, &mapped)
	if err != nil {
		return mapped, new(blockedBy(err, Retry, Amend, Cancel))
	}
	if mapped.Profile != "" {
		p.profile = mapped.Profile // another than the rules' while workers with two profiles run
	}
	if mapped.Reason != "" {
		return mapped, &Blocked{Reason: mapped.Reason, Message: inWords(mapped.Findings), Choices: []Action{Retry, Amend, Cancel}}
	}
	return mapped, nil
}

// create writes the order into the ERP once, reads it back and compares.
func (p *orderToCash) create(ctx workflow.Context, sales commerce.SalesOrder) *Blocked {
	p.wait(ctx, "creating the sales order in Prophet 21")
	in := activities.OrderToCreate{OrderID: p.in.OrderID, Profile: p.profile, SalesOrder: sales, Number: p.order.Number, PlacedAt: p.order.PlacedAt, Again: p.again}
	err := workflow.ExecuteActivity(erpCall(ctx, "create the sales order, read it back"), activities.CreateOrderName, in).Get(ctx, &p.created)
	if err != nil {
		return new(blockedBy(err, Retry, Amend, Cancel))
	}
	p.progress = p.created.Status
	p.forgetLost()
	if fatal := fatalIn(p.created.Differences); fatal != "" && !p.accepted {
		return &Blocked{Reason: "erp-order-differs", Choices: []Action{Retry, Skip},
			Message: fmt.Sprintf("Prophet 21 order %s is not what was sent: %s. Mend it there and retry, or skip to take it as it is", p.created.Number, fatal)}
	}
	p.stage = StageInERP
	total, _ := p.order.Total.Float64() // for searching only
	shown := []temporal.SearchAttributeUpdate{AttrErpOrder.ValueSet(p.created.Number),
		AttrStage.ValueSet(string(p.stage)), AttrOrderTotal.ValueSet(total)}
	if s := &p.screening; s.unshown {
		shown = append(shown, AttrFraudOutcome.ValueSet(s.outcome), AttrRiskScore.ValueSet(s.score))
		s.unshown = false
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, shown...); err != nil {
		return new(blockedBy(err, Retry))
	}
	return nil
}

// acknowledge tells the shop that the ERP has the order.
func (p *orderToCash) acknowledge(ctx workflow.Context) error {
	for {
		p.wait(ctx, "telling the shop that the ERP has the order")
		in := activities.Acknowledgement{OrderID: p.in.OrderID, ERPOrder: p.created.Number, Status: p.onImport}
		err := workflow.ExecuteActivity(shopCall(ctx, "acknowledge in X-Cart"), activities.AcknowledgeName, in).Get(ctx, nil)
		if err == nil {
			return nil
		}
		decision, err := p.desk.park(ctx, blockedBy(err, Retry, Skip), nil)
		if err != nil {
			return err
		}
		if decision.Action == Skip {
			return p.record(ctx, activities.StageAcknowledged) // its shipments wait for that
		}
	}
}

// record keeps in the records where the process has come to.
func (p *orderToCash) record(ctx workflow.Context, stage Stage) error {
	in := activities.OrderStage{Store: p.in.Store, OrderID: p.in.OrderID, Stage: string(stage), ERPOrder: p.created.Number, Profile: p.profile}
	return workflow.ExecuteLocalActivity(pure(ctx, "record the stage"), activities.RecordStageName, in).Get(ctx, nil)
}

// end records where the process came to, so that a late poke does not begin it anew.
func (p *orderToCash) end(ctx workflow.Context, stage Stage, why string) (OrderOutcome, error) {
	p.waitingFor = ""
	if err := errors.Join(p.withdrawHold(ctx), p.moveTo(ctx, stage), p.desk.close(ctx)); err != nil {
		return OrderOutcome{}, err
	}
	return OrderOutcome{Stage: stage, ERPOrder: p.created.Number, Total: p.order.Total, Why: why}, p.record(ctx, stage)
}

func (p *orderToCash) moveTo(ctx workflow.Context, stage Stage) error {
	if p.stage == stage {
		return nil
	}
	p.stage = stage
	p.show(ctx)
	if err := workflow.UpsertTypedSearchAttributes(ctx, AttrStage.ValueSet(string(stage))); err != nil {
		return fmt.Errorf("showing stage %s: %w", stage, err)
	}
	return nil
}

func (p *orderToCash) wait(ctx workflow.Context, what string) {
	p.waitingFor = what
	p.show(ctx)
}

// label is what staff call the order: its number, or its id while the number is not known.
func (in OrderInput) label() string {
	if in.Number != "" {
		return in.Number
	}
	return in.OrderID
}
