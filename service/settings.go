// Package service is what every main of ours does alike: read its settings, log,
// reach Temporal and the two systems, answer health checks and show metrics.
package service

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kelseyhightower/envconfig"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/connectors/xcart"
)

// XCart says which shop.
type XCart struct {
	URL         string        `envconfig:"XCART_URL" desc:"root of the shop, such as https://shop.example.com"`
	API         string        `envconfig:"XCART_API" default:"5.5" desc:"5.4 (REST API addon, also for 5.3) or 5.5 (and later)"`
	Key         string        `envconfig:"XCART_KEY" desc:"the shop's all-access API key (secret)"`
	Concurrency int           `envconfig:"XCART_CONCURRENCY" default:"4" desc:"calls at a time from one worker; a real 5.4 serialises, 2 is enough there"`
	Rate        float64       `envconfig:"XCART_RATE" default:"20" desc:"steps a second for the whole fleet; 0 = no limit"`
	Timeout     time.Duration `envconfig:"XCART_TIMEOUT" default:"60s" desc:"how long one call may take"`
}

// P21 says which Prophet 21.
type P21 struct {
	URL          string        `envconfig:"P21_URL" desc:"root of the middleware or gateway, such as https://p21.example.com"`
	API          string        `envconfig:"P21_API" default:"middleware" desc:"middleware or gateway"`
	Username     string        `envconfig:"P21_USERNAME" desc:"service account"`
	Password     string        `envconfig:"P21_PASSWORD" desc:"its password (secret)"`
	ClientSecret string        `envconfig:"P21_CLIENT_SECRET" desc:"consumer key, instead of username and password (secret)"`
	Company      string        `envconfig:"P21_COMPANY" desc:"company id; taken from the mapping profile when empty"`
	CAFile       string        `envconfig:"P21_CA_FILE" desc:"root certificates (PEM) for a self-signed installation"`
	UTCOffset    string        `envconfig:"P21_UTC_OFFSET" default:"+00:00" desc:"zone of P21's zone-less times: +hh:mm or a name such as America/Chicago"`
	OrderRoute   string        `envconfig:"P21_ORDER_ROUTE" default:"rest" desc:"how the middleware creates orders: rest or transaction"`
	Concurrency  int           `envconfig:"P21_CONCURRENCY" default:"4" desc:"calls at a time from one worker; P21 has few sessions"`
	Rate         float64       `envconfig:"P21_RATE" default:"20" desc:"steps a second for the whole fleet; 0 = no limit"`
	Timeout      time.Duration `envconfig:"P21_TIMEOUT" default:"35s" desc:"how long one call may take; P21's own gateway gives up after about 30 s"`
	Settle       time.Duration `envconfig:"P21_SETTLE" default:"20s" desc:"how long a write whose answer was lost may still be under way before it is looked up"`
}

// Validate finds what is missing.
func (x XCart) Validate() error {
	return errors.Join(
		required("XCART_URL", x.URL), required("XCART_KEY", x.Key), oneOf("XCART_API", x.API, "5.4", "5.5"),
		webAddress("XCART_URL", x.URL))
}

// Validate finds what is missing.
func (p P21) Validate() error {
	var credentials error
	if p.ClientSecret == "" && (p.Username == "" || p.Password == "") {
		credentials = errors.New("P21_USERNAME and P21_PASSWORD, or P21_CLIENT_SECRET, must be set")
	}
	_, zone := p.location()
	return errors.Join(
		required("P21_URL", p.URL), webAddress("P21_URL", p.URL), oneOf("P21_API", p.API, "middleware", "gateway"),
		oneOf("P21_ORDER_ROUTE", p.OrderRoute, "rest", "transaction"), credentials, zone)
}

// Config is the connector's configuration.
func (x XCart) Config(store string) xcart.Config {
	return xcart.Config{URL: x.URL, API: x.API, Key: x.Key, Store: store,
		Limits: connectors.Limits{Timeout: x.Timeout, Concurrency: x.Concurrency}}
}

