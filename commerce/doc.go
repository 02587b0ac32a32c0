// Package commerce holds the words that the shop and the ERP share: orders,
// customers, addresses, sales orders, shipments and exact money.
//
// It is pure: no I/O, no clocks, no knowledge of any vendor. Connectors
// translate a vendor's documents into these types, mapping turns one into
// another, and workflows carry them.
//
// All amounts are decimals in the document's currency, never floats. Times are
// instants; a connector that reads a zone-less time applies the configured
// offset before it gets here.
package commerce
