package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/weir-data/weir/internal/pgserver"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/warehouse/postgres"
)

// several are stores of processes that share one database; each opens it by itself.
func several(t *testing.T, n int) []*ledger.Store {
	t.Helper()
	ctx := context.Background()
	s := pgserver.Need(t)
	db := s.Database(t)
	out := make([]*ledger.Store, n)
	failed := make(chan error, n)
	var all sync.WaitGroup
	for i := range out {
		all.Go(func() {
			conn, err := postgres.Open(ctx, s.URL(db, s.User))
			if err != nil {
				failed <- err
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			if out[i], err = ledger.Open(ctx, conn, "weir"); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		t.Fatal(err)
	}
	return out
}

// TestTakenOnce: of many that ask for one lease at the same moment, also for
// the first time, one has it and the others are told who.
func TestTakenOnce(t *testing.T) {
	ctx := context.Background()
	stores := several(t, 8)
	for _, name := range []string{"s0001", "s0002", "s0003"} {
		leases := make([]*ledger.Lease, len(stores))
		var all sync.WaitGroup
		for i, s := range stores {
			all.Go(func() {
				l, err := s.Take(ctx, name, fmt.Sprintf("r%d", i), time.Minute)
				var held *ledger.HeldError
				if err != nil && !errors.As(err, &held) {
					t.Error(err)
				}
				leases[i] = l
			})
		}
		all.Wait()
		n := 0
		for _, l := range leases {
			if l != nil {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d have the lease of %s", n, name)
		}
	}
	for _, table := range []string{"lease", "meta"} {
		recs, err := stores[0].All(ctx, "SELECT name, COUNT(*) AS n FROM weir.w_"+table+" GROUP BY name HAVING COUNT(*) > 1")
		if err != nil || len(recs) > 0 {
			t.Errorf("%s has rows twice: %v %v", table, recs, err)
		}
	}
}

// TestFoldOfALostLease: whoever was frozen while another took over writes
// nothing into the ledger when it wakes.
func TestFoldOfALostLease(t *testing.T) {
	ctx := context.Background()
	stores := several(t, 2)
	old, now := stores[0], stores[1]
	row, err := old.NewSync(ctx, ledger.SyncRow{Name: "people", KeyType: "text"}, "r1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	lease, err := old.Take(ctx, row.ID, "r1", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	fact(t, old, row, lease.Fence)
	if _, err := now.Unlock(ctx, row.ID); err != nil {
		t.Fatal(err)
	}
	taken, err := now.Take(ctx, row.ID, "r2", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	fold := func(s *ledger.Store, l *ledger.Lease) error {
		return s.Fold(ctx, ledger.Folding{SyncID: row.ID, Run: "r1", Fence: lease.Fence, LedgerEmpty: true, AsOf: time.Now(), Lease: l, Streamed: &ledger.Streamed{Match: "f.key"}})
	}
	if err := fold(old, lease); !errors.Is(err, ledger.ErrLeaseLost) {
		t.Errorf("%v, want that the lease is lost", err)
	}
	if held, _, err := old.Held(ctx, row.ID); err != nil || held != 0 {
		t.Errorf("%d rows in the ledger, %v", held, err)
	}
	if err := lease.Alive(); !errors.Is(err, ledger.ErrLeaseLost) {
		t.Errorf("%v, want that it starts nothing more", err)
	}
	if err := fold(now, taken); err != nil {
		t.Error(err)
	}
	if held, _, err := now.Held(ctx, row.ID); err != nil || held != 1 {
		t.Errorf("%d rows in the ledger, %v", held, err)
	}
}

// fact writes that the destination accepted one record.
func fact(t *testing.T, s *ledger.Store, row *ledger.SyncRow, fence int64) {
	t.Helper()
	ctx := context.Background()
	j, err := s.NewJournal(ctx, row.ID, fence, rows.Text)
	if err != nil {
		t.Fatal(err)
	}
	b := rows.NewBuilder([]rows.Column{{Name: "key", Type: rows.Text}, {Name: "hash", Type: rows.Int}})
	b.Text(0, "a")
	b.Int(1, 7)
	batch := b.Build()
	defer batch.Release()
	j.Add(ledger.Row{Key: batch.Must("key"), Hash: batch.Must("hash")}, ledger.Fact{Op: "upsert", Outcome: "accepted", At: time.Now()})
	if err := j.Flush(ctx); err != nil {
		t.Fatal(err)
	}
}
