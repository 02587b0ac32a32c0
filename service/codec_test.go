package service_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/cart21/cart21/service"
)

// key is an entry of PAYLOAD_KEYS with a key of its own for each id.
func key(id string) string {
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(id[:1]), 32))
}

func codec(t testing.TB, keys ...string) converter.PayloadCodec {
	t.Helper()
	c, err := service.Temporal{PayloadKeys: strings.Join(keys, ",")}.Codec()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t testing.TB, c converter.PayloadCodec, payloads ...*commonpb.Payload) []*commonpb.Payload {
	t.Helper()
	encoded, err := c.Encode(payloads)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func document(text string) *commonpb.Payload {
	return &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain"), "more": []byte("kept")}, Data: []byte(text)}
}

func TestWhatIsEncryptedComesBack(t *testing.T) {
	for _, c := range []struct{ name, writes, reads string }{
		{"one key", key("a"), key("a")},
		{"a new key behind, before it is used", key("a"), key("a") + "," + key("b")},
		{"a new key first, the old still readable", key("a"), key("b") + "," + key("a")},
		{"spaces and a line's end in the list", key("a"), " " + key("b") + ", " + key("a") + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain := []*commonpb.Payload{document(`"Rosa Fuentes"`), document(""), {}}
			encrypted := encode(t, codec(t, c.writes), plain...)
			for _, p := range encrypted {
				if bytes.Contains(p.Data, []byte("Fuentes")) || string(p.Metadata["encoding"]) != "binary/encrypted" || p.Metadata["more"] != nil {
					t.Errorf("not hidden: %v", p)
				}
			}
			back, err := codec(t, c.reads).Decode(encrypted)
			if err != nil {
				t.Fatal(err)
			}
			for i := range plain {
				if !proto.Equal(plain[i], back[i]) {
					t.Errorf("got %v, want %v", back[i], plain[i])
				}
			}
		})
	}
}

func TestTheFirstKeyEncrypts(t *testing.T) {
	encrypted := encode(t, codec(t, key("b"), key("a")), document("1"))
	if id := string(encrypted[0].Metadata["encryption-key-id"]); id != "b" {
		t.Errorf("encrypted with %q", id)
	}
	if _, err := codec(t, key("a")).Decode(encrypted); err == nil {
		t.Error("the second key decrypts what the first encrypted")
	}
}

func TestTheSameDocumentNeverLooksTheSame(t *testing.T) {
	c := codec(t, key("a"))
	if bytes.Equal(encode(t, c, document("1"))[0].Data, encode(t, c, document("1"))[0].Data) {
		t.Error("the nonce repeats")
	}
}

func TestWhatIsNotEncryptedPassesThrough(t *testing.T) {
	for _, keys := range []string{"", key("a")} {
		plain := []*commonpb.Payload{document(`{"action":"retry"}`), {}, {Metadata: map[string][]byte{"encoding": []byte("binary/null")}}}
		back, err := codec(t, keys).Decode(plain)
		if err != nil {
			t.Fatal(err)
		}
		for i := range plain {
			if !proto.Equal(plain[i], back[i]) {
				t.Errorf("got %v, want %v", back[i], plain[i])
			}
		}
	}
	if p := encode(t, codec(t), document("1"))[0]; !proto.Equal(p, document("1")) {
		t.Errorf("without a key: %v", p)
	}
}

func TestWhatCannotBeDecryptedSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		change     func(*commonpb.Payload)
		says       []string
	}{
		{"its key is missing", key("b"), func(*commonpb.Payload) {}, []string{`key "a"`, "only b", "add that key"}},
		{"there are no keys", "", func(*commonpb.Payload) {}, []string{`key "a"`, "none"}},
		{"another key under its id", "a:" + strings.Split(key("b"), ":")[1], func(*commonpb.Payload) {}, []string{`key "a"`, "another key"}},
		{"a bit was turned", key("a"), func(p *commonpb.Payload) { p.Data[20] ^= 1 }, []string{`key "a"`, "changed"}},
		{"the end is missing", key("a"), func(p *commonpb.Payload) { p.Data = p.Data[:len(p.Data)-1] }, []string{`key "a"`, "changed"}},
		{"nothing is left", key("a"), func(p *commonpb.Payload) { p.Data = nil }, []string{`key "a"`, "changed"}},
		{"it has no key id", key("a"), func(p *commonpb.Payload) { delete(p.Metadata, "encryption-key-id") }, []string{`key ""`}},
		{"another id with the same key", key("a") + ",x:" + strings.Split(key("a"), ":")[1],
			func(p *commonpb.Payload) { p.Metadata["encryption-key-id"] = []byte("x") }, []string{`key "x"`, "changed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := encode(t, codec(t, key("a")), document("1"))[0]
			c.change(p)
			_, err := codec(t, c.keys).Decode([]*commonpb.Payload{document("1"), p})
			if err == nil {
				t.Fatal("it was read")
			}
			for _, words := range c.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q does not say %q", err, words)
				}
			}
		})
	}
}

