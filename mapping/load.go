package mapping

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

//go:embed default.yaml
var defaultYAML []byte

const defaultName = "default.yaml"

// Bounds of a profile: tables of tens of thousands of rows fit (20,000 load in
// two seconds), a mistaken file does not. The YAML library's time grows with the
// square of rows and of nesting.
const (
	maxProfile = 1 << 20
	maxNesting = 50
)

// Load reads a profile; an empty path means the embedded default.
func Load(path string) (*Profile, error) {
	if path == "" {
		return Parse(defaultName, defaultYAML)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the mapping profile: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxProfile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the mapping profile: %w", err)
	}
	return Parse(path, text)
}

// Parse reads a profile. Every mistake found is in the error, each with file,
// line and column. A profile with `extends: default` holds only what differs
// from the embedded default.
func Parse(name string, text []byte) (_ *Profile, err error) {
	// The YAML library is known to panic on documents that nobody means.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: this YAML cannot be read: %v", name, r)
		}
	}()
	if len(text) > maxProfile {
		return nil, fmt.Errorf("the mapping profile %s is larger than %d MiB", name, maxProfile>>20)
	}
	if nestsTooDeep(text) {
		return nil, fmt.Errorf("the mapping profile %s nests deeper than any profile does", name)
	}
	found := &mistakes{file: name}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, found.inYAML(err)
	}
	for _, doc := range tree.Docs {
		found.index(doc.Body, "", reflect.TypeFor[document]())
	}
	if found.unreadable {
		return nil, found.err()
	}
	doc, err := read(text)
	if err != nil {
		found.inYAML(err)
		return nil, found.err()
	}
	if found.incomplete(doc) {
		return nil, found.err() // all else would only repeat it
	}
	p := &Profile{doc: doc}
	p.check(found)
	p.programs = compile(p.doc, found)
	if err := found.err(); err != nil {
		return nil, err
	}
	// JSON writes the keys of maps in order, so that the same profile always
	// has the same version.
	p.doc.Extends = ""
	effective, err := json.Marshal(p.doc)
	if err != nil {
		return nil, fmt.Errorf("%s: writing the effective profile down: %w", name, err)
	}
	p.version = hash(effective)
	return p, nil
}

// read decodes a profile, over the embedded default if it says so.
func read(text []byte) (document, error) {
	var doc, base document
	var probe struct {
		Extends string `yaml:"extends"`
	}
	if err := yaml.Unmarshal(text, &probe); err != nil {
		return document{}, err
	}
	if probe.Extends == extendsDefault {
		for _, into := range []*document{&doc, &base} {
			if err := yaml.UnmarshalWithOptions(defaultYAML, into, yaml.Strict()); err != nil {
				return document{}, fmt.Errorf("the embedded default: %w", err)
			}
		}
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return document{}, err
	}
	doc.keepRows(base)
	return doc, nil
}

// keepRows gives every map the rows of the default that the file does not name:
// decoding replaced the map.
func (d *document) keepRows(base document) {
	d.Import.Methods = merged(base.Import.Methods, d.Import.Methods)
	d.Statuses.Payment = merged(base.Statuses.Payment, d.Statuses.Payment)
	d.Statuses.Shipping = merged(base.Statuses.Shipping, d.Statuses.Shipping)
	d.Statuses.Set = merged(base.Statuses.Set, d.Statuses.Set)
	d.Order.Extra = merged(base.Order.Extra, d.Order.Extra)
	d.Lines.Extra = merged(base.Lines.Extra, d.Lines.Extra)
	d.Customers.Extra = merged(base.Customers.Extra, d.Customers.Extra)
	d.Validate.RequiredAddress = merged(base.Validate.RequiredAddress, d.Validate.RequiredAddress)
	d.Validate.MaxLength = merged(base.Validate.MaxLength, d.Validate.MaxLength)
	d.FieldNames = merged(base.FieldNames, d.FieldNames)
	d.Stock.Items = merged(base.Stock.Items, d.Stock.Items)
	tables := merged(base.Tables, d.Tables)
	for name := range tables {
		tables[name] = merged(base.Tables[name], d.Tables[name])
	}
	d.Tables = tables
}

// nestsTooDeep counts open brackets, and the "- " that begin a line.
func nestsTooDeep(text []byte) bool {
	open, dashes, last := 0, 0, byte(0)
	for _, c := range text {
		switch {
		case c == '[' || c == '{':
			open++
		case c == ']' || c == '}':
			open = max(open-1, 0)
		case c == ' ' && (last == '-' || last == '?'):
			dashes++
		}
		if c == '\n' || last == '-' && c == '-' {
			dashes = 0 // a rule of dashes nests nothing
		}
		if open > maxNesting || dashes > maxNesting {
			return true
		}
		last = c
	}
	return false
}

func merged[K comparable, V any](base, over map[K]V) map[K]V {
	all := make(map[K]V, len(base)+len(over))
	for k, v := range base {
		all[k] = v
	}
	for k, v := range over {
		all[k] = v
	}
	return all
}
