// Package warehouse is where the data lives: one small connection that every
// engine implements, a dialect that is spelling and not behaviour, and the one
// writer through which SQL leaves.
package warehouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/rows"
)

// Rows is the result of one query.
type Rows = rows.Rows

// Conn is one open warehouse. It may be used by several goroutines at once.
type Conn interface {
	Dialect() *Dialect
	// Query runs a SELECT and streams its rows; it holds a few batches, whatever the size.
	Query(ctx context.Context, s Stmt) (Rows, error)
	// Exec runs one statement and gives the rows it changed. Nothing is promised about several.
	Exec(ctx context.Context, s Stmt) (int64, error)
	// Append adds rows to a table: small, durable when it returns, any number a day.
	// Columns of the table that the batch lacks become NULL.
	Append(ctx context.Context, into Table, b *rows.Batch) error
	// Load makes a new table of the rows, in bulk.
	Load(ctx context.Context, into Table, r Rows) error
	Close() error
}

// Optional powers, found by type assertion.
type (
	// Atomic runs several statements, or none.
	Atomic interface {
		Atomically(ctx context.Context, stmts []Stmt) error
	}
	// Describer names and types a query's columns without running it. Native
	// is the engine's own type name.
	Describer interface {
		Describe(ctx context.Context, s Stmt) ([]NativeColumn, error)
	}
	// Exclusive is an engine whose file only one process may open: while we
	// have it, no other holder of a lease can be alive.
	Exclusive interface{ HoldsLock() bool }
	// Sealer looks at a customer's own SQL before it becomes part of a statement:
	// it must be one SELECT that reads tables and nothing else, no files and no
	// network. What it refuses is an *Error with the place in the text.
	Sealer interface {
		Seal(ctx context.Context, sql string) error
	}
	// Estimator tells the bytes a query would read.
	Estimator interface {
		Estimate(ctx context.Context, s Stmt) (int64, error)
	}
	// Modified tells when tables last changed, for free.
	Modified interface {
		ModifiedAt(ctx context.Context, tables []Table) (map[Table]time.Time, error)
	}
)

// NativeColumn is a column as the engine itself describes it.
type NativeColumn struct {
	Name   string
	Native string    // the engine's type, as it prints it
	Type   rows.Type // the type of Weir it is cast to
}

// Table is a table by schema and name.
type Table struct{ Schema, Name string }

func (t Table) String() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Stmt is one statement and what it is for: the label reaches the engine's
// history as a comment or a tag.
type Stmt struct {
	SQL   string
	Label string // "run=r… sync=… step=…"
	// Sealed statements are the customer's own SQL: one that would read files or
	// the network is refused before it runs, where the engine can tell.
	Sealed bool
}

// Spec describes one kind of warehouse: how its settings look, how it is opened.
type Spec struct {
	Type    string
	Doc     string
	Fields  []config.Field
	Dialect *Dialect
	// Check tells what is wrong with settings together, without connecting: some
	// missing, some said twice. nil where each setting stands for itself. Values
	// may be unknown; only whether they are written counts.
	Check func(s *config.Section) error
	// Open connects; dir is what relative paths are relative to. The error says what to do; secrets are never in it.
	Open func(ctx context.Context, s *config.Section, dir string) (Conn, error)
}

// Errors that callers decide on. A driver wraps them with %w.
var (
	ErrNoTable  = errors.New("no such table")
	ErrDiskFull = errors.New("no space left on the disk")
)

// Error is an engine's complaint about a statement: its text, and where in the
// statement, when the engine said so.
type Error struct {
	Text   string // one sentence, without the engine's stack of context
	Detail string // the engine's own picture of the place, several lines
	Line   int    // 1-based in the statement; 0 = not told
	Col    int
	// Missing is the table that is not there, as far as the engine named it;
	// beside ErrNoTable, "" otherwise.
	Missing string
	Err     error // what it is, for errors.Is
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.Err }

// LockedError says that another process has the warehouse's file.
type LockedError struct {
	Path    string
	PID     int
	Command string
	Since   time.Time
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = fmt.Sprintf("process %d", e.PID)
	}
	if e.Command != "" {
		who += fmt.Sprintf(" (%s)", e.Command)
	}
	if !e.Since.IsZero() {
		who += ", running since " + e.Since.Format("15:04:05 on 2006-01-02") + ","
	}
	return fmt.Sprintf("%s has the database file %s open (a DuckDB file belongs to one process at a time: wait for it, or stop it)", who, e.Path)
}
