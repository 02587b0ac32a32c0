package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

// risky makes of an order one that a fraudster might place: a guest with a
// throw-away e-mail, whose goods go to somebody else by way of a forwarder.
func (s *shopper) risky(n *shop.NewOrder) {
	n.CustomerID, n.Email = 0, fmt.Sprintf("quick.deal.%d@throw-away.test", s.r.IntN(1_000_000))
	to := *n.Shipping
	to.FirstName, to.LastName, to.Company = "Jordan", "Vale", "Gulf Parcel Forwarding"
	to.Line1, to.Line2 = "2200 Cargo Road", fmt.Sprintf("Suite %d", 100+s.r.IntN(900))
	to.Zip = to.Zip[:3] + "99" // the state stays: it decides the tax
	n.Shipping = &to
}

// reviewer is the one who decides about holds with -once.
const reviewer = "the sandbox's reviewer"

// review decides about every order that is held, until ctx ends. What cannot be
// decided just now, since a worker was killed, is met again.
func (w *world) review(ctx context.Context) {
	for ctx.Err() == nil {
		for _, id := range w.heldForReview(ctx) {
			w.decide(ctx, id)
		}
		sleep(ctx, 500*time.Millisecond)
	}
}

func (w *world) heldForReview(ctx context.Context) (orderIDs []string) {
	page, err := w.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: w.at.Namespace, PageSize: 100,
		Query: fmt.Sprintf("ExecutionStatus = 'Running' AND Store = '%s' AND BlockedOn = '%s'", store, workflows.ReasonFraudReview),
	})
	if err != nil {
		return nil
	}
	for _, e := range page.Executions {
		orderIDs = append(orderIDs, describe(e).orderID)
	}
	return orderIDs
}

func (w *world) decide(ctx context.Context, orderID string) {
	d := workflows.FraudDecision{Decision: workflows.Approve, Reviewer: reviewer, Reason: "called the customer, who knows of it"}
	if w.rejects(orderID) {
		d.Decision, d.Reason = workflows.Reject, "nobody answers at that number"
	} else if id, err := strconv.Atoi(orderID); err == nil {
		w.released(id)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	handle, err := w.temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflows.OrderID(store, orderID), UpdateName: workflows.UpdateDecideFraud, Args: []any{d},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		_ = handle.Get(ctx, nil) // a refusal is met again, if the order is still held
	}
}

// rejects says of every third order or so that it is rejected, the same ones in
// every run of a seed.
func (w *world) rejects(orderID string) bool {
	h := fnv.New32a()
	fmt.Fprint(h, w.o.seed, "/", orderID)
	return h.Sum32()%10 < 3
}

// howToRelease is the command that lets a held order go.
func (w *world) howToRelease(number string) string {
	settings := append([]string{"STORE=" + store}, w.codec.payloadKeys()...)
	if w.at.Address != "127.0.0.1:7233" { // the default
		settings = append(settings, "TEMPORAL_ADDRESS="+w.at.Address)
	}
	if w.at.Namespace != "default" {
		settings = append(settings, "TEMPORAL_NAMESPACE="+w.at.Namespace)
	}
	return fmt.Sprintf("%s go run ./workers parked resolve %s -action approve -by you -why \"they are who they say\"", strings.Join(settings, " "), number)
}
