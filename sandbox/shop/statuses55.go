package shop

func status55(s *status) any {
	if s == nil {
		return nil
	}
	return row{"id": s.ID, "code": s.Code, "name": s.Name, "customer_name": s.Name}
}

func getStatus55(axis string) func(*call55) (any, error) {
	return func(c *call55) (any, error) {
		o, err := c.order()
		if err != nil {
			return nil, err
		}
		return status55(c.shop.books.statusByID(axis, *o.axis(axis))), nil
	}
}

// putStatus55 takes {"code"}. Unlike in 5.4 an unknown code is refused before
// anything is stored.
func putStatus55(axis string) func(*call55) (any, error) {
	return func(c *call55) (any, error) {
		o, err := c.order()
		if err != nil {
			return nil, err
		}
		code, isText := c.body["code"].(string)
		switch {
		case !isText && c.body["code"] != nil:
			return nil, wrongType("code", "string")
		case code == "":
			return nil, invalid("code", "This value should not be blank.")
		case len(code) > 4:
			return nil, invalid("code", "This value is too long. It should have 4 characters or less.")
		}
		to := c.shop.books.statusByCode(axis, code)
		if to == nil {
			return nil, badRequest("%s status with code %s not found", axis, code)
		}
		c.shop.setStatus(o, axis, to, c.by)
		return status55(to), nil
	}
}

func wrongType(field, want string) problem {
	return badRequest(`The type of the "%s" attribute must be "%s".`, field, want)
}
