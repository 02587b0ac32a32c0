package tests

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestEveryReasonHasItsRunbook finds the reasons that the code can park for in
// the code itself: one without a page would leave an operator alone with it.
func TestEveryReasonHasItsRunbook(t *testing.T) {
	reasons := reasonsInCode(t)
	for _, known := range []string{"unknown-item", "duplicate-in-erp", "changed-after-import", "not-acknowledged", "amendment",
		"unknown-payment-status", "too-long", "p21-rejected", "xcart-unavailable", "timeout", "failed", "vanished-from-erp", "expression-failed"} {
		if !reasons[known] {
			t.Errorf("the search does not find %s any more: it would miss others too", known)
		}
	}
	page, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range regexp.MustCompile(`(?m)^#+ `).Split(string(page), -1) {
		title, text, _ := strings.Cut(section, "\n")
		sections[title] = text
	}
	for reason := range reasons {
		text, there := sections[reason]
		for _, part := range []string{"*Look:*", "*Do:*", "*Otherwise:*"} {
			if !there || !strings.Contains(text, part) {
				t.Errorf("docs/operations.md has no %s under a heading %q", part, reason)
			}
		}
	}
	for title, text := range sections {
		if strings.Contains(text, "*Otherwise:*") && !reasons[title] {
			t.Errorf("docs/operations.md explains %q, which nothing parks for", title)
		}
	}
}

// reasonsInCode are the texts that stand where a reason stands: as a field or
// a constant of that name, as the code of a finding, or handed to what refuses.
func reasonsInCode(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, file := range sources(t, "workflows", "activities", "mapping") {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if name(n.Key) == "Reason" || name(n.Key) == "Code" {
					found[code(n.Value)] = true
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if strings.EqualFold(name(left), "reason") && i < len(n.Rhs) {
						found[code(n.Rhs[i])] = true
					}
				}
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if strings.HasPrefix(n.Names[i].Name, "Reason") {
						found[code(value)] = true
					}
				}
			case *ast.CallExpr:
				if f := name(n.Fun); len(n.Args) > 0 && (f == "refuse" || f == "add" || f == "warn") {
					found[code(n.Args[0])] = true
				}
			}
			return true
		})
	}
	for _, file := range sources(t, "connectors") {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && name(spec.Type) == "Kind" {
				for _, kind := range spec.Values {
					found["p21-"+code(kind)], found["xcart-"+code(kind)] = true, true
				}
			}
			return true
		})
	}
	delete(found, "") // what stood there was no literal
	return found
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// code is a literal in kebab-case; empty for everything else.
func code(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil || !kebab.MatchString(text) {
		return ""
	}
	return text
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// sources parses the code of some of our packages, without tests. What compares
// an ERP's order with the shop's has codes too, all under erp-order-differs.
func sources(t *testing.T, rooms ...string) (files []*ast.File) {
	t.Helper()
	for _, room := range rooms {
		paths, err := fs.Glob(os.DirFS("../"+room), "*.go")
		if err != nil || len(paths) == 0 {
			t.Fatalf("no code in %s: %v", room, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || path == "compare.go" {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", room, path), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}
