package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// maxText and maxDigits bound what an expression can build, whatever it doubles.
const (
	maxText   = 64 << 10
	maxDigits = 60
)

var (
	errTextTooLong    = errors.New("the text grows too long")
	errAmountTooLarge = errors.New("the amount grows too large")
	errDivisionByZero = errors.New("division by zero")
)

// functions are what expressions can call besides expr's own: all without side
// effects. Expr's own that read a clock, use floats or can grow without bounds
// are taken away.
func functions(tables map[string]map[string]string) []expr.Option {
	options := []expr.Option{
		expr.Function("lookup", func(p ...any) (any, error) {
			if value, ok := tables[p[0].(string)][p[1].(string)]; ok {
				return value, nil
			}
			if len(p) > 2 {
				return p[2].(string), nil
			}
			return "", nil
		}, new(func(table, key string) string), new(func(table, key, otherwise string) string)),
		expr.Function("dec", func(p ...any) (any, error) { return parseAmount([]byte(p[0].(string))) },
			new(func(string) decimal.Decimal)),
		expr.Function("round", func(p ...any) (any, error) {
			return p[0].(decimal.Decimal).Round(int32(min(max(p[1].(int), 0), 18))), nil
		}, new(func(decimal.Decimal, int) decimal.Decimal)),
		expr.Function("text", func(p ...any) (any, error) {
			if len(p) > 1 {
				return p[0].(decimal.Decimal).StringFixed(int32(min(max(p[1].(int), 0), 18))), nil
			}
			return p[0].(decimal.Decimal).String(), nil
		}, new(func(decimal.Decimal) string), new(func(decimal.Decimal, int) string)),
		expr.Function("adddays", func(p ...any) (any, error) {
			return string(commerce.Date(p[0].(string)).AddDays(p[1].(int))), nil
		}, new(func(date string, days int) string)),
		expr.Function("addworkdays", func(p ...any) (any, error) {
			return addWorkdays(p[0].(string), p[1].(int)), nil
		}, new(func(date string, days int) string)),
	}
	for _, name := range []string{"now", "date", "duration", "timezone", "float", "ceil", "floor", "mean", "median", "fromJSON", "repeat", "splitAfter"} {
		options = append(options, expr.DisableBuiltin(name))
	}
	options = append(options, textFunctions()...)
	return append(options, decimalOperators()...)
}

func textFunctions() []expr.Option {
	return []expr.Option{
		expr.Function("left", func(p ...any) (any, error) { return left(p[0].(string), p[1].(int)), nil },
			new(func(string, int) string)),
		expr.Function("coalesce", func(p ...any) (any, error) {
			for _, v := range p {
				if s := v.(string); strings.TrimSpace(s) != "" {
					return s, nil
				}
			}
			return "", nil
		}, new(func(...string) string)),
		expr.Function("replace", func(p ...any) (any, error) {
			s, from, to := p[0].(string), p[1].(string), p[2].(string)
			if len(s)+strings.Count(s, from)*len(to) > maxText {
				return nil, errTextTooLong
			}
			return strings.ReplaceAll(s, from, to), nil
		}, new(func(s, from, to string) string)),
		expr.Function("join", func(p ...any) (any, error) {
			separator, size := p[1].(string), 0
			parts := make([]string, 0, len(p[0].([]any)))
			for _, part := range p[0].([]any) {
				s, ok := part.(string)
				if !ok {
					return nil, errors.New("join takes a list of texts")
				}
				if size += len(s) + len(separator); size > maxText {
					return nil, errTextTooLong
				}
				if s != "" { // so that a missing part leaves no gap
					parts = append(parts, s)
				}
			}
			return strings.Join(parts, separator), nil
		}, new(func(parts []any, separator string) string)),
		expr.Function("appended", func(p ...any) (any, error) {
			a, b := p[0].(string), p[1].(string)
			if len(a)+len(b) > maxText {
				return nil, errTextTooLong
			}
			return a + b, nil
		}, new(func(a, b string) string)),
	}
}

