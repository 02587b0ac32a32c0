package erp

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

func (e *ERP) defineItems(t map[string]*table) {
	type i = *Item
	items := func(b *books) []i { return b.Items }
	byUID := func(b *books, n int) []i { return found(b.itemUIDs, n) }
	define(t, "inv_mast", each(items),
		keys{
			"item_id":      byText(func(b *books, s string) []i { return found(b.items, s) }),
			"inv_mast_uid": byNumber(byUID),
		},
		whole("inv_mast_uid", func(x i) int { return x.UID }),
		text("item_id", func(x i) string { return x.ID }),
		text("item_desc", func(x i) string { return x.Desc }),
		optional("extended_desc", func(x i) string { return x.ExtendedDesc }),
		text("default_selling_unit", func(x i) string { return x.SellingUnit }),
		text("base_unit", func(x i) string { return x.BaseUnit }),
		number("price1", func(x i) decimal.Decimal { return x.Price }),
		number("weight", func(x i) decimal.Decimal { return x.Weight }),
		yesNo("delete_flag", func(x i) bool { return x.Deleted }),
		yesNo("inactive", func(x i) bool { return x.Inactive }),
		yesNo("other_charge_item", func(x i) bool { return x.OtherCharge }),
		moment(e, "date_last_modified", func(x i) time.Time { return x.Modified }),
	)
	e.defineStock(t)
	type u struct {
		item *Item
		UOM
	}
	units := func(x i) []u {
		var out []u
		for _, m := range x.UOMs {
			out = append(out, u{x, m})
		}
		return out
	}
	define(t, "item_uom", nested(items, units),
		keys{"inv_mast_uid": byNumber(func(b *books, n int) []u {
			if x, ok := b.itemUIDs[n]; ok {
				return units(x)
			}
			return nil
		})},
		whole("inv_mast_uid", func(x u) int { return x.item.UID }),
		text("unit_of_measure", func(x u) string { return x.Name }),
		number("unit_size", func(x u) decimal.Decimal { return x.Size }),
		constant[u]("delete_flag", "N"),
		moment(e, "date_last_modified", func(x u) time.Time { return x.item.Modified }),
	)
}

func (e *ERP) defineStock(t map[string]*table) {
	type s = *Stock
	zero := func(s) decimal.Decimal { return decimal.Zero }
	define(t, "inv_loc", nested(func(b *books) []*Item { return b.Items }, func(x *Item) []s { return x.Stocks }),
		keys{"inv_mast_uid": byNumber(func(b *books, n int) []s {
			if x, ok := b.itemUIDs[n]; ok {
				return x.Stocks
			}
			return nil
		})},
		whole("location_id", func(x s) int { return x.Location }),
		whole("inv_mast_uid", func(x s) int { return x.item.UID }),
		constant[s]("company_id", e.options.Company),
		number("qty_on_hand", func(x s) decimal.Decimal { return x.OnHand }),
		number("qty_allocated", func(x s) decimal.Decimal { return x.Allocated }),
		number("qty_backordered", zero),
		number("qty_in_transit", zero),
		number("qty_in_process", zero),
		number("qty_reserved_due_in", zero),
		number("order_quantity", zero),
		number("protected_stock_qty", zero),
		yesNo("sellable", func(x s) bool { return !x.item.Inactive }),
		constant[s]("stockable", "Y"),
		yesNo("discontinued", func(x s) bool { return x.item.Inactive }),
		yesNo("delete_flag", func(x s) bool { return x.item.Deleted }),
		number("price1", func(x s) decimal.Decimal { return x.item.Price }),
		moment(e, "date_last_modified", func(x s) time.Time { return x.Modified }),
		moment(e, "inv_last_changed_date", func(x s) time.Time { return x.Modified }),
	)
}

func (e *ERP) defineCustomers(t map[string]*table) {
	type c = *Customer
	define(t, "customer", each(func(b *books) []c { return b.Customers }),
		keys{"customer_id": byNumber(func(b *books, n int) []c { return found(b.customers, n) })},
		whole("customer_id", func(x c) int { return x.ID }),
		constant[c]("company_id", e.options.Company),
		text("customer_name", func(x c) string { return x.Name }),
		optional("legacy_id", func(x c) string { return x.LegacyID }),
		optional("terms_id", func(x c) string { return x.Terms }),
		optional("salesrep_id", func(x c) string { return x.Salesrep }),
		text("credit_status", func(x c) string { return x.CreditStatus }),
		number("credit_limit", func(x c) decimal.Decimal { return x.CreditLimit }),
		yesNo("taxable_flag", func(x c) bool { return x.Taxable }),
		yesNo("pono_required", func(x c) bool { return x.PORequired }),
		yesNo("web_enabled_flag", func(x c) bool { return x.WebEnabled }),
		yesNo("delete_flag", func(x c) bool { return x.Deleted }),
		moment(e, "date_last_modified", func(x c) time.Time { return x.Modified }),
	)
	type s = *ShipTo
	define(t, "ship_to", each(func(b *books) []s { return b.ShipTos }),
		keys{"ship_to_id": byNumber(func(b *books, n int) []s { return found(b.shipTos, n) })},
		whole("ship_to_id", func(x s) int { return x.ID }),
		constant[s]("company_id", e.options.Company),
		whole("customer_id", func(x s) int { return x.CustomerID }),
		optional("tax_group_id", func(x s) string { return x.TaxGroup }),
		optional("packing_basis", func(x s) string { return x.PackingBasis }),
		link("default_carrier_id", func(x s) int { return x.CarrierID }),
		link("preferred_location_id", func(x s) int { return x.SourceLocation }),
		yesNo("delete_flag", func(x s) bool { return x.Deleted }),
		moment(e, "date_last_modified", func(x s) time.Time { return x.Modified }),
	)
	e.defineAddresses(t)
	e.defineContacts(t)
}

