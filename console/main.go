// Command console shows held orders and parked work on web pages, to people who
// don't live in the Temporal Web UI: they read why an order waits, and decide. It
// holds no credentials of either system and keeps nothing of its own: what it
// shows are the processes' answers, and every decision goes to them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

	"github.com/cart21/cart21/console/signed"
	"github.com/cart21/cart21/service"
)

type settings struct {
	service.Temporal
	service.Logging
	service.Console
	Listen      string        `envconfig:"LISTEN" default:":8090" desc:"address of the pages, /healthz, /readyz and /metrics"`
	Store       string        `envconfig:"STORE" desc:"short code of the store whose work is shown; of every store when empty"`
	UsersFile   string        `envconfig:"CONSOLE_USERS_FILE" desc:"who may sign in: lines of name:role:hash, made with -hash; read at the start"`
	Session     time.Duration `envconfig:"CONSOLE_SESSION" default:"12h" desc:"how long a sign-in lasts"`
	LinkSignIn  bool          `envconfig:"CONSOLE_LINK_SIGNIN" default:"true" desc:"false: whoever holds a link of an alert may decide by it, with the name that they give; true: they sign in first"`
	ProxyHeader string        `envconfig:"CONSOLE_PROXY_HEADER" desc:"header in which a reverse proxy names whom it has signed in, such as X-Forwarded-User"`
	ProxyFrom   []string      `envconfig:"CONSOLE_PROXY_FROM" desc:"networks of the reverse proxies that are believed, such as 10.0.0.0/8; separated by commas"`
	ProxyRole   string        `envconfig:"CONSOLE_PROXY_ROLE" default:"viewer" desc:"role of those from the proxy who are not in the users file"`
	TemporalUI  string        `envconfig:"CONSOLE_TEMPORAL_UI" desc:"root of the Temporal Web UI, for links into it; none when empty"`
}

// Validate finds every mistake.
func (s settings) Validate() error {
	mistakes := []error{s.Temporal.Validate(), s.Console.Validate()}
	say := func(wrong bool, text string) {
		if wrong {
			mistakes = append(mistakes, errors.New(text))
		}
	}
	say(s.Console.URL == "", "CONSOLE_URL must be set: where browsers find the console, such as https://desk.example.com")
	say(s.Console.Secret == "", "CONSOLE_SECRET must be set: make one with `openssl rand -hex 32`")
	say(s.UsersFile == "" && s.ProxyHeader == "", "CONSOLE_USERS_FILE must be set, or CONSOLE_PROXY_HEADER: nobody could sign in")
	say(s.ProxyHeader != "" && len(s.ProxyFrom) == 0, "CONSOLE_PROXY_FROM must be set with CONSOLE_PROXY_HEADER: anybody can send a header")
	say(s.Session < time.Minute, "CONSOLE_SESSION must be at least 1m")
	say(s.TemporalUI != "" && !strings.HasPrefix(s.TemporalUI, "http"), "CONSOLE_TEMPORAL_UI must begin with http:// or https://")
	say(strings.ContainsFunc(s.Store, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}), "STORE may have letters and digits only")
	if _, err := parseRole(s.ProxyRole); err != nil {
		mistakes = append(mistakes, fmt.Errorf("CONSOLE_PROXY_ROLE: %w", err))
	}
	_, err := s.proxies()
	return errors.Join(append(mistakes, err)...)
}

// proxies are the networks whose word is taken.
func (s settings) proxies() (networks []netip.Prefix, err error) {
	var mistakes []error
	for _, word := range s.ProxyFrom {
		word = strings.TrimSpace(word)
		if address, err := netip.ParseAddr(word); err == nil {
			networks = append(networks, netip.PrefixFrom(address, address.BitLen()))
		} else if network, err := netip.ParsePrefix(word); err == nil {
			networks = append(networks, network)
		} else {
			mistakes = append(mistakes, fmt.Errorf("CONSOLE_PROXY_FROM: %q is neither an address nor a network such as 10.0.0.0/8", word))
		}
	}
	return networks, errors.Join(mistakes...)
}

// users are those of the file; none without one.
func (s settings) users() (users, error) {
	if s.UsersFile == "" {
		return users{}, nil
	}
	return readUsers(s.UsersFile)
}

func main() {
	var s settings
	flag.Func("hash", "ask for a password, print the line of the users file for `name:role`, and end; roles are viewer, reviewer and operator", func(who string) error {
		if err := printUser(who); err != nil {
			return err
		}
		os.Exit(0)
		return nil
	})
	service.Program{
		Name: "console", Purpose: "shows held orders and parked work on web pages, and takes decisions about them", Settings: &s, Listen: &s.Listen,
		Run:   func() error { return run(s) },
		Check: func() error { return runCheck(s) },
	}.Main()
}

func run(s settings) error {
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := newConsole(s, logger, time.Now)
	if err != nil {
		return err
	}
	registry := service.NewRegistry()
	health := &service.Health{}
	mux := http.NewServeMux()
	health.Mount(mux, registry)
	mux.Handle("/", c.handler())

	servers, ctx := errgroup.WithContext(ctx)
	servers.Go(func() error { return service.Serve(ctx, s.Listen, mux, logger) })
	temporal, err := s.Temporal.DialPatiently(ctx, logger, registry)
	if err != nil {
		return errors.Join(servers.Wait(), err)
	}
	defer temporal.Close()
	c.open(temporalDesk{client: temporal, store: s.Store})
	health.Ready(func(ctx context.Context) error {
		_, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		return err
	})
	logger.Info("the console is open", "at", s.Console.URL, "users", len(c.users))
	return servers.Wait()
}

func runCheck(s settings) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s.Logging.Level = "error"
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	report := service.NewReport(os.Stdout)
	all, err := s.users()
	report.Add("users", err, func() string { return fmt.Sprintf("%d can sign in or have a role of their own", len(all)) })
	_, err = signed.NewKey(s.Console.Secret)
	report.Add("secret", err, func() string { return "long enough" })
	temporal, err := s.Temporal.Dial(ctx, logger, nil)
	report.Add("Temporal", err, func() string { return s.Temporal.Address + ", namespace " + s.Temporal.Namespace })
	if err != nil {
		return report.Err()
	}
	defer temporal.Close()
	list, err := temporalDesk{client: temporal, store: s.Store}.Waiting(ctx)
	report.Add("what waits", err, func() string { return fmt.Sprintf("%d processes wait for a person", len(list)) })
	return report.Err()
}
