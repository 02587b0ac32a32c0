package connectors

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// system answers as it is told to, and counts its calls. It stands in the place
// of the network, so that the tests run in the virtual time of synctest.
type system struct {
	answer http.HandlerFunc
	calls  int
}

func (s *system) RoundTrip(r *http.Request) (*http.Response, error) {
	s.calls++
	w := httptest.NewRecorder()
	if s.drops(w, r) {
		return nil, io.ErrUnexpectedEOF
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// drops answers, and reports whether the connection was dropped instead.
func (s *system) drops(w http.ResponseWriter, r *http.Request) (dropped bool) {
	defer func() { dropped = recover() != nil }()
	s.answer(w, r)
	return false
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "{}")
	}
}

// seen is an Observer that keeps what it is told.
type seen struct {
	outcomes map[string]int
	states   []BreakerState
}

func (s *seen) Called(c Call) { s.outcomes[c.Operation+": "+c.Outcome]++ }

func (s *seen) BreakerTurned(_ string, state BreakerState) { s.states = append(s.states, state) }

func (s *system) client(t *testing.T, limits Limits) *Client {
	t.Helper()
	c, err := NewClient(Prophet21, limits, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport = s
	return c
}

// call makes one call, a write, which is never repeated; held is the time to the
// next try of one that was not made.
func call(c *Client) (held time.Duration, err error) {
	_, err = c.Do(context.Background(), Request{Operation: "read order 4711", Method: http.MethodPost, URL: "http://p21.test", Write: true})
	var failed *Error
	if errors.As(err, &failed) && failed.Held {
		return failed.RetryAfter, err
	}
	return 0, err
}

func TestTheBreakerStaysOpenLongerWhileTheSystemFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &system{answer: status(503)}
		watch := &seen{outcomes: map[string]int{}}
		c := s.client(t, Limits{BreakAfter: 3, BreakFor: 5 * time.Second, BreakLongest: time.Minute, Observer: watch})
		fail := func(times int) {
			for range times {
				if held, err := call(c); held != 0 || !Is(err, Unavailable) {
					t.Fatal(held, err)
				}
			}
		}
		fail(3)
		for i, open := range []time.Duration{5, 10, 20, 40, 60, 60} {
			open *= time.Second
			time.Sleep(open / 4)
			if held, err := call(c); held != open*3/4 || !Is(err, Unavailable) || c.BreakerState() != Open {
				t.Errorf("opening %d: held for %s (%v), want %s", i, held, err, open*3/4)
			}
			time.Sleep(open*3/4 + 1)
			if s.answer = status(503); i == 5 {
				s.answer = status(200)
				continue
			}
			fail(1)
		}
		if _, err := call(c); err != nil || c.BreakerState() != Closed {
			t.Errorf("it is well again: %v, %s", err, c.BreakerState())
		}
		s.answer = status(503)
		fail(3)
		if held, _ := call(c); held != 5*time.Second {
			t.Errorf("after it was well, the breaker opens for %s, want 5 s again", held)
		}
		if s.calls != 3+5+1+3 {
			t.Errorf("%d calls", s.calls)
		}
		want := map[string]int{"read order: ok": 1, "read order: unavailable": 11, "read order: held": 7}
		if !maps.Equal(watch.outcomes, want) {
			t.Errorf("observed %v, want %v", watch.outcomes, want)
		}
		if last := watch.states[len(watch.states)-1]; watch.states[0] != Closed || last != Open {
			t.Errorf("observed %v", watch.states)
		}
	})
}

func TestAReadThatFailsAtOnceIsAskedAgain(t *testing.T) {
	drop := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, c := range map[string]struct {
		write  bool
		answer http.HandlerFunc
		judge  func(*Response) Kind
		calls  int // when it fails every time
	}{
		"a read, the connection dropped":             {answer: drop, calls: 3},
		"a read, answered 503":                       {answer: status(503), calls: 3},
		"a read whose answer the connector judges":   {answer: status(500), judge: func(*Response) Kind { return Unavailable }, calls: 3},
		"a read that is to wait":                     {answer: status(503, "Retry-After", "1"), calls: 1},
		"a read that is refused":                     {answer: status(404), calls: 1},
		"a write, the connection dropped":            {write: true, answer: drop, calls: 1},
		"a write, answered 503":                      {write: true, answer: status(503), calls: 1},
		"a read that failed only after some seconds": {answer: func(w http.ResponseWriter, r *http.Request) { time.Sleep(3 * time.Second); drop(w, r) }, calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &system{answer: c.answer}
				client := s.client(t, Limits{})
				r := Request{Operation: "read", Method: http.MethodGet, URL: "http://p21.test", Write: c.write, Judge: c.judge}
				_, _ = client.Do(context.Background(), r)
				if s.calls != c.calls {
					t.Errorf("%d calls, want %d", s.calls, c.calls)
				}
				if c.calls == 1 {
					return
				}
				s.answer = func(w http.ResponseWriter, r *http.Request) { s.answer = status(200); c.answer(w, r) }
				r.Judge = nil
				if c.judge != nil {
					r.Judge = func(resp *Response) Kind { return map[bool]Kind{true: Unavailable}[resp.Status >= 500] }
				}
				if resp, err := client.Do(context.Background(), r); err != nil || resp.Status != 200 {
					t.Errorf("the second try did not help: %v", err)
				}
			})
		})
	}
}