// decimalOperators give decimals the operators of numbers, with a whole number
// on either side too.
func decimalOperators() []expr.Option {
	var options []expr.Option
	calculate := func(name, operator string, f func(a, b decimal.Decimal) decimal.Decimal, also ...string) {
		options = append(options,
			expr.Function(name, func(p ...any) (any, error) {
				a, b := toDecimal(p[0]), toDecimal(p[1])
				if operator == "/" && b.IsZero() {
					return nil, errDivisionByZero
				}
				if result := f(a, b); result.NumDigits() <= maxDigits {
					return result, nil
				}
				return nil, errAmountTooLarge
			}, new(func(a, b decimal.Decimal) decimal.Decimal), new(func(decimal.Decimal, int) decimal.Decimal), new(func(int, decimal.Decimal) decimal.Decimal)),
			expr.Operator(operator, append(also, name)...))
	}
	compare := func(name, operator string, f func(sign int) bool) {
		options = append(options,
			expr.Function(name, func(p ...any) (any, error) { return f(toDecimal(p[0]).Cmp(toDecimal(p[1]))), nil },
				new(func(a, b decimal.Decimal) bool), new(func(decimal.Decimal, int) bool), new(func(int, decimal.Decimal) bool)),
			expr.Operator(operator, name))
	}
	calculate("plus", "+", decimal.Decimal.Add, "appended")
	calculate("minus", "-", decimal.Decimal.Sub)
	calculate("times", "*", decimal.Decimal.Mul)
	calculate("over", "/", decimal.Decimal.Div)
	compare("below", "<", func(s int) bool { return s < 0 })
	compare("above", ">", func(s int) bool { return s > 0 })
	compare("atMost", "<=", func(s int) bool { return s <= 0 })
	compare("atLeast", ">=", func(s int) bool { return s >= 0 })
	compare("equals", "==", func(s int) bool { return s == 0 })
	compare("differs", "!=", func(s int) bool { return s != 0 })
	return options
}

func toDecimal(v any) decimal.Decimal {
	if n, ok := v.(int); ok {
		return decimal.NewFromInt(int64(n))
	}
	return v.(decimal.Decimal)
}

// left is the first n letters.
func left(s string, n int) string {
	letters := []rune(s)
	return string(letters[:min(max(n, 0), len(letters))])
}

// addWorkdays moves a date by days that are not a Saturday or Sunday.
func addWorkdays(date string, days int) string {
	d := commerce.Date(date)
	for range min(max(days, 0), 366) {
		d = d.AddDays(1)
		for isWeekend(d) {
			d = d.AddDays(1)
		}
	}
	return string(d)
}

// names finds what expr lets pass: a lookup in a table that the profile does not
// have, which would only ever give the default; and a misspelt name inside a
// function's argument, which expr forgets again as soon as operators are defined.
type names struct {
	tables  map[string]map[string]string
	unknown *file.Error // the first
}

// Visit implements expr's ast.Visitor.
func (k *names) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok || callee.Value != "lookup" || len(n.Arguments) == 0 {
			return
		}
		if table, ok := n.Arguments[0].(*ast.StringNode); ok && k.tables[table.Value] == nil {
			k.found(table, "there is no table %q under tables", table.Value)
		}
	case *ast.MemberNode:
		of, property := n.Node.Type(), ""
		if name, ok := n.Property.(*ast.StringNode); ok {
			property = name.Value
		}
		if of == nil || of.Kind() != reflect.Struct || property == "" {
			return
		}
		_, field := of.FieldByName(property)
		if _, method := of.MethodByName(property); !field && !method {
			k.found(n.Property, "type %v has no field %v", of, property)
		}
	}
}

func (k *names) found(node ast.Node, format string, args ...any) {
	if k.unknown == nil {
		k.unknown = &file.Error{Location: node.Location(), Message: fmt.Sprintf(format, args...)}
	}
}
