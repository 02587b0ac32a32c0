package xcart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

const page54 = 25 // a complex order is some kilobytes and a list takes seconds

// cursor54 says where a list goes on.
type cursor54 struct {
	offset int
	// unordered: the shop was seen not to sort, so nothing is taken to be older
	// because of where it stands, and every page is read.
	unordered bool
	first     string // id of the last page's first row: the same again means that the offset is ignored
}

func (c cursor54) String() string { return fmt.Sprintf("%d/%t/%s", c.offset, c.unordered, c.first) }

func parseCursor54(s string) (c cursor54, ok bool) {
	if s == "" {
		return c, true
	}
	parts := strings.Split(s, "/")
	if len(parts) != 3 || (parts[2] != "" && !isID(parts[2])) {
		return c, false
	}
	offset, err1 := strconv.Atoi(parts[0])
	unordered, err2 := strconv.ParseBool(parts[1])
	return cursor54{offset, unordered, parts[2]}, err1 == nil && err2 == nil && offset >= 0
}

// OrdersChanged lists orders by their last change, NEWEST first: 5.4 can sort by
// it but not ask for it. It ends at the first order that is older than since.
// An order that changes meanwhile moves to the top and is found by the next
// poll; one that is listed twice is the caller's to pass over.
func (s *shop54) OrdersChanged(ctx context.Context, since time.Time, cursor string) (OrderPage, error) {
	const operation = "list changed orders"
	at, ok := parseCursor54(cursor)
	if !ok {
		return OrderPage{}, badCursor(s.client, operation, cursor)
	}
	rows, err := s.changedRows(ctx, operation, at.offset, "&_schema=complex", s.complexRow)
	// One blank order makes every complex list that holds it a 500: the native
	// list of the same page still tells what changed.
	var failure *connectors.Error
	if errors.As(err, &failure) && failure.Status == http.StatusInternalServerError {
		rows, err = s.changedRows(ctx, operation, at.offset, "", nativeRow)
	}
	if err != nil {
		return OrderPage{}, err
	}
	return turn54(rows, since, at), nil
}

// changedRows reads a page. Each row is decoded by itself: one that is not as
// expected must not hold up the others.
func (s *shop54) changedRows(ctx context.Context, operation string, offset int, schema string, row func(json.RawMessage) commerce.OrderRef) ([]commerce.OrderRef, error) {
	// A list's parameters are given one by one; "field,desc" in one is not understood.
	query := fmt.Sprintf("%s&_cnd[limit][]=%d&_cnd[limit][]=%d&_cnd[orderBy][]=o.lastRenewDate&_cnd[orderBy][]=desc", schema, offset, page54)
	var docs []json.RawMessage
	if err := s.call(ctx, operation, http.MethodGet, "order", query, nil, &docs); err != nil {
		return nil, err
	}
	refs := make([]commerce.OrderRef, len(docs))
	for i, doc := range docs {
		refs[i] = row(doc)
	}
	return refs, nil
}

// complexRow translates a row. What can't be translated is still told by its
// id, so that its process reads it and says what is wrong with it.
func (s *shop54) complexRow(raw json.RawMessage) commerce.OrderRef {
	var doc order54
	if err := json.Unmarshal(raw, &doc); err == nil {
		if order, err := s.canonical("", doc); err == nil {
			return ref(order)
		}
	}
	var least struct {
		OrderID     ident `json:"orderId"`
		OrderNumber ident `json:"orderNumber"`
		UpdateDate  when  `json:"updateDate"`
	}
	_ = json.Unmarshal(raw, &least) // what cannot be read stays empty
	return commerce.OrderRef{ID: string(least.OrderID), Number: string(least.OrderNumber), UpdatedAt: least.UpdateDate.Time}
}

func nativeRow(raw json.RawMessage) commerce.OrderRef {
	var doc native54
	_ = json.Unmarshal(raw, &doc) // what cannot be read stays empty
	return commerce.OrderRef{ID: string(doc.OrderID), Number: string(doc.OrderNumber), UpdatedAt: doc.LastRenewDate.Time}
}

// turn54 keeps what changed since, and says whether there is more. A shop that
// ignored the order or the limit is noticed.
func turn54(rows []commerce.OrderRef, since time.Time, at cursor54) OrderPage {
	since = since.Truncate(time.Second) // the shop knows no parts of a second
	at.unordered = at.unordered || !newestFirst(rows)
	recent, older := changedSince(rows, since)
	page := OrderPage{Orders: importable(recent)}
	switch {
	case len(rows) != page54: // the last page, or all at once: the limit was ignored
	case rows[0].ID != "" && rows[0].ID == at.first: // the same page again: the offset was ignored
	case older && !at.unordered: // all that follow are older
	default:
		// The last row is asked for again: a row deleted meanwhile moves the
		// others up, and one would fall between two pages.
		page.Next = cursor54{at.offset + page54 - 1, at.unordered, rows[0].ID}.String()
	}
	return page
}
