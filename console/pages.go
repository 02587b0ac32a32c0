package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/workflows"
)

//go:embed pages
var files embed.FS

var templates = parsePages("sign-in", "list", "process", "preview", "link", "problem")

// parsePages gives each page a set of its own, in the one frame.
func parsePages(names ...string) map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range names {
		all[name] = template.Must(template.New("frame.html").Funcs(inTemplates).ParseFS(files, "pages/frame.html", "pages/parts.html", "pages/"+name+".html"))
	}
	return all
}

var inTemplates = template.FuncMap{
	"path":    pathTo,
	"moment":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") },
	"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"age":     age,
	"score":   func(s float64) string { return strconv.FormatFloat(s, 'f', 1, 64) },
	"times":   func(m float64) string { return "×" + strconv.FormatFloat(m, 'g', 3, 64) },
	"money":   func(c commerce.Currency, d decimal.Decimal) string { return c.Format(d) },
	"runbook": workflows.Runbook,
	"first":   firstLine,
}

// frame is what every page shows around its content.
type frame struct {
	Title   string
	User    *user // nil when nobody is signed in
	Proxied bool  // the proxy signs in and out
	Notice  string
	Problem string
	Now     time.Time
}

func (f frame) May(needed string) bool { return f.User != nil && f.User.Role.may(role(needed)) }

// frame begins a page, with what the action before it has to say.
func (c *console) frame(w http.ResponseWriter, r *http.Request, title string) frame {
	f := frame{Title: title, Now: c.now(), Proxied: c.proxied(r) != ""}
	if u, signedIn := c.user(r); signedIn {
		f.User = &u
	}
	if cookie, err := r.Cookie(c.cookieName(noticePurpose)); err == nil {
		_ = c.key.Read(noticePurpose, cookie.Value, c.now(), &f.Notice)
		c.dropCookie(w, noticePurpose)
	}
	return f
}

// after shows a page with what was done, by a new request: to load it again
// does nothing twice.
func (c *console) after(w http.ResponseWriter, r *http.Request, path, notice string) {
	const most = 1500 // a cookie has 4096 bytes
	if runes := []rune(notice); len(runes) > most {
		notice = string(runes[:most]) + " …"
	}
	if c.setCookie(w, r, noticePurpose, notice, time.Minute) {
		http.Redirect(w, r, path, http.StatusSeeOther)
	}
}

func (c *console) render(w http.ResponseWriter, status int, page string, view any) {
	var out bytes.Buffer
	if err := templates[page].Execute(&out, view); err != nil {
		c.logger.Error("a page cannot be written", "page", page, "error", err)
		http.Error(w, "This page cannot be shown; the console's log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = out.WriteTo(w)
}

// fail is a page that says what cannot be done.
func (c *console) fail(w http.ResponseWriter, r *http.Request, status int, problem string) {
	view := struct{ frame }{c.frame(w, r, http.StatusText(status))}
	view.Problem = problem
	c.render(w, status, "problem", view)
}

// broken is for what neither the user nor the process is to blame for.
func (c *console) broken(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errUnknown) {
		c.fail(w, r, http.StatusNotFound, "There is no such order or shipment, or it ended so long ago that it was forgotten.")
		return
	}
	c.logger.Error("a page could not be answered", "error", err)
	c.fail(w, r, http.StatusBadGateway, "The processes do not answer, so it is not known whether anything was done: load the page of the order again in a moment. If that lasts, the workers are down; the console's log says more.")
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "pages/style.css")
}

// pathTo is the path of a page about a process.
func pathTo(page, workflowID string) string {
	return (&url.URL{Path: "/" + page + "/" + workflowID}).EscapedPath()
}

// inTemporal is the address of a process in the Temporal Web UI; empty without one.
func (c *console) inTemporal(p process) string {
	if c.settings.TemporalUI == "" {
		return ""
	}
	return strings.TrimRight(c.settings.TemporalUI, "/") + "/namespaces/" + url.PathEscape(c.settings.Namespace) +
		"/workflows/" + url.PathEscape(p.WorkflowID) + "/" + url.PathEscape(p.RunID) + "/history"
}

// age is a time for people: 45 s, 12 min, 3 h, 5 days.
func age(now, since time.Time) string {
	switch d := now.Sub(since); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

func firstLine(text string) string {
	const most = 160
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most-1]) + "…"
	}
	return line
}
