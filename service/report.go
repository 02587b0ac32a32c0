package service

import (
	"errors"
	"fmt"
	"io"
)

// Report writes the outcome of -check for people.
type Report struct {
	w      io.Writer
	failed int
}

// NewReport writes to w.
func NewReport(w io.Writer) *Report { return &Report{w: w} }

// Add tells whether one thing works; detail describes it when it does.
func (r *Report) Add(what string, err error, detail func() string) {
	if err != nil {
		r.failed++
		fmt.Fprintf(r.w, "FAILED  %-16s %v\n", what, err)
		return
	}
	fmt.Fprintf(r.w, "ok      %-16s %s\n", what, detail())
}

// Remarks tells what works less well than it could, and how to mend it.
func (r *Report) Remarks(remarks []string) {
	for _, remark := range remarks {
		fmt.Fprintf(r.w, "note    %-16s %s\n", "", remark)
	}
}

// Err is nil when everything works.
func (r *Report) Err() error {
	if r.failed == 0 {
		return nil
	}
	return errors.New("not everything works: see above")
}
