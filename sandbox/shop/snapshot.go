package shop

import (
	"encoding/json"
	"fmt"
	"io"
)

// Save writes the shop's state as JSON.
func (s *Shop) Save(w io.Writer) error {
	s.mu.Lock()
	snapshot, err := json.Marshal(s.books)
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("saving the shop: %w", err)
	}
	if _, err = w.Write(snapshot); err != nil {
		return fmt.Errorf("saving the shop: %w", err)
	}
	return nil
}

// Load replaces the shop's state by one that Save wrote.
func (s *Shop) Load(r io.Reader) error {
	b := newBooks()
	if err := json.NewDecoder(r).Decode(b); err != nil {
		return fmt.Errorf("loading the shop: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.books = b
	return nil
}
