// Package destinationstest is the contract of destinations as tests: a suite
// that every adapter passes, the table of status codes, a destination in memory
// and what is needed to send to a vendor's stand-in without a network.
package destinationstest

import (
	"encoding/json"
	"fmt"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
)

// Rec is one record as a test writes it. Match, OldMatch, Fields and Send are
// JSON objects; "" is NULL.
type Rec struct {
	Op       destinations.Op
	Key      string
	Match    string
	OldMatch string
	RemoteID string
	Hash     int64
	Fields   string
	Send     string
}

// Batch puts records in a batch of a sync, with a text key.
func Batch(s *destinations.Sync, recs ...Rec) *destinations.Batch {
	cols := append([]rows.Column{{Name: "key", Type: rows.Text}, {Name: "hash", Type: rows.Int}}, destinations.BatchColumns...)
	b := rows.NewBuilder(cols)
	for _, r := range recs {
		b.Text(0, r.Key)
		b.Int(1, r.Hash)
		for i, v := range [...]string{string(r.Op), r.Match, r.OldMatch, r.RemoteID, r.Fields, r.Send} {
			b.TextOrNull(i+2, v)
		}
	}
	return destinations.NewBatch(s, b.Build())
}

// People is a sync of records that are found by their e-mail address.
func People() *destinations.Sync {
	return &destinations.Sync{ID: "s0001", Name: "people", Kind: destinations.Record,
		Match:  []destinations.FieldInfo{{Name: "email", Type: rows.Text}},
		Fields: []destinations.FieldInfo{{Name: "name", Type: rows.Text}, {Name: "visits", Type: rows.Int}}}
}

// Orders is a sync of events.
func Orders() *destinations.Sync {
	return &destinations.Sync{ID: "s0002", Name: "orders", Kind: destinations.Event,
		Fields: []destinations.FieldInfo{{Name: "total", Type: rows.Decimal}}}
}

// Email is the address of the n-th person.
func Email(n int) string { return fmt.Sprintf("person%d@people.example", n) }

// Persons are n records with one operation, all different.
func Persons(op destinations.Op, n int) []Rec {
	out := make([]Rec, n)
	for i := range out {
		out[i] = Person(op, i)
	}
	return out
}

// Person is the n-th person.
func Person(op destinations.Op, n int) Rec {
	match, err := json.Marshal(map[string]string{"email": Email(n)})
	if err != nil {
		panic(err) // a map of strings has a JSON form
	}
	return Rec{Op: op, Key: fmt.Sprintf("p%d", n), Match: string(match), Hash: int64(n + 1), Fields: fmt.Sprintf(`{"name":"Person %d","visits":%d}`, n, n)}
}
