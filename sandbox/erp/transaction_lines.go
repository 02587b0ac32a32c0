package erp

import "slices"

// The lists of the Order window: items and payments.

// enterItem types one row of the items. The row with the same key is the same
// line: without user_line_no as the key, an item twice is one line.
func (w *orderWindow) enterItem(element dataElement, row dataRow) error {
	key, column := row.value("oe_order_item_id"), "oe_order_item_id"
	if slices.Contains(element.Keys, "user_line_no") {
		key, column = row.value("user_line_no"), "user_line_no"
	}
	if key == "" {
		return ruleError("Key column " + column + " is missing from a row of " + orderItems + ".")
	}
	i := slices.IndexFunc(w.draft.Lines, func(l *Line) bool {
		return column == "user_line_no" && l.UserNo == key || column != "user_line_no" && l.ItemID == key
	})
	if i < 0 {
		w.draft.Lines = append(w.draft.Lines, &Line{})
		i = len(w.draft.Lines) - 1
	}
	l := w.draft.Lines[i]
	if l.Complete {
		return ruleError("Line " + itoa(l.No) + " is complete.")
	}
	return typeEach(row.Edits, func(name, v string) error { return w.typeItem(l, name, v) })
}

func (w *orderWindow) typeItem(l *Line, name, v string) error {
	if l.ItemID == "" && name != "oe_order_item_id" && name != "user_line_no" {
		return ruleError("Item ID must be entered before " + name + ".")
	}
	var err error
	switch name {
	case "user_line_no":
		l.UserNo = v
	case "oe_order_item_id":
		return w.typeItemID(l, v)
	case "unit_quantity":
		l.Qty, err = parseDecimal(v)
	case "unit_of_measure":
		l.Unit, l.ManualPrice = v, false // a new unit is priced anew
	case "unit_price":
		l.Price, err = parseDecimal(v)
		l.ManualPrice = true
	case "extended_desc":
		l.ExtendedDesc = v
	case "item_desc":
		l.Desc = v
	case "disposition":
		l.Disposition = v
		if (v == "Cancel" || v == "C") && l.No > 0 {
			w.cancelLines = append(w.cancelLines, l.No)
		}
	case "ship_loc_id":
		return w.typeID(v, "Ship Location ID", &l.ShipLocation)
	case "source_loc_id":
		return w.typeID(v, "Source Location ID", &l.SourceLocation)
	case "extended_price", "customer_part_number":
	default:
		return ruleError("Column " + name + " does not exist in " + orderItems + ".")
	}
	if err != nil {
		return ruleError("Value " + v + " is not valid for " + name + ".")
	}
	return nil
}

func (w *orderWindow) typeItemID(l *Line, v string) error {
	if w.books.items[v] == nil {
		return ruleError("Item ID " + v + " does not exist.")
	}
	if l.ItemID != "" && l.ItemID != v {
		return ruleError("Column oe_order_item_id is disabled.")
	}
	l.ItemID = v
	return nil
}

func (w *orderWindow) enterExtended(row dataRow) error {
	item := row.value("oe_order_item_id")
	i := slices.IndexFunc(w.draft.Lines, func(l *Line) bool { return l.ItemID == item })
	if i < 0 {
		return ruleError("Item ID " + item + " is not on the order.")
	}
	return typeEach(row.Edits, func(name, v string) error {
		switch name {
		case "will_call":
			on, err := w.set.checkBox(v)
			w.draft.WillCall = w.draft.WillCall || on
			return err
		case "required_date":
			return typeDate(v, &w.draft.Lines[i].RequiredDate)
		}
		return nil
	})
}

func (w *orderWindow) enterPayment(row dataRow) error {
	for _, x := range row.Edits {
		if x.Value != "" && (x.Name == "cc_creditcard_number" || x.Name == "customer_verification_value") {
			return ruleError("Card data must not be sent: " + x.Name + ".")
		}
	}
	amount, err := parseDecimal(row.value("payment_amount"))
	if err != nil || row.value("payment_type_id") == "" {
		return ruleError("Payment Type ID and Payment Amount are required fields.")
	}
	p := Remittance{TypeID: row.value("payment_type_id"), Desc: row.value("payment_desc"), CheckNo: row.value("check_number"),
		Authorization: row.value("cc_authorized_number"), Amount: amount}
	if v := row.value("payment_date"); v != "" {
		if err := typeDate(v, &p.Date); err != nil {
			return err
		}
	}
	w.draft.Remittances = append(w.draft.Remittances, p)
	return nil
}
