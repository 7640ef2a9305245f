package run

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/warehouse"
)

// newInput is what the plan depends on as far as the compiled query tells.
func newInput(j *job, q *models.Query) plan.Input {
	return plan.Input{D: j.Conn.Dialect(), Query: q, Sync: j.sync, AsOf: j.report.AsOf}
}

// plan compares both sides. It ends with a plan table, or with the run's state
// when nothing is to be done or the run is held.
func (j *job) plan(ctx context.Context) error {
	if j.emptied {
		return j.holdEmptied(ctx)
	}
	if err := j.fillInput(ctx); err != nil {
		return err
	}
	if err := j.checkContract(ctx); err != nil {
		return err
	}
	scan, err := j.Store.One(ctx, j.in.Scan())
	if err != nil {
		return &SourceError{Source: j.sync.From.Name, Place: j.sync.From.Place, Err: err}
	}
	j.scan = scan
	j.in.LedgerEmpty = scan.Int("held_rows") == 0
	if j.isQuiet() {
		return j.quiet()
	}
	if j.in.Restamp && !j.in.LedgerEmpty && scan.Int("read_rows") > 0 {
		j.report.note("the mapping or the engine's hash has changed since the last run: values are compared field by field, and only those that differ are sent")
	}
	if !j.event() && scan.Int("read_rows") == 0 && scan.Int("held_rows") > 0 && !j.approvedEmpty(ctx) {
		return j.holdEmpty()
	}
	if err := j.build(ctx); err != nil {
		return err
	}
	if err := j.explain(ctx); err != nil {
		return err
	}
	return j.guard(ctx)
}

// unmapped adds the fields that were mapped before and are to be cleared now.
func (j *job) unmapped(was *ledger.SyncRow) {
	if j.sync.OnUnmap != "clear" || was.Mapping == "" || was.Mapping == j.row.Mapping {
		return
	}
	var before []string
	_ = json.Unmarshal([]byte(was.Fields), &before)
	now := map[string]bool{}
	for _, f := range j.in.Query.Fields {
		now[f.Name] = true
	}
	q := *j.in.Query
	null := "CAST(NULL AS " + j.Conn.Dialect().TypeNames[rows.Text] + ")"
	for _, name := range before {
		if !now[name] {
			q.Fields = append(q.Fields, models.QueryField{Name: name, Expr: null, Type: rows.Text, Set: plan.Unmapped})
			j.report.note(fmt.Sprintf("%s is mapped no more: what was written to it is cleared", name))
		}
	}
	j.in.Query = &q
}

func (j *job) event() bool { return j.sync.Kind == destinations.Event }

func (j *job) fillInput(ctx context.Context) error {
	n := j.Store.Names
	j.in.SyncID, j.in.Ledger = j.row.ID, n.Ledger(j.row.ID)
	j.in.Differs, j.in.Plan = n.Work(j.run.ID, "differs"), n.Plan(j.run.ID)
	was := *j.row
	j.describe(j.row)
	j.unmapped(&was)
	j.in.Restamp = was.HashScheme != "" && (was.HashScheme != j.row.HashScheme || was.Mapping != j.row.Mapping)
	if j.event() {
		j.in.After = j.window()
	}
	syncs, err := j.Store.Syncs(ctx)
	if err != nil {
		return err
	}
	for _, o := range syncs {
		if o.ID != j.row.ID && o.Resource == j.row.Resource && o.Kind == string(destinations.Record) && o.State == "active" && o.Mode != string(destinations.Remove) && o.Match == j.row.Match {
			j.in.Others = append(j.in.Others, n.Ledger(o.ID))
		}
	}
	return nil
}

// window is the moment after which events are wanted.
func (j *job) window() time.Time {
	ev := j.sync.Event
	var start time.Time
	switch ev.Start {
	case "all":
	case "", "now":
		start = j.row.StartedAt
	default:
		start, _ = time.Parse(time.DateOnly, ev.Start)
	}
	if j.row.Complete.IsZero() {
		return start
	}
	if back := j.row.Complete.Add(-ev.Lookback); back.After(start) {
		return back
	}
	return start
}

// checksum is both sides as the scan saw them.
func (j *job) checksum() string {
	parts := []string{j.in.After.Format(time.RFC3339)}
	for _, c := range []string{"read_rows", "read_sum", "read_xor", "held_rows", "held_sum", "held_xor"} {
		parts = append(parts, j.scan[c])
	}
	return strings.Join(append(parts, j.row.ConfigHash, j.row.HashScheme), ":")
}

// isQuiet tells whether both sides are as the last run with nothing due left
// them, and nothing has become due since.
func (j *job) isQuiet() bool {
	return j.opt.OnlyKey == "" && !j.in.Restamp && j.row.Quiet != "" && j.scan.Int("due") == 0 && j.row.Quiet == j.checksum()
}

func (j *job) quiet() error {
	j.report.State = Quiet
	j.account = &Account{Read: j.scan.Int("read_rows"), Before: j.scan.Int("held"), After: j.scan.Int("held")}
	j.account.Quiet = true
	j.report.Counts = j.account
	return nil
}

// build writes the plan table and its account of rows.
func (j *job) build(ctx context.Context) error {
	if j.streams() {
		done, err := j.setAside(ctx)
		if err != nil || done {
			return err
		}
	}
	j.all = j.in.LedgerEmpty || j.in.Restamp
	if !j.all {
		if err := j.narrow(ctx); err != nil {
			return err
		}
	}
	if err := j.makePlan(ctx); err != nil {
		return err
	}
	if err := j.widen(ctx); err != nil {
		return err
	}
	if err := j.account.settle(j.all); err != nil {
		return err
	}
	if err := j.failDuplicates(ctx); err != nil {
		return err
	}
	if err := j.single(ctx); err != nil {
		return err
	}
	return j.intersect(ctx)
}

