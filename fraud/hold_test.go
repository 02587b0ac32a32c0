package fraud_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cart21/cart21/fraud"
)

func TestHowAHoldGoes(t *testing.T) {
	p, err := fraud.ParsePolicy("own.yaml", []byte("hold: {decide_by: 90m, at_deadline: reject, status_held: HOLD}"))
	if err != nil {
		t.Fatal(err)
	}
	want := fraud.DefaultPolicy().OnHold
	want.DecideBy, want.AtDeadline, want.StatusHeld = 90*time.Minute, fraud.RejectThen, "HOLD"
	if p.OnHold != want {
		t.Errorf("%+v: what is not named must stay as by default", p.OnHold)
	}
	for text, mistake := range map[string]string{
		"hold: {at_deadline: later}":                      "none of approve, reject and keep",
		"hold: {decide_by: -1h}":                          "decide_by",
		"hold: {escalate_after: -1h}":                     "escalate_after",
		"hold: {status_rejected: CANCELLED}":              "no status code",
		"hold: {status_held: WFA, status_approved: \"\"}": "status_approved",
		"hold: {decide_by: soon}":                         "own.yaml",
		"hold: {deadline: 1h}":                            "deadline",
	} {
		if _, err := fraud.ParsePolicy("own.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s: %v, want a mistake about %q", text, err, mistake)
		}
	}
}

func TestAnOpinionTakesThePlaceOfTheScore(t *testing.T) {
	p, f := fraud.DefaultPolicy(), facts()
	own := fraud.Score(f, p, nil)
	for _, score := range []float64{0.01, 0.5, own.Score, 37.5, 99} {
		f.Opinion = &fraud.Opinion{Score: score, Text: "So."}
		a := fraud.Score(f, p, nil)
		if a.Score != score || len(a.Reasons) != len(own.Reasons)+1 {
			t.Errorf("score %v with %d reasons, want %v with %d", a.Score, len(a.Reasons), score, len(own.Reasons)+1)
		}
	}
	f.Opinion = &fraud.Opinion{Text: "It gave none."}
	if a := fraud.Score(f, p, nil); a.Score != own.Score || len(a.Causes) != len(own.Causes) || len(a.Reasons) != len(own.Reasons)+1 {
		t.Errorf("without a score from outside %v of %v", a.Score, own.Score)
	}
}
