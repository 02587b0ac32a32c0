package tests

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"github.com/cart21/cart21/records"
	"github.com/cart21/cart21/sandbox/erp"
	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

var recordInto = flag.String("record", "", "write the history of an amended order into this folder, for the replay test")

// parked runs the command line for parked work, with the settings that it needs
// and no others, and returns what it wrote to stdout and its exit status.
func (w *world) parked(stdin string, args ...string) (stdout, stderr string, status int) {
	w.t.Helper()
	dir, err := programs()
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "workers"), append([]string{"parked"}, args...)...)
	cmd.Env = []string{"TEMPORAL_ADDRESS=" + w.at.Address, "TEMPORAL_NAMESPACE=" + w.at.Namespace, "STORE=" + worldStore, "HOME=" + w.dir}
	for _, setting := range w.settings {
		if strings.HasPrefix(setting, "PAYLOAD_KEYS=") {
			cmd.Env = append(cmd.Env, setting)
		}
	}
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		w.t.Fatal(err)
	}
	return out.String(), errs.String(), status
}

// parkedJSON is parked for programs: it must succeed, and answer is read from stdout.
func (w *world) parkedJSON(answer any, args ...string) {
	w.t.Helper()
	out, errs, status := w.parked("", append(args, "-json")...)
	if status != 0 {
		w.t.Fatalf("workers parked %s: status %d\n%s", strings.Join(args, " "), status, errs)
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		w.t.Fatalf("workers parked %s: %v in\n%s", strings.Join(args, " "), err, out)
	}
}

type listed struct {
	Total    int `json:"total"`
	ByReason []struct {
		Reason string    `json:"reason"`
		Count  int       `json:"count"`
		Oldest time.Time `json:"oldest"`
	} `json:"by_reason"`
	Parked []struct {
		WorkflowID string    `json:"workflow_id"`
		WebOrder   string    `json:"web_order"`
		Reason     string    `json:"reason"`
		Since      time.Time `json:"since"`
		Message    string    `json:"message"`
	} `json:"parked"`
}

type shownOrder struct {
	WorkflowID string   `json:"workflow_id"`
	Parked     bool     `json:"parked"`
	Reason     string   `json:"reason"`
	Message    string   `json:"message"`
	Choices    []string `json:"choices"`
	Runbook    string   `json:"runbook"`
	ERPOrder   string   `json:"erp_order"`
	Amended    []string `json:"amended"`
	Page       string   `json:"page"`
	Decisions  []struct {
		Action  string   `json:"action"`
		By      string   `json:"by"`
		Why     string   `json:"why"`
		About   string   `json:"about"`
		Changes []string `json:"changes"`
	} `json:"decisions"`
}

type resolvedOrder struct {
	Accepted string   `json:"accepted"`
	DryRun   bool     `json:"dry_run"`
	Changes  []string `json:"changes"`
}

