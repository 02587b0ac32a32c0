package prophet21

import (
	"context"
	"slices"
	"strings"

	"github.com/cart21/cart21/commerce"
)

var items = table{name: "inv_mast",
	columns:  []string{"inv_mast_uid", "item_id", "item_desc", "default_selling_unit", "base_unit", "delete_flag"},
	optional: []string{"inactive"}}

type itemRow struct {
	UID         ident `json:"inv_mast_uid"`
	ItemID      words `json:"item_id"`
	Desc        words `json:"item_desc"`
	SellingUnit words `json:"default_selling_unit"`
	BaseUnit    words `json:"base_unit"`
	Deleted     flag  `json:"delete_flag"`
	Inactive    flag  `json:"inactive"`
}

// Items reads items by id, up to fifty in one call. The master has no price: that
// is the price libraries' and the web order's.
func (m *middleware) Items(ctx context.Context, ids []string) (map[string]commerce.Item, error) {
	got, err := eachOf[itemRow](ctx, m, "look up items", items, "item_id", ids, "", "")
	if err != nil {
		return nil, err
	}
	m.remember(got)
	all := make([]commerce.Item, len(got))
	for i, r := range got {
		all[i] = commerce.Item{ID: string(r.ItemID), UID: string(r.UID), Description: string(r.Desc), SellingUnit: string(r.SellingUnit),
			BaseUnit: string(r.BaseUnit), Inactive: bool(r.Deleted || r.Inactive)}
	}
	return asAsked(ids, all), nil
}

// asAsked files items under the ids that were asked for: the database compares
// without regard to case, so "pump-12v" may have found PUMP-12V. A deleted item
// may share its id with a living one.
func asAsked(ids []string, all []commerce.Item) map[string]commerce.Item {
	slices.SortStableFunc(all, func(a, b commerce.Item) int {
		switch {
		case a.Inactive == b.Inactive:
			return 0
		case b.Inactive:
			return -1
		default:
			return 1
		}
	})
	exact, folded := map[string]commerce.Item{}, map[string]commerce.Item{}
	for _, item := range all {
		if _, seen := exact[item.ID]; !seen {
			exact[item.ID] = item
		}
		if _, seen := folded[strings.ToLower(item.ID)]; !seen {
			folded[strings.ToLower(item.ID)] = item
		}
	}
	found := map[string]commerce.Item{}
	for _, id := range ids {
		if item, ok := exact[id]; ok {
			found[id] = item
		} else if item, ok := folded[strings.ToLower(strings.TrimRight(id, " "))]; ok {
			found[id] = item
		}
	}
	return found
}

// itemIDs names items by their internal uid; those met before cost nothing.
func (m *middleware) itemIDs(ctx context.Context, uids []string) (map[string]string, error) {
	var unknown []string
	m.mu.Lock()
	for _, uid := range uids {
		if _, known := m.items[uid]; !known && isTicket(uid) {
			unknown = append(unknown, uid)
		}
	}
	m.mu.Unlock()
	found, err := eachOf[itemRow](ctx, m, "name items", items, "inv_mast_uid", unknown, "", "")
	if err != nil {
		return nil, err
	}
	m.remember(found)
	ids := map[string]string{}
	for _, row := range found {
		ids[string(row.UID)] = string(row.ItemID)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, uid := range uids {
		if id, known := m.items[uid]; known {
			ids[uid] = id
		}
	}
	return ids, nil
}

func (m *middleware) remember(found []itemRow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.items) > 200_000 {
		m.items = map[string]string{} // bounded; it fills again
	}
	for _, r := range found {
		if r.UID != "" {
			m.items[string(r.UID)] = string(r.ItemID)
		}
	}
}
