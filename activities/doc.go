// Package activities is what a process may do to the world: read and write the
// shop, read and write the ERP, apply the mapping profile, poll for changes.
//
// One file per system. Every activity can be repeated at any time: it looks
// before it creates and reads back after it wrote. Every failure leaves through
// [classify], so that the retry policy and the parking of a process decide by
// its kind and by nothing else.
package activities
