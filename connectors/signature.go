package connectors

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a signed webhook.
const (
	HeaderTimestamp = "X-Cart21-Timestamp" // seconds since 1970
	HeaderSignature = "X-Cart21-Signature" // sha256=<hex of HMAC-SHA256 over "<timestamp>.<body>">
)

// ReplayWindow is how far a webhook's timestamp may be from our clock.
const ReplayWindow = 5 * time.Minute

// Sign sets the signature headers of a webhook.
func Sign(h http.Header, secret string, body []byte, now time.Time) {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	h.Set(HeaderTimestamp, timestamp)
	h.Set(HeaderSignature, "sha256="+hex.EncodeToString(sum(secret, timestamp, body)))
}

// The reasons for which a webhook's signature is not accepted.
var (
	ErrNoSignature  = errors.New("the headers " + HeaderTimestamp + " and " + HeaderSignature + " are required")
	ErrOldSignature = errors.New("the timestamp is more than 5 minutes from our clock: send it again freshly signed, and check both clocks")
	ErrBadSignature = errors.New("the signature does not fit: sign \"<timestamp>.<body>\" with HMAC-SHA256 and the shared secret")
)

// Verify checks a webhook's signature against any of the secrets, in constant
// time. Several secrets let one be replaced without a gap.
func Verify(h http.Header, secrets []string, body []byte, now time.Time) error {
	timestamp, signature := h.Get(HeaderTimestamp), h.Get(HeaderSignature)
	if timestamp == "" || signature == "" {
		return ErrNoSignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return ErrNoSignature
	}
	if age := now.Sub(time.Unix(seconds, 0)).Abs(); age > ReplayWindow {
		return ErrOldSignature
	}
	given, err := hex.DecodeString(strings.TrimPrefix(signature, "sha256="))
	if err != nil {
		return ErrBadSignature
	}
	fits := false
	for _, secret := range secrets {
		fits = hmac.Equal(given, sum(secret, timestamp, body)) || fits
	}
	if !fits {
		return ErrBadSignature
	}
	return nil
}

func sum(secret, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
