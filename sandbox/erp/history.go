package erp

import (
	"slices"
	"time"
)

// record is a row with a date_last_modified.
type record interface {
	stamp() *time.Time
	table() string
}

func (x *Item) stamp() *time.Time       { return &x.Modified }
func (x *Stock) stamp() *time.Time      { return &x.Modified }
func (x *Address) stamp() *time.Time    { return &x.Modified }
func (x *Contact) stamp() *time.Time    { return &x.Modified }
func (x *Customer) stamp() *time.Time   { return &x.Modified }
func (x *ShipTo) stamp() *time.Time     { return &x.Modified }
func (x *Order) stamp() *time.Time      { return &x.Modified }
func (x *Line) stamp() *time.Time       { return &x.Modified }
func (x *PickTicket) stamp() *time.Time { return &x.Modified }
func (x *Invoice) stamp() *time.Time    { return &x.Modified }

func (x *Item) table() string       { return "inv_mast" }
func (x *Stock) table() string      { return "inv_loc" }
func (x *Address) table() string    { return "address" }
func (x *Contact) table() string    { return "contacts" }
func (x *Customer) table() string   { return "customer" }
func (x *ShipTo) table() string     { return "ship_to" }
func (x *Order) table() string      { return "oe_hdr" }
func (x *Line) table() string       { return "oe_line" }
func (x *PickTicket) table() string { return "oe_pick_ticket" }
func (x *Invoice) table() string    { return "invoice_hdr" }

// history is the index over date_last_modified: a log of who was modified
// when. An entry is stale once its row has been modified again.
type history struct {
	log  []entry
	room int // compact when the log has grown past this
}

type entry struct {
	at  time.Time
	row record
}

func (e entry) live() bool { return e.row.stamp().Equal(e.at) }

// touch moves a row's date_last_modified, and only that row's: a header stays
// where it is when a line changes.
func (b *books) touch(r record) {
	now := b.now()
	if r.stamp().Equal(now) {
		return
	}
	*r.stamp() = now
	b.log(r)
}

func (b *books) log(r record) {
	h, ok := b.changed[r.table()]
	if !ok {
		h = &history{room: 1024}
		b.changed[r.table()] = h
	}
	h.add(entry{at: *r.stamp(), row: r})
}

// add keeps the log sorted. Clocks nearly always go forward, so the place is
// nearly always the end.
func (h *history) add(e entry) {
	i := len(h.log)
	for i > 0 && h.log[i-1].at.After(e.at) {
		i--
	}
	h.log = slices.Insert(h.log, i, e)
	if len(h.log) > h.room {
		h.log = slices.DeleteFunc(h.log, func(e entry) bool { return !e.live() })
		h.room = 2*len(h.log) + 1024
	}
}

// since lists the rows modified at or after t, oldest first.
func (h *history) since(t time.Time) []any {
	if h == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(h.log, t, func(e entry, t time.Time) int { return e.at.Compare(t) })
	rows := make([]any, 0, len(h.log)-i)
	seen := make(map[record]bool, len(h.log)-i)
	for _, e := range h.log[i:] {
		// A clock that goes back can bring a row to the same moment twice.
		if e.live() && !seen[e.row] {
			seen[e.row] = true
			rows = append(rows, e.row)
		}
	}
	return rows
}
