package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/cart21/cart21/console/signed"
	"github.com/cart21/cart21/workflows"
)

type linkView struct {
	frame
	process
	Decision, Token, Name, Reason string
	Over                          string // why nothing is to be decided any more
	AsksName                      bool
}

// followed is the page of a link; false when it has been answered already. To
// follow a link decides nothing: mail scanners do.
func (c *console) followed(w http.ResponseWriter, r *http.Request, d desk) (linkView, signed.Link, bool) {
	token := r.PathValue("token")
	link, err := c.key.Link(token, c.now())
	if err != nil {
		status := http.StatusForbidden
		if errors.Is(err, signed.ErrExpired) {
			status = http.StatusGone
		}
		c.fail(w, r, status, "This link cannot be used: "+err.Error()+". Sign in and find the order in the list.")
		return linkView{}, link, false
	}
	u, signedIn := c.user(r)
	if !signedIn && c.settings.LinkSignIn {
		c.askToSignIn(w, r)
		return linkView{}, link, false
	}
	if signedIn && !u.Role.may(reviewer) {
		c.fail(w, r, http.StatusForbidden, "This needs the role reviewer; yours is "+string(u.Role)+". Nothing was done.")
		return linkView{}, link, false
	}
	p, err := d.Show(r.Context(), link.WorkflowID)
	if err != nil {
		c.broken(w, r, err)
		return linkView{}, link, false
	}
	v := linkView{frame: c.frame(w, r, ask(link.Decision)+" "+p.name()+"?"), process: p, Decision: link.Decision, Token: token, AsksName: !signedIn}
	// A decision ends the hold that the link names, so that it works once.
	if p.RunID != link.RunID || p.Hold == nil || !link.About(p.Hold.Since) {
		v.Over = "The hold that this link is about is over: it was decided, or the order changed."
	}
	return v, link, true
}

// ask is a decision as a heading.
func ask(decision string) string {
	if decision == string(workflows.Approve) {
		return "Approve"
	}
	return "Reject"
}

func (c *console) linkPage(w http.ResponseWriter, r *http.Request, d desk) {
	if v, _, open := c.followed(w, r, d); open {
		c.render(w, http.StatusOK, "link", v)
	}
}

func (c *console) decideByLink(w http.ResponseWriter, r *http.Request, d desk) {
	v, link, open := c.followed(w, r, d)
	if !open {
		return
	}
	v.Name, v.Reason = strings.TrimSpace(r.PostFormValue("name")), strings.TrimSpace(r.PostFormValue("reason"))
	reviewer := v.Name
	if v.User != nil {
		reviewer = v.User.Name
	}
	switch {
	case v.Over != "":
		c.render(w, http.StatusConflict, "link", v)
		return
	case validName(reviewer) != nil:
		v.Problem = "Say who you are: it is kept with the decision."
	case v.Reason == "":
		v.Problem = "Say why, in a few words: it is kept with the decision."
	}
	if v.Problem != "" {
		c.render(w, http.StatusUnprocessableEntity, "link", v)
		return
	}
	answer, err := d.DecideFraud(r.Context(), link.WorkflowID, link.RunID, workflows.FraudDecision{Decision: workflows.Action(link.Decision), Reviewer: reviewer, Reason: v.Reason})
	var no refusal
	switch {
	case errors.As(err, &no):
		v.Problem = "Not taken, nothing was changed: " + no.why
		c.render(w, http.StatusConflict, "link", v)
	case err != nil:
		c.broken(w, r, err)
	default:
		c.logger.Info("a fraud hold was decided by a link", "process", link.WorkflowID, "decision", link.Decision)
		c.after(w, r, signed.LinkPath+v.Token, answer.Accepted)
	}
}
