package warehouse

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/rows"
)

// Dialect is how an engine spells what Weir asks of it. Everything here is
// spelling: the algorithms that use it stand once, in sync/plan and sync/ledger.
// A nil function is found by warehousetest, not by a customer.
type Dialect struct {
	Name string

	// Quote is an identifier, quoted always: names are data.
	Quote func(name string) string
	// String is a text literal.
	String func(text string) string
	// TypeNames are the column types of tables that Weir makes.
	TypeNames map[rows.Type]string

	// HashType is the type of a stored hash; Hash is at least 60 bits over
	// expressions, NULLs guarded; HashScheme names engine, function and version.
	// Hashed is how a value of a type goes into Hash: as it is, where the engine
	// has a hash for its type.
	HashType   rows.Type
	Hash       func(exprs []string) string
	Hashed     func(expr string, t rows.Type) string
	HashScheme string
	// FrozenHash is a hash of a text, of HashType, that no version of the engine
	// changes: from its MD5. NULL stays NULL.
	FrozenHash func(text string) string

	// Cast casts to one of Weir's types, or fails the query; TryCast gives NULL.
	// Zone is where a timestamp without one is read ("" = UTC).
	Cast    func(expr string, from NativeColumn, to rows.Type, zone string) string
	TryCast func(expr string, from NativeColumn, to rows.Type, zone string) string
	// CanFail tells whether that cast fails for some value of the column: a query
	// then uses TryCast and counts what became NULL.
	CanFail func(from NativeColumn, to rows.Type) bool
	// NotJSON is true where a value of Weir's type cannot be said in JSON: NaN,
	// Infinity, a year that has not four digits. FALSE for types without such values.
	NotJSON func(expr string, t rows.Type) string

	// Text is the canonical text of a value of Weir's type: decimals without
	// trailing zeros, timestamps RFC 3339 with microseconds and Z; NULL stays NULL.
	Text func(expr string, t rows.Type) string
	// JSONValue is the canonical JSON text of a value that is not NULL.
	JSONValue func(expr string, t rows.Type) string
	// JSONMember is the text of one member of a stored JSON object: NULL where
	// it is absent, 'null' where it is null.
	JSONMember func(object, name string) string

	// JSONMembers prepares reading several members of one object at once: the
	// first is an expression to give an alias, the second the text of the i-th
	// name out of that alias, as JSONMember would give it.
	JSONMembers func(object string, names []string) (prepared string, item func(alias string, i int) string)

	// ConcatSkipNull joins texts with a separator and leaves NULLs out; all NULL is ''.
	ConcatSkipNull func(sep string, exprs []string) string
	// Descending stands behind an expression of ORDER BY: the greatest first, NULLs last.
	Descending string
	// AddSeconds is expr plus a number of seconds (may be negative).
	AddSeconds func(expr string, seconds int64) string
	// Xor and Sum are aggregates over hashes, given as text; NULL over no rows.
	XorText, SumText func(expr string) string
	// RowLock stands behind a SELECT: its rows stay as they are until the
	// transaction ends. "" where one process alone can write.
	RowLock string
	// Once keeps a row one that several processes may add at the same moment.
	Once Once
	// Now is the warehouse's clock, a timestamp of Weir's type.
	Now string
	// Timestamp is a literal of Weir's timestamp type from RFC 3339 text in UTC.
	Timestamp func(rfc3339 string) string
	// Files is a relation over the files matching a glob, read by their ending
	// (see FileEndings); nil where the engine cannot read files. Columns named in
	// text are read as text, whatever their values look like.
	Files func(glob string, text []string) string
}

// Once is how an engine keeps a second row of one key out: Constraint stands
// behind the key column's type, OrNothing behind an INSERT. Both are empty
// where one process alone can write, or writers of a table wait for each other.
type Once struct{ Constraint, OrNothing string }

// FileEndings are the kinds of files that a source may read.
var FileEndings = []string{".csv", ".csv.gz", ".parquet", ".json", ".json.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz"}

// Ident is table or column names, quoted and joined by dots; empty parts are left out.
func (d *Dialect) Ident(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		if p == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(d.Quote(p))
	}
	return b.String()
}

// Table is a table's name, quoted.
func (d *Dialect) Table(t Table) string { return d.Ident(t.Schema, t.Name) }

// Literal is a text, number, bool or nil as SQL.
func (d *Dialect) Literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return d.String(v)
	case bool:
		if v {
			return "TRUE"
		}
		return "FALSE"
	case int, int64, uint64:
		return fmt.Sprint(v)
	default:
		panic(fmt.Sprintf("warehouse: no literal for %T", v))
	}
}

// Native is a column that already has one of Weir's types.
func Native(name string, t rows.Type) NativeColumn {
	return NativeColumn{Name: name, Native: t.String(), Type: t}
}
