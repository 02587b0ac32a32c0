package service

import "testing"

// FuzzKeys: PAYLOAD_KEYS is read or refused, and a refusal quotes no key.
func FuzzKeys(f *testing.F) {
	for _, seed := range []string{"", "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "k1", "k1:,k1:", ":::,", "k1:AAECAwQF", "a b:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		c, err := newCodec(list)
		if err == nil && (c.first == "") != (len(c.keys) == 0) {
			t.Errorf("%q has %d keys, the first is %q", list, len(c.keys), c.first)
		}
	})
}
