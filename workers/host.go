package main

import (
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/workflows"
)

// host starts a worker for each queue and returns what stops them: polling
// ends at once, what runs gets some time to end.
func host(c client.Client, s settings, sys *systems, queues []string, logger *slog.Logger) (stop func(), err error) {
	var started []worker.Worker
	stop = func() {
		for _, w := range started {
			w.Stop()
		}
	}
	for _, queue := range queues {
		var w worker.Worker
		switch queue {
		case workflows.QueueProcesses:
			w = processes(c, sys)
		case workflows.QueueXCart:
			w = worker.New(c, queue, slots(s, s.XCart.Concurrency, s.XCart.Rate))
			registerShop(w, c, s, sys)
		case workflows.QueueP21:
			w = worker.New(c, queue, slots(s, s.P21.Concurrency, s.P21.Rate))
			registerERP(w, c, s, sys)
		case workflows.QueueAlerts:
			w, err = alertWatch(c, s, sys, logger)
		}
		if err != nil {
			stop()
			return nil, err
		}
		if err := w.Start(); err != nil {
			stop()
			return nil, err
		}
		started = append(started, w)
	}
	return stop, nil
}

// slots bound how much of a system one worker uses at a time and the whole
// fleet uses in a second.
func slots(s settings, concurrency int, rate float64) worker.Options {
	return worker.Options{
		Interceptors:                       []interceptor.WorkerInterceptor{&activities.Pacing{Longest: s.Outages.RetrySpread}},
		DisableWorkflowWorker:              true,
		MaxConcurrentActivityExecutionSize: concurrency,
		MaxConcurrentActivityTaskPollers:   concurrency,
		TaskQueueActivitiesPerSecond:       rate,
		WorkerStopTimeout:                  20 * time.Second,
	}
}

func processes(c client.Client, sys *systems) worker.Worker {
	w := worker.New(c, workflows.QueueProcesses, worker.Options{
		// An order takes eight steps through here until it is acknowledged. With
		// the SDK's two pollers, or four, steps queue from 20 orders/s on: measured
		// waits of 620 ms (p90) against 26 ms with sixteen. An idle poll costs nothing.
		MaxConcurrentWorkflowTaskPollers: 16,
		LocalActivityWorkerOnly:          true,
		WorkerStopTimeout:                20 * time.Second,
	})
	RegisterProcesses(w)
	profile := &activities.Profile{Mapping: sys.profile, Now: time.Now}
	store := &activities.Records{Store: sys.records}
	register(w, activities.DecideName, profile.Decide)
	register(w, activities.MapOrderName, profile.MapOrder)
	register(w, activities.AmendOrderName, profile.AmendOrder)
	register(w, activities.RecordDecisionName, store.RecordDecision)
	register(w, activities.RecordStageName, store.RecordStage)
	return w
}

// RegisterProcesses registers the workflows under their fixed names.
func RegisterProcesses(w worker.WorkflowRegistry) {
	for name, process := range map[string]any{
		workflows.OrderToCashName:          workflows.OrderToCash,
		workflows.ShipmentNotificationName: workflows.ShipmentNotification,
		workflows.OrderIntakeName:          workflows.OrderIntake,
		workflows.FulfilmentIntakeName:     workflows.FulfilmentIntake,
		workflows.AlertWatchName:           workflows.AlertWatch,
	} {
		w.RegisterWorkflowWithOptions(process, workflow.RegisterOptions{Name: name})
	}
}

func registerShop(w worker.Worker, c client.Client, s settings, sys *systems) {
	shop := &activities.Shop{Store: s.Store, XCart: sys.xcart, Mapping: sys.profile, Records: sys.records, Screening: sys.screening}
	register(w, activities.ReadOrderName, shop.ReadOrder)
	register(w, activities.AcknowledgeName, shop.Acknowledge)
	register(w, activities.NotifyShipmentName, shop.NotifyShipment)
	register(w, activities.TellHoldName, shop.TellHold)
	register(w, activities.PollShopName, intake(c, s, sys).PollShop)
}

func registerERP(w worker.Worker, c client.Client, s settings, sys *systems) {
	erp := &activities.ERP{Store: s.Store, P21: sys.p21, Mapping: sys.profile, Records: sys.records, Settle: s.P21.Settle}
	register(w, activities.PrepareOrderName, erp.PrepareOrder)
	register(w, activities.CreateAccountName, erp.CreateAccount)
	register(w, activities.CreateOrderName, erp.CreateOrder)
	register(w, activities.ReadShipmentName, erp.ReadShipment)
	register(w, activities.PollFulfilmentName, intake(c, s, sys).PollFulfilment)
}

func intake(c client.Client, s settings, sys *systems) *activities.Intake {
	return &activities.Intake{
		Store: s.Store, Taker: sys.profile.Taker(), XCart: sys.xcart, P21: sys.p21, Records: sys.records,
		Launcher: workflows.Launcher{Client: c}, Overlap: s.Overlap, Lookback: s.Lookback, Check: s.CheckEvery, Now: time.Now,
	}
}

func register(w worker.ActivityRegistry, name string, fn any) {
	w.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
}
