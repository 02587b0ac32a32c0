package prophet21

import (
	"context"
	"net/url"
	"strings"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

type gatewayItem struct {
	ItemID      words             `json:"itemId"`
	Description words             `json:"description"`
	Price       connectors.Number `json:"price"`
	SellingUnit words             `json:"sellingUnit"`
	BaseUnit    words             `json:"baseUnit"`
	Inactive    flag              `json:"inactive"`
	Deleted     flag              `json:"deleted"`
	Units       []struct {
		Name words             `json:"name"`
		Size connectors.Number `json:"size"`
	} `json:"units"`
}

// itemRows reads items, up to fifty in one call.
func (g *gateway) itemRows(ctx context.Context, operation string, ids []string) ([]gatewayItem, error) {
	var all []gatewayItem
	for _, some := range chains("itemIds", ids) {
		docs, _, err := get[gatewayItem](ctx, g, operation, "ItemMaster", url.Values{"itemIds": {strings.Join(some, ",")}, "limit": {"1000"}})
		if err != nil {
			return nil, err
		}
		all = append(all, docs...)
	}
	return all, nil
}

// Items reads items of the item master. An id with a comma in it cannot be asked
// for in this API, and is not found.
func (g *gateway) Items(ctx context.Context, ids []string) (map[string]commerce.Item, error) {
	docs, err := g.itemRows(ctx, "look up items", ids)
	if err != nil {
		return nil, err
	}
	all := make([]commerce.Item, len(docs))
	for i, d := range docs {
		all[i] = commerce.Item{ID: string(d.ItemID), Description: string(d.Description), SellingUnit: string(d.SellingUnit),
			BaseUnit: string(d.BaseUnit), Price: d.Price.Decimal, Inactive: bool(d.Inactive || d.Deleted)}
	}
	return asAsked(ids, all), nil
}
