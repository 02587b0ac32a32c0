package commerce

import (
	"strings"
	"testing"
)

// FuzzReference: a reference comes back from the ERP, where people can edit it.
func FuzzReference(f *testing.F) {
	for _, seed := range []string{"xc-main-4711", "xc-main-4711.2", "xc-main-4711.", "xc-main-.2", "xc-main-", "xc--1", "xc-a-b-c", "XC-main-1", "po 77", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, reference string) {
		store, id, err := ParseReference(reference)
		if err != nil {
			return
		}
		suffix := ReferenceSuffix(reference)
		want := reference
		if suffix == "" {
			want = strings.TrimSuffix(reference, suffixMark)
		}
		if got := (Order{Store: store, ID: id, ReferenceSuffix: suffix}).Reference(); got != want {
			t.Errorf("%q became %q", reference, got)
		}
	})
}
