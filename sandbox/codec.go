package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const codecToken = "sandbox-codec-token-0123456789"

// codec is what -codec adds to the world: a key that encrypts payloads, and
// where they are decrypted for the Web UI. It is empty without -codec.
type codec struct{ keys, address string }

// newCodec makes a key, or takes the one that the folder's earlier runs were
// encrypted with: then they stay readable, with or without -codec.
func newCodec(wanted bool, dir, port string) (codec, error) {
	path := filepath.Join(dir, "payload_keys")
	keys, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !wanted:
		return codec{}, nil
	case errors.Is(err, fs.ErrNotExist):
		key := make([]byte, 32)
		rand.Read(key)
		keys = []byte("sandbox:" + base64.StdEncoding.EncodeToString(key))
		err = os.WriteFile(path, keys, 0o600)
	}
	if err != nil {
		return codec{}, fmt.Errorf("keeping the payload key: %w", err)
	}
	return codec{keys: string(keys), address: "127.0.0.1:" + port}, nil
}

func (c codec) on() bool { return c.keys != "" }

// url is where payloads are decrypted; empty without -codec.
func (c codec) url() string {
	if !c.on() {
		return ""
	}
	return "http://" + c.address
}

// payloadKeys are a setting of the workers and the starter.
func (c codec) payloadKeys() []string {
	if !c.on() {
		return nil
	}
	return []string{"PAYLOAD_KEYS=" + c.keys}
}

// endpoint is what the starter needs to decrypt for the Web UI.
func (c codec) endpoint(ui string) []string {
	if !c.on() {
		return nil
	}
	settings := []string{"CODEC_LISTEN=" + c.address, "CODEC_TOKEN=" + codecToken}
	if strings.HasPrefix(ui, "http") {
		settings = append(settings, "CODEC_ORIGIN="+ui)
	}
	return settings
}
