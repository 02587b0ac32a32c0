package service

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// sample are the settings of a program for tests.
type sample struct {
	Listen string `envconfig:"SAMPLE_LISTEN" default:"127.0.0.1:1" desc:"where it listens"`
	Secret string `envconfig:"SAMPLE_SECRET" desc:"must be set"`
}

func (s sample) Validate() error { return required("SAMPLE_SECRET", s.Secret) }

func TestAProgramDoesWhatItsFlagsAskFor(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	for name, c := range map[string]struct {
		args     []string
		secret   string
		listen   string
		did      string // what was called
		complain string // in the error
	}{
		"run":                             {secret: "x", did: "run"},
		"run with a flag of its own":      {args: []string{"-own", "y"}, secret: "x", did: "run y"},
		"check":                           {args: []string{"-check"}, secret: "x", did: "check", complain: "does not work"},
		"settings missing":                {complain: "SAMPLE_SECRET must be set"},
		"check with settings missing":     {args: []string{"-check"}, complain: "see -help"},
		"healthy, without other settings": {args: []string{"-healthcheck"}, listen: strings.TrimPrefix(server.URL, "http://")},
		"not running":                     {args: []string{"-healthcheck"}, secret: "x", complain: "refused"},
		"unknown flag":                    {args: []string{"-nonsense"}, secret: "x", complain: "nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SAMPLE_SECRET", c.secret)
			if c.listen != "" {
				t.Setenv("SAMPLE_LISTEN", c.listen)
			}
			var s sample
			var did string
			flags := flag.NewFlagSet("sample", flag.ContinueOnError)
			flags.SetOutput(io.Discard)
			own := flags.String("own", "", "")
			err := Program{Name: "sample", Settings: &s, Listen: &s.Listen,
				Run:   func() error { did = strings.TrimSpace("run " + *own); return nil },
				Check: func() error { did = "check"; return errors.New("it does not work") },
			}.start(flags, c.args)
			if did != c.did {
				t.Errorf("did %q, want %q", did, c.did)
			}
			if c.complain == "" && err != nil || c.complain != "" && (err == nil || !strings.Contains(err.Error(), c.complain)) {
				t.Errorf("got %v, want %q", err, c.complain)
			}
		})
	}
}

func TestHelpListsFlagsAndVariables(t *testing.T) {
	var s sample
	var out bytes.Buffer
	flags := flag.NewFlagSet("sample", flag.ContinueOnError)
	flags.SetOutput(&out)
	err := Program{Name: "sample", Purpose: "is for tests", Settings: &s, Listen: &s.Listen}.start(flags, []string{"-help"})
	if !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
	for _, want := range []string{"sample is for tests.\n", "-check", "-healthcheck", "SAMPLE_LISTEN  where it listens (default 127.0.0.1:1)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, &out)
		}
	}
}
