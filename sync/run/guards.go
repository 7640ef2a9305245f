package run

import (
	"context"
	"fmt"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
)

// What guards do when a sync of mode mirror says nothing.
const (
	defaultRemovedShare = 0.20
	defaultRemovedRows  = 50
)

// Names of guards, as approvals keep them.
const (
	guardRemoved  = "max_removed"
	guardAdded    = "max_added"
	guardChanged  = "max_changed"
	guardInvalid  = "max_invalid"
	guardMinRows  = "min_rows"
	guardRequests = "max_requests"
	guardEmpty    = "empty_source"
)

// Limits are the counts of a held run, as approval of it allows them.
func Limits(r *Report) map[string]int64 {
	out := map[string]int64{}
	for _, g := range r.Guards {
		out[g.Guard] = g.N
	}
	return out
}

// guard looks at the counts before anything is sent.
func (j *job) guard(ctx context.Context) error {
	if j.opt.OnlyKey != "" {
		return nil
	}
	hits := j.hits()
	if len(hits) == 0 {
		return nil
	}
	approval, err := j.Store.Approved(ctx, j.row.ID, j.now())
	if err != nil {
		return err
	}
	var left []GuardHit
	for _, h := range hits {
		if !allows(approval, h) {
			left = append(left, h)
		}
	}
	if approval != nil && len(left) < len(hits) {
		j.report.note(fmt.Sprintf("allowed by %s, who approved run %s", approval.By, short(approval.RunID)))
		if !j.opt.PlanOnly {
			if err := j.Store.UseApproval(ctx, approval, j.run.ID); err != nil {
				return err
			}
		}
	}
	j.report.Guards = left
	return j.hold(left)
}

// hold keeps back what the guards say: the removals, or all of it.
func (j *job) hold(hits []GuardHit) error {
	if len(hits) == 0 {
		return nil
	}
	whole := j.sync.Guards.HoldRun
	for _, h := range hits {
		whole = whole || h.Whole
	}
	j.report.Reason = hits[0].Sentence
	if whole {
		j.account.Held = j.account.Planned
		if !j.opt.PlanOnly {
			j.report.State = Held
		}
		return nil
	}
	j.account.Held = j.account.phases[plan.PhaseRemovals]
	j.holdRemovals = true
	return nil
}

func allows(a *ledger.Approval, h GuardHit) bool {
	if a == nil {
		return false
	}
	limit, ok := a.Limits[h.Guard]
	if h.Guard == guardMinRows {
		return ok && h.N >= limit
	}
	return ok && h.N <= limit
}

// hits are the guards that the counts break.
func (j *job) hits() []GuardHit {
	a, g := j.account, j.sync.Guards
	var out []GuardHit
	add := func(name, what string, n, of int64, l *models.Limit, whole bool) {
		if h, hit := over(name, what, n, of, l); hit {
			h.Whole = whole
			out = append(out, h)
		}
	}
	if removed := a.phases[plan.PhaseRemovals]; removed > 0 {
		l := g.MaxRemoved
		if l == nil && j.sync.Mode == destinations.Mirror {
			share, rows := defaultRemovedShare, int64(defaultRemovedRows)
			if removed > rows {
				l = &models.Limit{Share: &share}
			}
		}
		add(guardRemoved, "removal", removed, a.Before, l, false)
	}
	add(guardAdded, "addition", a.Source[plan.Added], a.Before, g.MaxAdded, true)
	add(guardChanged, "change", a.Source[plan.Changed], a.Before, g.MaxChanged, true)
	add(guardInvalid, "invalid row", a.Invalid, a.Read, g.MaxInvalid, true)
	if g.MinRows != nil && a.Wanted < *g.MinRows {
		out = append(out, GuardHit{Guard: guardMinRows, N: a.Wanted, Limit: *g.MinRows, Of: a.Read, Whole: true,
			Sentence: fmt.Sprintf("only %s %s wanted, and guards.min_rows asks for %s", diag.Count(a.Wanted, "row"), diag.Word(a.Wanted, "is", "are"), diag.Number(*g.MinRows))})
	}
	if g.MaxRequests != nil {
		if n := j.requests(); n > *g.MaxRequests {
			out = append(out, GuardHit{Guard: guardRequests, N: n, Limit: *g.MaxRequests, Of: a.Planned, Whole: true,
				Sentence: fmt.Sprintf("about %s would be made, and guards.max_requests allows %s", diag.Count(n, "request"), diag.Number(*g.MaxRequests))})
		}
	}
	return out
}

// over compares a count with a limit: with a share and rows both, both must be broken.
func over(name, what string, n, of int64, l *models.Limit) (GuardHit, bool) {
	if l == nil || n == 0 || (l.Share == nil && l.Rows == nil) {
		return GuardHit{}, false
	}
	h := GuardHit{Guard: name, N: n, Of: of}
	limit, text := int64(-1), ""
	if l.Share != nil {
		limit, text = int64(*l.Share*float64(of)), fmt.Sprintf("%g%%", *l.Share*100)
	}
	if l.Rows != nil {
		if *l.Rows > limit {
			limit = *l.Rows
		}
		if text != "" {
			text += " and "
		}
		text += diag.Count(*l.Rows, "row")
	}
	h.Limit = limit
	h.Sentence = fmt.Sprintf("%s of %s, and guards.%s allows %s (%s)", diag.Count(n, what), diag.Count(of, "row"), name, text, diag.Number(limit))
	return h, n > limit
}

// requests is about how many requests the plan asks for.
func (j *job) requests() int64 {
	size := int64(max(1, j.outlet.Limits.BatchRows))
	var n int64
	for _, rows := range j.account.phases {
		n += (rows + size - 1) / size
	}
	return n
}

// holdEmpty holds a run whose source is empty while its ledger is not. A plan
// holds nothing: it shows what a run would meet, and has no rows to keep.
func (j *job) holdEmpty() error {
	held := j.scan.Int("held")
	j.account = &Account{Before: held, After: held}
	j.report.Counts = j.account
	j.report.Guards = []GuardHit{{Guard: guardEmpty, N: held, Of: held, Whole: true,
		Sentence: fmt.Sprintf("source %s is empty, and %s %s at the destination because of it", j.sync.From.Name, diag.Count(held, "row"), diag.Word(held, "is", "are"))}}
	j.report.Reason = j.report.Guards[0].Sentence
	if j.opt.PlanOnly {
		j.opt.KeepPlan = false
		return nil
	}
	j.report.State = Held
	return nil
}

// holdEmptied holds a run whose source lost its rows and with them its types.
func (j *job) holdEmptied(ctx context.Context) error {
	held, _, err := j.Store.Held(ctx, j.row.ID)
	if err != nil {
		return err
	}
	j.scan = ledger.Record{"held": fmt.Sprint(held)}
	return j.holdEmpty()
}

// approvedEmpty tells whether somebody said that the source may be empty.
func (j *job) approvedEmpty(ctx context.Context) bool {
	a, err := j.Store.Approved(ctx, j.row.ID, j.now())
	if err != nil || a == nil {
		return false
	}
	_, ok := a.Limits[guardEmpty]
	return ok && allows(a, GuardHit{Guard: guardEmpty, N: j.scan.Int("held")})
}