// TestAParkedOrderFromTheCommandLine looks at one order, corrects it wrongly,
// then dry, then rightly.
func TestAParkedOrderFromTheCommandLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.place(func(n *shop.NewOrder) { n.Number, n.Lines[0].SKU = "W-2001", "PUMP-OLD" })
	w.poke("order.placed", id)
	w.eventually("the order is listed", func() bool { return w.found("WebOrder = 'W-2001' AND BlockedOn = 'unknown-item'") == 1 })

	var s shownOrder
	w.parkedJSON(&s, "show", "W-2001")
	if !s.Parked || s.Reason != "unknown-item" || !strings.Contains(s.Message, "PUMP-OLD") || len(s.Choices) != 3 ||
		!strings.HasSuffix(s.Runbook, "docs/operations.md#unknown-item") || !strings.Contains(s.Page, "W-2001") {
		t.Errorf("shown: %+v", s)
	}
	amend := []string{"resolve", "W-2001", "-action", "amend", "-by", "Kim", "-why", "renamed article"}
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"a place that is none":       {append(amend, "-set", "/lines/3/sku=PUMP"), 1, "/lines/3/sku is not a place in the order"},
		"the wrong type":             {append(amend, "-set", "/lines/0/sku=7"), 1, "takes no number"},
		"nothing to set":             {amend, 2, "-set"},
		"an action that is none":     {[]string{"resolve", "W-2001", "-action", "delete", "-by", "Kim", "-why", "x"}, 2, "retry, amend, skip, cancel"},
		"an action not offered":      {[]string{"resolve", "W-2001", "-action", "skip", "-by", "Kim", "-why", "x"}, 1, "not offered"},
		"nobody decides":             {[]string{"resolve", "W-2001", "-action", "retry"}, 2, "-by"},
		"an order that is none":      {[]string{"show", "W-9999"}, 1, "no process"},
		"a release of all reasons":   {[]string{"release", "-action", "retry", "-by", "Kim", "-why", "x"}, 2, "-reason"},
		"a subcommand that is none":  {[]string{"delete"}, 2, "release"},
		"a release that no one want": {[]string{"release", "-reason", "unknown-item", "-action", "retry", "-by", "Kim", "-why", "x"}, 1, "nothing is changed"},
	} {
		if out, errs, status := w.parked("n\n", c.args...); status != c.status || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%s: status %d, want %d\n%s%s", name, status, c.status, out, errs)
		}
	}
	const diff = "/lines/0/sku: PUMP-OLD -> PUMP"
	var r resolvedOrder
	w.parkedJSON(&r, append(amend, "-set", "/lines/0/sku=PUMP", "-set", "/ship_to/first_name=Patricia", "-dry-run")...)
	if !r.DryRun || len(r.Changes) != 2 || r.Changes[0] != diff {
		t.Errorf("dry run: %+v", r)
	}
	w.parkedJSON(&s, "show", workflows.OrderID(worldStore, id))
	if !s.Parked || len(s.Decisions) != 0 || len(w.inERP(id)) != 0 {
		t.Errorf("a dry run changed something: %+v", s)
	}
	w.parkedJSON(&r, append(amend, "-set", "/lines/0/sku=PUMP", "-set", "/ship_to/first_name=Patricia")...)
	if len(r.Changes) != 2 || r.Changes[0] != diff || !strings.Contains(r.Accepted, "Kim") {
		t.Errorf("resolved: %+v", r)
	}
	w.eventually("the corrected order is in the ERP", func() bool { return len(w.inERP(id)) == 1 })
	number := w.inERP(id)[0].No
	w.eventually("it is found by the ERP's number", func() bool { return w.found("ErpOrder = '"+number+"'") == 1 })
	s = shownOrder{}
	w.parkedJSON(&s, "show", number)
	if s.Parked || s.ERPOrder != number || len(s.Amended) != 2 || len(s.Decisions) != 1 || s.Decisions[0].By != "Kim" || s.Decisions[0].Changes[0] != diff {
		t.Errorf("shown afterwards: %+v", s)
	}
	if trail := w.decided(workflows.OrderID(worldStore, id)); len(trail) != 1 || trail[0].Actor != "Kim" || trail[0].Key != "unknown-item" ||
		trail[0].Detail != "renamed article; "+diff+"; /ship_to/first_name: corrected" {
		t.Errorf("audit trail: %+v", trail)
	}
	if *recordInto != "" {
		w.record(workflows.OrderID(worldStore, id), filepath.Join(*recordInto, "OrderToCash-amended.json"))
	}
}

