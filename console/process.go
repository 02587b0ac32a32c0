package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/workflows"
)

type processView struct {
	frame
	process
	TemporalUI string
	// What was typed into a form that could not be taken.
	Reason, Action, Corrections string
}

// CanDo reports whether this process offers an action.
func (v processView) CanDo(action string) bool {
	return v.Blocked != nil && slices.Contains(v.Blocked.Choices, workflows.Action(action))
}

func (c *console) processPage(w http.ResponseWriter, r *http.Request, d desk) {
	c.showProcess(w, r, d, http.StatusOK, processView{})
}

// showProcess shows all about one process, with what was typed before.
func (c *console) showProcess(w http.ResponseWriter, r *http.Request, d desk, status int, typed processView) {
	p, err := d.Show(r.Context(), r.PathValue("id"))
	if err != nil {
		c.broken(w, r, err)
		return
	}
	typed.process, typed.TemporalUI = p, c.inTemporal(p)
	problem := typed.Problem
	typed.frame = c.frame(w, r, strings.ToUpper(p.name()[:1])+p.name()[1:])
	typed.Problem = problem
	c.render(w, status, "process", typed)
}

// refused shows the page again with what stands against a decision.
func (c *console) refused(w http.ResponseWriter, r *http.Request, d desk, typed processView, err error) {
	var no refusal
	if !errors.As(err, &no) {
		c.broken(w, r, err)
		return
	}
	typed.Problem = "Not taken, nothing was changed: " + no.why
	c.showProcess(w, r, d, http.StatusConflict, typed)
}

// decide takes a reviewer's decision about a fraud hold.
func (c *console) decide(w http.ResponseWriter, r *http.Request, d desk) {
	u, _ := c.user(r)
	decision := workflows.FraudDecision{Decision: workflows.Action(r.PostFormValue("decision")), Reviewer: u.Name, Reason: strings.TrimSpace(r.PostFormValue("reason"))}
	typed := processView{Reason: decision.Reason}
	if decision.Reason == "" {
		c.refused(w, r, d, typed, refusal{"say why, in a few words: it is kept with the decision"})
		return
	}
	id := r.PathValue("id")
	answer, err := d.DecideFraud(r.Context(), id, r.PostFormValue("run"), decision)
	if err != nil {
		c.refused(w, r, d, typed, err)
		return
	}
	c.logger.Info("a fraud hold was decided", "process", id, "decision", decision.Decision)
	c.after(w, r, pathTo("process", id), answer.Accepted)
}

// resolve takes an operator's decision about parked work. A correction is shown
// with the difference it makes first.
func (c *console) resolve(w http.ResponseWriter, r *http.Request, d desk) {
	u, _ := c.user(r)
	typed := processView{Reason: strings.TrimSpace(r.PostFormValue("reason")), Action: r.PostFormValue("action"), Corrections: r.PostFormValue("corrections")}
	resolution := workflows.Resolution{Action: workflows.Action(typed.Action), By: u.Name, Why: typed.Reason}
	if typed.Reason == "" {
		c.refused(w, r, d, typed, refusal{"say why, in a few words: it is kept with the decision"})
		return
	}
	amends := resolution.Action == workflows.Amend
	if amends {
		var err error
		if resolution.Changes, err = parseCorrections(typed.Corrections); err != nil {
			c.refused(w, r, d, typed, refusal{err.Error()})
			return
		}
	}
	id, run := r.PathValue("id"), r.PostFormValue("run")
	preview := amends && r.PostFormValue("seen") == ""
	answer, err := d.Resolve(r.Context(), id, run, resolution, preview)
	switch {
	case err != nil:
		c.refused(w, r, d, typed, err)
	case preview:
		c.render(w, http.StatusOK, "preview", previewView{c.frame(w, r, "Correct "+id), id, run, typed.Reason, typed.Corrections, answer.Changes})
	default:
		c.logger.Info("parked work was resolved", "process", id, "action", typed.Action)
		c.after(w, r, pathTo("process", id), strings.Join(append([]string{answer.Accepted}, answer.Changes...), "\n"))
	}
}

type previewView struct {
	frame
	WorkflowID, RunID, Reason, Corrections string
	Changes                                []string
}

// parseCorrections reads lines of "/place/in/the/order = value". A value is JSON
// where it parses, else text.
func parseCorrections(text string) (activities.Amendment, error) {
	changes := activities.Amendment{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		place, value, given := strings.Cut(line, "=")
		place, value = strings.TrimSpace(place), strings.TrimSpace(value)
		if !given || !strings.HasPrefix(place, "/") {
			return nil, fmt.Errorf("%q is no correction: write each on a line of its own, such as /ship_to/state = OK", line)
		}
		if _, twice := changes[place]; twice {
			return nil, fmt.Errorf("%s is corrected twice", place)
		}
		var parsed any
		if json.Unmarshal([]byte(value), &parsed) != nil {
			parsed = value
		}
		changes[place] = parsed
	}
	if len(changes) == 0 {
		return nil, errors.New("say what to correct, each on a line of its own, such as /ship_to/state = OK")
	}
	return changes, nil
}
