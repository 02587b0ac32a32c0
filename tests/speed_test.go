package tests

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/connectors/xcart"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/records"
	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

const (
	speedOrders = 400
	apiLatency  = 20 * time.Millisecond
)

// BenchmarkOrders puts the same orders, all at once, through OrderToCash and
// through a bare workflow with as many activities that make the same calls, in
// one run on one embedded server. The bare workflow keeps no records, maps
// nothing, parks nothing, and has one task queue with nothing else on it.
//
//	go test ./tests -bench Orders -benchtime 1x -run '^$'
func BenchmarkOrders(b *testing.B) {
	bench := newSpeedBench(b)
	for b.Loop() {
		bare := bench.run(b, "bare", bench.startBare)
		ours := bench.run(b, "OrderToCash", bench.startOurs)
		b.ReportMetric(bare.perSecond, "bare-orders/s")
		b.ReportMetric(ours.perSecond, "orders/s")
		b.ReportMetric(ours.perSecond/bare.perSecond, "ratio")
		b.ReportMetric(ours.events, "events/order")
		b.ReportMetric(bare.events, "bare-events/order")
		b.ReportMetric(ours.actions, "actions/order")
		b.ReportMetric(bare.actions, "bare-actions/order")
		b.ReportMetric(ours.cpu, "cpu-ms/order")
		b.ReportMetric(bare.cpu, "bare-cpu-ms/order")
	}
}

type speed struct{ perSecond, events, actions, cpu float64 }

type speedBench struct {
	client client.Client
	server *exec.Cmd
	shop   *shop.Shop
	erp    *erp.ERP
	xcart  xcart.Shop
	p21    prophet21.ERP
	known  commerce.Account
}

func newSpeedBench(b *testing.B) *speedBench {
	s := &speedBench{}
	s.startServer(b)
	s.shop = shop.New(shop.Options{WriteKey: "key", Currency: "USD", Latency: apiLatency})
	s.erp = erp.New(erp.Options{Company: "01", Currency: "USD", Locations: []int{10, 20}, Takers: []string{"XCART"}, Latency: apiLatency})
	s.erp.AddItem(erp.Item{ID: "PUMP", Price: dec("19.95"), BaseUnit: "EA", SellingUnit: "EA"})
	s.shop.AddProduct(shop.Product{SKU: "PUMP", Name: "Pump", Price: dec("19.95"), Amount: 1 << 30})
	quiet := slog.New(slog.DiscardHandler)
	open := func(h http.Handler) string {
		server := httptest.NewServer(h)
		b.Cleanup(server.Close)
		return server.URL
	}
	var err error
	if s.xcart, err = xcart.Open(xcart.Config{URL: open(s.shop.Handler54()), API: "5.4", Key: "key", Store: "main", Limits: limits()}, quiet); err != nil {
		b.Fatal(err)
	}
	if s.p21, err = prophet21.Open(prophet21.Config{URL: open(s.erp.Handler()), API: "middleware", Username: "api", Password: "api", Company: "01",
		Currency: "USD", Limits: limits()}, quiet); err != nil {
		b.Fatal(err)
	}
	if s.known, err = s.p21.CreateAccount(context.Background(), newAccount()); err != nil {
		b.Fatal(err)
	}
	s.startWorkers(b)
	return s
}

