package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Tally is a group of planned rows and what became of them, counted from the
// journal: the second witness of the equations.
type Tally struct {
	Class, Op, Before, Outcome string
	N                          int64
}

// Outcomes counts a run's planned rows by class and last fact; rows without
// any have outcome "". Streamed: the run has no plan, all its rows were new.
func (s *Store) Outcomes(ctx context.Context, sync string, run *RunRow, streamed bool) ([]Tally, error) {
	w := warehouse.NewWriter(s.d)
	b := s.d.Quote("before")
	w.With(s.lastFacts(sync, run.Fence, ""))
	if streamed {
		w.Line("SELECT 'added' AS class, f.op, 'none' AS ", b, ", f.outcome, COUNT(*) AS n")
		w.Line("FROM facts AS f")
		w.Line("GROUP BY f.op, f.outcome")
		return s.tallies(ctx, w.String())
	}
	w.Line("SELECT p.class, p.op, p.", b, ", f.outcome, COUNT(*) AS n")
	w.Line("FROM ", s.d.Table(s.Names.Plan(run.ID)), " AS p LEFT JOIN facts AS f ON f.key = p.key")
	w.Line("WHERE p.op IS NOT NULL")
	w.Line("GROUP BY p.class, p.op, p.", b, ", f.outcome")
	return s.tallies(ctx, w.String())
}

// lastFacts are the steps that end in facts: each key's last one of the run
// with that fence, of those that a condition leaves.
func (s *Store) lastFacts(sync string, fence int64, and string) []warehouse.CTE {
	journal, of := s.d.Table(s.Names.Journal(sync)), fmt.Sprintf("fence = %d", fence)
	return []warehouse.CTE{
		{Name: "last_seq", Comment: "each key's last fact", SQL: "SELECT key, MAX(seq) AS seq FROM " + journal + " WHERE " + of + and + " GROUP BY key"},
		{Name: "facts", SQL: "SELECT j.* FROM " + journal + " AS j JOIN last_seq ON last_seq.key = j.key AND last_seq.seq = j.seq WHERE j." + of},
	}
}

func (s *Store) tallies(ctx context.Context, sql string) ([]Tally, error) {
	recs, err := s.all(ctx, sql)
	if err != nil {
		return nil, err
	}
	out := make([]Tally, len(recs))
	for i, r := range recs {
		out[i] = Tally{Class: r["class"], Op: r["op"], Before: r["before"], Outcome: r["outcome"], N: r.Int("n")}
		if out[i].Outcome == Intent {
			out[i].Outcome = "unknown"
		}
	}
	return out, nil
}

// HandedOver counts the rows a whole fold gives up because another key has
// their record now.
func (s *Store) HandedOver(ctx context.Context, sync string, run *RunRow) (int64, error) {
	w := warehouse.NewWriter(s.d)
	w.With(append(s.lastFacts(sync, run.Fence, ""), s.handedOver(run.ID)))
	w.Line("SELECT COUNT(*) AS n")
	w.Line("FROM handed_over WHERE ", s.d.Quote("before"), " <> 'absent'")
	r, err := s.one(ctx, w.String())
	if err != nil {
		return 0, err
	}
	return r.Int("n"), nil
}

// handedOver is the step, over facts, of a run's rows whose record another key
// has now: that one was accepted, or had nothing to send. One that was put off,
// because a plan that is applied or the row that was asked for does not hold
// it, has nothing yet.
func (s *Store) handedOver(run string) warehouse.CTE {
	plan, before := s.d.Table(s.Names.Plan(run)), s.d.Quote("before")
	return warehouse.CTE{Name: "handed_over", Comment: "rows whose record another key has now", SQL: "SELECT p.key, p." + before + "\n" +
		"FROM (SELECT key, after_key, " + before + " FROM " + plan + " WHERE class = 'withheld' AND reason = 'handed_over') AS p\n" +
		"LEFT JOIN (SELECT key FROM " + plan + " WHERE op IS NOT NULL OR reason IN ('not_in_plan', 'not_asked_for')) AS heir ON heir.key = p.after_key\n" +
		"LEFT JOIN facts AS hf ON hf.key = heir.key\nWHERE heir.key IS NULL OR hf.outcome = 'accepted'"}
}

// Held counts the ledger's rows that the destination has, or may have.
func (s *Store) Held(ctx context.Context, sync string) (held, rows int64, err error) {
	r, err := s.one(ctx, "SELECT COUNT(*) AS n, COALESCE(SUM(CASE WHEN "+s.d.Quote("present")+" IS DISTINCT FROM FALSE THEN 1 ELSE 0 END), 0) AS held FROM "+s.d.Table(s.Names.Ledger(sync)))
	if err != nil {
		return 0, 0, err
	}
	return r.Int("held"), r.Int("n"), nil
}

