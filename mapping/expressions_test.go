package mapping

import (
	"fmt"
	"strings"
	"testing"
)

// Each expression stands as the job name of the sample order.
func TestExpressions(t *testing.T) {
	for source, want := range map[string]string{
		`order.Number`: "1004120",
		`upper(order.BillTo.City) + "/" + lower("A") + trim(" b ")`:            "EDMOND/ab",
		`left(order.BillTo.Company, 6)`:                                        "Edmond",
		`left("äöü", 2)`:                                                       "äö",
		`left("a", -1)`:                                                        "",
		`coalesce("", "  ", order.StaffNote, order.CustomerNote)`:              "Gate code 5",
		`lookup("sizes", "S")`:                                                 "small",
		`lookup("sizes", "XXL")`:                                               "",
		`lookup("sizes", "XXL", "huge")`:                                       "huge",
		`join([order.FirstName, "", order.LastName], " ")`:                     "Pat Roe",
		`join(map(split("a,b", ","), upper(#)), "-")`:                          "A-B",
		`adddays(order.Date, 12)`:                                              "2026-12-02",
		`addworkdays(order.Date, 1)`:                                           "2026-11-23", // a Friday
		`adddays("soon", 1)`:                                                   "soon",
		`order.CustomerNote matches "(?i)^gate"  ? "gate" : "none"`:            "gate",
		`order.ShipTo.State in ["OK", "TX"] ? "20" : "10"`:                     "20",
		`text(round(order.Total / 3, 2))`:                                      "107.45",
		`text(dec("1.5") + dec("0.1"))`:                                        "1.6",
		`text(order.Goods - order.Freight * 2, 3)`:                             "282.900",
		`order.Total > 300 && order.Total <= dec("322.35") ? "large" : "less"`: "large",
		`300 < order.Total && order.Total != 1 ? "large" : "less"`:             "large",
		`order.Total == dec("322.350") ? "same" : "other"`:                     "same",
		`order.BillTo.Name()`:                                                  "Edmond Irrigation LLC",
		`replace(order.BillTo.Phone, " ", "")`:                                 "(405)555-0100",
		`reference + " " + today`:                                              "xc-main-4120 2026-11-20",
		`order.Coupons contains "AUTUMN" ? "sale" : ""`:                        "sale",
		`order.Guest ? "guest" : order.ProfileID`:                              "300",
	} {
		t.Run(source, func(t *testing.T) {
			p := load(t, "tables: {sizes: {S: small}}\norder:\n  job_name: |-\n    "+source)
			sales, findings := p.MapOrder(sample(t), Facts{}, now)
			if sales.JobName != want || has(findings, "expression-failed") {
				t.Errorf("got %q, want %q (%+v)", sales.JobName, want, findings)
			}
		})
	}
}

func TestExpressionsThatAreRefusedWhenLoaded(t *testing.T) {
	for _, source := range []string{
		`now().String()`, `line.SKU`, `charge.Name`, `order.Nothing`, `1`, `order.Total`, `order.Total > 1.5 ? "a" : "b"`,
		`repeat("a", 9)`, `float("1")`, `fromJSON("{}")`, `lookup("nowhere", "a")`, `left("a")`, `dec(1)`, `nope()`, `"a" matches "("`,
		`order.Number[`, `1 + "a"`,
	} {
		if _, err := Parse("x.yaml", []byte("extends: default\norder:\n  job_name: |-\n    "+source)); err == nil {
			t.Errorf("%s was accepted", source)
		} else if !strings.Contains(err.Error(), "x.yaml:3") || !strings.Contains(err.Error(), "order.job_name") {
			t.Errorf("%s: the error does not tell the place: %v", source, err)
		}
	}
}

func TestExpressionsCannotGrowWithoutBounds(t *testing.T) {
	doubled, squared := `let a0 = "0123456789"; `, `let a0 = order.Total; `
	for i := range 40 {
		next, last := fmt.Sprintf("a%d", i+1), fmt.Sprintf("a%d", i)
		doubled += "let " + next + " = " + last + " + " + last + "; "
		squared += "let " + next + " = " + last + " * " + last + "; "
	}
	for name, source := range map[string]string{
		"text": doubled + "a40", "amounts": squared + "text(a40)",
		"lists": `join(map(1..1000000, "a"), "")`, "nested lists": `string(len(map(1..1000, map(1..1000, #))))`,
		"joined": `join(map(1..9000, "0123456789"), "")`, "replaced": `replace(join(map(1..900, "a"), ""), "a", join(map(1..900, "b"), ""))`,
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, "order:\n  job_name: |-\n    "+source)
			if _, findings := p.MapOrder(sample(t), Facts{}, now); !has(findings, "expression-failed") {
				t.Errorf("it ran: %+v", findings)
			}
		})
	}
	if _, err := Parse("x.yaml", []byte("extends: default\norder:\n  job_name: '\"a\""+strings.Repeat(` + "a"`, 600)+"'")); err == nil {
		t.Error("an expression of 600 parts was accepted")
	}
}
