package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/console/signed"
)

func TestSessionsEnd(t *testing.T) {
	for name, end := range map[string]func(*site){
		"by themselves":       func(s *site) { *s.now = s.now.Add(time.Hour) },
		"by signing out":      func(s *site) { s.post("/sign-out") },
		"with the user":       func(s *site) { delete(s.console.users, "ann") },
		"with a new password": func(s *site) { u := s.console.users["ann"]; u.hash = "other"; s.console.users["ann"] = u },
		"with a new secret": func(s *site) {
			s.console.key, _ = signed.NewKey(strings.Repeat("n", signed.MinSecret))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			s.signIn("ann").must(t, 200, "ann, reviewer")
			end(s)
			s.get("/").must(t, 200, `type="password"`)
		})
	}
}

func TestWhoMaySignIn(t *testing.T) {
	for _, c := range []struct {
		name, user, password string
		status               int
	}{
		{"with name and password", "ann", password, 200},
		{"with a wrong password", "ann", password + "x", 401},
		{"with none", "ann", "", 401},
		{"as nobody", "nobody", password, 401},
		{"one of the proxy's", "paul", password, 401},
		{"one of the proxy's, with what stands for a hash", "paul", "-", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, nil)
			p := s.post("/sign-in", "name", c.user, "password", c.password)
			p.must(t, c.status)
			if c.status == 401 {
				p.must(t, 401, "do not fit")
				s.get("/").must(t, 200, `type="password"`)
			}
			if len(c.password) > 1 { // a dash stands on every page
				p.mustNot(t, c.password)
			}
		})
	}
}

func TestPasswordsCannotBeTriedOften(t *testing.T) {
	s := newSite(t, nil)
	for range signInBurst {
		s.post("/sign-in", "name", "ann", "password", "wrong").must(t, 401)
	}
	s.signIn("ann").must(t, 429, "tried too often")
	*s.now = s.now.Add(signInEvery)
	s.signIn("ann").must(t, 200)
}

func TestOneNameCannotBeTriedFromManyPlaces(t *testing.T) {
	s := newSite(t, nil)
	allowed := 0
	for i := range 100 {
		if s.console.limits.allow("ann", "192.0.2."+string(rune('a'+i))) {
			allowed++
		}
	}
	if allowed != signInBurst {
		t.Errorf("%d tries were allowed", allowed)
	}
}

func TestAFloodOfNamesIsBounded(t *testing.T) {
	l := newLimits(func() time.Time { return noon })
	for i := range 2 * mostTracked {
		l.take(url.QueryEscape(string(rune(i))) + "/" + string(rune('a'+i%26)) + strings.Repeat("x", i%7))
	}
	if len(l.all) > mostTracked {
		t.Errorf("%d are remembered", len(l.all))
	}
	l.now = func() time.Time { return noon.Add(time.Hour) }
	if !l.allow("later", "192.0.2.1") {
		t.Error("nobody can sign in after a flood")
	}
}

func TestWhoeverSignsInIsLedToAPageOfOurs(t *testing.T) {
	for next, want := range map[string]string{
		"/process/order/main/7": "/process/order/main/7", "/?reason=x&page=2": "/?reason=x&page=2", "": "/",
		"https://evil.example.test/": "/", "//evil.example.test": "/", `/\evil.example.test`: "/", "javascript:alert(1)": "/", "/ok\\x": "/",
	} {
		if got := local(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestAProxyIsBelievedOnlyFromItsNetwork(t *testing.T) {
	for _, c := range []struct {
		name   string
		from   string
		header []string
		says   string
	}{
		{"one of the file", "127.0.0.0/8", []string{"paul"}, "paul, operator"},
		{"one who is not in the file", "127.0.0.0/8", []string{"zoe@example.test"}, "zoe@example.test, viewer"},
		{"nobody", "127.0.0.0/8", nil, `type="password"`},
		{"two names", "127.0.0.0/8", []string{"paul", "ann"}, `type="password"`},
		{"from elsewhere", "192.0.2.0/24", []string{"paul"}, `type="password"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t, func(s *settings) { s.ProxyHeader, s.ProxyFrom = "X-Forwarded-User", []string{c.from} })
			req := s.request(http.MethodGet, "/", nil)
			req.Header["X-Forwarded-User"] = c.header
			s.do(req).must(t, 200, c.says)
		})
	}
}

func TestBehindAProxyVisitorsAreToldApart(t *testing.T) {
	s := newSite(t, func(s *settings) { s.ProxyFrom = []string{"10.0.0.1"} })
	for _, c := range []struct{ name, from, seen, want string }{
		{"through the proxy", "10.0.0.1:4711", "203.0.113.9, 198.51.100.7", "198.51.100.7"},
		{"not through it", "10.0.0.2:4711", "203.0.113.9", "10.0.0.2"},
		{"of one IPv6 network", "[2001:db8:1:2:3::4]:1", "", "2001:db8:1:2::/64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.from, Header: http.Header{}}
			if c.seen != "" {
				r.Header.Set("X-Forwarded-For", c.seen)
			}
			if got := s.console.remote(r); got != c.want {
				t.Errorf("it comes from %s, want %s", got, c.want)
			}
		})
	}
}

func TestTheUsersFileTellsItsMistakesByLine(t *testing.T) {
	line, err := userLine("ann", reviewer, password)
	if err != nil {
		t.Fatal(err)
	}
	all, err := parseUsers(strings.NewReader(line + "\n\n# a remark\npaul:operator:-\n"))
	if err != nil || len(all) != 2 || all["ann"].Role != reviewer {
		t.Fatalf("%v, %v", all, err)
	}
	if _, right := all.authenticate("ann", password); !right {
		t.Error("the line that was made does not let her in")
	}
	_, err = parseUsers(strings.NewReader(line + "\n" + line + "\nbob\nbob:king:-\nbob:viewer:SECRET\n:viewer:-\n"))
	if err == nil {
		t.Fatal("taken")
	}
	for _, says := range []string{"line 2: this name is given twice", "line 3: it is not name:role:hash", `line 4: role "king"`, "line 5: the third part", "line 6: a name has"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("does not say %q:\n%v", says, err)
		}
	}
	if strings.Contains(err.Error(), "SECRET") {
		t.Errorf("quotes a hash: %v", err)
	}
	for name, password := range map[string]string{"short": "short", "longer than bcrypt takes": strings.Repeat("x", 73)} {
		if _, err := userLine("ann", viewer, password); err == nil {
			t.Errorf("a password that is %s was taken", name)
		}
	}
}

func TestSettingsTellEveryMistake(t *testing.T) {
	s := settings{Session: time.Second, ProxyHeader: "X-User", ProxyRole: "king", Store: "a'b", TemporalUI: "temporal"}
	s.Console.URL, s.Console.Secret = "desk.example.test", "short"
	err := s.Validate()
	if err == nil {
		t.Fatal("taken")
	}
	for _, says := range []string{"CONSOLE_URL must begin", "CONSOLE_SECRET must be at least", "CONSOLE_PROXY_FROM must be set", "CONSOLE_SESSION", "CONSOLE_TEMPORAL_UI", "STORE", "CONSOLE_PROXY_ROLE"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("does not say %q:\n%v", says, err)
		}
	}
	s = settings{ProxyFrom: []string{"10.0.0.0/8", "x"}}
	err = s.Validate()
	for _, says := range []string{"CONSOLE_URL must be set", "CONSOLE_SECRET must be set", "CONSOLE_USERS_FILE must be set", `"x" is neither`} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("does not say %q:\n%v", says, err)
		}
	}
}
