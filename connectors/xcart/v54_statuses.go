package xcart

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cart21/cart21/connectors"
)

// statusList is a list of statuses, kept for some minutes.
type statusList struct {
	rows map[string]json.Number // row id by code
	read time.Time
}

const (
	shippingStatuses = "order-status-shipping"
	paymentStatuses  = "order-status-payment"
	statusesKept     = 5 * time.Minute
)

// statusRow finds the row of a status. A status is never written by its code:
// {"shippingStatus": {"code": "S"}} renames the order's present status for the
// whole shop when no row S exists.
func (s *shop54) statusRow(ctx context.Context, operation, entity, code string) (json.Number, error) {
	asked := time.Now()
	rows, err := s.statusRows(ctx, entity)
	if err != nil {
		return "", err
	}
	if _, ok := rows[code]; !ok && s.statusesRead(entity).Before(asked) {
		s.forgetStatuses(entity) // staff may have added it a minute ago
		if rows, err = s.statusRows(ctx, entity); err != nil {
			return "", err
		}
	}
	row, ok := rows[code]
	if !ok {
		return "", s.client.Fail(connectors.Rejected, operation,
			fmt.Sprintf("the shop has no status %q; it has %s", code, strings.Join(sortedKeys(rows), ", ")), nil)
	}
	return row, nil
}

// statusRows reads the statuses of an axis.
func (s *shop54) statusRows(ctx context.Context, entity string) (map[string]json.Number, error) {
	s.mu.Lock()
	known := s.statuses[entity]
	s.mu.Unlock()
	if time.Since(known.read) < statusesKept {
		return known.rows, nil
	}
	const operation = "list the statuses"
	var docs []struct {
		ID   ident  `json:"id"`
		Code string `json:"code"`
	}
	if err := s.call(ctx, operation, http.MethodGet, entity, "", nil, &docs); err != nil {
		return nil, err
	}
	rows := map[string]json.Number{}
	for _, d := range docs {
		if d.Code != "" && isID(string(d.ID)) {
			rows[d.Code] = json.Number(d.ID)
		}
	}
	if len(rows) == 0 {
		return nil, s.client.Fail(connectors.Malformed, operation, "the shop lists none in "+entity, nil)
	}
	s.mu.Lock()
	s.statuses[entity] = statusList{rows: rows, read: time.Now()}
	s.mu.Unlock()
	return rows, nil
}

func (s *shop54) statusesRead(entity string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.statuses[entity].read
}

func (s *shop54) forgetStatuses(entity string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.statuses, entity)
}
