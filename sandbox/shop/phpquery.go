package shop

import (
	"net/url"
	"strconv"
	"strings"
)

// param is a value of a query string or form as PHP reads it: a scalar, or an
// array by keys, as in _cnd[limit][]=0&_cnd[limit][]=50.
type param struct {
	scalar string
	keys   []string // of an array, in order
	kids   map[string]*param
}

func (p *param) isArray() bool { return p != nil && p.kids != nil }

// at returns the element under a key, nil when there is none.
func (p *param) at(key string) *param {
	if p == nil {
		return nil
	}
	return p.kids[key]
}

// text is the scalar, empty for arrays and for what is not there.
func (p *param) text() string {
	if p == nil {
		return ""
	}
	return p.scalar
}

// list is the scalar, or the scalars of an array.
func (p *param) list() []string {
	if p == nil {
		return nil
	}
	if !p.isArray() {
		return []string{p.scalar}
	}
	var out []string
	for _, k := range p.keys {
		out = append(out, p.kids[k].scalar)
	}
	return out
}

func (p *param) put(key string) *param {
	if p.kids == nil {
		p.kids = map[string]*param{}
	}
	if key == "" {
		key = strconv.Itoa(len(p.keys))
	}
	kid := p.kids[key]
	if kid == nil {
		kid = &param{}
		p.kids[key], p.keys = kid, append(p.keys, key)
	}
	return kid
}

// parsePHP reads a query string or form body. Later values win, as in PHP.
func parsePHP(raw string) *param {
	root := &param{kids: map[string]*param{}}
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if name == "" || err1 != nil || err2 != nil {
			continue
		}
		at := root
		for _, key := range phpKeys(name) {
			at = at.put(key)
		}
		at.scalar = value
	}
	return root
}

// phpKeys splits a[b][] into a, b and the empty key.
func phpKeys(name string) []string {
	base, rest, found := strings.Cut(name, "[")
	if !found || base == "" {
		return []string{name}
	}
	keys := []string{base}
	for {
		key, after, closed := strings.Cut(rest, "]")
		if !closed {
			return keys
		}
		keys = append(keys, key)
		if !strings.HasPrefix(after, "[") {
			return keys
		}
		rest = after[1:]
	}
}

// data makes a JSON-like document of a form.
func (p *param) data() any {
	if !p.isArray() {
		return p.scalar
	}
	out := map[string]any{}
	for k, kid := range p.kids {
		out[k] = kid.data()
	}
	return out
}
