package erp

import (
	"errors"
	"net/http"
	"time"
)

// The gateway's JournalEntry.

type gatewayEntry struct {
	EntryNo   int                `json:"entryNo,omitempty"`
	CompanyID string             `json:"companyId"`
	JournalID string             `json:"journalId"`
	Period    int                `json:"period"`
	Year      int                `json:"year"`
	Date      string             `json:"date"`
	Reference string             `json:"reference"`
	Lines     []gatewayEntryLine `json:"lines"`
}

// gatewayEntryLine is debit (+) or credit (-).
type gatewayEntryLine struct {
	AccountNumber string `json:"accountNumber"`
	Amount        amount `json:"amount"`
	Description   string `json:"description,omitempty"`
}

func (e *ERP) gatewayJournal(r *http.Request) reply {
	var in gatewayEntry
	if err := readStrict(r, &in); err != nil {
		return gatewayRefused(err)
	}
	var date time.Time
	if err := readDate(in.Date, &date); err != nil {
		return gatewayRefused(err)
	}
	if in.CompanyID != e.options.Company {
		return gatewayRefused(errors.New("companyId is unknown"))
	}
	var lines []*JournalLine
	for _, l := range in.Lines {
		lines = append(lines, &JournalLine{Account: l.AccountNumber, Journal: in.JournalID, Period: in.Period, Year: in.Year,
			Amount: l.Amount.Decimal, Foreign: l.Amount.Decimal, Description: l.Description, Source: in.Reference, Date: date})
	}
	if err := e.books.post(lines); err != nil {
		return gatewayRefused(err)
	}
	return reply{status: http.StatusCreated, body: e.gatewayEntryView(lines)}
}

// gatewayJournals finds entries by their reference.
func (e *ERP) gatewayJournals(r *http.Request) reply {
	reference := r.URL.Query().Get("reference")
	if reference == "" {
		return gatewayRefused(errors.New("reference is required"))
	}
	byNo := map[int][]*JournalLine{}
	for _, l := range e.books.Journal {
		if l.Source == reference {
			byNo[l.Transaction] = append(byNo[l.Transaction], l)
		}
	}
	p := page{Items: []any{}}
	for _, no := range sortedKeys(byNo) {
		p.Items = append(p.Items, e.gatewayEntryView(byNo[no]))
	}
	return ok(p)
}

func (e *ERP) gatewayEntryView(lines []*JournalLine) gatewayEntry {
	first := lines[0]
	v := gatewayEntry{EntryNo: first.Transaction, CompanyID: e.options.Company, JournalID: first.Journal, Period: first.Period,
		Year: first.Year, Date: first.Date.Format(time.DateOnly), Reference: first.Source}
	for _, l := range lines {
		v.Lines = append(v.Lines, gatewayEntryLine{l.Account, amount{l.Amount}, l.Description})
	}
	return v
}
