package erp

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// The $filter language of the data services, and $query of the REST families.

type kind int

const (
	textKind kind = iota
	numberKind
	dateKind
)

// value is what a column holds in a row, or a literal in a filter.
type value struct {
	null   bool
	text   string
	number decimal.Decimal
	date   time.Time
}

// column is one field of a table's rows.
type column struct {
	name string
	kind kind
	get  func(row any) value
}

// condition is a parsed filter.
type condition interface{ holds(row any) bool }

type (
	both      struct{ left, right condition }
	either    struct{ left, right condition }
	negation  struct{ inner condition }
	always    struct{}
	comparing struct {
		column   column
		operator string
		literal  value
	}
	matching struct {
		column column
		match  func(text, part string) bool
		part   string
	}
)

func (c both) holds(row any) bool     { return c.left.holds(row) && c.right.holds(row) }
func (c either) holds(row any) bool   { return c.left.holds(row) || c.right.holds(row) }
func (c negation) holds(row any) bool { return !c.inner.holds(row) }
func (always) holds(any) bool         { return true }

func (c matching) holds(row any) bool {
	v := c.column.get(row)
	return !v.null && c.match(v.text, c.part)
}

func (c comparing) holds(row any) bool {
	v := c.column.get(row)
	if c.literal.null {
		return v.null == (c.operator == "eq")
	}
	if v.null {
		return false // as in SQL: nothing is equal or unequal to null
	}
	n := compare(c.column.kind, v, c.literal)
	switch c.operator {
	case "eq":
		return n == 0
	case "ne":
		return n != 0
	case "gt":
		return n > 0
	case "ge":
		return n >= 0
	case "lt":
		return n < 0
	default:
		return n <= 0
	}
}

func compare(k kind, x, y value) int {
	switch {
	case x.null || y.null:
		return boolInt(y.null) - boolInt(x.null)
	case k == numberKind:
		return x.number.Cmp(y.number)
	case k == dateKind:
		return x.date.Compare(y.date)
	default:
		return strings.Compare(x.text, y.text)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The two ways for a filter to be wrong: the language (400), or what it says
// of the table, an unknown column or a literal of another type (404).
var (
	errSyntax  = errors.New("syntax error in filter")
	errUnknown = errors.New("resource not found for the segment")
)

// maxTerms is where a filter gets too big.
const (
	maxTerms = 100
	maxDepth = 100
)

var operators = map[string]bool{"eq": true, "ne": true, "gt": true, "ge": true, "lt": true, "le": true}

type parser struct {
	tokens  []string
	columns map[string]column
	terms   int
	depth   int
	// substringof is the v3 spelling of contains, its arguments the other way about.
	functions map[string]func(text, part string) bool
}

var odataFunctions = map[string]func(string, string) bool{
	"contains": strings.Contains, "startswith": strings.HasPrefix, "endswith": strings.HasSuffix,
}

var queryFunctions = map[string]func(string, string) bool{
	"substringof": strings.Contains, "startswith": strings.HasPrefix, "endswith": strings.HasSuffix,
}

func parseFilter(text string, columns map[string]column, functions map[string]func(string, string) bool) (condition, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, columns: columns, functions: functions}
	c, err := p.or()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) > 0 {
		return nil, fmt.Errorf("%w at '%s'", errSyntax, p.tokens[0])
	}
	return c, nil
}

// scan cuts a filter into words, strings (quotes kept, escapes undone),
// literals and brackets.
func scan(text string) ([]string, error) {
	var tokens []string
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c == '\t':
			i++
		case c == '(' || c == ')' || c == ',':
			tokens = append(tokens, string(c))
			i++
		case c == '\'':
			s, size, closed := quoted(text[i:])
			if !closed {
				return nil, fmt.Errorf("%w: unterminated string", errSyntax)
			}
			tokens = append(tokens, s)
			i += size
		case wordByte(c):
			end := i
			for end < len(text) && wordByte(text[end]) {
				end++
			}
			tokens = append(tokens, text[i:end])
			i = end
		default:
			return nil, fmt.Errorf("%w at position %d", errSyntax, i)
		}
	}
	return tokens, nil
}

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-.:", c) >= 0
}