// Expired counts the rows that a fold will drop as past keep.
func (s *Store) Expired(ctx context.Context, sync string, before time.Time) (int64, error) {
	if before.IsZero() {
		return 0, nil
	}
	r, err := s.one(ctx, "SELECT COALESCE(SUM(CASE WHEN "+s.d.Quote("present")+" IS DISTINCT FROM FALSE THEN 1 ELSE 0 END), 0) AS n FROM "+s.d.Table(s.Names.Ledger(sync))+" WHERE "+s.expired(before))
	if err != nil {
		return 0, err
	}
	return r.Int("n"), nil
}

// CleanJournal drops facts that stand in the ledger and are older than two
// leases: no late fact of an older fence can come after that.
func (s *Store) CleanJournal(ctx context.Context, sync string, ttl time.Duration) error {
	return s.exec(ctx, "DELETE FROM "+s.d.Table(s.Names.Journal(sync))+" WHERE "+s.d.Quote("at")+" < "+s.d.AddSeconds(s.d.Now, -2*int64(ttl/time.Second))+
		" AND fence IN (SELECT fence FROM "+s.table("run")+" WHERE folded AND sync_id = "+s.d.String(sync)+")")
}

// Rejects are rows that wait with a reason, worst first: key, code, field,
// message, attempts, retry_at, state, present.
func (s *Store) Rejects(ctx context.Context, sync string, limit int) ([]Record, error) {
	w := warehouse.NewWriter(s.d)
	w.Line("SELECT ", s.keyText(), " AS key, ", s.d.Quote("state"), ", ", s.d.Quote("present"), ", code, field, message, attempts, retry_at, acked_at, gone_at")
	w.Line("FROM ", s.d.Table(s.Names.Ledger(sync)))
	w.Line("WHERE code IS NOT NULL ORDER BY code, key")
	if limit > 0 {
		w.Line("LIMIT ", s.d.Literal(limit))
	}
	return s.all(ctx, strings.TrimSpace(w.String()))
}

// RetryNow makes parked rows due: all of a sync's, or those of the keys.
func (s *Store) RetryNow(ctx context.Context, sync string, keys []string) (int64, error) {
	cond := "(" + s.d.Quote("state") + " = 'parked' OR code IS NOT NULL)" + s.among(keys)
	return s.Conn.Exec(ctx, warehouse.Stmt{Label: s.Label, SQL: "UPDATE " + s.d.Table(s.Names.Ledger(sync)) + " SET retry_at = " + s.d.Now + " WHERE " + cond})
}

// keyText is the ledger's key, a bigint or text, as text.
func (s *Store) keyText() string { return "CAST(key AS " + s.d.TypeNames[rows.Text] + ")" }

// among narrows a condition to some keys, given as text; all where there are none.
func (s *Store) among(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	lits := make([]string, len(keys))
	for i, k := range keys {
		lits[i] = s.d.String(k)
	}
	return " AND " + s.keyText() + " IN (" + strings.Join(lits, ", ") + ")"
}

// InvalidRows are the rows of the last run that could not be sent.
func (s *Store) InvalidRows(ctx context.Context, sync string, limit int) ([]Record, error) {
	q := "SELECT * FROM " + s.d.Table(s.Names.Invalid(sync)) + " ORDER BY class, code, key"
	if limit > 0 {
		q += " LIMIT " + s.d.Literal(limit)
	}
	return s.all(ctx, q)
}

// States counts a ledger's rows by state.
func (s *Store) States(ctx context.Context, sync string) ([]Record, error) {
	st := s.d.Quote("state")
	return s.all(ctx, "SELECT "+st+", COUNT(*) AS n FROM "+s.d.Table(s.Names.Ledger(sync))+" GROUP BY "+st+" ORDER BY "+st)
}

// Lease is who holds a sync's lease; nil where nobody does.
func (s *Store) Lease(ctx context.Context, sync string) (*HeldError, error) {
	recs, err := s.all(ctx, "SELECT holder, host, pid, taken_at, expires_at FROM "+s.table("lease")+" WHERE name = "+s.d.String(sync)+" AND holder IS NOT NULL")
	if err != nil || len(recs) == 0 {
		return nil, err
	}
	r := recs[0]
	return &HeldError{Name: sync, Holder: r["holder"], Host: r["host"], PID: r.Int("pid"), Since: r.Time("taken_at"), Until: r.Time("expires_at")}, nil
}
