package destinations

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/weir-data/weir/internal/rows"
)

// Op is what is asked for one record.
type Op string

// The operations, as a plan spells them and the webhook's wire carries them.
const (
	OpUpsert Op = "upsert"
	OpUpdate Op = "update"
	OpInsert Op = "insert"
	OpRemove Op = "remove"
	OpAppend Op = "append"
)

// FieldInfo is one mapped field: the destination's name and Weir's type.
type FieldInfo struct {
	Name string
	Type rows.Type
}

// Sync is what a batch needs to know of the sync it comes from.
type Sync struct {
	ID     string // the permanent short id, s0007
	Name   string
	Object string
	Kind   Kind
	Match  []FieldInfo // empty where the key itself finds the record
	Fields []FieldInfo
}

// BatchColumns are the columns that NewBatch reads, by name, besides `key`
// (bigint or text) and `hash` (bigint or text).
var BatchColumns = []rows.Column{
	{Name: "op", Type: rows.Text},
	{Name: "match", Type: rows.Text},
	{Name: "old_match", Type: rows.Text},
	{Name: "remote_id", Type: rows.Text},
	{Name: "fields", Type: rows.Text},
	{Name: "send", Type: rows.Text},
}

// Batch is some records of one sync, in order: views into column batches, no
// map and no allocation per record.
type Batch struct {
	Sync *Sync
	rows *rows.Batch
	at   []int32 // rows of the column batch; nil = all, in order
	key, op, match, oldMatch,
	remoteID, hash, fields, send *rows.Field
}

// NewBatch reads a column batch that has `key`, `hash` and BatchColumns. It
// keeps the caller's reference until Release.
func NewBatch(s *Sync, b *rows.Batch) *Batch {
	return &Batch{Sync: s, rows: b, key: b.Must("key"), hash: b.Must("hash"), op: b.Must("op"), match: b.Must("match"),
		oldMatch: b.Must("old_match"), remoteID: b.Must("remote_id"), fields: b.Must("fields"), send: b.Must("send")}
}

func (b *Batch) row(i int) int {
	if b.at == nil {
		return i
	}
	return int(b.at[i])
}

// Len is the number of records.
func (b *Batch) Len() int {
	if b.at == nil {
		return b.rows.Len()
	}
	return len(b.at)
}

// Slice is records from to to, sharing the columns. It takes no reference of its own.
func (b *Batch) Slice(from, to int) *Batch {
	at := make([]int32, 0, to-from)
	for i := from; i < to; i++ {
		at = append(at, int32(b.row(i)))
	}
	return b.pick(at)
}

func (b *Batch) pick(at []int32) *Batch {
	out := *b
	out.at = at
	return &out
}

// Columns is the column batch behind the records, and Row the place of a record in it.
func (b *Batch) Columns() *rows.Batch { return b.rows }

// Row is the place of record i in Columns.
func (b *Batch) Row(i int) int { return b.row(i) }

// Retain adds a reference to the columns.
func (b *Batch) Retain() { b.rows.Retain() }

// Release drops a reference to the columns.
func (b *Batch) Release() { b.rows.Release() }

// Op is what is asked for record i.
func (b *Batch) Op(i int) Op {
	op := b.op.Bytes(b.row(i))
	switch string(op) { // no allocation for those there are
	case string(OpUpsert):
		return OpUpsert
	case string(OpUpdate):
		return OpUpdate
	case string(OpInsert):
		return OpInsert
	case string(OpRemove):
		return OpRemove
	case string(OpAppend):
		return OpAppend
	}
	return Op(op)
}

// AppendKey appends the key of record i as a JSON value.
func (b *Batch) AppendKey(dst []byte, i int) []byte { return b.key.AppendJSON(dst, b.row(i)) }

// AppendKeyText appends the key of record i as canonical text.
func (b *Batch) AppendKeyText(dst []byte, i int) []byte { return b.key.AppendText(dst, b.row(i)) }

// Match is how the destination finds record i: a JSON object of the sync's
// match fields. Where the sync has none it is the empty object and the key counts.
func (b *Batch) Match(i int) []byte { return b.matchOf(b.match, i) }

// OldMatch is how the record was found before, when that has changed; else nil.
func (b *Batch) OldMatch(i int) []byte {
	if len(b.Sync.Match) == 0 || b.oldMatch.Null(b.row(i)) {
		return nil
	}
	return b.oldMatch.Bytes(b.row(i))
}

func (b *Batch) matchOf(f *rows.Field, i int) []byte {
	if len(b.Sync.Match) == 0 || f.Null(b.row(i)) {
		return []byte("{}")
	}
	return f.Bytes(b.row(i))
}

// RemoteID is the destination's own id of record i, "" when it is not known.
func (b *Batch) RemoteID(i int) string { return b.remoteID.Text(b.row(i)) }

// Fields is what to send of record i: a JSON object. After a change it holds
// only the fields that differ, null to clear.
func (b *Batch) Fields(i int) []byte {
	r := b.row(i)
	if !b.send.Null(r) {
		return b.send.Bytes(r)
	}
	if b.fields.Null(r) {
		return []byte("{}")
	}
	return b.fields.Bytes(r)
}

// Whole is every mapped field of record i as it will be known to be there, a
// JSON object, also where only some are to be sent: for destinations that
// replace a record as a whole.
func (b *Batch) Whole(i int) []byte {
	if r := b.row(i); !b.fields.Null(r) {
		return b.fields.Bytes(r)
	}
	return []byte("{}")
}

// WholeValue is one field of Whole as JSON; false where there is none.
func (b *Batch) WholeValue(i int, name string) (json.RawMessage, bool) {
	return member(b.Whole(i), name)
}

// Value is one field of record i as JSON; false where it is not to be sent.
func (b *Batch) Value(i int, name string) (json.RawMessage, bool) { return member(b.Fields(i), name) }

// MatchValue is one field of the match of record i as JSON.
func (b *Batch) MatchValue(i int, name string) (json.RawMessage, bool) {
	return member(b.Match(i), name)
}

// AppendID appends the stable id of record i: 32 hex digits of SHA-256 over
// the sync and the key, for records also over operation and hash. A repeat
// carries the same one; an event keeps it even when its content is corrected.
func (b *Batch) AppendID(dst []byte, i int) []byte {
	var buf [256]byte
	text := append(buf[:0], b.Sync.ID...)
	text = append(text, 0)
	text = b.AppendKeyText(text, i)
	if b.Sync.Kind != Event {
		text = append(append(text, 0), b.op.Bytes(b.row(i))...)
		text = append(text, 0)
		text = b.hash.AppendText(text, b.row(i))
	}
	sum := sha256.Sum256(text)
	return hex.AppendEncode(dst, sum[:16])
}
