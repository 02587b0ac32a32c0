package erp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const snapshotFile = "p21.json"

// Save writes the books into a directory. Tokens are not kept: a restart ends
// all sessions.
func (e *ERP) Save(dir string) error {
	e.mu.RLock()
	text, err := json.Marshal(e.books)
	e.mu.RUnlock()
	if err != nil {
		return fmt.Errorf("save the books: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("save the books: %w", err)
	}
	path := filepath.Join(dir, snapshotFile)
	// A rename, so that a crash leaves the old books and not half of the new.
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("save the books: %w", err)
	}
	return os.Rename(path+".new", path)
}

// Load reads the books that Save wrote. Without any it changes nothing and
// says false.
func (e *ERP) Load(dir string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, snapshotFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("load the books: %w", err)
	}
	b := newBooks(e.options)
	if err := json.Unmarshal(text, b); err != nil {
		return false, fmt.Errorf("load the books: %w", err)
	}
	b.index()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.books = b
	return true, nil
}