// narrow finds the rows in play: those whose two sides differ, and their neighbours.
func (j *job) narrow(ctx context.Context) error {
	if err := j.exec(ctx, j.in.MakeDiffers()); err != nil {
		return err
	}
	if q := j.in.AddSharers(); q != "" {
		return j.exec(ctx, q)
	}
	return nil
}

// widen plans again while the two sides do not agree on what is unchanged: a
// row that shares its key with an unchanged one hides from the join. First its
// twins come into play, then every row.
func (j *job) widen(ctx context.Context) error {
	for !j.all && !j.account.agrees() {
		if j.twins {
			j.all = true
		} else if err := j.exec(ctx, j.in.AddTwins()); err != nil {
			return err
		}
		j.twins = true
		if err := j.makePlan(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) exec(ctx context.Context, sql string) error {
	if _, err := j.Conn.Exec(ctx, warehouse.Stmt{SQL: sql, Label: "run=" + j.run.ID + " sync=" + j.sync.Name}); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return nil
}

func (j *job) makePlan(ctx context.Context) error {
	if err := j.Store.Drop(ctx, j.in.Plan); err != nil {
		return err
	}
	sql := j.in.MakePlan(j.all)
	j.planned = true
	if err := j.exec(ctx, sql); err != nil {
		return err
	}
	counts, err := j.Store.All(ctx, j.in.Counts())
	if err != nil {
		return err
	}
	j.take(newAccount(j.scan, counts))
	if !j.event() {
		return nil
	}
	kept, err := j.Store.One(ctx, j.in.KeptEvents())
	if err != nil {
		return err
	}
	if n := kept.Int("kept"); n > 0 {
		j.account.Ledger[plan.Kept] = n
	}
	return nil
}

// take makes an account the run's.
func (j *job) take(a *Account) {
	j.account, j.report.Counts = a, a
	j.report.PlanSQL = j.planSQL()
	j.run.PlanSQL = j.report.PlanSQL
}

// planSQL is a fingerprint of the compiled plan, without what differs from run to run.
func (j *job) planSQL() string {
	in := j.in
	in.AsOf, in.After, in.RefreshAt = time.Time{}, time.Time{}, time.Time{}
	return fingerprint(strings.ReplaceAll(in.MakePlan(true), j.run.ID, ""))
}

// DuplicateError stops a sync that says `on_duplicate: fail`.
type DuplicateError struct{ Text string }

func (e *DuplicateError) Error() string { return e.Text }

// failDuplicates stops a sync that asks for it where rows share a key or a match.
func (j *job) failDuplicates(ctx context.Context) error {
	if on := j.sync.OnDuplicate; j.account.Duplicate == 0 || (on.Key != "fail" && on.Match != "fail") {
		return nil
	}
	if err := j.explain(ctx); err != nil {
		return err
	}
	var parts []string
	for _, p := range j.report.Problems {
		if p.Class == plan.Duplicate {
			parts = append(parts, fmt.Sprintf("%d rows share a %s with another (the first: %s)", p.N, strings.TrimPrefix(p.Code, "duplicate_"), p.FirstKey))
		}
	}
	return &DuplicateError{fmt.Sprintf("source %s: %s, and on_duplicate says fail: nothing was sent", j.sync.From.Name, list(parts))}
}

// explain fills the report: why rows are not wanted, which fields change, samples.
func (j *job) explain(ctx context.Context) error {
	if j.account.Invalid+j.account.Duplicate > 0 {
		recs, err := j.Store.All(ctx, j.in.Problems())
		if err != nil {
			return err
		}
		j.report.Problems = nil
		for _, r := range recs {
			code, field, _ := strings.Cut(r["problem"], ":")
			j.report.Problems = append(j.report.Problems, Problem{Class: plan.Class(r["class"]), Code: code, Field: field, N: r.Int("n"), FirstKey: r["first_key"]})
		}
	}
	invalid := j.Store.Names.Invalid(j.row.ID)
	if err := j.exec(ctx, "DELETE FROM "+j.Conn.Dialect().Table(invalid)); err != nil {
		return err
	}
	if j.account.Invalid+j.account.Duplicate > 0 {
		if err := j.exec(ctx, j.in.FillInvalid(invalid)); err != nil {
			return err
		}
	}
	if j.account.Source[plan.Changed] > 0 && len(j.in.Query.Fields) > 0 && !j.in.LedgerEmpty {
		r, err := j.Store.One(ctx, j.in.FieldCounts())
		if err != nil {
			return err
		}
		for i, f := range j.in.Query.Fields {
			if n := r.Int(fmt.Sprintf("f%d", i+1)); n > 0 {
				j.report.Fields = append(j.report.Fields, FieldCount{Field: f.Name, N: n})
			}
		}
	}
	return j.samples(ctx)
}

func (j *job) samples(ctx context.Context) error {
	if j.opt.Samples == 0 || j.account.Planned == 0 {
		return nil
	}
	recs, err := j.Store.All(ctx, j.in.Sample(j.opt.Samples))
	if err != nil {
		return err
	}
	for _, r := range recs {
		j.report.Sample = append(j.report.Sample, sampleOf(r, j.opt.ShowValues))
	}
	return nil
}

func sampleOf(r ledger.Record, show bool) Sample {
	mask := MaskObject
	if show {
		mask = func(object string) string { return object }
	}
	return Sample{Key: r["key"], Class: r["class"], Op: r["op"], Reason: r["reason"], Match: mask(r["match"]), OldMatch: mask(r["old_match"]), Had: mask(r["had"]), Sent: mask(r["sent"])}
}
