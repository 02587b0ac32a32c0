package erp

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// The gateway's ItemMaster.

type gatewayItem struct {
	ItemID       string         `json:"itemId"`
	Description  string         `json:"description"`
	ExtendedDesc string         `json:"extendedDescription,omitempty"`
	Price        amount         `json:"price"`
	SellingUnit  string         `json:"sellingUnit"`
	BaseUnit     string         `json:"baseUnit"`
	Units        []gatewayUnit  `json:"units"`
	OtherCharge  bool           `json:"otherCharge"`
	Inactive     bool           `json:"inactive"`
	Deleted      bool           `json:"deleted"`
	Stock        []gatewayStock `json:"stock"`
	DateModified time.Time      `json:"dateModified"`
}

type gatewayUnit struct {
	Name string `json:"name"`
	Size amount `json:"size"`
}

// gatewayStock is in base units.
type gatewayStock struct {
	LocationID int    `json:"locationId"`
	OnHand     amount `json:"onHand"`
	Allocated  amount `json:"allocated"`
	Available  amount `json:"available"`
}

const mostItems = 50

func (e *ERP) gatewayItems(r *http.Request) reply {
	q := r.URL.Query()
	moment, given, err := since(r)
	var items []*Item
	switch {
	case err != nil:
		return gatewayRefused(err)
	case q.Has("itemIds"):
		ids := strings.Split(q.Get("itemIds"), ",")
		if len(ids) > mostItems {
			return gatewayRefused(errors.New("at most 50 itemIds are allowed"))
		}
		for _, id := range ids {
			items = append(items, found(e.books.items, id)...)
		}
	case given:
		items = e.itemsSince(moment)
	default:
		items = e.books.Items
	}
	p, err := gatewayPage(r, anys(items),
		func(x any) time.Time { return itemModified(x.(*Item)) },
		func(x any) string { return x.(*Item).ID },
		func(x any) any { return gatewayItemView(x.(*Item)) })
	if err != nil {
		return gatewayRefused(err)
	}
	return ok(p)
}

// itemsSince are the items that changed, by themselves or in their stock.
func (e *ERP) itemsSince(t time.Time) []*Item {
	var items []*Item
	for _, x := range e.books.Items {
		if !itemModified(x).Before(t) {
			items = append(items, x)
		}
	}
	return items
}

func itemModified(x *Item) time.Time {
	latest := x.Modified
	for _, s := range x.Stocks {
		if s.Modified.After(latest) {
			latest = s.Modified
		}
	}
	return latest
}

func gatewayItemView(x *Item) gatewayItem {
	v := gatewayItem{ItemID: x.ID, Description: x.Desc, ExtendedDesc: x.ExtendedDesc, Price: amount{x.Price}, SellingUnit: x.SellingUnit,
		BaseUnit: x.BaseUnit, OtherCharge: x.OtherCharge, Inactive: x.Inactive, Deleted: x.Deleted, DateModified: itemModified(x),
		Units: []gatewayUnit{}, Stock: []gatewayStock{}}
	for _, u := range x.UOMs {
		v.Units = append(v.Units, gatewayUnit{u.Name, amount{u.Size}})
	}
	for _, s := range x.Stocks {
		v.Stock = append(v.Stock, gatewayStock{s.Location, amount{s.OnHand}, amount{s.Allocated}, amount{s.OnHand.Sub(s.Allocated)}})
	}
	return v
}

// gatewayUpdateItem changes texts and price. Stock is not writable.
func (e *ERP) gatewayUpdateItem(r *http.Request) reply {
	var in struct {
		ItemID       string  `json:"itemId"`
		Description  *string `json:"description"`
		ExtendedDesc *string `json:"extendedDescription"`
		Price        *amount `json:"price"`
	}
	if err := readStrict(r, &in); err != nil {
		return gatewayRefused(err)
	}
	x, found := e.books.items[in.ItemID]
	if !found {
		return gatewayRefused(missingError("item " + in.ItemID + " does not exist"))
	}
	if in.Description != nil && len(*in.Description) > longestDesc {
		return gatewayRefused(errors.New("description is longer than 40 characters"))
	}
	change(&x.Desc, in.Description)
	change(&x.ExtendedDesc, in.ExtendedDesc)
	if in.Price != nil {
		x.Price = in.Price.Decimal
	}
	e.books.touch(x)
	return ok(gatewayItemView(x))
}
