package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"go.temporal.io/sdk/converter"

	"github.com/cart21/cart21/service"
)

const (
	maxPayloads       = 8 << 20 // Temporal's largest message, 4 MiB, as JSON
	maxCodecsAtOnce   = 16
	minTokenLength    = 16
	preflightValidFor = "600" // seconds
)

// Codec is the settings of the codec endpoint, which shows encrypted payloads
// to the Web UI and to the temporal command line.
type Codec struct {
	Listen string `envconfig:"CODEC_LISTEN" desc:"address of the codec endpoint, which decrypts payloads for the Web UI and the temporal command line; off when empty"`
	Token  string `envconfig:"CODEC_TOKEN" desc:"whoever has it can read all payloads through the codec endpoint: at least 16 characters (secret)"`
	Origin string `envconfig:"CODEC_ORIGIN" desc:"where browsers find the Web UI, such as https://temporal.example.com"`
}

// Validate finds every mistake.
func (s Codec) Validate(t service.Temporal) error {
	if s.Listen == "" {
		return nil
	}
	var mistakes []error
	if t.PayloadKeys == "" {
		mistakes = append(mistakes, errors.New("CODEC_LISTEN is set without PAYLOAD_KEYS: there is nothing to decrypt"))
	}
	if len(s.Token) < minTokenLength {
		mistakes = append(mistakes, fmt.Errorf("CODEC_TOKEN must be at least %d characters long: make one with `openssl rand -hex 32`", minTokenLength))
	}
	if u, err := url.Parse(s.Origin); s.Origin != "" && (err != nil || s.Origin != u.Scheme+"://"+u.Host || u.Host == "") {
		mistakes = append(mistakes, fmt.Errorf("CODEC_ORIGIN is %q: it must be scheme, host and port alone, such as https://temporal.example.com", s.Origin))
	}
	return errors.Join(mistakes...)
}

// codecEndpoint answers POST /decode and /encode, as Temporal's tools ask it:
// they encode what a person sends, such as a signal with a corrected address.
// GET / lets a browser keep the token, which the Web UI then sends along.
type codecEndpoint struct {
	settings Codec
	codec    http.Handler
	slots    chan struct{}
	log      *slog.Logger
}

func newCodecEndpoint(s Codec, codec converter.PayloadCodec, logger *slog.Logger) http.Handler {
	e := &codecEndpoint{settings: s, codec: converter.NewPayloadCodecHTTPHandler(codec), slots: make(chan struct{}, maxCodecsAtOnce), log: logger}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", e.welcome)
	mux.HandleFunc("POST /decode", e.code)
	mux.HandleFunc("POST /encode", e.code)
	return e.guard(mux)
}

// guard lets in who has the token, and of browsers' pages only the Web UI's.
func (e *codecEndpoint) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Origin")
		w.Header().Set("Cache-Control", "no-store")
		if origin := r.Header.Get("Origin"); origin != "" {
			if origin != e.settings.Origin {
				http.Error(w, "this page may not ask: CODEC_ORIGIN names the one that may", http.StatusForbidden)
				return
			}
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
		}
		if r.Method == http.MethodOptions { // a preflight carries no token
			w.Header().Set("Access-Control-Allow-Methods", "POST")
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Authorization-Extras, Content-Type, X-Namespace")
			w.Header().Set("Access-Control-Max-Age", preflightValidFor)
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if !e.admits(r) {
			e.log.Warn("the codec endpoint refused a request without the right token", "from", r.RemoteAddr)
			w.Header().Set("WWW-Authenticate", `Basic realm="cart21 codec endpoint", charset="UTF-8"`)
			http.Error(w, "CODEC_TOKEN is needed: as bearer token, or as password with any user name", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// admits reports whether the request has the token, as bearer token or as the
// password of Basic authentication. Time tells nothing about either.
func (e *codecEndpoint) admits(r *http.Request) bool {
	_, given, basic := r.BasicAuth()
	if scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " "); !basic && strings.EqualFold(scheme, "Bearer") {
		given = token
	}
	want, have := sha256.Sum256([]byte(e.settings.Token)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(want[:], have[:]) == 1
}

func (e *codecEndpoint) welcome(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "This browser now has the codec endpoint's token: reload the Web UI, and it shows payloads decrypted.")
}

func (e *codecEndpoint) code(w http.ResponseWriter, r *http.Request) {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "too many requests at once: send it again", http.StatusServiceUnavailable)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxPayloads)
	e.codec.ServeHTTP(w, r)
}
