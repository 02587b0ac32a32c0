package prophet21

import (
	"context"
	"maps"
	"testing"
)

// TestReferences: a number that is missing in the answer is missing; a deleted
// order is there, since somebody deleted it on purpose.
func TestReferences(t *testing.T) {
	f := newFake(t)
	f.rows("oe_hdr", `{"order_no":"1000123","web_reference_no":"xc-main-1","delete_flag":"Y"}`, `{"order_no":"1000124","web_reference_no":"","po_no":"xc-main-2"}`,
		`{"order_no":"1000125","web_reference_no":null,"po_no":"PO 7"}`)
	got, err := f.open().References(context.Background(), []string{"1000123", "1000124", "1000125", "1000126"})
	want := map[string]string{"1000123": "xc-main-1", "1000124": "xc-main-2", "1000125": ""}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if asked := f.table("oe_hdr"); len(asked) != 1 {
		t.Errorf("asked %d times", len(asked))
	}
}
