package shop

// entities54 are the model classes that the simulator serves; the real addon
// serves every one there is.
var entities54 = map[string]*entity54{
	"order": {
		id: "order_id", list: listOrders, get: getOrder, put: putOrder, post: postOrder, bare: bareOrder,
		remove:  func(c *call54, id int) bool { return c.shop.books.removeOrder(id) },
		clear:   clearOrders,
		complex: complexOrder, listComplex: listComplexOrders,
	},
	"product": {
		id: "product_id", list: listProducts, get: getProduct, put: putProduct, post: postProduct, bare: bareProduct,
		remove: deleteProduct, clear: clearProducts,
		complex: complexProduct, listComplex: listComplexProducts,
	},
	"profile": {
		id: "profile_id", list: listProfiles, get: getProfile, put: putProfile, post: postProfile, bare: bareProfile,
		remove:  func(c *call54, id int) bool { return c.shop.books.Profiles.remove(id) },
		clear:   func(c *call54) { c.shop.books.Profiles.clear() },
		complex: complexProfile, listComplex: listComplexProfiles,
	},
	"address":           {id: "address_id", get: getAddress, put: putAddress},
	"addressfieldvalue": {id: "id", get: getFieldValue, put: putFieldValue},
	"ordertrackingnumber": {
		id: "tracking_id", list: listTracking, get: getTracking, put: putTracking, post: postTracking, bare: bareTracking, remove: deleteTracking,
	},
	"orderdetail": {
		id: "detail_id", list: listDetails, get: getDetail, put: putDetail, post: postDetail, bare: bareDetail, remove: deleteDetail,
	},
	"order-surcharge":         {id: "id", post: postSurcharge},
	"cdev-coupons-usedcoupon": {id: "id", post: postCoupon},
	"orderhistoryevents":      {list: listEvents},
	"payment-transaction":     {list: listTransactions},
	"orderitem":               {get: getItem},
	"order-status-payment":    statusEntity(payment),
	"order-status-shipping":   statusEntity(shipping),
	"membership":              {list: listMemberships, get: getMembership},
	"state":                   {list: listStates, get: getState},
	"category": {
		id: "category_id", list: listCategories, get: getCategory, post: postCategory,
		remove: func(c *call54, id int) bool { return c.shop.books.Categories.remove(id) },
	},
	"categoryproducts": {id: "id", post: postCategoryProduct},
}

// limits are the rows of a list that _cnd[limit][]=offset,count asks for. As
// observed: a count of 0 is no limit, a negative offset is 0, a scalar is fatal.
func limited[T any](c *call54, rows []T) ([]T, error) {
	limit := c.query.at("_cnd").at("limit")
	if limit == nil {
		return rows, nil
	}
	if !limit.isArray() {
		return nil, fatal{}
	}
	var offset, count int
	for i, v := range limit.list() {
		switch i {
		case 0:
			offset = max(0, toInt(v))
		case 1:
			count = toInt(v)
		}
	}
	rows = rows[min(offset, len(rows)):]
	if count > 0 {
		rows = rows[:min(count, len(rows))]
	}
	return rows, nil
}

// render makes a list of documents.
func render[T any](rows []T, document func(T) any) []any {
	out := make([]any, 0, len(rows))
	for _, r := range rows {
		out = append(out, document(r))
	}
	return out
}

// statusEntity is the list of statuses of one axis. They are rows that a PUT
// renames for the whole shop.
func statusEntity(axis string) *entity54 {
	return &entity54{
		id: "id",
		list: func(c *call54) ([]any, error) {
			return render(c.shop.books.statuses(axis), nativeStatus), nil
		},
		get: func(c *call54, id int) any {
			return fullStatus(c.shop.books.statusByID(axis, id))
		},
		put: func(c *call54, id int, data row) any {
			s := c.shop.books.statusByID(axis, id)
			if s != nil {
				if code, given := data["code"]; given {
					s.Code = cut(toText(code), 4)
				}
			}
			return fullStatus(s)
		},
	}
}

func nativeStatus(s *status) any {
	if s == nil {
		return nil
	}
	return row{"id": s.ID, "code": s.Code, "position": s.Position}
}

func fullStatus(s *status) any {
	if s == nil {
		return nil
	}
	return row{"id": s.ID, "code": s.Code, "position": s.Position,
		"translations": []any{row{"name": s.Name, "customerName": s.Name, "label_id": s.ID, "code": "en"}}}
}

// cut shortens a text to what its column holds: MySQL without strict mode says
// nothing about it.
func cut(text string, length int) string {
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length])
	}
	return text
}

func listMemberships(c *call54) ([]any, error) {
	var out []any
	for i := range c.shop.books.Memberships {
		out = append(out, nativeMembership(i+1))
	}
	return out, nil
}

func getMembership(c *call54, id int) any {
	if id < 1 || id > len(c.shop.books.Memberships) {
		return nil
	}
	return row{"membership_id": id, "position": 10 * id, "enabled": true,
		"translations": []any{row{"name": c.shop.books.Memberships[id-1], "label_id": id, "code": "en"}}}
}

func nativeMembership(id int) any {
	if id == 0 {
		return nil
	}
	return row{"membership_id": id, "position": 10 * id, "enabled": true}
}

func listStates(c *call54) ([]any, error) {
	var out []any
	for id := 1; id < 700; id++ {
		if s, ok := states[id]; ok {
			out = append(out, row{"state_id": id, "state": s.Name, "code": s.Code})
		}
	}
	return limited(c, out)
}

func getState(c *call54, id int) any {
	s, ok := states[id]
	if !ok {
		return nil
	}
	return row{"state_id": id, "state": s.Name, "code": s.Code, "country": nativeCountry(s.Country), "region": nil}
}

func nativeCountry(code string) any {
	switch code {
	case "":
		return nil
	case "US":
		return row{"code": "US", "id": 840, "code3": "USA", "enabled": true}
	case "CA":
		return row{"code": "CA", "id": 124, "code3": "CAN", "enabled": true}
	}
	return row{"code": code, "id": 0, "code3": "", "enabled": true}
}