func TestOneCallFindsOutWhileTheOthersAreHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &system{answer: status(502)}
		c := s.client(t, Limits{BreakAfter: 1, BreakFor: 5 * time.Second})
		_, _ = call(c)
		time.Sleep(6 * time.Second)
		s.answer = func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(3 * time.Second)
			status(200)(w, r)
		}
		found := make(chan error)
		go func() { _, err := call(c); found <- err }()
		synctest.Wait()
		for range 10 {
			if held, err := call(c); held != 5*time.Second {
				t.Fatalf("while one call finds out: held for %s, %v", held, err)
			}
		}
		if err := <-found; err != nil || s.calls != 2 || c.BreakerState() != Closed {
			t.Errorf("%v after %d calls, breaker %s", err, s.calls, c.BreakerState())
		}
	})
}

func TestRetryAfterHoldsAllCalls(t *testing.T) {
	for name, c := range map[string]struct {
		code       int
		retryAfter string
		want       time.Duration // of the hold; 0 = none
	}{
		"503 for a minute":            {503, "60", time.Minute},
		"429 for a minute":            {429, "60", time.Minute},
		"429 until a date":            {429, "Sat, 01 Jan 2000 00:01:30 GMT", 90 * time.Second}, // synctest begins with 2000
		"a day is too long":           {503, "86400", 5 * time.Minute},
		"a second concerns that call": {429, "1", 0},
		"no time named":               {429, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &system{answer: status(c.code, "Retry-After", c.retryAfter)}
				watch := &seen{outcomes: map[string]int{}}
				client := s.client(t, Limits{Observer: watch})
				_, _ = call(client)
				held, _ := call(client)
				if held != c.want || (s.calls == 1) != (c.want > 0) || (client.BreakerState() == Open) != (c.want > 0) {
					t.Errorf("held for %s, want %s; %d calls, breaker %s", held, c.want, s.calls, client.BreakerState())
				}
				s.answer = status(200)
				time.Sleep(held)
				if _, err := call(client); err != nil {
					t.Errorf("afterwards: %v", err)
				}
				if last := watch.states[len(watch.states)-1]; last != Closed {
					t.Errorf("afterwards the breaker is told to be %s", last)
				}
			})
		})
	}
}

func TestTheConnectorJudgesWhatTheSystemItselfAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		code   int
		header []string
		kind   Kind // that the judge gives
		want   Kind // of Do's error; "" = the connector gets the answer
		trips  bool
	}{
		"a business rule's no in a 503":   {503, nil, Rejected, "", false},
		"a proxy's page":                  {502, nil, OutcomeUnknown, "", true},
		"an internal error":               {500, nil, Unavailable, "", true},
		"not now, whatever else it says":  {503, []string{"Retry-After", "2"}, Rejected, Unavailable, true},
		"a success":                       {200, nil, "", "", false},
		"an answer that is hard to grasp": {200, nil, Malformed, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &system{answer: status(c.code, c.header...)}
			client := s.client(t, Limits{BreakAfter: 1, BreakFor: time.Minute})
			resp, err := client.Do(context.Background(), Request{Method: http.MethodPost, URL: "http://p21.test", Write: true,
				Judge: func(*Response) Kind { return c.kind }})
			if KindOf(err) != c.want || c.want == "" && (resp == nil || resp.Status != c.code || string(resp.Body) != "{}") {
				t.Errorf("got %+v, %v", resp, err)
			}
			if tripped := client.BreakerState() == Open; tripped != c.trips {
				t.Errorf("breaker %s", client.BreakerState())
			}
		})
	}
}

func TestACancelledCallSaysNothingAboutTheSystem(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &system{answer: func(http.ResponseWriter, *http.Request) { cancel() }}
	c := s.client(t, Limits{BreakAfter: 1, BreakFor: time.Minute})
	_, err := c.Do(ctx, Request{Method: http.MethodGet, URL: "http://p21.test"})
	if !Is(err, Unavailable) || c.BreakerState() != Closed {
		t.Errorf("%v, breaker %s", err, c.BreakerState())
	}
}

func TestOperationsWithoutIDs(t *testing.T) {
	for operation, want := range map[string]string{
		"read order 4711":                            "read order",
		"find order xc-main-12":                      "find order",
		"set the payment status of order 4711 to PA": "set the payment status of order",
		"list changed orders":                        "list changed orders",
		"":                                           "",
	} {
		if got := withoutIDs(operation); got != want {
			t.Errorf("%q: %q, want %q", operation, got, want)
		}
	}
}
