package shop

func (p *profile) status() string {
	if p.Disabled {
		return "D"
	}
	return "E"
}

// nativeProfile carries the password field: the hash, or the plain text that
// somebody posted. Never log native bodies.
func (c *call54) nativeProfile(p *profile) row {
	first, last := p.name()
	fake := p.Login
	if first+last != "" {
		fake = first + " " + last + " " + first + ";" + p.Login
	}
	return row{
		"gaClientId": "", "socialLoginProvider": nil, "socialLoginId": nil, "pictureUrl": nil, "conciergeUserId": nil, "xpaymentsCustomerId": "",
		"profile_id": p.ID, "login": p.Login, "password": p.Password, "password_hint": "", "password_hint_answer": "", "passwordResetKey": "",
		"passwordResetKeyDate": 0, "access_level": p.AccessLevel, "cms_profile_id": 0, "cms_name": "", "added": p.Added, "first_login": p.FirstLogin,
		"last_login": p.LastLogin, "status": p.status(), "statusComment": "", "referer": "", "language": "en", "last_shipping_id": 0,
		"last_payment_id": 0, "anonymous": p.Anonymous, "forceChangePassword": false, "dateOfLoginAttempt": 0, "countOfLoginAttempts": 0,
		"searchFakeField": fake, "xcPendingExport": false, "lastCheckoutEmail": "",
	}
}

func bareProfile(c *call54, id int) any {
	if p := c.shop.books.Profiles.get(id); p != nil {
		return c.nativeProfile(p)
	}
	return nil
}

func getProfile(c *call54, id int) any {
	if p := c.shop.books.Profiles.get(id); p != nil {
		return c.fullProfile(p)
	}
	return nil
}

func (c *call54) fullProfile(p *profile) row {
	out := c.nativeProfile(p)
	for _, field := range []string{"mail_chimp_lists", "mail_chimp_interests", "mail_chimp_segments", "event", "roles"} {
		out[field] = []any{}
	}
	out["order"], out["pending_membership"] = nil, nil
	if o := c.shop.books.Orders.get(p.Order); o != nil {
		out["order"] = c.nativeOrder(o)
	}
	out["membership"] = nativeMembership(p.Membership)
	out["addresses"] = render(p.Addresses, nativeAddress)
	return out
}

func nativeAddress(a *address) any {
	return row{"is_billing": a.Billing, "is_shipping": a.Shipping, "isWork": a.Work, "address_id": a.ID, "address_type": a.Type}
}

// findProfiles: login is LIKE, and every order's copy of a profile is a hit of
// its own unless onlyReal is asked for.
func (c *call54) findProfiles() ([]*profile, error) {
	cnd := c.query.at("_cnd")
	var found []*profile
	for p := range c.shop.books.Profiles.all() {
		first, last := p.name()
		if matchesText(cnd.at("login"), func(want string) bool { return like(p.Login, want) }) &&
			matchesText(cnd.at("pattern"), func(want string) bool { return like(first+" "+last+" "+p.Login, want) }) &&
			(cnd.at("onlyReal") == nil || p.Order == 0) {
			found = append(found, p)
		}
	}
	return limited(c, found)
}

func listProfiles(c *call54) ([]any, error) {
	found, err := c.findProfiles()
	return render(found, func(p *profile) any { return c.nativeProfile(p) }), err
}

func listComplexProfiles(c *call54) ([]any, error) {
	found, err := c.findProfiles()
	return render(found, func(p *profile) any { return c.complexProfile(p) }), err
}

func complexProfile(c *call54, id int) (any, error) {
	if p := c.shop.books.Profiles.get(id); p != nil {
		return c.complexProfile(p), nil
	}
	return nil, nil
}

func (c *call54) complexProfile(p *profile) row {
	first, last := p.name()
	return row{"profileId": p.ID, "login": p.Login, "email": p.Login, "status": p.status(), "referer": "", "firstLogin": p.FirstLogin,
		"lastLogin": p.LastLogin, "addresses": render(p.Addresses, c.complexAddress), "addedDate": c.isoTime(p.Added),
		"membership": c.shop.books.membershipName(p), "roles": []any{}, "firstname": first, "lastname": last,
		"socialLoginProvider": "", "socialLoginId": "", "pictureUrl": ""}
}

// postProfile stores a password as it comes, unhashed, and echoes it.
func postProfile(c *call54, data row) any {
	p := c.shop.books.Profiles.insert(func(id int) *profile { return &profile{ID: id, Added: c.shop.unix()} })
	c.setProfile(p, data)
	return c.fullProfile(p)
}

func putProfile(c *call54, id int, data row) any {
	p := c.shop.books.Profiles.get(id)
	if p == nil {
		return nil
	}
	c.setProfile(p, data)
	return c.fullProfile(p)
}