// startServer builds and starts the embedded Temporal server.
func (s *speedBench) startServer(b *testing.B) {
	path := filepath.Join(b.TempDir(), "temporal")
	if out, err := exec.Command("go", "build", "-C", "../sandbox/temporal", "-o", path, ".").CombinedOutput(); err != nil {
		b.Fatalf("building the Temporal server: %v\n%s", err, out)
	}
	s.server = exec.Command(path, "-listen", "127.0.0.1:0", "-ui", "", "-log-level", "error")
	out, err := s.server.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := s.server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.server.Process.Kill(); _ = s.server.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	var at struct{ Address, Namespace string }
	if err == nil {
		err = json.Unmarshal([]byte(line), &at)
	}
	if err != nil {
		b.Fatalf("the Temporal server: %v", err)
	}
	s.client, err = client.Dial(client.Options{HostPort: at.Address, Namespace: at.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		b.Fatal(err)
	}
}

// startWorkers hosts OrderToCash as the workers do, and the bare workflow.
func (s *speedBench) startWorkers(b *testing.B) {
	store, err := records.Open(context.Background(), "file:"+filepath.Join(b.TempDir(), "records.db"))
	if err != nil {
		b.Fatal(err)
	}
	profile, err := mapping.Load("")
	if err != nil {
		b.Fatal(err)
	}
	shopDo := &activities.Shop{Store: "main", XCart: s.xcart, Mapping: profile, Records: store}
	erpDo := &activities.ERP{Store: "main", P21: s.p21, Mapping: profile, Records: store}
	pure := &activities.Profile{Mapping: profile, Now: time.Now}
	kept := &activities.Records{Store: store}
	processes := worker.New(s.client, workflows.QueueProcesses, worker.Options{LocalActivityWorkerOnly: true, MaxConcurrentWorkflowTaskPollers: 16})
	processes.RegisterWorkflowWithOptions(workflows.OrderToCash, workflow.RegisterOptions{Name: workflows.OrderToCashName})
	register(processes, map[string]any{activities.DecideName: pure.Decide, activities.MapOrderName: pure.MapOrder, activities.RecordStageName: kept.RecordStage})
	calls := worker.Options{DisableWorkflowWorker: true, MaxConcurrentActivityExecutionSize: 32, MaxConcurrentActivityTaskPollers: 16}
	atShop, atERP := worker.New(s.client, workflows.QueueXCart, calls), worker.New(s.client, workflows.QueueP21, calls)
	register(atShop, map[string]any{activities.ReadOrderName: shopDo.ReadOrder, activities.AcknowledgeName: shopDo.Acknowledge})
	register(atERP, map[string]any{activities.PrepareOrderName: erpDo.PrepareOrder, activities.CreateOrderName: erpDo.CreateOrder, activities.CreateAccountName: erpDo.CreateAccount})

	bare := worker.New(s.client, "bare", worker.Options{MaxConcurrentActivityExecutionSize: 64, MaxConcurrentWorkflowTaskPollers: 16, MaxConcurrentActivityTaskPollers: 32})
	bare.RegisterWorkflowWithOptions(bareWorkflow, workflow.RegisterOptions{Name: "bare"})
	register(bare, map[string]any{"bare.read": s.bareRead, "bare.prepare": s.barePrepare, "bare.create": s.bareCreate, "bare.acknowledge": s.bareAcknowledge})
	for _, w := range []worker.Worker{processes, atShop, atERP, bare} {
		if err := w.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(w.Stop)
	}
}

func register(w worker.ActivityRegistry, all map[string]any) {
	for name, fn := range all {
		w.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name})
	}
}

// bareWorkflow is what somebody would write first: four activities in a row.
func bareWorkflow(ctx workflow.Context, id string) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	var number string
	for _, step := range []string{"bare.read", "bare.prepare", "bare.create", "bare.acknowledge"} {
		arg := id
		if step == "bare.acknowledge" {
			arg += " " + number
		}
		if err := workflow.ExecuteActivity(ctx, step, arg).Get(ctx, &number); err != nil {
			return err
		}
	}
	return nil
}

func (s *speedBench) bareRead(ctx context.Context, id string) (string, error) {
	o, err := s.xcart.Order(ctx, id)
	return o.Number, err
}

func (s *speedBench) barePrepare(ctx context.Context, _ string) (string, error) {
	_, err := s.p21.Items(ctx, []string{"PUMP"})
	return "", err
}

func (s *speedBench) bareCreate(ctx context.Context, id string) (string, error) {
	o := salesOrder(s.known, "xc-main-"+id)
	o.Freight, o.Lines = dec("0"), []commerce.SalesOrderLine{{LineNo: 1, ItemID: "PUMP", Quantity: dec("2"), UnitPrice: dec("19.95")}}
	if _, err := s.p21.FindOrders(ctx, o.Reference); err != nil {
		return "", err
	}
	number, err := s.p21.CreateOrder(ctx, o)
	if err == nil {
		_, err = s.p21.Order(ctx, number)
	}
	return number, err
}

