package prophet21

import "testing"

func TestEventsNameATicket(t *testing.T) {
	for body, want := range map[string]string{
		`{"event":"shipment.confirmed","id":"300123"}`:           "300123",
		`{"event":"shipment.confirmed","id":300123}`:             "300123",
		`{"event":"shipment.confirmed","id":123456789012345678}`: "123456789012345678", // a float would change it
		`{"event":"shipment.confirmed","id":null}`:               "",
		`{"event":"shipment.confirmed","id":true}`:               "",
		`{"event":"shipment.confirmed","id":"1 or 1"}`:           "",
		`{"event":"shipment.confirmed"}`:                         "",
		`{"id":"300123"}`:                                        "",
		`[]`:                                                     "",
	} {
		event, err := ParseEvent([]byte(body))
		if event.PickTicket != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %+v, %v", body, event, err)
		}
	}
}

func FuzzEvent(f *testing.F) {
	f.Add([]byte(`{"event":"shipment.confirmed","id":300123}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if event, err := ParseEvent(body); err == nil && !isTicket(event.PickTicket) {
			t.Errorf("got %+v", event)
		}
	})
}
