package shop

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Handler54 is the REST addon of X-Cart 5.4: /admin.php?target=RESTAPI.
func (s *Shop) Handler54() http.Handler {
	return s.withFaults(class54, http.HandlerFunc(s.serve54))
}

// class54 names the kind of a call: the entity, and whether it names an id.
func class54(r *http.Request) string {
	path := parsePHP(r.URL.RawQuery).at("_path").text()
	entity, _, single := strings.Cut(path, "/")
	if entities54[entity] == nil {
		return "other"
	}
	if single {
		entity += "/{id}"
	}
	return entity
}

// call54 is one call of the addon.
type call54 struct {
	shop    *Shop
	method  string
	entity  *entity54
	id      int
	single  bool
	complex bool
	query   *param
	host    string
	by      author
	rows    int // in the reply
}

// entity54 is what the addon can do with one kind of entity. Native rows come
// bare in lists, and with one level of associations alone. What is nil does
// nothing and answers null.
type entity54 struct {
	list   func(c *call54) ([]any, error)
	get    func(c *call54, id int) any
	put    func(c *call54, id int, data row) any
	post   func(c *call54, data row) any
	remove func(c *call54, id int) bool
	clear  func(c *call54)
	bare   func(c *call54, id int) any // a row as bulk writes answer it
	id     string                      // the name of the id, in bulk writes

	complex     func(c *call54, id int) (any, error)
	listComplex func(c *call54) ([]any, error)
}

// badQuery is a failed DQL query: 400 with an explanation and an empty list.
type badQuery struct{ message string }

func (e badQuery) Error() string { return e.message }

// fatal is a PHP fatal error: an HTML page.
type fatal struct{}

func (fatal) Error() string { return "PHP fatal error" }

func (s *Shop) serve54(w http.ResponseWriter, r *http.Request) {
	query := parsePHP(r.URL.RawQuery)
	if r.URL.Path != "/admin.php" {
		page(w, http.StatusNotFound, "<html><body>Page not found</body></html>")
		return
	}
	if query.at("target").text() != "RESTAPI" {
		page(w, http.StatusOK, "<!DOCTYPE html><html><body>Sign in to the admin area</body></html>")
		return
	}
	c := &call54{shop: s, method: method54(r, query), query: query, host: "http://" + r.Host, complex: query.at("_schema").text() == "complex",
		by: author{"REST API", clientIP(r)}}
	if !s.allowed54(query.at("_key").text(), c) {
		page(w, http.StatusForbidden, "")
		return
	}
	name, id, single := strings.Cut(query.at("_path").text(), "/")
	if c.entity = entities54[name]; c.entity == nil {
		page(w, http.StatusNotFound, "")
		return
	}
	c.id, c.single = mysqlID(id), single
	data, ok := body54(r)
	if !ok && c.method != http.MethodGet && c.method != http.MethodDelete {
		w.Header().Set("X-REST-Error", "Input data is incorrect")
		page(w, http.StatusBadRequest, "")
		return
	}
	var (
		reply any
		err   error
	)
	s.locked(func() {
		if reply, err = c.answer(data); err == nil {
			c.countRows(reply)
			reply, err = encodePHP(reply) // inside: the reply may point into the books
		}
	})
	c.send(w, r, reply, err)
}

// method54 finds the method: an override is honoured, and what the addon does
// not know, PATCH included, is silently a GET (as observed).
func method54(r *http.Request, query *param) string {
	m := r.Method
	if o := query.at("_method").text(); o != "" {
		m = strings.ToUpper(o)
	}
	if o := r.Header.Get("X-HTTP-Method-Override"); o != "" {
		m = strings.ToUpper(o)
	}
	switch m {
	case http.MethodPost, http.MethodPut, http.MethodDelete:
		return m
	}
	return http.MethodGet
}

// allowed54 knows two keys, and no writing in the complex schema.
func (s *Shop) allowed54(key string, c *call54) bool {
	read := c.method == http.MethodGet
	switch {
	case key == "" || c.complex && !read:
		return false
	case key == s.options.WriteKey:
		return true
	}
	return key == s.options.ReadKey && read
}

func clientIP(r *http.Request) string {
	host, _, _ := strings.Cut(r.RemoteAddr, ":")
	return host
}

// body54 reads the body; false means that it is no usable input, as {} is not.
// No body, and a body that is neither JSON nor a form, is no input but fine.
func body54(r *http.Request) (any, bool) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return nil, false
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, true
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch strings.TrimSpace(strings.ToLower(kind)) {
	case "application/json":
		return decodeJSON(raw)
	case "application/x-www-form-urlencoded":
		form := parsePHP(string(raw))
		if form.at("model").isArray() {
			form = form.at("model")
		}
		return form.data(), true
	}
	return nil, true
}

func decodeJSON(raw []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil, false
	}
	switch v := v.(type) {
	case map[string]any:
		return v, len(v) > 0
	case []any:
		return v, len(v) > 0
	}
	return nil, false
}

// answer does what is asked and returns the reply's document.
func (c *call54) answer(data any) (any, error) {
	switch {
	case c.method == http.MethodGet && c.single:
		return c.read()
	case c.method == http.MethodGet:
		return c.list()
	case c.method == http.MethodDelete && c.single:
		if c.entity.remove != nil && c.entity.remove(c, c.id) {
			return true, nil
		}
		return nil, nil
	case c.method == http.MethodDelete: // everything: a DELETE whose id got lost
		if c.entity.clear != nil {
			c.entity.clear(c)
		}
		return true, nil
	case c.single:
		fields, _ := data.(map[string]any)
		return c.write(fields), nil
	}
	return c.writeMany(data), nil
}

func (c *call54) read() (any, error) {
	if c.complex {
		if c.entity.complex == nil {
			return nil, fatal{}
		}
		return c.entity.complex(c, c.id)
	}
	if c.entity.get == nil {
		return nil, nil
	}
	return c.entity.get(c, c.id), nil
}

func (c *call54) list() (any, error) {
	list := c.entity.list
	if c.complex {
		list = c.entity.listComplex
		if list == nil {
			return nil, fatal{}
		}
	}
	if list == nil {
		return []any{}, nil
	}
	rows, err := list(c)
	if rows == nil {
		rows = []any{}
	}
	return rows, err
}

// write answers null for a PUT of what is not there.
func (c *call54) write(data row) any {
	if c.method == http.MethodPost {
		if c.entity.post == nil || data == nil {
			return nil
		}
		return c.entity.post(c, data)
	}
	if c.entity.put == nil {
		return nil
	}
	return c.entity.put(c, c.id, data)
}

// writeMany is a POST or PUT of a list; the reply holds the rows without their
// associations, and leaves out the ids that do not exist.
func (c *call54) writeMany(data any) any {
	out := []any{}
	documents, _ := data.([]any)
	for _, d := range documents {
		fields, ok := d.(map[string]any)
		if !ok {
			continue
		}
		c.id = toInt(fields[c.entity.id])
		written, _ := c.write(fields).(row)
		if written == nil {
			continue
		}
		if c.entity.bare == nil {
			out = append(out, written)
		} else if bare := c.entity.bare(c, toInt(written[c.entity.id])); bare != nil {
			out = append(out, bare)
		}
	}
	return out
}
