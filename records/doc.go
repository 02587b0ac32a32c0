// Package records keeps what outlives a process: which sales order was made
// from which web order, which customer is whose, how far the polls have come,
// which shipments the shop was told of, and the audit trail of every write to
// either system.
//
// It is a SQLite file by default and a PostgreSQL database when the DSN says
// so, with one set of queries for both. Several processes may open the same
// records at once, also at their very first start.
//
// The records are never the proof that something happened: that is looked up
// in the ERP. They make looking up cheap, and recognise our own writes.
package records
