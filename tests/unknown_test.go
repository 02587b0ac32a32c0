package tests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryWriteLosesItsAnswer drops the connection after the first of every
// write of every order was done, in both systems. What was written must be found
// and not be written again.
func TestEveryWriteLosesItsAnswer(t *testing.T) {
	const orders = 15
	for name, c := range map[string]struct {
		args  []string
		route string   // P21_ORDER_ROUTE
		want  []string // writes whose answer was lost
	}{
		"5.4 with middleware": {[]string{"-xcart", "5.4", "-p21", "middleware"}, "rest",
			[]string{"POST /api/sales/orders/", "POST /api/entity/addresses/", "POST /api/entity/contacts/", "POST /api/entity/customers/", "PUT order/{id}", "POST ordertrackingnumber/{id}"}},
		"5.5 with gateway": {[]string{"-xcart", "5.5", "-p21", "gateway"}, "rest",
			[]string{"POST /api/v1/SalesOrder", "POST /api/v1/CustomerMaster", "PUT /api/orders/{id}/shipping_status"}},
		"5.4 with gateway": {[]string{"-xcart", "5.4", "-p21", "gateway"}, "rest",
			[]string{"POST /api/v1/SalesOrder", "POST /api/v1/CustomerMaster", "PUT order/{id}", "POST ordertrackingnumber/{id}"}},
		"5.5 with the transaction route": {[]string{"-xcart", "5.5", "-p21", "middleware", "-mapping", freightAsItem(t)}, "transaction",
			[]string{"POST /uiserver0/api/v2/transaction", "POST /api/entity/customers/", "PUT /api/orders/{id}/shipping_status"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := runWith(t, []string{"P21_ORDER_ROUTE=" + c.route}, append(c.args, "-orders", "15", "-lose-answers")...)
			if s.Created < orders/2 || s.Shipped != s.Created {
				t.Errorf("%d created, %d shipped", s.Created, s.Shipped)
			}
			for _, write := range c.want {
				if s.LostAnswers[write] == 0 {
					t.Errorf("no answer of %s was lost: %v", write, s.LostAnswers)
				}
			}
		})
	}
}

// freightAsItem is the sandbox's profile with freight as a charge item: the
// Transaction API cannot set an order's freight.
func freightAsItem(t *testing.T) string {
	profile, err := os.ReadFile("../sandbox/mapping.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mapping.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(string(profile), "\ncharges:\n", "\ncharges:\n  freight: POSTAGE\n", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
