package tests

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/cart21/cart21/console/signed"
	"github.com/cart21/cart21/sandbox/shop"
	"github.com/cart21/cart21/workflows"
)

const (
	consoleSecret   = "a-console-secret-of-the-tests-0123456789"
	consolePassword = "a password of the tests"
)

// startConsole starts the console with a reviewer and an operator, and returns its root.
func (w *world) startConsole() string {
	w.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(consolePassword), bcrypt.MinCost)
	if err != nil {
		w.t.Fatal(err)
	}
	users := filepath.Join(w.dir, "users")
	if err := os.WriteFile(users, []byte("ann:reviewer:"+string(hash)+"\nolga:operator:"+string(hash)+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	at := freeAddress(w.t)
	p := w.start("console", []string{"TEMPORAL_ADDRESS=" + w.at.Address, "TEMPORAL_NAMESPACE=" + w.at.Namespace, "STORE=" + worldStore, "LISTEN=" + at,
		"PAYLOAD_KEYS=" + setting(w.settings, "PAYLOAD_KEYS"), "CONSOLE_URL=http://" + at, "CONSOLE_SECRET=" + consoleSecret, "CONSOLE_USERS_FILE=" + users, "LOG_FORMAT=json"})
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.t.Logf("log of the console:\n%s", p.tail(4000))
		}
	})
	w.eventually("the console is ready", func() bool { return ready(at) })
	return "http://" + at
}

func (b *browser) signIn(root, name string) {
	b.t.Helper()
	b.open(root)
	b.write("#name", name)
	b.write("#password", consolePassword)
	b.click("main button")
}

// TestAReviewerDecidesInABrowser: a real one, without JavaScript.
func TestAReviewerDecidesInABrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	w := newWorld(t, holding(t))
	root := w.startConsole()
	place := func(number string) string {
		id := w.place(func(n *shop.NewOrder) { risky(n); n.Number = number })
		w.poke("order.placed", id)
		w.isHeld(id)
		return id
	}
	good, bad := place("1004120"), place("1004121")

	b.signIn(root, "ann")
	b.says("h1", "Waiting for a person")
	b.says(".filter", "fraud-review 2")
	b.says(".list", "1004120", "39.90 USD", "Ships to a freight forwarder.")
	b.click(".list a[href='/process/order/main/" + good + "']")
	b.says("main", "Held for fraud review", "Gulf Parcel Forwarding", "PUMP", "1 Main St", "39.90 USD", "throw-away")
	if *recordInto != "" {
		b.picture(filepath.Join(*recordInto, "console.png"))
	}
	b.write("#reason", "called the customer")
	b.click("button.approve")
	b.says(".notice", "approve by ann noted")
	w.reaches(good, workflows.StageOpen)
	if n := len(w.inERP(good)); n != 1 {
		t.Errorf("the approved order is in the ERP %d times", n)
	}
	b.open(root + "/process/order/main/" + good)
	b.says("#decisions ~ ul", "approve by ann", "called the customer")

	// The other by a link of an alert, on a phone.
	b.resize(390, 844)
	run, err := w.temporal.DescribeWorkflowExecution(context.Background(), workflows.OrderID(worldStore, bad), "")
	if err != nil {
		t.Fatal(err)
	}
	key, err := signed.NewKey(consoleSecret)
	if err != nil {
		t.Fatal(err)
	}
	link, err := key.Address(root, signed.Link{WorkflowID: workflows.OrderID(worldStore, bad), Decision: "reject", Since: w.hold(bad).Since,
		RunID: run.WorkflowExecutionInfo.Execution.RunId}, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.Get(link); err != nil || w.hold(bad) == nil { // a mail scanner
		t.Fatalf("following the link decided: %v", err)
	} else {
		resp.Body.Close()
	}
	b.open(link)
	b.write("#reason", "stolen card")
	b.click("button.reject")
	b.says("h1", "Reject order 1004121?")
	b.says("main", "reject by ann noted", "is over")
	w.eventually("the rejected order is cancelled in the shop", func() bool { return w.shown(bad) == "WND" })
	if n := len(w.inERP(bad)); n != 0 {
		t.Errorf("the rejected order is in the ERP %d times", n)
	}
}

// TestAnOperatorCorrectsAnOrderInABrowser sees the difference first.
func TestAnOperatorCorrectsAnOrderInABrowser(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	w := newWorld(t)
	root := w.startConsole()
	id := w.place(func(n *shop.NewOrder) { n.Lines[0].SKU = "PUMP-OLD" })
	w.poke("order.placed", id)
	w.eventually("the order is parked", func() bool { return w.found("BlockedOn = 'unknown-item'") == 1 })

	b.signIn(root, "olga")
	b.click(".list a[href='/process/order/main/" + id + "']")
	b.says("main", "Parked: unknown-item", "PUMP-OLD")
	b.click("input[value=amend]")
	b.write("#corrections", "/lines/0/sku = PUMP")
	b.write("#why", "renamed article")
	b.click("main section button")
	b.says("main", "This is what it changes", "/lines/0/sku: PUMP-OLD -> PUMP")
	if len(w.inERP(id)) != 0 {
		t.Fatal("the preview changed something")
	}
	b.click("main section button")
	b.says(".notice", "amend by olga noted", "PUMP-OLD -> PUMP")
	w.eventually("the corrected order is in the ERP", func() bool { return len(w.inERP(id)) == 1 })
}
