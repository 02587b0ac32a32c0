package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/file"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// mistakes collects what is wrong with a profile, each with its place in the file.
type mistakes struct {
	file   string
	values map[string]*token.Token // by path, such as "order.taker"
	list   []mistake
	// unreadable: what is wrong keeps the file from being decoded.
	unreadable bool
}

type mistake struct {
	line, column int
	text         string
}

// err is all mistakes, from the top of the file down; nil when there are none.
func (m *mistakes) err() error {
	slices.SortStableFunc(m.list, func(a, b mistake) int {
		if a.line != b.line {
			return a.line - b.line
		}
		if a.column != b.column {
			return a.column - b.column
		}
		return strings.Compare(a.text, b.text)
	})
	all := make([]error, len(m.list))
	for i, one := range m.list {
		all[i] = fmt.Errorf("%s:%d:%d: %s", m.file, one.line, one.column, one.text)
	}
	return errors.Join(all...)
}

// at notes a mistake in the value at a path. What the file does not say is
// noted where it would stand.
func (m *mistakes) at(path, format string, args ...any) {
	line, column := m.place(path)
	m.list = append(m.list, mistake{line, column, path + ": " + fmt.Sprintf(format, args...)})
}

func (m *mistakes) place(path string) (line, column int) {
	for {
		if t, ok := m.values[path]; ok {
			return t.Position.Line, t.Position.Column
		}
		parent := strings.LastIndex(path, ".")
		if parent < 0 {
			return 1, 1
		}
		path = path[:parent]
	}
}

// plainWords turn Go's names of types into what the profile calls them.
var plainWords = strings.NewReplacer(
	"type mapping.orderView", "order", "type mapping.lineView", "line", "type mapping.chargeView", "charge",
	"type commerce.Address", "an address", "decimal.Decimal", "amount", "mapping.orderView", "order", "commerce.Address", "address")

// inExpression notes a mistake in an expression, at the very place where it is.
func (m *mistakes) inExpression(path string, source expression, err error) {
	line, column := m.place(path)
	message := err.Error()
	var wrong *file.Error
	if errors.As(err, &wrong) {
		message = wrong.Message
		if t := m.values[path]; t != nil && wrong.Line == 1 {
			switch {
			case t.Type == token.StringType:
				column += wrong.Column
			case (t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType) && !strings.Contains(t.Origin, "''") && !strings.Contains(t.Origin, `\`):
				column += 1 + wrong.Column
			}
		}
	}
	if message = plainWords.Replace(message); strings.Contains(message, "float64") {
		message += `; amounts are decimals: write dec("1.5") instead of 1.5`
	}
	m.list = append(m.list, mistake{line, column, fmt.Sprintf("%s: %s, in the expression: %s", path, message, source)})
}

// incomplete notes what a profile lacks that does not extend the default.
func (m *mistakes) incomplete(d document) bool {
	if d.Extends == extendsDefault {
		return false
	}
	if d.Extends != "" {
		m.at("extends", "%q is not known: only %q can be extended", d.Extends, extendsDefault)
		return true
	}
	var missing []string
	for key := range keysOf(reflect.TypeFor[document]()) {
		if m.values[key] == nil && key != "extends" {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return false
	}
	slices.Sort(missing)
	m.list = append(m.list, mistake{1, 1, "the profile lacks " + strings.Join(missing, ", ") +
		": add them, or begin with `extends: default` and keep only what differs"})
	return true
}

// inYAML notes an error of the YAML library.
func (m *mistakes) inYAML(err error) error {
	line, column, message := 1, 1, err.Error()
	var wrong yaml.Error
	if errors.As(err, &wrong) {
		message = wrong.GetMessage()
		if t := wrong.GetToken(); t != nil && t.Position != nil {
			line, column = t.Position.Line, t.Position.Column
		}
	}
	m.list = append(m.list, mistake{line, column, message})
	return m.err()
}

// index remembers where every value stands, and notes the keys that a profile
// does not have: all of them, where a strict decoder stops at the first.
func (m *mistakes) index(node ast.Node, path string, kind reflect.Type) {
	if m.values == nil {
		m.values = map[string]*token.Token{}
	}
	switch n := node.(type) {
	case *ast.MappingNode:
		for _, entry := range n.Values {
			m.index(entry, path, kind)
		}
	case *ast.MappingValueNode:
		m.entry(n, path, kind)
	case *ast.SequenceNode:
		var inside reflect.Type
		if kind != nil && kind.Kind() == reflect.Slice {
			inside = kind.Elem()
		}
		for i, value := range n.Values {
			m.index(value, fmt.Sprintf("%s.%d", path, i), inside)
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		// They could grow without bounds, and the library stumbles over some.
		at := n.GetToken().Position
		m.list = append(m.list, mistake{at.Line, at.Column, path + ": YAML's anchors, aliases and tags (& * !) are not for profiles; quote a text that begins so"})
		m.unreadable = true
	}
}

func (m *mistakes) entry(n *ast.MappingValueNode, path string, kind reflect.Type) {
	at := n.Key.GetToken()
	key := at.Value
	if path != "" {
		key = path + "." + at.Value
	}
	var inside reflect.Type
	switch {
	case n.Key.IsMergeKey():
		m.unreadable = true
		m.list = append(m.list, mistake{at.Position.Line, at.Position.Column, "YAML's merge keys (<<) are not for profiles"})
		return
	case kind == nil: // below an unknown key, or below what is no map
	case kind.Kind() == reflect.Map:
		inside = kind.Elem()
	case kind.Kind() == reflect.Struct:
		known := keysOf(kind)
		if inside = known[at.Value]; inside == nil {
			var names []string
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			m.list = append(m.list, mistake{at.Position.Line, at.Position.Column,
				fmt.Sprintf("%s: unknown key; known here are %s", key, strings.Join(names, ", "))})
		}
	}
	m.values[key] = at
	switch value := n.Value.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		m.values[key] = value.GetToken()
	}
	m.index(n.Value, key, inside)
}

// keysOf are the YAML keys of a struct and the types of their values.
func keysOf(kind reflect.Type) map[string]reflect.Type {
	keys := map[string]reflect.Type{}
	for i := range kind.NumField() {
		name, _, _ := strings.Cut(kind.Field(i).Tag.Get("yaml"), ",")
		if name != "" {
			keys[name] = kind.Field(i).Type
		}
	}
	return keys
}
