package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/deliver"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
)

// Options say how far a run goes.
type Options struct {
	// PlanOnly stops before anything is sent.
	PlanOnly bool
	// KeepPlan keeps the plan's rows, so that it can be applied until it expires.
	KeepPlan bool
	// Apply sends only what this earlier plan holds and is still true.
	Apply *PlanEntry
	// Exact refuses to apply when anything of the plan is no longer true.
	Exact bool
	// ShowValues shows samples as they are, unmasked: somebody asked for it.
	ShowValues bool
	// OnlyKey plans and sends the row of one key alone, given as text. Guards
	// have no say: somebody asked for this row.
	OnlyKey string
	// Samples is how many rows (-1: all) of the plan the report shows.
	Samples int
}

// planLife is how long a kept plan may be applied.
const planLife = 24 * time.Hour

// job is one run of one sync under way.
type job struct {
	*Env
	sync         *models.Sync
	opt          Options
	report       *Report
	outlet       *Outlet
	row          *ledger.SyncRow
	lease        *ledger.Lease
	run          *ledger.RunRow
	in           plan.Input
	scan         ledger.Record
	account      *Account
	tally        *deliver.Tally
	all          bool // every row is in the plan
	holdRemovals bool
	schema       models.Schema
	emptied      bool // the source has no rows, and so no types
	planned      bool // the plan table is there
	twins        bool // rows that share a key with one in play are in play too
	streaming    bool // every wanted row is new and streams from the source; the plan table holds the others
	renewing     context.CancelFunc
}

// Run runs one sync once and says what happened; it never panics on what a
// warehouse or a destination does. It may be repeated at any time, is the only
// one of its sync while it runs, and may be killed anywhere.
func (e *Env) Run(ctx context.Context, s *models.Sync, opt Options) *Report {
	started := time.Now()
	j := &job{Env: e, sync: s, opt: opt, tally: deliver.NewTally()}
	j.report = &Report{Sync: s.Name, Mode: string(s.Mode), To: s.To.Name, Object: s.Object, Exempt: s.Exempt, AsOf: e.now().UTC().Truncate(time.Microsecond)}
	if s.From != nil {
		j.report.From = s.From.Name
	}
	err := j.life(ctx)
	j.close(ctx, err)
	j.report.Took = time.Since(started)
	return j.report
}

// life is all of it, up to the closing.
func (j *job) life(ctx context.Context) error {
	if err := j.prepare(ctx); err != nil {
		return err
	}
	if err := j.claim(ctx); err != nil {
		return err
	}
	if err := j.plan(ctx); err != nil || j.report.State != "" {
		return err
	}
	if j.account != nil && j.account.Planned > 0 {
		if err := j.fits(ctx); err != nil {
			return err
		}
	}
	j.step("planned")
	if j.opt.PlanOnly {
		j.report.State, j.report.Estimate, j.report.Fence = Planned, j.requests(), j.lease.Fence
		return nil
	}
	if err := j.deliver(ctx); err != nil || j.opt.OnlyKey == "" {
		return err
	}
	j.report.State = j.alone()
	return nil
}

// close ends the run, whatever happened: what was acknowledged is folded, the
// equations are proved, the lease is given back.
func (j *job) close(ctx context.Context, err error) {
	ctx = context.WithoutCancel(ctx)
	if j.lease == nil {
		j.fail(err)
		return
	}
	open := false
	if j.planned && !j.opt.PlanOnly && !errors.Is(err, ledger.ErrLeaseLost) {
		if ferr := j.settle(ctx, err == nil && j.report.State == ""); ferr != nil {
			var broken *BrokenError
			open = !j.run.Folded && !errors.As(ferr, &broken)
			err = errors.Join(err, ferr)
		}
	}
	j.fail(err)
	if errors.Is(err, ledger.ErrLeaseLost) {
		return // another may hold it now; the next holder closes this run
	}
	if !open { // else what it was answered is in the journal alone: the next run folds it, as of a killed one
		if cerr := j.finish(ctx); cerr != nil && j.report.Err == nil {
			j.fail(cerr)
		}
	}
	if j.renewing != nil {
		j.renewing()
	}
	if rerr := j.lease.Release(ctx); rerr != nil && j.report.Err == nil {
		j.fail(fmt.Errorf("give back the lease: %w", rerr))
	}
}

// fail notes why the run did not come to its end.
func (j *job) fail(err error) {
	if err == nil {
		return
	}
	j.report.Err, j.report.Reason = err, err.Error()
	switch {
	case errors.Is(err, errStopped):
		j.report.State = Stopped
	default:
		j.report.State = Failed
	}
}

// errStopped ends a run that a signal or max_duration stopped.
var errStopped = errors.New("stopped before everything was sent; the next run sends the rest")

// finish drops the work tables and writes the run's row.
func (j *job) finish(ctx context.Context) error {
	for _, t := range []string{"differs", "fold"} {
		if err := j.Store.Drop(ctx, j.Store.Names.Work(j.run.ID, t)); err != nil {
			return err
		}
	}
	keep := j.opt.KeepPlan && j.report.State == Planned
	if j.planned && !keep {
		if err := j.Store.Drop(ctx, j.in.Plan); err != nil {
			return err
		}
	}
	j.run.State, j.run.Reason = string(j.report.State), j.report.Reason
	j.run.Ended = j.now()
	if keep {
		j.run.Expires = j.now().Add(planLife)
		j.report.Expires = j.run.Expires
	}
	if j.account != nil {
		kept := *j.report
		kept.Sample = nil // rows are not kept, masked or not
		j.run.Counts = encode(&kept)
	}
	j.step("closing")
	if err := j.Store.SaveRun(ctx, j.run); err != nil {
		return fmt.Errorf("close the run: %w", err)
	}
	return j.Store.Event(ctx, j.run.ID, string(j.report.State), j.report.Reason)
}
