package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Folding is what a fold of one run's journal depends on.
type Folding struct {
	SyncID, Run string
	Fence       int64 // the run's
	// Whole: the run came to its end, so what needs no request is written too:
	// rows kept, re-stamped, forgotten, handed over.
	Whole       bool
	LedgerEmpty bool
	HandOver    bool // the plan has rows whose record another key takes over
	AsOf        time.Time
	OnGone      string // park | recreate | forget
	OnUnknown   string // resend | hold
	Identifiers bool   // what was acknowledged is kept as a hash alone
	// Lease is what gives the right to fold: where another process may have
	// taken it in between, the fold is undone. nil = nobody can.
	Lease *Lease
	// Streamed: the run wrote no plan; what its rows carried is in the source.
	// nil where there is a plan.
	Streamed *Streamed
}

// Streamed is what the rows of a run without a plan carried, as the source has
// it now: a relation with key, entity_id, match, hash and fields, one row a key.
// A row that has changed since is remembered by its hash alone.
type Streamed struct {
	Steps []warehouse.CTE
	From  string // "" where the source cannot be read any more
	Match string // the match by the fact alone, f.key or f.match
}

// retry widening: 15 minutes, 1 hour, 6 hours, then daily.
var retrySeconds = []int64{900, 3600, 21600, 86400}

// Fold writes a run's facts into the ledger, each key's last one, and drops
// nothing it may need again: it may be repeated, with the same result.
func (s *Store) Fold(ctx context.Context, f Folding) error {
	for _, q := range s.FoldStatements(f) {
		var err error
		if len(q) == 1 {
			err = s.exec(ctx, q[0])
		} else {
			err = s.atomically(ctx, q)
		}
		if err != nil {
			return fmt.Errorf("fold the journal of run %s: %w", f.Run, f.Lease.orLost(ctx, err))
		}
	}
	return nil
}

// FoldStatements are the statements of a fold, in order; those in one group
// happen together or not at all.
func (s *Store) FoldStatements(f Folding) [][]string {
	d := s.d
	ledger := d.Table(s.Names.Ledger(f.SyncID))
	cols := strings.Join(LedgerLayout.names(d), ", ")
	if f.LedgerEmpty {
		return [][]string{append([]string{"-- the ledger was empty: the facts become its rows\nINSERT INTO " + ledger + " (" + cols + ")\nSELECT " + cols + "\nFROM (\n" + s.foldRows(f) + "\n) AS folded\nWHERE verb <> 'drop'"}, f.Lease.guard()...)}
	}
	work := d.Table(s.Names.Work(f.Run, "fold"))
	return [][]string{
		{"DROP TABLE IF EXISTS " + work},
		{"-- what the facts of the run make of its rows\nCREATE TABLE " + work + " AS\n" + s.foldRows(f)},
		append([]string{
			"DELETE FROM " + ledger + " WHERE key IN (SELECT key FROM " + work + ")",
			"INSERT INTO " + ledger + " (" + cols + ")\nSELECT " + cols + "\nFROM " + work + "\nWHERE verb <> 'drop'",
		}, f.Lease.guard()...),
		{"DROP TABLE IF EXISTS " + work},
	}
}

// Expire drops acknowledged events that are past keep.
func (s *Store) Expire(ctx context.Context, sync string, before time.Time) error {
	return s.exec(ctx, "DELETE FROM "+s.d.Table(s.Names.Ledger(sync))+" WHERE "+s.expired(before))
}

func (s *Store) expired(before time.Time) string {
	return "((" + s.d.Quote("state") + " = 'acked' AND acked_at < " + s.time(before) + ") OR (" + s.d.Quote("state") + " = 'parked' AND retry_at < " + s.time(before) + "))"
}

