package xcart

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
)

const (
	page55    = 100 // the most that the API gives
	default55 = 30  // what it gives where itemsPerPage is not obeyed
)

// cursor55 says where a list goes on. Which way it was begun stays with it, since
// what is known of the shop may change between two pages.
type cursor55 struct {
	mode string // "asc": filtered, oldest first; "desc": newest first; "all": not sorted, every page is read
	page int
	from int64 // asc: where the window begins, seconds since 1970
}

func (c cursor55) String() string { return fmt.Sprintf("%s/%d/%d", c.mode, c.page, c.from) }

func parseCursor55(s string) (c cursor55, ok bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 || (parts[0] != "asc" && parts[0] != "desc" && parts[0] != "all") {
		return c, false
	}
	page, err1 := strconv.Atoi(parts[1])
	from, err2 := strconv.ParseInt(parts[2], 10, 64)
	return cursor55{parts[0], page, from}, err1 == nil && err2 == nil && page > 0
}

// OrdersChanged lists orders by their last change: oldest first where the version
// can be asked for it (5.5.1), else newest first, up to the first that is older
// than since.
func (s *shop55) OrdersChanged(ctx context.Context, since time.Time, cursor string) (OrderPage, error) {
	const operation = "list changed orders"
	since = since.Truncate(time.Second) // the shop knows no parts of a second
	at, ok := cursor55{mode: "desc", page: 1}, true
	if cursor != "" {
		if at, ok = parseCursor55(cursor); !ok {
			return OrderPage{}, badCursor(s.client, operation, cursor)
		}
	} else if err := s.describe(ctx); err != nil {
		return OrderPage{}, err
	} else if s.filtersByChange() {
		at = cursor55{mode: "asc", page: 1, from: since.Unix()}
	}
	rows, err := s.changedRows(ctx, operation, at)
	if err != nil {
		return OrderPage{}, err
	}
	if at.mode == "asc" {
		if obeyed(rows, at.from) {
			return window55(rows, at), nil
		}
		// The filter is named in the description but ignored, as unknown ones are.
		s.distrust()
		at = cursor55{mode: "desc", page: 1}
		if rows, err = s.changedRows(ctx, operation, at); err != nil {
			return OrderPage{}, err
		}
	}
	return turn55(rows, since, at), nil
}

func (s *shop55) changedRows(ctx context.Context, operation string, at cursor55) ([]commerce.OrderRef, error) {
	query := url.Values{"page": {strconv.Itoa(at.page)}, "itemsPerPage": {strconv.Itoa(page55)}, "order[lastRenewDate]": {"desc"}}
	if at.mode == "asc" {
		query.Set("order[lastRenewDate]", "asc")
		query.Set(changeFilter, time.Unix(at.from, 0).UTC().Format("2006-01-02T15:04:05+00:00"))
	}
	var docs []json.RawMessage
	if err := s.call(ctx, operation, http.MethodGet, "/api/orders", query, nil, &docs); err != nil {
		return nil, err
	}
	rows := make([]commerce.OrderRef, len(docs))
	for i, doc := range docs {
		rows[i] = s.row(doc)
	}
	return rows, nil
}

// row translates a row. What can't be translated is still told by its id, so
// that its process reads it and says what is wrong with it.
func (s *shop55) row(raw json.RawMessage) commerce.OrderRef {
	var doc order55
	if err := json.Unmarshal(raw, &doc); err == nil {
		if order, err := s.canonical("", doc); err == nil {
			return ref(order)
		}
	}
	var least struct {
		ID         ident `json:"id"`
		Number     ident `json:"order_number"`
		UpdateDate when  `json:"update_date"`
	}
	_ = json.Unmarshal(raw, &least) // what cannot be read stays empty
	return commerce.OrderRef{ID: string(least.ID), Number: string(least.Number), UpdatedAt: least.UpdateDate.Time}
}

// obeyed reports whether what came back is what was asked for: not older than
// from, and oldest first.
func obeyed(rows []commerce.OrderRef, from int64) bool {
	last := time.Unix(from, 0)
	for _, row := range rows {
		if row.UpdatedAt.Before(last) {
			return false
		}
		last = row.UpdatedAt
	}
	return true
}

// window55 goes on from the last change that was told and not by page numbers: an
// order that changes meanwhile moves to the end, and the one that takes its place
// would fall between two pages.
func window55(rows []commerce.OrderRef, at cursor55) OrderPage {
	page := OrderPage{Orders: importable(rows)}
	if !full(len(rows)) {
		return page
	}
	next := cursor55{mode: "asc", page: at.page + 1, from: at.from} // all in one second
	if last := rows[len(rows)-1].UpdatedAt.Unix(); last > at.from {
		next.page, next.from = 1, last
	}
	page.Next = next.String()
	return page
}

// turn55 keeps what changed since. A shop that ignored the order is noticed: then
// nothing is taken to be older because of where it stands.
func turn55(rows []commerce.OrderRef, since time.Time, at cursor55) OrderPage {
	if !newestFirst(rows) {
		at.mode = "all"
	}
	recent, older := changedSince(rows, since)
	page := OrderPage{Orders: importable(recent)}
	if full(len(rows)) && (!older || at.mode == "all") {
		page.Next = cursor55{mode: at.mode, page: at.page + 1}.String()
	}
	return page
}

// full reports whether more may follow: a bare list has no total.
func full(rows int) bool { return rows == page55 || rows == default55 }
