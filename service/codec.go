package service

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

// What marks an encrypted payload. The names are those of Temporal's own
// examples, which its tools know.
const (
	encodingEncrypted = "binary/encrypted"
	metadataKeyID     = "encryption-key-id"
)

const keySize = 32 // AES-256

// codec encrypts payloads by AES-256-GCM with a random nonce. What is not
// encrypted passes through Decode: signals typed by hand, and all that is older
// than the first key.
type codec struct {
	first string // the id of the key that encrypts; none: nothing is encrypted
	keys  map[string]cipher.AEAD
}

// undecryptable is an encrypted payload that cannot be read: its key is missing,
// or it was changed.
type undecryptable struct{ error }

// newCodec reads `id:base64[,id2:base64...]`. Its error names every mistake and
// quotes no key.
func newCodec(list string) (*codec, error) {
	c := &codec{keys: map[string]cipher.AEAD{}}
	if strings.TrimSpace(list) == "" {
		return c, nil
	}
	var mistakes []error
	for i, entry := range strings.Split(list, ",") {
		id, encoded, found := strings.Cut(strings.TrimSpace(entry), ":")
		switch {
		case !found:
			mistakes = append(mistakes, fmt.Errorf("PAYLOAD_KEYS: key %d is not id:base64", i+1))
			continue // what there is may be the key itself: it is not shown
		case !validKeyID(id):
			mistakes = append(mistakes, fmt.Errorf("PAYLOAD_KEYS: the id of key %d must be 1 to 40 letters, digits, '-', '_' or '.'", i+1))
			id = fmt.Sprint("number ", i+1)
		case c.keys[id] != nil:
			mistakes = append(mistakes, fmt.Errorf("PAYLOAD_KEYS: key %q is given twice: a new key needs a new id", id))
		}
		aead, err := newAEAD(encoded)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("PAYLOAD_KEYS: key %q %w", id, err))
			continue
		}
		if c.first == "" {
			c.first = id
		}
		c.keys[id] = aead
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return c, nil
}

func validKeyID(id string) bool {
	return id != "" && len(id) <= 40 && !strings.ContainsFunc(id, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.", r))
	})
}

func newAEAD(encoded string) (cipher.AEAD, error) {
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil { // the error itself would quote a character of the key
		return nil, errors.New("is not base64: make one with `openssl rand -base64 32`")
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("has %d bytes, not %d: make one with `openssl rand -base64 32`", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound is what is authenticated beside the payload, so that an id cannot be
// exchanged for another.
func bound(id string) []byte { return []byte(encodingEncrypted + ":" + id) }

// Encode encrypts with the first key.
func (c *codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	if c.first == "" {
		return payloads, nil
	}
	encrypted := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		plain, err := proto.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("encrypting a payload: %w", err)
		}
		encrypted[i] = &commonpb.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingEncrypted), metadataKeyID: []byte(c.first)},
			Data:     c.keys[c.first].Seal(nil, nil, plain, bound(c.first)),
		}
	}
	return encrypted, nil
}

// Decode decrypts with whichever key was used.
func (c *codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	decrypted := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if string(p.GetMetadata()[converter.MetadataEncoding]) != encodingEncrypted {
			decrypted[i] = p
			continue
		}
		var err error
		if decrypted[i], err = c.decrypt(p); err != nil {
			return nil, undecryptable{err}
		}
	}
	return decrypted, nil
}

func (c *codec) decrypt(p *commonpb.Payload) (*commonpb.Payload, error) {
	id := string(p.Metadata[metadataKeyID])
	key, known := c.keys[id]
	if !known {
		return nil, fmt.Errorf("a payload is encrypted with key %q, and PAYLOAD_KEYS has %s: add that key behind the first one, and start again",
			id, c.ids())
	}
	plain, err := key.Open(nil, nil, p.Data, bound(id))
	if err != nil {
		return nil, fmt.Errorf("a payload cannot be decrypted with key %q: it was changed, or PAYLOAD_KEYS holds another key under that id", id)
	}
	payload := &commonpb.Payload{}
	if err := proto.Unmarshal(plain, payload); err != nil {
		return nil, fmt.Errorf("a payload decrypted with key %q is not one of Temporal's: %w", id, err)
	}
	return payload, nil
}

func (c *codec) ids() string {
	if len(c.keys) == 0 {
		return "none"
	}
	return "only " + strings.Join(slices.Sorted(maps.Keys(c.keys)), ", ")
}

// dataConverter is Temporal's own, with the codec behind it.
type dataConverter struct{ converter.DataConverter }

func newDataConverter(c *codec) dataConverter {
	return dataConverter{converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), c)}
}

// WithWorkflowContext gives workflow code a converter that waits for a missing key.
func (d dataConverter) WithWorkflowContext(workflow.Context) converter.DataConverter {
	return waitingConverter(d)
}

// WithContext changes nothing for clients and activities.
func (d dataConverter) WithContext(context.Context) converter.DataConverter { return d }

// waitingConverter is for workflow code. There an error would end the process,
// pass for the failure of a step, or drop a signal; a panic fails the workflow
// task alone, which Temporal tries again until the key is there.
type waitingConverter struct{ converter.DataConverter }

func (w waitingConverter) FromPayload(payload *commonpb.Payload, value any) error {
	return orWait(w.DataConverter.FromPayload(payload, value))
}

func (w waitingConverter) FromPayloads(payloads *commonpb.Payloads, values ...any) error {
	return orWait(w.DataConverter.FromPayloads(payloads, values...))
}

func orWait(err error) error {
	var missing undecryptable
	if errors.As(err, &missing) {
		panic(err)
	}
	return err
}