// foldRows gives the ledger's columns, and verb, for every row that changes.
func (s *Store) foldRows(f Folding) string {
	d := s.d
	w := warehouse.NewWriter(d)
	steps := s.lastFacts(f.SyncID, f.Fence, " AND outcome NOT IN ('deferred', 'superseded')")
	if f.Whole && f.HandOver {
		steps = append(steps, s.handedOver(f.Run))
	}
	if f.Streamed != nil {
		steps = append(steps, f.Streamed.Steps...)
		steps = append(steps, warehouse.CTE{Name: "said", Comment: "what it says of the row", SQL: s.saidOfStreamed(f)})
	} else {
		steps = append(steps, warehouse.CTE{Name: "needed", Comment: "rows of which more is remembered than the plan has", SQL: s.needed(f)})
		steps = append(steps, warehouse.CTE{Name: "said", Comment: "what it says of the planned row", SQL: s.said(f)})
	}
	w.With(steps)
	w.Line("SELECT").In(func() { w.List(append(s.foldColumns(f), "verb")) })
	w.Line("FROM said")
	return strings.TrimRight(w.String(), "\n")
}

// fromPlan are the columns that a plan has of what was remembered.
var fromPlan = map[string]string{"entity_id": "p.entity_id", "created": "p.created", "remote_id": "p.remote_id"}

// remembered are the ledger's columns before the fold, as l_*.
func (s *Store) remembered(of func(c Column) string) []string {
	var out []string
	for _, c := range LedgerLayout.Columns {
		if c.Name != "key" && c.Name != "members" {
			out = append(out, of(c)+" AS l_"+c.Name)
		}
	}
	return out
}

// needed are the rows whose last fact is not plain acceptance: what becomes of
// them depends on what the ledger says of them now.
func (s *Store) needed(f Folding) string {
	classes := "op IS NOT NULL"
	if f.Whole {
		classes += " OR class IN ('kept', 'forgotten', 'unchanged', 'withheld')"
	}
	return "SELECT l.*\nFROM " + s.d.Table(s.Names.Ledger(f.SyncID)) + " AS l\nJOIN (SELECT key, class FROM " + s.d.Table(s.Names.Plan(f.Run)) + " WHERE " + classes + ") AS p ON p.key = l.key\n" +
		"LEFT JOIN facts AS f ON f.key = p.key\nWHERE f.outcome IS DISTINCT FROM 'accepted'"
}

// said joins the plan with the facts and the ledger, and names what happens to each row.
func (s *Store) said(f Folding) string {
	d := s.d
	w := warehouse.NewWriter(d)
	q := d.Quote
	plan := d.Table(s.Names.Plan(f.Run))
	held := s.remembered(func(c Column) string {
		if of, ok := fromPlan[c.Name]; ok {
			return of
		}
		return "l." + q(c.Name)
	})
	w.Line("SELECT p.key, p.entity_id, p.hash, p.fields, p.", q("match"), ", p.class, f.created, f.remote_id, f.request_id, f.code, f.field, f.message, f.retry_at, f.at, f.fence, f.seq,")
	w.In(func() {
		w.Line(strings.Join(held, ", "), ",")
		w.Line(s.verb(f, "p.class", "p.op", "l."+q("present")), " AS verb")
	})
	w.Line("FROM (SELECT * FROM ", plan, " WHERE op IS NOT NULL OR class IN ('kept', 'forgotten', 'unchanged', 'withheld')) AS p")
	w.Line("LEFT JOIN facts AS f ON f.key = p.key")
	w.Line("LEFT JOIN needed AS l ON l.key = p.key")
	w.Line("LEFT JOIN (SELECT key, fence, seq FROM ", d.Table(s.Names.Ledger(f.SyncID)), ") AS was ON was.key = p.key")
	open := "(f.key IS NOT NULL AND (was.key IS NULL OR was.fence IS NULL OR f.fence > was.fence OR (f.fence = was.fence AND f.seq > was.seq)))"
	if !f.Whole {
		w.Line("WHERE ", open)
		return w.String()
	}
	w.Line("WHERE ", open)
	w.Line("   OR (p.class = 'kept' AND l.gone_at IS NULL)")
	w.Line("   OR p.class = 'forgotten'")
	w.Line("   OR (p.class = 'unchanged' AND (l.", q("state"), " <> 'acked' OR l.acked_hash IS DISTINCT FROM p.hash OR l.settled_hash IS DISTINCT FROM p.hash OR l.code IS NOT NULL OR l.gone_at IS NOT NULL OR ", s.fieldsDiffer(f), "))")
	if f.HandOver {
		w.Line("   OR p.key IN (SELECT key FROM handed_over)")
	}
	return w.String()
}

