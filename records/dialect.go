package records

import "strings"

// dialect is one of the two databases.
type dialect string

const (
	sqlite   dialect = "sqlite"
	postgres dialect = "postgres"
)

// rebind turns PostgreSQL's numbered parameters into SQLite's. SQLite takes $1
// too, but as a name, and numbers names in the order in which they first
// appear; ?1 is the first argument wherever it stands. No query of ours has a
// dollar sign elsewhere.
func (d dialect) rebind(query string) string {
	if d == sqlite {
		return strings.ReplaceAll(query, "$", "?")
	}
	return query
}
