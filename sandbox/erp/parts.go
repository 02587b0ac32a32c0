package erp

import (
	"net/http"

	"github.com/shopspring/decimal"
)

// The REST family api/inventory/parts.

// longestDesc is what item_desc holds. A longer one is silently not taken.
const longestDesc = 40

func (e *ERP) getPart(r *http.Request) reply {
	key := r.PathValue("key")
	item, found := e.books.items[key]
	if !found {
		return refused(noSuch("GetById " + key))
	}
	return ok(e.partDocument(item, extended(r.URL.Query().Get("extendedproperties"))))
}

func (e *ERP) listParts(r *http.Request) reply {
	columns := []column{
		text("ItemId", func(x *Item) string { return x.ID }),
		text("ItemDesc", func(x *Item) string { return x.Desc }),
		whole("InvMastUid", func(x *Item) int { return x.UID }),
	}
	return listing(r, e.books.Items, columns, func(x *Item) map[string]any {
		return e.partDocument(x, extended(r.URL.Query().Get("extendedproperties")))
	})
}

// updatePart replaces an item's children with those sent: units that are not
// sent again are lost. Stock cannot be written here.
func (e *ERP) updatePart(r *http.Request) reply {
	key := r.PathValue("key")
	item, found := e.books.items[key]
	if !found {
		return refused(noSuch("GetById " + key))
	}
	f, err := readFields(r.Body)
	if err != nil {
		return refused(err)
	}
	changed := *item
	if len(f.text("ItemDesc")) <= longestDesc {
		f.set(&changed.Desc, "ItemDesc")
	}
	f.set(&changed.ExtendedDesc, "ExtendedDesc")
	f.set(&changed.SellingUnit, "DefaultSellingUnit")
	if f.has("Price1") {
		changed.Price = f.number("Price1")
	}
	if f.has("Weight") {
		changed.Weight = f.number("Weight")
	}
	if on, given := f.flag("Delete"); given {
		changed.Deleted = on
	}
	changed.UOMs = []UOM{{Name: item.BaseUnit, Size: decimal.NewFromInt(1)}}
	for _, u := range f.list("UnitsOfMeasure") {
		name, size := u.text("UnitOfMeasure"), u.number("UnitSize")
		if name != item.BaseUnit && size.IsPositive() {
			changed.UOMs = append(changed.UOMs, UOM{Name: name, Size: size})
		}
	}
	if *f.err != nil {
		return refused(*f.err)
	}
	*item = changed
	e.books.touch(item)
	return ok(e.partDocument(item, extended("*")))
}

func (e *ERP) partDocument(x *Item, with extended) map[string]any {
	d := map[string]any{
		"ItemId": x.ID, "ItemDesc": x.Desc, "ExtendedDesc": x.ExtendedDesc, "Price1": money(x.Price), "Weight": money(x.Weight),
		"DefaultSellingUnit": x.SellingUnit, "BaseUnit": x.BaseUnit, "InvMastUid": x.UID, "Delete": x.Deleted,
		"Locations": nil, "UnitsOfMeasure": nil, "UserDefinedFields": map[string]any{}, "ObjectName": "part",
	}
	for n := 2; n <= 10; n++ {
		d["Price"+itoa(n)] = 0
	}
	if with.wants("Locations") {
		var locations []map[string]any
		for _, s := range x.Stocks {
			locations = append(locations, map[string]any{
				"LocationId": s.Location, "CompanyId": e.options.Company, "QtyOnHand": money(s.OnHand),
				"Sellable": yn(!x.Inactive), "Stockable": "Y", "ProductGroupId": "DEFAULT", "MovingAverageCost": 0,
			})
		}
		d["Locations"] = listed(locations)
	}
	if with.wants("UnitsOfMeasure") {
		var units []map[string]any
		for _, u := range x.UOMs {
			units = append(units, map[string]any{"UnitOfMeasure": u.Name, "UnitSize": money(u.Size)})
		}
		d["UnitsOfMeasure"] = listed(units)
	}
	return d
}