// Config is the connector's configuration.
func (p P21) Config(currency commerce.Currency, fieldNames map[string]string) prophet21.Config {
	location, _ := p.location()
	return prophet21.Config{
		URL: p.URL, API: p.API, Username: p.Username, Password: p.Password, ClientSecret: p.ClientSecret,
		Company: p.Company, OrderRoute: p.OrderRoute, FieldNames: fieldNames, Location: location, Currency: currency,
		Limits: connectors.Limits{Timeout: p.Timeout, Concurrency: p.Concurrency, CAFile: p.CAFile, DisableHTTP2: true},
	}
}

func (p P21) location() (*time.Location, error) {
	if t, err := time.Parse("-07:00", p.UTCOffset); err == nil {
		_, seconds := t.Zone()
		return time.FixedZone(p.UTCOffset, seconds), nil
	}
	location, err := time.LoadLocation(p.UTCOffset)
	if err != nil {
		return nil, fmt.Errorf("P21_UTC_OFFSET %q is neither +hh:mm nor a zone's name", p.UTCOffset)
	}
	return location, nil
}

func required(name, value string) error {
	if value == "" {
		return errors.New(name + " must be set")
	}
	return nil
}

func oneOf(name, value string, allowed ...string) error {
	if !slices.Contains(allowed, value) {
		return fmt.Errorf("%s is %q: use %s", name, value, strings.Join(allowed, " or "))
	}
	return nil
}

func webAddress(name, value string) error {
	if value != "" && !strings.HasPrefix(value, "https://") && !strings.HasPrefix(value, "http://") {
		// The value is not repeated: an address may hold a password.
		return fmt.Errorf("%s must begin with https:// (or http:// on a private network)", name)
	}
	return nil
}

// Load reads settings from the environment into the struct that spec points
// to. A variable may also come from a file: NAME_FILE holds its path, as
// container secrets do. Every mistake is reported at once.
func Load(spec any) error {
	mistakes := []error{readFiles(os.Environ())}
	for {
		err := envconfig.Process("", spec)
		var wrong *envconfig.ParseError
		if err == nil {
			break
		}
		if !errors.As(err, &wrong) {
			mistakes = append(mistakes, err)
			break
		}
		mistakes = append(mistakes, fmt.Errorf("%s is %q: it must be a %s", wrong.KeyName, wrong.Value, wrong.TypeName))
		os.Unsetenv(wrong.KeyName) // go on with the default, to find the other mistakes too
	}
	if v, ok := spec.(interface{ Validate() error }); ok {
		mistakes = append(mistakes, v.Validate())
	}
	return errors.Join(mistakes...)
}

// readFiles puts the content of NAME_FILE into NAME, for every variable that
// names a secret.
func readFiles(environ []string) error {
	var mistakes []error
	for _, entry := range environ {
		name, path, _ := strings.Cut(entry, "=")
		target, isFile := strings.CutSuffix(name, "_FILE")
		if !isFile || path == "" || !slices.Contains(secrets, target) || os.Getenv(target) != "" {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("reading %s: %w", name, err))
			continue
		}
		os.Setenv(target, strings.TrimSpace(string(content)))
	}
	return errors.Join(mistakes...)
}

// secrets are the variables that may come from a file.
var secrets = []string{
	"TEMPORAL_API_KEY", "XCART_KEY", "P21_PASSWORD", "P21_CLIENT_SECRET", "WEBHOOK_SECRET", "RECORDS_DSN", "PAYLOAD_KEYS", "CODEC_TOKEN", "ALERT_WEBHOOK_URL", "ALERT_SMTP_URL", "CONSOLE_SECRET", "FRAUD_PEPPER", "FRAUD_TOKEN",
}

// Usage writes a program's variables with their meaning and default.
func Usage(w io.Writer, spec any) {
	tabs := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	const format = "{{range .}}  {{usage_key .}}\t{{usage_description .}}{{with usage_default .}} (default {{.}}){{end}}\n{{end}}"
	if err := envconfig.Usagef("", spec, tabs, format); err != nil {
		fmt.Fprintln(w, err)
	}
	tabs.Flush()
	fmt.Fprintf(w, "\nA secret may also come from a file: %s_FILE, ...\n", strings.Join(secrets, "_FILE, "))
}
