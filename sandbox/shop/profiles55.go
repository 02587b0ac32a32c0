package shop

import "slices"

func (c *call55) profile() (*profile, error) {
	p := c.shop.books.Profiles.get(c.vars["profile_id"])
	if p == nil {
		return nil, notFound
	}
	return p, nil
}

// profile55 has no names: they live in addresses.
func (c *call55) profile55(p *profile) any {
	out := row{"id": p.ID, "login": p.Login, "access_level": p.AccessLevel, "create_date": c.atom(p.Added), "first_login_date": nil,
		"last_login_date": nil, "status": p.status(), "status_comment": "", "referer": "", "language": "en", "membership_id": nil,
		"pending_membership_id": nil, "force_change_password": false, "role_ids": []any{}}
	if p.FirstLogin != 0 {
		out["first_login_date"] = c.atom(p.FirstLogin)
	}
	if p.LastLogin != 0 {
		out["last_login_date"] = c.atom(p.LastLogin)
	}
	if p.Membership != 0 {
		out["membership_id"] = p.Membership
	}
	return out
}

// listProfiles55 lists the copies that orders keep too: they are rows like others.
func listProfiles55(c *call55) (any, error) {
	added, firstLogin := c.window("added"), c.window("first_login")
	var found []*profile
	for p := range c.shop.books.Profiles.all() {
		first, last := p.name()
		if added(p.Added) && firstLogin(p.FirstLogin) && like(p.Login, c.query.at("login").text()) &&
			like(first+" "+last+" "+p.Login, c.query.at("searchFakeField").text()) {
			found = append(found, p)
		}
	}
	return pageOf(c, found, c.profile55)
}

func getProfile55(c *call55) (any, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	return c.profile55(p), nil
}

func postProfile55(c *call55) (any, error) {
	fresh := profile{Added: c.shop.unix()}
	if err := readProfile55(c, &fresh); err != nil {
		return nil, err
	}
	if fresh.Login == "" {
		return nil, invalid("login", "This value should not be blank.")
	}
	p := c.shop.books.Profiles.insert(func(id int) *profile { fresh.ID = id; return &fresh })
	return c.profile55(p), nil
}

func putProfile55(c *call55) (any, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	changed := *p
	if err := readProfile55(c, &changed); err != nil {
		return nil, err
	}
	*p = changed
	return c.profile55(p), nil
}

func deleteProfile55(c *call55) (any, error) {
	if !c.shop.books.Profiles.remove(c.vars["profile_id"]) {
		return nil, notFound
	}
	return nil, nil
}

func readProfile55(c *call55, p *profile) error {
	in := typed{body: c.body}
	in.text("login", &p.Login)
	if c.body["membership_id"] != nil {
		in.integer("membership_id", &p.Membership)
	}
	if password, given := c.body["password"].(string); given {
		if len(password) < 8 || len(password) > 128 {
			return invalid("password", "This value should have between 8 and 128 characters.")
		}
		p.Password = "$2y$10$SIMULATED-HASH"
	}
	if _, given := c.body["status"]; given {
		status := ""
		in.text("status", &status)
		if in.err == nil && status != "E" && status != "D" {
			return invalid("status", "The value you selected is not a valid choice.")
		}
		p.Disabled = status == "D"
	}
	if in.err == nil && p.Membership != 0 && (p.Membership < 0 || p.Membership > len(c.shop.books.Memberships)) {
		return badRequest("Membership with id %d not found", p.Membership)
	}
	return in.err
}

func listAddresses55(c *call55) (any, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	return all(p.Addresses, c.address55)
}

func (c *call55) profileAddress() (*address, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	a := p.address(func(a *address) bool { return a.ID == c.vars["id"] })
	if a == nil {
		return nil, notFound
	}
	return a, nil
}

func getAddress55(c *call55) (any, error) {
	a, err := c.profileAddress()
	if err != nil {
		return nil, err
	}
	return c.address55(a), nil
}

func postAddress55(c *call55) (any, error) {
	p, err := c.profile()
	if err != nil {
		return nil, err
	}
	a := &address{Type: "R"}
	if err := readAddress55(c, a); err != nil {
		return nil, err
	}
	a.ID = c.shop.books.next("address")
	p.Addresses = append(p.Addresses, a)
	return c.address55(a), nil
}

func putAddress55(c *call55) (any, error) {
	a, err := c.profileAddress()
	if err != nil {
		return nil, err
	}
	changed := *a
	changed.Fields = slices.Clone(a.Fields)
	if err := readAddress55(c, &changed); err != nil {
		return nil, err
	}
	*a = changed
	return c.address55(a), nil
}

func readAddress55(c *call55, a *address) error {
	in := typed{body: c.body}
	in.flag("is_billing", &a.Billing)
	in.flag("is_shipping", &a.Shipping)
	in.flag("is_work", &a.Work)
	in.text("type", &a.Type)
	in.text("country_code", &a.Country)
	if c.body["state"] != nil {
		in.integer("state", &a.State)
		if _, known := states[a.State]; in.err == nil && !known {
			return badRequest("State with id %d not found", a.State)
		}
	}
	for _, name := range []string{"title", "firstname", "lastname", "phone", "street", "zipcode", "city"} {
		if _, given := c.body[name]; given {
			value := ""
			in.text(name, &value)
			c.setField(a, name, value)
		}
	}
	if name, given := c.body["state_name"].(string); given && a.State == 0 {
		c.setField(a, "custom_state", name)
	}
	custom, _ := c.body["custom_fields"].(map[string]any)
	for name, value := range custom {
		c.setField(a, name, toText(value))
	}
	return in.err
}

func (c *call55) setField(a *address, name, value string) {
	for i := range a.Fields {
		if a.Fields[i].Name == name {
			a.Fields[i].Value = value
			return
		}
	}
	a.Fields = append(a.Fields, fieldValue{c.shop.books.next("field"), name, value})
}

func listMemberships55(c *call55) (any, error) {
	ids := make([]int, len(c.shop.books.Memberships))
	for i := range ids {
		ids[i] = i + 1
	}
	return pageOf(c, ids, func(id int) any { return row{"id": id, "name": c.shop.books.Memberships[id-1], "enabled": true} })
}
