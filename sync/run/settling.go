package run

import (
	"context"
	"fmt"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/deliver"
	"github.com/weir-data/weir/sync/plan"
)

// settle proves what was sent against the journal, folds it and proves the
// ledger. Complete: every phase was sent, so what needs no request is written too.
func (j *job) settle(ctx context.Context, complete bool) error {
	a := j.account
	if a == nil || j.run == nil {
		return nil
	}
	if j.report.State == Held {
		return nil // nothing was sent
	}
	a.count(j.tally)
	j.report.setCauses(j.tally)
	tallies, err := j.Store.Outcomes(ctx, j.row.ID, j.run, j.streaming)
	if err != nil {
		return err
	}
	if err := a.prove(tallies); err != nil {
		return err
	}
	whole := complete && !j.holdRemovals
	f := j.folding(j.run, j.in.LedgerEmpty, complete)
	if j.streaming {
		f.Streamed = j.streamed(j.in.Plan, j.asideKeys())
	}
	if f.HandOver = complete && a.Ledger[plan.Withheld] > 0; f.HandOver {
		if a.HandedOver, err = j.Store.HandedOver(ctx, j.row.ID, j.run); err != nil {
			return err
		}
	}
	if err := j.Store.Fold(ctx, f); err != nil {
		return err
	}
	j.run.Folded = true
	j.step("folded")
	if complete {
		if err := j.expire(ctx); err != nil {
			return err
		}
	}
	held, _, err := j.Store.Held(ctx, j.row.ID)
	if err != nil {
		return err
	}
	if err := a.close(held); err != nil {
		return err
	}
	if !complete {
		return nil
	}
	return j.complete(ctx, whole)
}

// expire forgets events that are past keep.
func (j *job) expire(ctx context.Context) error {
	if j.sync.Event == nil || j.sync.Event.Keep == 0 {
		return nil
	}
	before := j.report.AsOf.Add(-j.sync.Event.Keep)
	var err error
	if j.account.Expired, err = j.Store.Expired(ctx, j.row.ID, before); err != nil {
		return err
	}
	return j.Store.Expire(ctx, j.row.ID, before)
}

// complete names how the run ended and keeps what the next one compares with.
func (j *job) complete(ctx context.Context, whole bool) error {
	a := j.account
	switch {
	case j.holdRemovals:
		j.report.State = Held
	case a.Planned == 0:
		j.report.State = Quiet
	case a.Rejected+a.Missing+a.Exists+a.Unknown+a.Deferred+a.Superseded > 0:
		j.report.State = Partial
	default:
		j.report.State = Done
	}
	if a.Unsent > 0 {
		return fmt.Errorf("%s %s not sent and nobody stopped the run", diag.Count(a.Unsent, "planned row"), diag.Word(a.Unsent, "was", "were"))
	}
	j.row.Quiet = ""
	if whole && a.Deferred+a.Superseded == 0 {
		j.row.Complete = j.report.AsOf
	}
	if a.Planned == 0 && !j.holdRemovals && a.Source[plan.Settling]+a.Ledger[plan.Settling] == 0 {
		scan, err := j.Store.One(ctx, j.in.Scan())
		if err != nil {
			return err
		}
		if j.sameSource(scan["read_rows"], scan["read_sum"], scan["read_xor"]) {
			j.scan = scan
			j.row.Quiet = j.checksum()
		}
	}
	if err := j.Store.SaveSync(ctx, j.row); err != nil {
		return err
	}
	if nothing := a.Deferred + a.Unknown; nothing > 0 && nothing == a.Planned-a.Held-a.Superseded {
		return &deliver.TroubleError{Reason: j.nothingTaken(nothing)}
	}
	return nil
}

// nothingTaken says why no record was taken, as far as that is known.
func (j *job) nothingTaken(n int64) string {
	why := j.report.Causes[0].Message
	switch {
	case j.account.Unknown == 0:
		return fmt.Sprintf("the destination took none of %s: %s", diag.Count(n, "record"), why)
	case j.onUnknown() == "resend":
		return fmt.Sprintf("what became of %s is not known, so the next run sends %s again: %s", diag.Count(n, "record"), diag.Word(n, "it", "them"), why)
	default:
		return fmt.Sprintf("what became of %s is not known, and %s may not be sent twice (look at the destination; `weir retry` sends all the same): %s", diag.Count(n, "record"), diag.Word(n, "it", "they"), why)
	}
}

// sameSource guards the checksum that is kept: it must be of the source that
// was planned, not of one that changed since.
func (j *job) sameSource(rows, sum, xor string) bool {
	return j.scan["read_rows"] == rows && j.scan["read_sum"] == sum && j.scan["read_xor"] == xor
}
