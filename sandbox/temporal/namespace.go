package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/durationpb"
)

type attributes map[string]enumspb.IndexedValueType

// searchAttributes are those that the processes use.
var searchAttributes = attributes{
	"Store":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"WebOrder":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"ErpOrder":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"Stage":        enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"BlockedOn":    enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"FraudOutcome": enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"OrderTotal":   enumspb.INDEXED_VALUE_TYPE_DOUBLE,
	"RiskScore":    enumspb.INDEXED_VALUE_TYPE_DOUBLE,
	"BlockedSince": enumspb.INDEXED_VALUE_TYPE_DATETIME,
}

// prepareNamespace waits for the server, gives a namespace of an older file what
// it lacks, and returns when workflows can be started and found.
func prepareNamespace(ctx context.Context, frontend, name string, retention time.Duration) error {
	conn, err := grpc.NewClient(frontend, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer conn.Close()
	workflows, operator := workflowservice.NewWorkflowServiceClient(conn), operatorservice.NewOperatorServiceClient(conn)

	var found *workflowservice.DescribeNamespaceResponse
	if err := until(ctx, func() (err error) {
		found, err = workflows.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: name})
		return err
	}); err != nil {
		return fmt.Errorf("waiting for the namespace %s: %w", name, err)
	}
	if found.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration() != retention {
		if _, err := workflows.UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{
			Namespace: name,
			Config:    &namespacepb.NamespaceConfig{WorkflowExecutionRetentionTtl: durationpb.New(retention)},
		}); err != nil {
			return fmt.Errorf("setting the retention of %s: %w", name, err)
		}
	}
	has, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: name})
	if err != nil {
		return fmt.Errorf("listing the search attributes of %s: %w", name, err)
	}
	lacking, err := searchAttributes.lackingIn(has.GetCustomAttributes())
	if err != nil {
		return fmt.Errorf("the namespace %s: %w", name, err)
	}
	if len(lacking) > 0 {
		if _, err := operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
			Namespace: name, SearchAttributes: lacking,
		}); err != nil {
			return fmt.Errorf("adding search attributes to %s: %w", name, err)
		}
	}
	if err := until(ctx, func() error {
		_, err := workflows.CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: name, Query: searchAttributes.query(),
		})
		return err
	}); err != nil {
		return fmt.Errorf("waiting for the search attributes: %w", err)
	}
	return nil
}

// lackingIn returns what is not among those that are there. One of another type
// is an error: no process could start.
func (a attributes) lackingIn(there attributes) (attributes, error) {
	lacking := attributes{}
	for name, kind := range a {
		switch has, ok := there[name]; {
		case !ok:
			lacking[name] = kind
		case has != kind:
			return nil, fmt.Errorf("the search attribute %s is a %v there, not a %v", name, has, kind)
		}
	}
	return lacking, nil
}

// query names all attributes: the server refuses it until it knows them.
func (a attributes) query() string {
	return strings.Join(slices.Sorted(maps.Keys(a)), " is not null and ") + " is not null"
}
