package shop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Handler55 is the API Platform REST interface of X-Cart 5.5 at /api.
func (s *Shop) Handler55() http.Handler {
	routes := s.routes55()
	class := func(r *http.Request) string {
		for _, route := range routes {
			if _, ok := route.match(r.URL.Path); ok {
				return route.path
			}
		}
		return "other"
	}
	return s.withFaults(class, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve55(routes, w, r) }))
}

type route55 struct {
	method, path string
	handle       func(c *call55) (any, error)
}

// call55 is one call.
type call55 struct {
	shop   *Shop
	routes []route55
	path   string
	vars   map[string]int
	number string // of by_number
	query  *param
	body   row
	by     author
}

// problem is a failed call, as application/problem+json tells it.
type problem struct {
	status     int
	detail     string
	violations []any
}

func (p problem) Error() string { return p.detail }

var notFound = problem{status: http.StatusNotFound, detail: "Not Found"}

func badRequest(format string, args ...any) problem {
	return problem{status: http.StatusBadRequest, detail: fmt.Sprintf(format, args...)}
}

// invalid is a failed validation of one field.
func invalid(field, message string) problem {
	return problem{status: http.StatusUnprocessableEntity, detail: field + ": " + message,
		violations: []any{row{"propertyPath": field, "message": message, "code": nil}}}
}

// match compares a path with the route's; ids are digits, order numbers \w+.
func (route route55) match(path string) (call55, bool) {
	want, got := strings.Split(route.path, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return call55{}, false
	}
	c := call55{vars: map[string]int{}}
	for i, w := range want {
		if !strings.HasPrefix(w, "{") {
			if w != got[i] {
				return call55{}, false
			}
			continue
		}
		if w == "{orderNumber}" {
			if c.number = got[i]; !isWord(c.number) {
				return call55{}, false
			}
			continue
		}
		id, err := strconv.Atoi(got[i])
		if err != nil || strings.Trim(got[i], "0123456789") != "" {
			return call55{}, false
		}
		c.vars[strings.Trim(w, "{}")] = id
	}
	return c, true
}

func isWord(text string) bool {
	return text != "" && strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}

func (s *Shop) serve55(routes []route55, w http.ResponseWriter, r *http.Request) {
	ld, acceptable := wantsLD(r)
	c, route, err := s.find55(routes, r)
	if err == nil && !acceptable {
		err = problem{status: http.StatusNotAcceptable, detail: `Requested format "` + r.Header.Get("Accept") +
			`" is not supported. Supported MIME types are "application/json", "application/ld+json", "text/html".`}
	}
	if err == nil {
		if refused := s.refuse55(r); refused != 0 {
			sendJSON(w, refused, "application/json", row{"message": map[int]string{401: "Invalid credentials.", 403: "Access Denied."}[refused]})
			return
		}
		err = c.readBody(r)
	}
	var reply []byte
	if err == nil {
		s.locked(func() {
			var doc any
			if doc, err = route.handle(c); err == nil {
				reply, err = encodePHP(c.represent(doc, ld))
			}
		})
	}
	send55(w, r, ld, reply, err)
}

func (s *Shop) find55(routes []route55, r *http.Request) (*call55, route55, error) {
	var allowed []string
	for _, route := range routes {
		c, ok := route.match(r.URL.Path)
		if !ok {
			continue
		}
		if route.method == r.Method || route.method == http.MethodGet && r.Method == http.MethodHead {
			c.shop, c.routes, c.path, c.query = s, routes, r.URL.Path, parsePHP(r.URL.RawQuery)
			c.by = author{"REST API", clientIP(r)}
			return &c, route, nil
		}
		allowed = append(allowed, route.method)
	}
	if allowed != nil {
		return nil, route55{}, problem{status: http.StatusMethodNotAllowed, detail: fmt.Sprintf(`No route found for "%s %s": Method Not Allowed (Allow: %s)`,
			r.Method, r.URL.Path, strings.Join(allowed, ", "))}
	}
	return nil, route55{}, problem{status: http.StatusNotFound, detail: fmt.Sprintf(`No route found for "%s %s"`, r.Method, r.URL.Path)}
}

// refuse55 is 401 for no or an unknown token, 403 for the read token on a write.
func (s *Shop) refuse55(r *http.Request) int {
	token := r.Header.Get("X-Auth-Token")
	switch {
	case token == "" || token != s.options.WriteKey && token != s.options.ReadKey:
		return http.StatusUnauthorized
	case token != s.options.WriteKey && r.Method != http.MethodGet && r.Method != http.MethodHead:
		return http.StatusForbidden
	}
	return 0
}

// wantsLD picks the first of the accepted formats that the API has.
func wantsLD(r *http.Request) (ld, acceptable bool) {
	accept := r.Header.Get("Accept")
	if accept == "" {
		return false, true
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		switch kind {
		case "application/ld+json":
			return true, true
		case "application/json", "*/*", "application/*":
			return false, true
		}
	}
	return false, false
}

func (c *call55) readBody(r *http.Request) error {
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return nil
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !slices.Contains([]string{"application/json", "application/ld+json"}, strings.TrimSpace(kind)) {
		return problem{status: http.StatusUnsupportedMediaType, detail: `The content-type "` + kind +
			`" is not supported. Supported MIME types are "application/json", "application/ld+json", "text/html".`}
	}
	d := json.NewDecoder(io.LimitReader(r.Body, 8<<20))
	d.UseNumber()
	if err := d.Decode(&c.body); err != nil || c.body == nil {
		return badRequest("Syntax error")
	}
	return nil
}

// send55 answers 201 to a POST and 204 to a DELETE.
func send55(w http.ResponseWriter, r *http.Request, ld bool, reply []byte, err error) {
	kind := "application/json; charset=utf-8"
	if ld {
		kind = "application/ld+json; charset=utf-8"
	}
	var p problem
	switch {
	case errors.As(err, &p):
		sendProblem(w, p, ld)
	case err != nil:
		sendProblem(w, problem{status: http.StatusInternalServerError, detail: "Internal Server Error"}, ld)
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	default:
		status := http.StatusOK
		if r.Method == http.MethodPost {
			status = http.StatusCreated
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write(reply)
	}
}

func sendProblem(w http.ResponseWriter, p problem, ld bool) {
	kind := "application/problem+json; charset=utf-8"
	doc := row{"type": "https://tools.ietf.org/html/rfc2616#section-10", "title": "An error occurred", "detail": p.detail}
	if ld {
		kind = "application/ld+json; charset=utf-8"
		doc = row{"@context": "/api/contexts/Error", "@type": "hydra:Error", "hydra:title": "An error occurred", "hydra:description": p.detail}
	}
	if p.violations != nil {
		doc["violations"] = p.violations
	}
	sendJSON(w, p.status, kind, doc)
}

func sendJSON(w http.ResponseWriter, status int, kind string, doc row) {
	body, err := encodePHP(doc)
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
