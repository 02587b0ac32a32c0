package prophet21

import (
	"context"
	"maps"
	"slices"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

var items = table{name: "inv_mast",
	columns:  []string{"inv_mast_uid", "item_id", "item_desc", "default_selling_unit", "base_unit", "delete_flag"},
	optional: []string{"inactive"}}

type itemRow struct {
	UID         ident             `json:"inv_mast_uid"`
	ItemID      string            `json:"item_id"`
	Desc        string            `json:"item_desc"`
	SellingUnit string            `json:"default_selling_unit"`
	BaseUnit    string            `json:"base_unit"`
	Price       connectors.Number `json:"price1"`
	Deleted     flag              `json:"delete_flag"`
	Inactive    flag              `json:"inactive"`
}

// Items reads items by id, forty in one call.
func (m *middleware) Items(ctx context.Context, ids []string) (map[string]commerce.Item, error) {
	found := map[string]commerce.Item{}
	for _, some := range chunks(ids, maxTerms) {
		literals := make([]string, len(some))
		for i, id := range some {
			literals[i] = text(id)
		}
		got, err := rows[itemRow](ctx, m, "look up items", items, anyOf("item_id", literals), "", 2*len(some))
		if err != nil {
			return nil, err
		}
		m.remember(got)
		for _, r := range got {
			item := commerce.Item{ID: r.ItemID, UID: string(r.UID), Description: r.Desc, SellingUnit: r.SellingUnit, BaseUnit: r.BaseUnit,
				Inactive: bool(r.Deleted || r.Inactive)}
			// A deleted item may share its id with a living one.
			if before, seen := found[item.ID]; !seen || before.Inactive {
				found[item.ID] = item
			}
		}
	}
	return found, nil
}

func (m *middleware) remember(found []itemRow) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.items) > 200_000 {
		m.items = map[string]string{} // bounded; it fills again
	}
	for _, r := range found {
		if r.UID != "" {
			m.items[string(r.UID)] = r.ItemID
		}
	}
}

func sortedKeys[V any](all map[string]V) []string { return slices.Sorted(maps.Keys(all)) }