// TestOneCauseReleasesManyOrders parks thirty orders for an item that the ERP
// lacks and three for another, creates the first, and releases all of them;
// with what Temporal stores encrypted, the batch operation's signal too.
func TestOneCauseReleasesManyOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "PAYLOAD_KEYS=tests:"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	const mended, stuck = 30, 3
	var ids []string
	for i := range mended + stuck {
		id := w.place(func(n *shop.NewOrder) {
			if n.Lines[0].SKU = "VALVE-2"; i >= mended {
				n.Lines[0].SKU = "VALVE-3"
			}
		})
		w.poke("order.placed", id)
		ids = append(ids, id)
	}
	other := w.place(func(n *shop.NewOrder) { n.Shipping.City, n.Shipping.Zip = "", "" })
	w.poke("order.placed", other)
	w.eventually("all are parked", func() bool { return w.found("BlockedOn IS NOT NULL") == mended+stuck+1 })

	var l listed
	w.parkedJSON(&l, "list", "-limit", "5")
	if l.Total != mended+stuck+1 || len(l.ByReason) != 2 || l.ByReason[0].Reason != "unknown-item" || l.ByReason[0].Count != mended+stuck || len(l.Parked) != 5 {
		t.Errorf("list: %+v", l)
	}
	for i, p := range l.Parked {
		if p.Message == "" || p.WebOrder == "" || p.Since.IsZero() || i > 0 && p.Since.Before(l.Parked[i-1].Since) {
			t.Errorf("entry %d: %+v", i, p)
		}
	}
	if out, _, status := w.parked("", "list", "-reason", "missing-address"); status != 0 || !strings.Contains(out, workflows.OrderID(worldStore, other)) || strings.Contains(out, "unknown-item") {
		t.Errorf("status %d, the table is\n%s", status, out)
	}
	l = listed{}
	if w.parkedJSON(&l, "list", "-older", "24h"); l.Total != 0 {
		t.Errorf("%d parked for longer than this test runs", l.Total)
	}

	w.erp.AddItem(erp.Item{ID: "VALVE-2", Desc: "valve", Price: dec("19.95"), BaseUnit: "EA", SellingUnit: "EA"})
	var r struct {
		Parked      int            `json:"parked"`
		Signalled   int            `json:"signalled"`
		WentOn      int            `json:"went_on"`
		ParkedAgain int            `json:"parked_again"`
		AgainFor    map[string]int `json:"again_for"`
	}
	w.parkedJSON(&r, "release", "-reason", "unknown-item", "-action", "retry", "-by", "Kim", "-why", "created the item", "-yes")
	if r.Parked != mended+stuck || r.Signalled != mended+stuck || r.WentOn != mended || r.ParkedAgain != stuck || r.AgainFor["unknown-item"] != stuck {
		t.Errorf("released: %+v", r)
	}
	for i, id := range ids {
		want := 1
		if i >= mended {
			want = 0
		}
		if got := w.inERP(id); len(got) != want {
			t.Errorf("order %s is in the ERP %d times, want %d", id, len(got), want)
		}
		if trail := w.decided(workflows.OrderID(worldStore, id)); len(trail) != 1 || trail[0].Actor != "Kim" || trail[0].Detail != "created the item" {
			t.Errorf("audit trail of %s: %+v", id, trail)
		}
	}
	if trail := w.decided(workflows.OrderID(worldStore, other)); len(trail) != 0 || w.found("BlockedOn = 'missing-address'") != 1 {
		t.Errorf("the order parked for another reason was touched: %+v", trail)
	}
}

// decided is what the audit trail holds of people's decisions about a process.
func (w *world) decided(subject string) (entries []records.AuditEntry) {
	w.t.Helper()
	ctx := context.Background()
	store, err := records.Open(ctx, "file:"+filepath.Join(w.dir, "records.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer store.Close()
	trail, err := store.AuditTrail(ctx, subject, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range trail {
		if e.System == "cart21" {
			entries = append(entries, e)
		}
	}
	return entries
}

// record writes a process' history down as the replay test reads it.
func (w *world) record(id, path string) {
	w.t.Helper()
	history := &historypb.History{}
	events := w.temporal.GetWorkflowHistory(context.Background(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			w.t.Fatal(err)
		}
		history.Events = append(history.Events, e)
	}
	raw, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(history)
	if err == nil {
		err = os.WriteFile(path, raw, 0o644)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}