func (s *speedBench) bareAcknowledge(ctx context.Context, arg string) (string, error) {
	id, number, _ := strings.Cut(arg, " ")
	_, err := s.xcart.Acknowledge(ctx, id, number, func(commerce.Order) (string, error) { return "P", nil })
	return number, err
}

func (s *speedBench) startBare(ctx context.Context, id string) error {
	_, err := s.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "bare/" + id, TaskQueue: "bare"}, "bare", id)
	return err
}

func (s *speedBench) startOurs(ctx context.Context, id string) error {
	return workflows.Launcher{Client: s.client}.StartOrder(ctx, "main", id, id)
}

// run places the orders, starts their processes, and waits until the shop shows
// every one as acknowledged.
func (s *speedBench) run(b *testing.B, name string, start func(context.Context, string) error) speed {
	ctx := context.Background()
	var ids []string
	customer := s.shop.AddCustomer(shop.Customer{Email: "pat@example.test"})
	for range speedOrders {
		address := &shop.Address{FirstName: "Pat", LastName: "Roe", Line1: "1 Main St", City: "Reno", State: "NV", Country: "US", Zip: "89501"}
		o, err := s.shop.Place(shop.NewOrder{CustomerID: customer.ID, Lines: []shop.NewLine{{SKU: "PUMP", Quantity: 2, Price: dec("19.95")}},
			PaymentMethod: "Credit Card", PaymentStatus: "P", ShippingMethod: "UPS Ground", Billing: address, Shipping: address})
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, strconv.Itoa(o.ID))
	}
	began, cpu := time.Now(), s.cpu()
	var starts sync.WaitGroup
	for _, id := range ids {
		starts.Go(func() {
			if err := start(ctx, id); err != nil {
				b.Error(err)
			}
		})
	}
	starts.Wait()
	for deadline := time.Now().Add(3 * time.Minute); !s.acknowledged(ids); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("%s: not all orders were acknowledged in time", name)
		}
	}
	took := time.Since(began)
	out := speed{perSecond: float64(len(ids)) / took.Seconds(), cpu: float64((s.cpu() - cpu).Milliseconds()) / float64(len(ids))}
	out.events, out.actions = s.costs(b, name, ids)
	fmt.Fprintf(os.Stderr, "%-12s %d orders in %.1f s: %.1f orders/s, %.0f CPU-ms, %.1f events and %.1f billable actions an order until acknowledged\n",
		name, len(ids), took.Seconds(), out.perSecond, out.cpu, out.events, out.actions)
	return out
}

func (s *speedBench) acknowledged(ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool {
		n, _ := strconv.Atoi(id)
		o, _ := s.shop.Order(n)
		return o.ShippingStatus != "P"
	})
}

// billable are the events that Temporal Cloud bills as an action each: starts,
// activities, local activities (by marker), search attributes, signals, timers.
var billable = map[enumspb.EventType]bool{
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: true, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: true, enumspb.EVENT_TYPE_MARKER_RECORDED: true,
	enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: true, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: true, enumspb.EVENT_TYPE_TIMER_STARTED: true,
}

// costs counts the events and the billable actions in some histories.
func (s *speedBench) costs(b *testing.B, name string, ids []string) (events, actions float64) {
	const sample = 20
	for _, id := range ids[:sample] {
		workflowID := "bare/" + id
		if name != "bare" {
			workflowID = workflows.OrderID("main", id)
		}
		history := s.client.GetWorkflowHistory(context.Background(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for history.HasNext() {
			e, err := history.Next()
			if err != nil {
				b.Fatal(err)
			}
			events++
			if billable[e.EventType] {
				actions++
			}
		}
	}
	return events / sample, actions / sample
}

// cpu is what this process (workers and simulators) and the server have used.
func (s *speedBench) cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	used := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.server.Process.Pid))
	if err != nil {
		return used
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return used + time.Duration(user+system)*10*time.Millisecond
}