// quoted reads the string literal at the start of text. The token begins with
// a quote, which tells it from a word.
func quoted(text string) (token string, size int, closed bool) {
	var out strings.Builder
	out.WriteByte('\'')
	for i := 1; i < len(text); i++ {
		if text[i] != '\'' {
			out.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			out.WriteByte('\'')
			i++
			continue
		}
		return out.String(), i + 1, true
	}
	return "", 0, false
}

func (p *parser) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *parser) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *parser) expect(token string) error {
	if got := p.next(); got != token {
		return fmt.Errorf("%w: '%s' expected, not '%s'", errSyntax, token, got)
	}
	return nil
}

func (p *parser) or() (condition, error) {
	left, err := p.and()
	for err == nil && p.peek() == "or" {
		p.next()
		var right condition
		right, err = p.and()
		left = either{left, right}
	}
	return left, err
}

func (p *parser) and() (condition, error) {
	left, err := p.unary()
	for err == nil && p.peek() == "and" {
		p.next()
		var right condition
		right, err = p.unary()
		left = both{left, right}
	}
	return left, err
}

func (p *parser) unary() (condition, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, fmt.Errorf("%w: too deep", errSyntax)
	}
	switch p.peek() {
	case "not":
		p.next()
		inner, err := p.unary()
		return negation{inner}, err
	case "(":
		p.next()
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	}
	return p.term()
}

func (p *parser) term() (condition, error) {
	p.terms++
	if p.terms > maxTerms {
		return nil, fmt.Errorf("%w: the node count limit of '%d' has been exceeded", errSyntax, maxTerms)
	}
	name := p.next()
	if name == "" || strings.Contains("(),'", name[:1]) {
		return nil, fmt.Errorf("%w at '%s'", errSyntax, name)
	}
	if p.peek() == "(" {
		return p.call(name)
	}
	col, found := p.columns[name]
	if !found {
		return nil, fmt.Errorf("%w '%s'", errUnknown, name)
	}
	operator := p.next()
	if operator == "in" {
		return always{}, p.skipList()
	}
	if !operators[operator] {
		return nil, fmt.Errorf("%w: unknown operator '%s'", errSyntax, operator)
	}
	literal, err := p.literal(col)
	return comparing{column: col, operator: operator, literal: literal}, err
}

// skipList reads over the list of an in: P21 takes it and ignores the term.
func (p *parser) skipList() error {
	if err := p.expect("("); err != nil {
		return err
	}
	for t := p.next(); t != ")"; t = p.next() {
		if t == "" {
			return fmt.Errorf("%w: ')' expected", errSyntax)
		}
	}
	return nil
}

func (p *parser) call(name string) (condition, error) {
	match, found := p.functions[name]
	if !found {
		return nil, fmt.Errorf("%w '%s'", errUnknown, name)
	}
	p.next()
	first := p.next()
	if err := p.expect(","); err != nil {
		return nil, err
	}
	second := p.next()
	if name == "substringof" {
		first, second = second, first
	}
	col, found := p.columns[first]
	part, isString := strings.CutPrefix(second, "'")
	if !found || col.kind != textKind || !isString {
		return nil, fmt.Errorf("%w '%s'", errUnknown, first)
	}
	return matching{column: col, match: match, part: part}, p.expect(")")
}

// literal reads the right side: never another column, never a function, and of
// the column's own type.
func (p *parser) literal(col column) (value, error) {
	token := p.next()
	mismatch := fmt.Errorf("%w: '%s' cannot be compared with '%s'", errUnknown, col.name, token)
	text, isString := strings.CutPrefix(token, "'")
	switch {
	case token == "" || strings.Contains("(),", token[:1]):
		return value{}, fmt.Errorf("%w: a literal is missing", errSyntax)
	case token == "null":
		return value{null: true}, nil
	case p.peek() == "(":
		return value{}, mismatch // now() and its like
	case isString != (col.kind == textKind):
		return value{}, mismatch
	case isString:
		return value{text: text}, nil
	case col.kind == dateKind:
		t, err := parseWall(token)
		if err != nil {
			return value{}, mismatch
		}
		return value{date: t}, nil
	default:
		d, err := parseDecimal(token)
		if err != nil {
			return value{}, mismatch
		}
		return value{number: d}, nil
	}
}
