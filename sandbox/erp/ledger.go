package erp

import (
	"net/http"
	"time"

	"github.com/shopspring/decimal"
)

// The REST family api/accounting/gl, and the accounting periods.

// period is one accounting month.
type period struct {
	number, year int
	closed       bool
}

// periods are last year's, all closed, and this year's and the next.
func (b *books) periods() []period {
	year := b.wall(b.now()).Year()
	var out []period
	for y := year - 1; y <= year+1; y++ {
		for n := 1; n <= 12; n++ {
			out = append(out, period{n, y, y < year || y == year && n <= b.options.ClosedPeriodsThrough})
		}
	}
	return out
}

// postJournal takes a bare array of signed lines, and posts it at once.
func (e *ERP) postJournal(r *http.Request) reply {
	var array []any
	if err := decodeNumbers(r.Body, &array); err != nil {
		return refused(err)
	}
	outer := newFields(nil)
	var lines []*JournalLine
	for _, f := range outer.array(array, "lines") {
		if company := f.text("CompanyNo"); company != e.options.Company {
			return refused(ruleError("Company ID " + company + " does not exist."))
		}
		lines = append(lines, &JournalLine{
			Account: f.text("AccountNumber"), Journal: f.text("JournalId"), Description: f.text("Description"),
			Source: f.text("Source"), Period: f.id("Period"), Year: f.id("YearForPeriod"),
			Amount: f.number("Amount"), Foreign: f.number("ForeignAmount"), Date: f.date("TransactionDate"),
		})
	}
	if *outer.err != nil {
		return refused(*outer.err)
	}
	if err := e.books.post(lines); err != nil {
		return refused(err)
	}
	return ok(e.journalDocuments(lines))
}

// post checks a journal entry and enters it. The same one twice is two.
func (b *books) post(lines []*JournalLine) error {
	if len(lines) == 0 {
		return ruleError("No records to post.")
	}
	sum := decimal.Zero
	for _, l := range lines {
		if l.Account == "" || l.Journal == "" {
			return ruleError("Account Number and Journal ID are required fields.")
		}
		if !b.periodOpen(l.Period, l.Year) {
			return ruleError("Period " + itoa(l.Period) + " of " + itoa(l.Year) + " is not open.")
		}
		sum = sum.Add(l.Amount)
	}
	if !sum.IsZero() {
		return ruleError("Records do not balance")
	}
	number, now := take(&b.Next.Journal), b.now()
	for i, l := range lines {
		l.Transaction, l.Sequence, l.UID, l.Created = number, i+1, take(&b.Next.GL), now
		setDefault(&l.Date, b.wall(now).Truncate(24*time.Hour))
	}
	b.Journal = append(b.Journal, lines...)
	return nil
}

func (b *books) periodOpen(number, year int) bool {
	for _, p := range b.periods() {
		if p.number == number && p.year == year {
			return !p.closed
		}
	}
	return false
}

// getJournal answers an unknown number with an empty array.
func (e *ERP) getJournal(r *http.Request) reply {
	number := leadingInt(r.PathValue("key"))
	var lines []*JournalLine
	for _, l := range e.books.Journal {
		if l.Transaction == number {
			lines = append(lines, l)
		}
	}
	return ok(e.journalDocuments(lines))
}

func (e *ERP) journalDocuments(lines []*JournalLine) []map[string]any {
	out := []map[string]any{}
	for _, l := range lines {
		out = append(out, map[string]any{
			"CompanyNo": e.options.Company, "AccountNumber": l.Account, "Period": l.Period, "YearForPeriod": l.Year,
			"JournalId": l.Journal, "Amount": money(l.Amount), "ForeignAmount": money(l.Foreign), "Description": l.Description,
			"Source": l.Source, "TransactionDate": l.Date.Format(stampLayout), "TransactionNumber": l.Transaction,
			"Approved": true, "GlUid": l.UID, "SequenceNumber": l.Sequence, "SourceTypeCd": 3495,
		})
	}
	return out
}