// saidOfStreamed names what happens to each row of a run without a plan: all
// were new, and nothing was remembered of them.
func (s *Store) saidOfStreamed(f Folding) string {
	d := s.d
	w := warehouse.NewWriter(d)
	m := d.Quote("match")
	nothing := s.remembered(func(c Column) string {
		t := c.Type
		if t == hashType {
			t = d.HashType
		}
		return "CAST(NULL AS " + d.TypeNames[t] + ")"
	})
	text := "CAST(NULL AS " + d.TypeNames[rows.Text] + ")"
	entity, fields, match := text, text, f.Streamed.Match
	if f.Streamed.From != "" {
		entity, fields, match = "p.entity_id", "p.fields", "COALESCE(p."+m+", "+match+")"
	}
	w.Line("SELECT f.key, ", entity, " AS entity_id, f.hash, ", fields, " AS fields, ", match, " AS ", m, ", 'added' AS class, f.created, f.remote_id, f.request_id, f.code, f.field, f.message, f.retry_at, f.at, f.fence, f.seq,")
	w.In(func() {
		w.Line(strings.Join(nothing, ", "), ",")
		w.Line(s.verb(f, "'added'", "f.op", "FALSE"), " AS verb")
	})
	w.Line("FROM facts AS f")
	if f.Streamed.From != "" {
		w.Line("LEFT JOIN ", f.Streamed.From, " AS p ON p.key = f.key AND p.hash = f.hash")
	}
	return w.String()
}

// verb names what becomes of a row of that class and operation, which the
// destination had where present says so: ack, drop, refuse, park, absent, gone,
// pending, unknown, hold, keep, restamp.
func (s *Store) verb(f Folding, class, op, present string) string {
	w := warehouse.NewWriter(s.d)
	w.Line("CASE")
	when := func(cond, verb string) { w.Line("  WHEN ", cond, " THEN '", verb, "'") }
	removal := class + " = 'removed'"
	when(removal+" AND f.outcome IN ('accepted', 'missing')", "drop")
	when("f.outcome = 'accepted'", "ack")
	when("f.outcome = 'missing' AND "+op+" = 'remove'", "ack")
	when("f.outcome = 'exists' AND "+op+" = 'append'", "ack")
	when("f.outcome = 'rejected' AND "+class+" IN ('removed', 'cleared')", "refuse")
	when("f.outcome = 'rejected'", "park")
	switch f.OnGone {
	case "recreate":
		when("f.outcome = 'missing' AND "+present, "drop")
	default:
		when("f.outcome = 'missing' AND "+present, "gone")
	}
	when("f.outcome = 'missing'", "absent")
	when("f.outcome = 'exists'", "exists")
	when("f.outcome = 'pending'", "pending")
	unknown := "unknown"
	if f.OnUnknown == "hold" {
		when("f.outcome IN ('unknown', 'intent') AND "+op+" = 'remove'", "unknown")
		unknown = "hold"
	}
	when("f.outcome IN ('unknown', 'intent')", unknown)
	when(class+" = 'kept'", "keep")
	when(class+" = 'unchanged'", "restamp")
	w.Line("  ELSE 'drop'")
	w.Line("END")
	return strings.TrimSpace(w.String())
}

