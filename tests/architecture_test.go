// Package tests holds what concerns the whole house: its architecture, the
// replay of recorded histories, end-to-end runs and drills.
package tests

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/cart21/cart21/"

// allowed says which of our packages a room may import. A room that ends with
// a slash stands for everything under it.
var allowed = map[string][]string{
	"commerce":             {},
	"mapping":              {"commerce"},
	"mapping/check":        {"commerce", "mapping"},
	"connectors":           {"commerce"},
	"connectors/xcart":     {"commerce", "connectors"},
	"connectors/prophet21": {"commerce", "connectors"},
	"connectors/scorer":    {"commerce", "connectors"},
	"records":              {"commerce"},
	"fraud":                {"commerce"},
	"fraud/learn":          {"fraud"},
	"fraud/velocitytest":   {"fraud"},
	"fraud/train":          {"commerce", "fraud", "fraud/learn", "records"},
	"alerts":               {"connectors"},
	"activities":           {"alerts", "commerce", "connectors", "connectors/xcart", "connectors/prophet21", "connectors/scorer", "fraud", "mapping", "records"},
	"workflows":            {"commerce", "activities"},
	"service":              {"alerts", "commerce", "connectors", "connectors/xcart", "connectors/prophet21"},
	"console/signed":       {},
	"console":              {"activities", "commerce", "console/signed", "service", "workflows"},
	"starter":              {"connectors", "connectors/xcart", "connectors/prophet21", "service", "workflows"},
	// The simulators follow the contracts, never our clients.
	"sandbox/faults": {},
	"sandbox/shop":   {"sandbox/faults"},
	"sandbox/erp":    {"sandbox/faults"},
}

// temporal is where the Temporal SDK may appear.
var temporal = []string{"activities", "workflows", "workers", "starter", "console", "service", "sandbox", "tests"}

// TestEveryRoomImportsOnlyWhatItMay keeps the house in order: a connector that
// knows of Temporal, or a process that calls a connector, fails here.
func TestEveryRoomImportsOnlyWhatItMay(t *testing.T) {
	for _, p := range packages(t) {
		room, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "go.temporal.io/") && !contains(temporal, strings.Split(room, "/")[0]) {
				t.Errorf("%s imports %s: Temporal belongs into %v", room, imported, temporal)
			}
			target, ours := strings.CutPrefix(imported, module)
			rule, ruled := allowed[room]
			if ours && ruled && !contains(rule, target) {
				t.Errorf("%s imports %s: it may import only %v of ours", room, target, rule)
			}
		}
	}
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	var all []goPackage
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("reading go list: %v", err)
		}
		all = append(all, p)
	}
}

func contains(all []string, one string) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}
