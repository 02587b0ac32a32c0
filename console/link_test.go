package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/console/signed"
	"github.com/cart21/cart21/workflows"
)

func TestALinkOpensThePageAndTheFormDecidesOnce(t *testing.T) {
	s := newSite(t, nil)
	path := link(t, s, nil)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		s.do(s.request(method, path, nil)) // a mail scanner follows it
	}
	s.get(path).must(t, 200, "Sign in")
	s.post(path, "name", "Mallory", "reason", "x").must(t, 200, "Sign in")
	if len(s.desk.decisions) != 0 {
		t.Fatal("decided by somebody who has not signed in")
	}
	s.post("/sign-in", "name", "ann", "password", password, "next", path).must(t, 200, "Why do you reject it?", "freight forwarder", "All about this order")
	s.post(path, "reason", " ").must(t, 422, "Say why")
	s.post(path, "name", "Mallory", "reason", "stolen card").must(t, 200, "reject by ann noted", "is over")
	s.post(path, "reason", "again").must(t, 409, "is over")
	if want := (workflows.FraudDecision{Decision: "reject", Reviewer: "ann", Reason: "stolen card"}); len(s.desk.decisions) != 1 || s.desk.decisions[0] != want {
		t.Errorf("decided: %+v", s.desk.decisions)
	}
}

func TestALinkAloneDecidesWhereThatIsAllowed(t *testing.T) {
	s := newSite(t, func(s *settings) { s.LinkSignIn = false })
	path := link(t, s, nil)
	p := s.get(path)
	p.must(t, 200, "Your name", "freight forwarder")
	p.mustNot(t, "pat@example.test", "9 Forwarder Way", "All about this order") // a link shows no addresses
	s.post(path, "reason", "x").must(t, 422, "Say who you are")
	s.post(path, "name", "Kim", "reason", "stolen card").must(t, 200, "reject by Kim noted")
	if len(s.desk.decisions) != 1 || s.desk.decisions[0].Reviewer != "Kim" {
		t.Errorf("decided: %+v", s.desk.decisions)
	}
}

func TestLinksThatAreNoneAnyMoreDecideNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*signed.Link)
		later  time.Duration
		mangle func(string) string
		user   string
		status int
		says   string
	}{
		{"of an earlier hold", func(l *signed.Link) { l.Since = l.Since.Add(-time.Hour) }, 0, nil, "ann", 409, "is over"},
		{"of an earlier run", func(l *signed.Link) { l.RunID = "run-6" }, 0, nil, "ann", 409, "is over"},
		{"of an order that is not held", func(l *signed.Link) { l.WorkflowID, l.RunID = parkedID, "run-8" }, 0, nil, "ann", 409, "is over"},
		{"of no order", func(l *signed.Link) { l.WorkflowID = "order/main/99" }, 0, nil, "ann", 404, "no such order"},
		{"expired", nil, 25 * time.Hour, nil, "ann", 410, "has expired"},
		{"changed", nil, 0, func(path string) string { return strings.Replace(path, "/link/ey", "/link/ez", 1) }, "ann", 403, "not made here"},
		{"by a viewer", nil, 0, nil, "vera", 403, "needs the role reviewer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, func(s *settings) { s.Session = 48 * time.Hour })
			path := link(t, s, c.change)
			if c.mangle != nil {
				path = c.mangle(path)
			}
			s.signIn(c.user).must(t, 200)
			*s.now = s.now.Add(c.later)
			s.post(path, "reason", "x").must(t, c.status, c.says)
			if len(s.desk.decisions) != 0 {
				t.Error("it decided")
			}
		})
	}
}