func (e *ERP) defineAddresses(t map[string]*table) {
	type a = *Address
	columns := []column{
		whole("id", func(x a) int { return x.ID }),
		text("name", func(x a) string { return x.Name }),
		link("corp_address_id", func(x a) int { return x.CorpID }),
		optional("central_phone_number", func(x a) string { return x.Phone }),
		optional("email_address", func(x a) string { return x.Email }),
		yesNo("carrier_flag", func(x a) bool { return x.Carrier }),
		constant[a]("delete_flag", "N"),
		moment(e, "date_last_modified", func(x a) time.Time { return x.Modified }),
	}
	for prefix, get := range map[string]func(a) *Postal{
		"mail_": func(x a) *Postal { return &x.Mail }, "phys_": func(x a) *Postal { return &x.Phys },
	} {
		columns = append(columns,
			optional(prefix+"address1", func(x a) string { return get(x).Line1 }),
			optional(prefix+"address2", func(x a) string { return get(x).Line2 }),
			optional(prefix+"address3", func(x a) string { return get(x).Line3 }),
			optional(prefix+"city", func(x a) string { return get(x).City }),
			optional(prefix+"state", func(x a) string { return get(x).State }),
			optional(prefix+"postal_code", func(x a) string { return get(x).Zip }),
			optional(prefix+"country", func(x a) string { return get(x).Country }),
		)
	}
	slices.SortStableFunc(columns[8:], func(x, y column) int { return compare(textKind, value{text: x.name}, value{text: y.name}) })
	define(t, "address", each(func(b *books) []a { return b.Addresses }),
		keys{"id": byNumber(func(b *books, n int) []a { return found(b.addresses, n) })}, columns...)
}

func (e *ERP) defineContacts(t map[string]*table) {
	type c = *Contact
	contacts := func(b *books) []c { return b.Contacts }
	byID := func(b *books, s string) []c {
		return slices.DeleteFunc(found(b.contacts, leadingInt(s)), func(x c) bool { return itoa(x.ID) != s })
	}
	define(t, "contacts", each(contacts), keys{"id": byText(byID)},
		text("id", func(x c) string { return itoa(x.ID) }),
		constant[c]("company_id", e.options.Company),
		text("first_name", func(x c) string { return x.First }),
		text("last_name", func(x c) string { return x.Last }),
		optional("email_address", func(x c) string { return x.Email }),
		link("address_id", func(x c) int { return x.AddressID }),
		optional("direct_phone", func(x c) string { return x.Phone }),
		optional("cellular", func(x c) string { return x.Cell }),
		yesNo("delete_flag", func(x c) bool { return x.Deleted }),
		moment(e, "date_last_modified", func(x c) time.Time { return x.Modified }),
	)
	type l struct {
		contact *Contact
		id      int
	}
	links := func(x c) []l {
		var out []l
		for _, id := range x.Links {
			out = append(out, l{x, id})
		}
		return out
	}
	define(t, "contacts_x_links", nested(contacts, links), nil,
		text("id", func(x l) string { return itoa(x.contact.ID) }),
		text("link_id", func(x l) string { return itoa(x.id) }),
		constant[l]("link_type", "CUSTOMER"),
		constant[l]("company_id", e.options.Company),
		constant[l]("delete_flag", "N"),
		moment(e, "date_last_modified", func(x l) time.Time { return x.contact.Modified }),
	)
}

func leadingInt(s string) int {
	d, err := parseDecimal(s)
	if err != nil || !d.IsInteger() || d.BigInt().BitLen() > 40 {
		return -1
	}
	return int(d.IntPart())
}

func (e *ERP) defineLedger(t map[string]*table) {
	type g = *JournalLine
	define(t, "gl", each(func(b *books) []g { return b.Journal }), nil,
		whole("gl_uid", func(x g) int { return x.UID }),
		constant[g]("company_no", e.options.Company),
		text("account_number", func(x g) string { return x.Account }),
		whole("period", func(x g) int { return x.Period }),
		whole("year_for_period", func(x g) int { return x.Year }),
		text("journal_id", func(x g) string { return x.Journal }),
		number("amount", func(x g) decimal.Decimal { return x.Amount }),
		number("foreign_amount", func(x g) decimal.Decimal { return x.Foreign }),
		optional("description", func(x g) string { return x.Description }),
		optional("source", func(x g) string { return x.Source }),
		whole("transaction_number", func(x g) int { return x.Transaction }),
		whole("sequence_number", func(x g) int { return x.Sequence }),
		constant[g]("approved", "Y"),
		day("transaction_date", func(x g) time.Time { return x.Date }),
		moment(e, "date_created", func(x g) time.Time { return x.Created }),
		moment(e, "date_last_modified", func(x g) time.Time { return x.Created }),
	)
	type p = period
	define(t, "periods", each((*books).periods), nil,
		constant[p]("company_no", e.options.Company),
		whole("period", func(x p) int { return x.number }),
		whole("year_for_period", func(x p) int { return x.year }),
		yesNo("period_closed", func(x p) bool { return x.closed }),
	)
	type f struct {
		uid  int
		code string
	}
	define(t, "freight_code", each(func(*books) []f {
		var out []f
		for i, code := range e.options.FreightCodes {
			out = append(out, f{i + 1, code})
		}
		return out
	}), nil,
		whole("freight_code_uid", func(x f) int { return x.uid }),
		text("freight_cd", func(x f) string { return x.code }),
		text("freight_desc", func(x f) string { return x.code }),
		constant[f]("company_id", e.options.Company),
		whole("row_status_flag", func(f) int { return 704 }),
	)
}
