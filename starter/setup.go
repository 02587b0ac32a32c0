package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/workflows"
)

// attributes are the search attributes that the processes use.
var attributes = map[string]enumspb.IndexedValueType{
	workflows.AttrStore.GetName():        workflows.AttrStore.GetValueType(),
	workflows.AttrWebOrder.GetName():     workflows.AttrWebOrder.GetValueType(),
	workflows.AttrErpOrder.GetName():     workflows.AttrErpOrder.GetValueType(),
	workflows.AttrStage.GetName():        workflows.AttrStage.GetValueType(),
	workflows.AttrBlockedOn.GetName():    workflows.AttrBlockedOn.GetValueType(),
	workflows.AttrBlockedSince.GetName(): workflows.AttrBlockedSince.GetValueType(),
	workflows.AttrFraudOutcome.GetName(): workflows.AttrFraudOutcome.GetValueType(),
	workflows.AttrOrderTotal.GetName():   workflows.AttrOrderTotal.GetValueType(),
	workflows.AttrRiskScore.GetName():    workflows.AttrRiskScore.GetValueType(),
}

// setUp creates the search attributes and the schedules, or brings them up to
// date. It may run as often as it likes.
func setUp(ctx context.Context, c client.Client, s settings) error {
	missing, err := missingAttributes(ctx, c, s.Temporal.Namespace)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if err := addAttributes(ctx, c, s.Temporal.Namespace, missing); err != nil {
			return err
		}
	}
	for _, schedule := range workflows.Schedules(s.Store, s.OrderEvery, s.FulfilmentEvery, s.AlertEvery) {
		if err := schedule.Ensure(ctx, c); err != nil {
			return fmt.Errorf("setting up the schedule %s: %w", schedule.ID, err)
		}
	}
	return nil
}

func missingAttributes(ctx context.Context, c client.Client, namespace string) ([]string, error) {
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return nil, fmt.Errorf("listing the search attributes: %w", err)
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if _, ok := have.CustomAttributes[name]; !ok {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

func addAttributes(ctx context.Context, c client.Client, namespace string, names []string) error {
	add := map[string]enumspb.IndexedValueType{}
	for _, name := range names {
		add[name] = attributes[name]
	}
	_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: add})
	if err != nil {
		return fmt.Errorf("adding the search attributes %v (on Temporal Cloud add them by hand): %w", names, err)
	}
	// A frontend may have the old list cached for some seconds; a start with an
	// unknown attribute would fail.
	for range 60 {
		missing, err := missingAttributes(ctx, c, namespace)
		if err == nil && len(missing) == 0 {
			return nil
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("the search attributes %v were added but do not show up", names)
}
