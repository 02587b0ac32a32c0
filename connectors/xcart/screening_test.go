package xcart

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cart21/cart21/commerce"
)

func TestScreening54(t *testing.T) {
	for _, test := range []struct {
		name, file string
		want       commerce.Screening
	}{
		{"an account, and what a gateway left in the details", "54/order-screening.http", commerce.Screening{
			AccountSince: time.Date(2024, 3, 5, 7, 45, 0, 0, time.UTC), AVS: "Address matches, ZIP does not", CVV: "M", Card: "411111******1111",
			Verdicts: []commerce.ScreeningVerdict{{Service: "Kount", Result: "R", Score: "37.5"}},
		}},
		{"a guest's date is that of the order's copy", "54/order-screening-guest.http", commerce.Screening{}},
		{"what cannot be read is not known, and no order is refused for it", "54/order-screening-odd.http", commerce.Screening{AVS: "Y"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := replay(t, "5.4", test.file).Order(t.Context(), "71")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.Screening); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScreening54TakesAVerdictThatComesByTheWay(t *testing.T) {
	got, err := replay(t, "5.4", "54/order-included-tax-verdict.http").Order(t.Context(), "71")
	if err != nil {
		t.Fatal(err)
	}
	want := []commerce.ScreeningVerdict{{Service: "NoFraud", Result: "3"}}
	if diff := cmp.Diff(want, got.Screening.Verdicts); diff != "" {
		t.Error(diff)
	}
}

func TestScreening55(t *testing.T) {
	got, err := replay(t, "5.5", "55/order-screening.http").Order(t.Context(), "4120")
	if err != nil {
		t.Fatal(err)
	}
	want := commerce.Screening{
		// Of two transactions the later counts, a whole card number is cut.
		AVS: "N", CVV: "M", Card: "542433******0015", Cardholder: "PAT ROE",
		Verdicts: []commerce.ScreeningVerdict{{Service: "Signifyd", Result: "ACCEPT", Score: "812"}},
	}
	if diff := cmp.Diff(want, got.Screening); diff != "" {
		t.Error(diff)
	}
}

func TestScreeningIsInNoFingerprintAndNoJSON(t *testing.T) {
	plainOrder, err := replay(t, "5.5", "55/order.http").Order(t.Context(), "4120")
	if err != nil {
		t.Fatal(err)
	}
	screened, err := replay(t, "5.5", "55/order-screening.http").Order(t.Context(), "4120")
	if err != nil {
		t.Fatal(err)
	}
	screened.Payments = plainOrder.Payments
	if plainOrder.Fingerprint() != screened.Fingerprint() {
		t.Error("what only the screening looks at changes the fingerprint: the order would be taken for edited")
	}
}

func TestMaskedKeepsNoWholeNumber(t *testing.T) {
	for card, want := range map[string]string{
		"": "", "******1111": "******1111", "411111******1111": "411111******1111", "4111111111111111": "411111******1111",
		"4111 1111 1111 1111": "4111 11** **** 1111", "378282246310005": "378282*****0005",
	} {
		if got := masked(card); got != want {
			t.Errorf("%q becomes %q, want %q", card, got, want)
		}
	}
}

func TestCellsOfOtherNamesAreLeft(t *testing.T) {
	var s commerce.Screening
	screen(&s, cells{{Name: "authCode", Value: "123456"}, {Name: "kountUrl", Label: "Kount link", Value: "https://kount.test/x"}, {Name: "savings", Value: "avs"}, {Name: "avs", Value: "  "}})
	if diff := cmp.Diff(commerce.Screening{}, s); diff != "" {
		t.Error(diff)
	}
}
