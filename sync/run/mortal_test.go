package run_test

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
	"github.com/weir-data/weir/warehouse"
)

// powers are what a run asks of a warehouse.
type powers interface {
	warehouse.Conn
	warehouse.Atomic
	warehouse.Describer
	warehouse.Sealer
}

// mortal is a warehouse that answers so many statements and no more: to the
// ledger, that is a process killed between two of them.
type mortal struct {
	powers
	left atomic.Int64
}

var errDead = errors.New("killed")

func (m *mortal) dead() error {
	if m.left.Add(-1) < 0 {
		return errDead
	}
	return nil
}

func (m *mortal) Exec(ctx context.Context, s warehouse.Stmt) (int64, error) {
	if err := m.dead(); err != nil {
		return 0, err
	}
	return m.powers.Exec(ctx, s)
}

func (m *mortal) Query(ctx context.Context, s warehouse.Stmt) (warehouse.Rows, error) {
	if err := m.dead(); err != nil {
		return nil, err
	}
	return m.powers.Query(ctx, s)
}

func (m *mortal) Append(ctx context.Context, into warehouse.Table, b *rows.Batch) error {
	if err := m.dead(); err != nil {
		return err
	}
	return m.powers.Append(ctx, into, b)
}

func (m *mortal) Atomically(ctx context.Context, stmts []warehouse.Stmt) error {
	if err := m.dead(); err != nil {
		return err
	}
	return m.powers.Atomically(ctx, stmts)
}

// killedAfter runs the sync and has it die after so many statements.
func (th *thread) killedAfter(statements int) *run.Report {
	th.t.Helper()
	m := &mortal{powers: th.conn.(powers)}
	m.left.Store(int64(statements))
	env := *th.env
	env.Conn = m
	env.Store = ledger.New(m, "weir")
	r := env.Run(context.Background(), th.sync, run.Options{})
	for _, name := range []string{"project", "s0001"} { // a dead process's lease is free at once; this one lives on
		if _, err := th.env.Store.Unlock(context.Background(), name); err != nil {
			th.t.Fatal(err)
		}
	}
	return r
}
