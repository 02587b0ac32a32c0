package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/records"
)

// ReasonVanished is what an order is parked for that the ERP has lost.
const ReasonVanished = "vanished-from-erp"

// The stages at which the process of an order has ended.
const (
	StageCompleted   = "completed"
	StageCancelled   = "cancelled"
	StageNotImported = "not-imported"
)

// settled is how long an order is left alone before anybody asks whether its
// process still runs.
const settled = 10 * time.Minute

// lookAfter makes sure, now and then, of what no change in either system would
// ever tell: that every order which is not finished has a process (one that was
// terminated by mistake begins anew), and that the ERP still has what was made of
// it (one that was restored from a backup may not). It asks the ERP for many
// orders at once.
func (in *Intake) lookAfter(ctx context.Context) error {
	name, now := "unfinished/"+in.Store, in.Now()
	p, err := in.position(ctx, name)
	if err != nil || (p.version > 0 && now.Sub(p.Until) < in.Check) {
		return err
	}
	before := now.Add(-min(in.Check, settled))
	orders, err := in.Records.UnfinishedOrders(ctx, in.Store, []string{StageCompleted, StageCancelled, StageNotImported}, before)
	if err != nil {
		return err
	}
	var made []records.OrderRef
	for _, o := range orders {
		if err := in.Launcher.StartOrder(ctx, in.Store, o.ShopOrderID, o.ShopNumber); err != nil {
			return fmt.Errorf("making sure of the process of order %s: %w", o.ShopOrderID, err)
		}
		if o.ERPOrder != "" {
			made = append(made, o)
		}
		activity.RecordHeartbeat(ctx)
	}
	if err := in.tellVanished(ctx, &p, made, now); err != nil {
		return err
	}
	return in.save(ctx, name, &p, now)
}

// tellVanished tells the processes of the orders that the ERP has lost, each once.
func (in *Intake) tellVanished(ctx context.Context, p *position, made []records.OrderRef, now time.Time) error {
	if len(made) == 0 {
		return nil
	}
	numbers := make([]string, len(made))
	for i, o := range made {
		numbers[i] = o.ERPOrder
	}
	references, err := in.P21.References(ctx, numbers)
	if err != nil {
		return classify(err)
	}
	for _, o := range made {
		carried, there := references[o.ERPOrder]
		key := o.ShopOrderID + " as " + o.ERPOrder // a restored ERP gives a number again
		if there && (o.Reference == "" || strings.EqualFold(carried, o.Reference)) {
			delete(p.Handled, key)
			continue
		}
		if !p.handled(key, ReasonVanished) {
			other := ""
			if there {
				other = carried
				if other == "" {
					other = "no reference of ours"
				}
			}
			if err := in.Launcher.OrderProgressed(ctx, in.Store, o.ShopOrderID, commerce.OrderProgress{Vanished: vanished(o, other)}); err != nil {
				return fmt.Errorf("telling the process of order %s that the ERP lost it: %w", o.ShopOrderID, err)
			}
		}
		p.handle(key, ReasonVanished, now)
	}
	return nil
}

// vanished tells people that the ERP has lost an order; other is what stands
// under its number now, if anything does.
func vanished(o records.OrderRef, other string) string {
	how := "Prophet 21 does not have order " + o.ERPOrder + " any more"
	if other != "" {
		how = "order " + o.ERPOrder + " of Prophet 21 is not this one any more (it has " + other + ")"
	}
	return how + ": it was deleted there, or Prophet 21 was restored from a backup. Look there for the order by reference " + o.Reference +
		", customer and amount, and give it that reference if it is there under another; then retry, which takes the order that has the reference or, without one, " +
		"creates it again. Cancel ends the process"
}
