// Package signed makes and checks what the console signs: the sessions of those
// who are signed in, and the links by which alerts lead to a decision. Nothing
// that is signed is secret: it can be read by whoever holds it, and not changed.
package signed

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Key signs, with HMAC-SHA256.
type Key struct{ secret []byte }

// MinSecret is the least length of a secret, in characters.
const MinSecret = 32

// NewKey makes a key of a secret.
func NewKey(secret string) (Key, error) {
	if len(secret) < MinSecret {
		return Key{}, fmt.Errorf("the secret must be at least %d characters long: make one with `openssl rand -hex 32`", MinSecret)
	}
	return Key{[]byte(secret)}, nil
}

// The errors of [Key.Read], as those may read them who hold the token.
var (
	ErrInvalid = errors.New("it was not made here, or it was changed on its way")
	ErrExpired = errors.New("it has expired")
)

// envelope is what is signed. The nonce makes two tokens of the same content differ.
type envelope struct {
	Content json.RawMessage `json:"c"`
	Expires int64           `json:"x"` // Unix time
	Nonce   string          `json:"n"`
}

// Sign makes a token of content, fit for URLs and cookies. The purpose is signed
// too: a token of one purpose is none of another.
func (k Key) Sign(purpose string, content any, expires time.Time) (string, error) {
	inner, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("signing a %s: %w", purpose, err)
	}
	outer, err := json.Marshal(envelope{Content: inner, Expires: expires.Unix(), Nonce: rand.Text()})
	if err != nil {
		return "", fmt.Errorf("signing a %s: %w", purpose, err)
	}
	encoding := base64.RawURLEncoding
	return encoding.EncodeToString(outer) + "." + encoding.EncodeToString(k.mac(purpose, outer)), nil
}

// Read puts what a token of that purpose holds into content.
func (k Key) Read(purpose, token string, now time.Time, content any) error {
	body, mac, _ := strings.Cut(token, ".")
	outer, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return ErrInvalid
	}
	given, err := base64.RawURLEncoding.Strict().DecodeString(mac)
	if err != nil || !hmac.Equal(given, k.mac(purpose, outer)) {
		return ErrInvalid
	}
	var e envelope
	if json.Unmarshal(outer, &e) != nil {
		return ErrInvalid
	}
	if now.Unix() >= e.Expires {
		return ErrExpired
	}
	if json.Unmarshal(e.Content, content) != nil {
		return ErrInvalid
	}
	return nil
}

// Digest tells two texts apart without showing them: a session remembers by it
// with which password it began.
func (k Key) Digest(text string) string {
	return base64.RawURLEncoding.EncodeToString(k.mac("digest", []byte(text))[:12])
}

func (k Key) mac(purpose string, body []byte) []byte {
	h := hmac.New(sha256.New, k.secret)
	h.Write([]byte(purpose))
	h.Write([]byte{0}) // no purpose holds it: purpose and body cannot be shifted against each other
	h.Write(body)
	return h.Sum(nil)
}
