package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Store is Weir's tables in one target's schema.
type Store struct {
	Conn  warehouse.Conn
	Names Names
	Label string // reaches the engine's history with every statement
	d     *warehouse.Dialect
}

// NewerError says that a newer Weir wrote these tables.
type NewerError struct{ Found, Known int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("the ledger was written by a newer Weir (schema version %d, this binary knows %d): use that version, or a newer one", e.Found, e.Known)
}

// New is a store that has not looked at its tables.
func New(conn warehouse.Conn, schema string) *Store {
	return &Store{Conn: conn, Names: Names{Schema: schema}, d: conn.Dialect()}
}

// Open makes the schema and the shared tables where they are not there, and
// refuses tables of a newer version. It may be repeated.
func Open(ctx context.Context, conn warehouse.Conn, schema string) (*Store, error) {
	s := New(conn, schema)
	have, err := s.Tables(ctx)
	if err != nil {
		return nil, err
	}
	if !have[Prefix+"meta"] {
		return s, s.create(ctx)
	}
	recs, err := s.all(ctx, "SELECT "+s.d.Quote("value")+" FROM "+s.table("meta")+" WHERE name = 'schema_version'")
	if err != nil {
		return nil, err
	}
	if len(recs) == 0 {
		return s, s.create(ctx)
	}
	v, err := strconv.Atoi(recs[0]["value"])
	switch {
	case err != nil || v < 1:
		return nil, fmt.Errorf("the ledger's schema version is %q, which no Weir wrote: mend schema_version in %s, or put the file back that was there before", recs[0]["value"], s.Names.Shared("meta"))
	case v > SchemaVersion:
		return nil, &NewerError{Found: v, Known: SchemaVersion}
	}
	return s, nil
}

func (s *Store) create(ctx context.Context) error {
	there, err := s.all(ctx, "SELECT schema_name FROM information_schema.schemata WHERE schema_name = "+s.d.String(s.Names.Schema))
	if err != nil {
		return err
	}
	var stmts []string
	if len(there) == 0 { // to make one asks for a right that its owner may not have
		stmts = append(stmts, "CREATE SCHEMA IF NOT EXISTS "+s.d.Quote(s.Names.Schema))
	}
	for _, l := range SharedLayouts {
		stmts = append(stmts, l.create(s.d, s.Names.Shared(l.Name), rows.Text))
	}
	meta := s.table("meta")
	for _, kv := range [][2]string{{"project_id", uuid.NewString()}, {"schema_version", strconv.Itoa(SchemaVersion)}} {
		stmts = append(stmts, fmt.Sprintf("INSERT INTO %s (name, %s) SELECT %s, %s WHERE NOT EXISTS (SELECT 1 FROM %s WHERE name = %s)%s",
			meta, s.d.Quote("value"), s.d.String(kv[0]), s.d.String(kv[1]), meta, s.d.String(kv[0]), s.d.Once.OrNothing))
	}
	for _, q := range stmts {
		if err := s.exec(ctx, q); err != nil {
			return fmt.Errorf("make Weir's tables in schema %q: %w", s.Names.Schema, err)
		}
	}
	return nil
}

// Tables are the names of the tables in the schema.
func (s *Store) Tables(ctx context.Context) (map[string]bool, error) {
	recs, err := s.all(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = "+s.d.String(s.Names.Schema))
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, r := range recs {
		have[r["table_name"]] = true
	}
	return have, nil
}

// DropWork drops work tables that a killed run left, and with plans of runs
// whose id keep does not hold. It gives the names dropped.
func (s *Store) DropWork(ctx context.Context, keep map[string]bool) ([]string, error) {
	have, err := s.Tables(ctx)
	if err != nil {
		return nil, err
	}
	var dropped []string
	for name := range have {
		run, isPlan := strings.CutPrefix(name, Prefix+"plan_")
		if !strings.HasPrefix(name, Prefix+"tmp_") && (!isPlan || keep[run]) {
			continue
		}
		if err := s.Drop(ctx, warehouse.Table{Schema: s.Names.Schema, Name: name}); err != nil {
			return dropped, err
		}
		dropped = append(dropped, name)
	}
	return dropped, nil
}

// Drop drops a table if it is there.
func (s *Store) Drop(ctx context.Context, t warehouse.Table) error {
	return s.exec(ctx, "DROP TABLE IF EXISTS "+s.d.Table(t))
}

// table is a shared table, quoted.
func (s *Store) table(name string) string { return s.d.Table(s.Names.Shared(name)) }

func (s *Store) exec(ctx context.Context, sql string) error {
	_, err := s.Conn.Exec(ctx, warehouse.Stmt{SQL: sql, Label: s.Label})
	return err
}

// Record is one row for bookkeeping, by column name as canonical text; a NULL is absent.
type Record map[string]string

// Int is a column as a number; 0 where it is NULL.
func (r Record) Int(name string) int64 {
	n, _ := strconv.ParseInt(r[name], 10, 64)
	return n
}

// Bool is a column as a bool; false where it is NULL.
func (r Record) Bool(name string) bool { return r[name] == "true" }

// Time is a column as a time; zero where it is NULL.
func (r Record) Time(name string) time.Time {
	t, _ := time.Parse("2006-01-02T15:04:05.000000Z", r[name])
	return t
}

// All reads a small result whole.
func (s *Store) All(ctx context.Context, sql string) ([]Record, error) { return s.all(ctx, sql) }

func (s *Store) all(ctx context.Context, sql string) ([]Record, error) {
	res, err := s.Conn.Query(ctx, warehouse.Stmt{SQL: sql, Label: s.Label})
	if err != nil {
		return nil, err
	}
	var out []Record
	cols := res.Columns()
	for b, err := range res.Batches() {
		if err != nil {
			return nil, err
		}
		for i := range b.Len() {
			r := Record{}
			for c := range cols {
				if f := b.At(c); !f.Null(i) {
					r[cols[c].Name] = string(f.AppendText(nil, i))
				}
			}
			out = append(out, r)
		}
		b.Release()
	}
	return out, nil
}

// one reads a result of exactly one row.
func (s *Store) one(ctx context.Context, sql string) (Record, error) {
	recs, err := s.all(ctx, sql)
	if err != nil {
		return nil, err
	}
	if len(recs) != 1 {
		return nil, fmt.Errorf("expected one row, got %d", len(recs))
	}
	return recs[0], nil
}

// One reads a result of exactly one row.
func (s *Store) One(ctx context.Context, sql string) (Record, error) { return s.one(ctx, sql) }

// time is a literal of a time; the zero time is NULL.
func (s *Store) time(t time.Time) string {
	if t.IsZero() {
		return "NULL"
	}
	return s.d.Timestamp(t.UTC().Format("2006-01-02T15:04:05.000000Z"))
}

// textOrNull is a literal of a text, "" as NULL.
func (s *Store) textOrNull(v string) string {
	if v == "" {
		return "NULL"
	}
	return s.d.String(v)
}

// errNotAtomic is told on an engine whose driver has no transactions yet.
var errNotAtomic = errors.New("this warehouse cannot run several statements as one")

// atomically runs statements as one.
func (s *Store) atomically(ctx context.Context, sqls []string) error {
	a, ok := s.Conn.(warehouse.Atomic)
	if !ok {
		return errNotAtomic
	}
	stmts := make([]warehouse.Stmt, len(sqls))
	for i, q := range sqls {
		stmts[i] = warehouse.Stmt{SQL: q, Label: s.Label}
	}
	return a.Atomically(ctx, stmts)
}