func (c *call54) setProfile(p *profile, data row) {
	var changed bool
	setText(data, "login", &p.Login, &changed)
	setText(data, "password", &p.Password, &changed)
	if v, ok := data["status"]; ok {
		p.Disabled = toText(v) != "E"
	}
	if m, ok := data["membership"].(map[string]any); ok {
		if id := toInt(m["membership_id"]); id >= 1 && id <= len(c.shop.books.Memberships) {
			p.Membership = id
		}
	}
	for _, d := range documents(data["addresses"]) {
		if id := toInt(d["address_id"]); id > 0 {
			if a := p.address(func(a *address) bool { return a.ID == id }); a != nil {
				c.setAddress(a, d)
				continue
			}
		}
		a := &address{ID: c.shop.books.next("address"), Type: "R"}
		c.setAddress(a, d)
		p.Addresses = append(p.Addresses, a)
	}
}

// setAddress drops flat fields (firstname, street, state code) silently. What
// addressFields says is appended: a second row of the same name.
func (c *call54) setAddress(a *address, data row) {
	for field, flag := range map[string]*bool{"is_billing": &a.Billing, "is_shipping": &a.Shipping, "isWork": &a.Work} {
		if v, ok := data[field]; ok {
			*flag = toBool(v)
		}
	}
	if v, ok := data["address_type"]; ok {
		a.Type = toText(v)
	}
	if country, ok := data["country"].(map[string]any); ok {
		a.Country = toText(country["code"])
	}
	if s, ok := data["state"].(map[string]any); ok {
		if _, known := states[toInt(s["state_id"])]; known {
			a.State = toInt(s["state_id"])
		}
	}
	for _, d := range documents(data["addressFields"]) {
		if id := toInt(d["id"]); id > 0 {
			if f := a.fieldByID(id); f != nil {
				f.Value = toText(d["value"])
			}
			continue
		}
		if f, ok := d["addressField"].(map[string]any); ok {
			a.Fields = append(a.Fields, fieldValue{c.shop.books.next("field"), toText(f["serviceName"]), toText(d["value"])})
		}
	}
}

func (a *address) fieldByID(id int) *fieldValue {
	for i := range a.Fields {
		if a.Fields[i].ID == id {
			return &a.Fields[i]
		}
	}
	return nil
}

func (c *call54) address(id int) (*profile, *address) {
	for p := range c.shop.books.Profiles.all() {
		if a := p.address(func(a *address) bool { return a.ID == id }); a != nil {
			return p, a
		}
	}
	return nil, nil
}

func getAddress(c *call54, id int) any {
	p, a := c.address(id)
	if a == nil {
		return nil
	}
	return c.fullAddress(p, a)
}

// fullAddress lists values with their row ids but without their names.
func (c *call54) fullAddress(p *profile, a *address) row {
	out := nativeAddress(a).(row)
	out["addressFields"] = render(a.Fields, func(f fieldValue) any { return row{"id": f.ID, "value": f.Value} })
	out["profile"] = c.nativeProfile(p)
	out["country"], out["state"] = nativeCountry(a.Country), nil
	if s, ok := states[a.State]; ok {
		out["state"] = row{"state_id": s.ID, "state": s.Name, "code": s.Code}
	}
	return out
}

func putAddress(c *call54, id int, data row) any {
	p, a := c.address(id)
	if a == nil {
		return nil
	}
	c.setAddress(a, data)
	return c.fullAddress(p, a)
}

func (c *call54) fieldValue(id int) (*address, *fieldValue) {
	for p := range c.shop.books.Profiles.all() {
		for _, a := range p.Addresses {
			if f := a.fieldByID(id); f != nil {
				return a, f
			}
		}
	}
	return nil, nil
}

func getFieldValue(c *call54, id int) any {
	a, f := c.fieldValue(id)
	if f == nil {
		return nil
	}
	return row{"id": f.ID, "value": f.Value, "address": nativeAddress(a), "addressField": row{"id": fieldKind(f.Name), "serviceName": f.Name,
		"viewGetterName": "", "schemaClass": `\XLite\View\FormField\Input\Text`, "additional": false, "required": true, "enabled": true, "position": 0}}
}

func putFieldValue(c *call54, id int, data row) any {
	_, f := c.fieldValue(id)
	if f == nil {
		return nil
	}
	if v, ok := data["value"]; ok {
		f.Value = toText(v)
	}
	return getFieldValue(c, id)
}

// fieldKind is a steady id for an address field's definition.
func fieldKind(name string) int {
	known := []string{"title", "firstname", "lastname", "street", "city", "country_code", "state_id", "custom_state", "zipcode", "phone"}
	for i, k := range known {
		if k == name {
			return i + 1
		}
	}
	return len(known) + len(name)
}