func TestMistakesInTheKeysAreToldAtOnceAndQuoteNone(t *testing.T) {
	short, secret := base64.StdEncoding.EncodeToString([]byte("too short")), strings.Repeat("U0VDUkVU", 5)
	list := strings.Join([]string{key("a"), key("a"), "short:" + short, "raw:" + secret + "!", "b d:" + strings.Split(key("b"), ":")[1], secret, ":" + secret}, ",")
	err := service.Temporal{PayloadKeys: list}.Validate()
	if err == nil {
		t.Fatal("taken")
	}
	for _, words := range []string{`"a" is given twice`, `"short" has 9 bytes`, `"raw" is not base64`, "id of key 5", "key 6 is not id:base64", "id of key 7"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("does not say %q:\n%v", words, err)
		}
	}
	for _, entry := range strings.Split(list, ",") {
		_, material, _ := strings.Cut(":"+entry, ":")
		if i := strings.LastIndex(material, ":"); i >= 0 {
			material = material[i+1:]
		}
		if material != "" && strings.Contains(err.Error(), material) {
			t.Errorf("quotes a key:\n%v", err)
		}
	}
}

func TestManyUseTheCodecAtOnce(t *testing.T) {
	c := codec(t, key("a"))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 200 {
				text := rand.Text()
				encrypted, err := c.Encode([]*commonpb.Payload{document(text)})
				if err != nil {
					t.Error(err)
					return
				}
				if back, err := c.Decode(encrypted); err != nil || string(back[0].Data) != text {
					t.Errorf("%v, %v", back, err)
				}
			}
		})
	}
	all.Wait()
}

// recorded is document("1") as it was once encrypted with the key "a".
var recorded, _ = base64.StdEncoding.DecodeString("6E6F5O2bEkraqYAngvSbk5Jq50UPxnOjzOcXbxiZAQpq+i3USPvgLrMCK3igcmKehzcRN3x0YlHX5H8rGUF+WiNbkZQP")

// TestHistoriesStayReadable: a change of the format would leave running
// processes without their past.
func TestHistoriesStayReadable(t *testing.T) {
	p := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("binary/encrypted"), "encryption-key-id": []byte("a")}, Data: recorded}
	if back, err := codec(t, key("a")).Decode([]*commonpb.Payload{p}); err != nil || !proto.Equal(back[0], document("1")) {
		t.Errorf("%v, %v", back, err)
	}
}

// FuzzDecode: whatever stands in a history, Decode returns it, decrypts it or
// says why not; what was not encrypted with a key of ours never decrypts.
func FuzzDecode(f *testing.F) {
	c := codec(f, key("a"), key("b"))
	f.Add("binary/encrypted", "a", recorded)
	f.Add("binary/encrypted", "b", recorded)
	f.Add("binary/encrypted", "a", recorded[:12])
	f.Add("json/plain", "", []byte("{}"))
	f.Fuzz(func(t *testing.T, encoding, id string, data []byte) {
		p := &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding), "encryption-key-id": []byte(id)}, Data: data}
		back, err := c.Decode([]*commonpb.Payload{p})
		switch {
		case encoding != "binary/encrypted":
			if err != nil || !proto.Equal(back[0], p) {
				t.Errorf("not encrypted, but %v, %v", back, err)
			}
		case id == "a" && bytes.Equal(data, recorded):
			if err != nil || !proto.Equal(back[0], document("1")) {
				t.Errorf("ours, but %v, %v", back, err)
			}
		case err == nil:
			t.Errorf("a forgery decrypts to %v", back)
		}
	})
}
