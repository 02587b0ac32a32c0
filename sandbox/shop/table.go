package shop

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"sort"
)

// table holds rows by an id that is never given twice, like a MySQL table with
// an auto-increment key.
type table[T any] struct {
	last int
	rows map[int]*T
	ids  []int // ascending
}

// insert stores the row that build makes for the next id.
func (t *table[T]) insert(build func(id int) *T) *T {
	if t.rows == nil {
		t.rows = map[int]*T{}
	}
	t.last++
	row := build(t.last)
	t.rows[t.last] = row
	t.ids = append(t.ids, t.last)
	return row
}

func (t *table[T]) get(id int) *T { return t.rows[id] }

func (t *table[T]) remove(id int) bool {
	if t.rows[id] == nil {
		return false
	}
	delete(t.rows, id)
	i := sort.SearchInts(t.ids, id)
	t.ids = slices.Delete(t.ids, i, i+1)
	return true
}

func (t *table[T]) clear() { t.rows, t.ids = nil, nil }

// all yields the rows by ascending id.
func (t *table[T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, id := range t.ids {
			if !yield(t.rows[id]) {
				return
			}
		}
	}
}

type storedTable[T any] struct {
	Last int
	Rows map[int]*T
}

func (t table[T]) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedTable[T]{t.last, t.rows})
}

func (t *table[T]) UnmarshalJSON(b []byte) error {
	var stored storedTable[T]
	if err := json.Unmarshal(b, &stored); err != nil {
		return err
	}
	t.last, t.rows, t.ids = stored.Last, stored.Rows, slices.Sorted(maps.Keys(stored.Rows))
	return nil
}