// foldColumns are the new values of the ledger's columns, by verb.
func (s *Store) foldColumns(f Folding) []string {
	d := s.d
	text := "CAST(NULL AS " + d.TypeNames[rows.Text] + ")"
	ts := "CAST(NULL AS " + d.TypeNames[rows.Timestamp] + ")"
	hash := "CAST(NULL AS " + d.TypeNames[d.HashType] + ")"
	by := func(name string, cases ...string) string {
		return "CASE " + strings.Join(cases, " ") + " END AS " + d.Quote(name)
	}
	acked := "WHEN verb IN ('ack', 'restamp') THEN "
	widening := "CASE"
	for i, sec := range retrySeconds[:3] {
		widening += fmt.Sprintf(" WHEN %s = %d THEN %s", s.attempts(), i+1, d.AddSeconds(d.Quote("at"), sec))
	}
	widening += " ELSE " + d.AddSeconds(d.Quote("at"), retrySeconds[3]) + " END"
	goneRetry := widening
	if f.OnGone == "forget" {
		goneRetry = ts
	}
	kept := "WHEN verb IN ('refuse', 'keep') THEN "
	return []string{
		"key",
		"COALESCE(entity_id, l_entity_id) AS entity_id",
		by("state", acked+"'acked'", "WHEN verb = 'pending' THEN 'pending'", "WHEN verb = 'unknown' THEN 'unknown'", kept+"l_state", "ELSE 'parked'"),
		by("present", acked+"TRUE", "WHEN verb IN ('pending', 'unknown', 'hold') THEN NULL", kept+"l_present", "WHEN verb = 'park' THEN COALESCE(l_present, FALSE)", "ELSE FALSE"),
		by("created", "WHEN verb = 'gone' THEN NULL", "ELSE COALESCE(created, l_created)"),
		by("acked_hash", "WHEN class = 'cleared' AND verb = 'ack' THEN "+hash, acked+"hash", "WHEN verb = 'gone' THEN "+hash, "ELSE l_acked_hash"),
		by("settled_hash", kept+"l_settled_hash", "ELSE hash"),
		by("fields", acked+s.keptFields(f, text), "WHEN verb = 'gone' THEN "+text, "ELSE l_fields"),
		by("match", acked+d.Quote("match"), "ELSE COALESCE(l_match, "+d.Quote("match")+")"),
		by("remote_id", "WHEN verb = 'gone' THEN "+text, "ELSE COALESCE(remote_id, l_remote_id)"),
		"CAST(NULL AS " + d.TypeNames[rows.TextList] + ") AS members",
		by("request_id", "WHEN verb = 'pending' THEN request_id", "ELSE "+text),
		by("code", "WHEN verb = 'hold' THEN 'unknown_outcome'", "WHEN verb = 'gone' THEN 'gone'", "WHEN verb = 'absent' THEN COALESCE(code, 'missing')", "WHEN verb = 'exists' THEN COALESCE(code, 'exists')", "WHEN verb IN ('refuse', 'park', 'unknown') THEN code", "WHEN verb = 'keep' THEN l_code", "ELSE "+text),
		by("field", "WHEN verb IN ('refuse', 'park') THEN field", "WHEN verb = 'keep' THEN l_field", "ELSE "+text),
		by("message", "WHEN verb IN ('refuse', 'park', 'absent', 'exists', 'unknown', 'hold', 'gone') THEN message", "WHEN verb = 'keep' THEN l_message", "ELSE "+text),
		by("attempts", "WHEN verb IN ('refuse', 'park', 'absent', 'gone') THEN "+s.attempts(), "WHEN verb = 'keep' THEN l_attempts", "ELSE 0"),
		by("retry_at", "WHEN verb IN ('refuse', 'park') AND retry_at IS NOT NULL THEN "+widening, "WHEN verb = 'absent' THEN "+widening, "WHEN verb = 'gone' THEN "+goneRetry,
			"WHEN verb = 'pending' THEN retry_at", "WHEN verb = 'unknown' THEN "+d.Quote("at"), "ELSE "+ts),
		by("gone_at", "WHEN verb = 'keep' THEN COALESCE(l_gone_at, "+s.time(f.AsOf)+")", "WHEN verb = 'refuse' THEN l_gone_at", "ELSE "+ts),
		by("acked_at", "WHEN verb = 'ack' THEN "+d.Quote("at"), "ELSE l_acked_at"),
		"COALESCE(CASE WHEN fence IS NOT NULL THEN " + d.String(f.Run) + " END, l_run_id) AS run_id",
		"COALESCE(fence, l_fence) AS fence",
		"COALESCE(seq, l_seq) AS seq",
	}
}

func (s *Store) keptFields(f Folding, null string) string {
	if f.Identifiers {
		return null
	}
	return "fields"
}

// fieldsDiffer is true where the ledger is to hold other fields than it does.
func (s *Store) fieldsDiffer(f Folding) string {
	if f.Identifiers {
		return "l.fields IS NOT NULL"
	}
	return "l.fields IS DISTINCT FROM p.fields"
}

// attempts counts refusals since the row last changed.
func (s *Store) attempts() string {
	return "(CASE WHEN l_settled_hash = hash OR hash IS NULL THEN COALESCE(l_attempts, 0) ELSE 0 END + 1)"
}
