package run

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/deliver"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/warehouse"
)

// deliver sends the plan phase by phase: withdrawals, writes, waves of renames
// that wait for one another, removals.
func (j *job) deliver(ctx context.Context) error {
	started := time.Now()
	defer func() { j.report.Sending = time.Since(started) }()
	j.run.State = string(Sending)
	if err := j.Store.SaveRun(ctx, j.run); err != nil {
		return err
	}
	if limit := j.Project.Defaults.MaxDuration; limit > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, limit)
		defer stop()
	}
	sent0, retried0, waited0 := j.outlet.Requests(), j.outlet.Retries(), j.outlet.Waited()
	defer func() {
		j.report.Requests, j.report.Retries, j.report.Waited = j.outlet.Requests()-sent0, j.outlet.Retries()-retried0, j.outlet.Waited()-waited0
		j.report.Notes = append(j.report.Notes, j.outlet.Notes()...)
	}()
	journal, err := j.Store.NewJournal(ctx, j.row.ID, j.lease.Fence, j.row.Key())
	if err != nil {
		return err
	}
	for _, phase := range j.phases() {
		if err := j.sendPhase(ctx, phase, journal); err != nil {
			return err
		}
	}
	return nil
}

// phases are the phases with work, in order, without what guards hold.
func (j *job) phases() []int64 {
	var out []int64
	for p, n := range j.account.phases {
		if n > 0 && (!j.holdRemovals || p != plan.PhaseRemovals) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

func (j *job) sendPhase(ctx context.Context, phase int64, journal *ledger.Journal) error {
	before := j.tally.Done
	sql := j.in.Read(phase, j.Store.Names.Journal(j.row.ID), j.run.Fence)
	if j.streaming {
		sql = j.in.Stream(j.asideKeys())
	}
	src := &reader{conn: j.Conn, sync: j.destinationSync(), sql: sql, label: "run=" + j.run.ID + " sync=" + j.sync.Name}
	cut := j.Cut
	if cut == nil {
		cut = context.WithoutCancel(ctx)
	}
	started := time.Now()
	tally, err := deliver.Run(ctx, cut, src, j.outlet.Sender, &journalOf{journal, j, j.streaming && j.in.MatchOf("key") == ""}, deliver.Options{
		Connections: j.outlet.Limits.Connections, BatchRows: j.outlet.Limits.BatchRows, Intents: !j.repeatable(), Alive: j.lease.Alive,
		Progress: func(t *deliver.Tally) {
			j.progress(Progress{Sync: j.sync.Name, State: string(Sending), Done: before + t.Done, Planned: j.account.Planned - j.account.Held, Started: started})
		},
	})
	j.tally.Merge(tally)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("%w (defaults.max_duration is over)", errStopped)
		}
		return errStopped
	}
	if phase > plan.PhaseWrites && phase < plan.PhaseRemovals {
		j.account.Superseded += j.account.phases[phase] - (j.tally.Done - before)
	}
	return nil
}

// repeatable tells whether a record may be sent again without harm. Those that
// may not are written down before, and a lost answer holds them.
func (j *job) repeatable() bool {
	l := &j.outlet.Limits
	return l.Repeatable && !(l.InsertOnce && j.sync.Mode == destinations.Insert)
}

// destinationSync is what batches tell the destination of the sync.
func (j *job) destinationSync() *destinations.Sync {
	return &destinations.Sync{ID: j.row.ID, Name: j.sync.Name, Object: j.sync.Object, Kind: j.sync.Kind,
		Match: models.DestinationFields(j.in.Query.Match), Fields: models.DestinationFields(j.in.Query.Fields)}
}

// reader streams one phase of the plan as batches.
type reader struct {
	conn       warehouse.Conn
	sync       *destinations.Sync
	sql, label string
}

// Batches implements deliver.Source.
func (r *reader) Batches(ctx context.Context) iter.Seq2[*destinations.Batch, error] {
	return func(yield func(*destinations.Batch, error) bool) {
		res, err := r.conn.Query(ctx, warehouse.Stmt{SQL: r.sql, Label: r.label})
		if err != nil {
			yield(nil, err)
			return
		}
		for b, err := range res.Batches() {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(destinations.NewBatch(r.sync, b), nil) {
				return
			}
		}
	}
}

// journalOf writes acknowledgements as facts.
type journalOf struct {
	*ledger.Journal
	job   *job
	match bool // facts carry the match: neither a plan nor the key tells it
}

// Append implements deliver.Journal.
func (w *journalOf) Append(ctx context.Context, acks []deliver.Ack) error {
	for _, a := range acks {
		row := ledger.Row{Key: a.Batch.Columns().Must("key")}
		if w.job.streaming {
			row.Hash = a.Batch.Columns().Must("hash")
		}
		if w.match {
			row.Match = a.Batch.Columns().Must("match")
		}
		for i := range a.Batch.Len() {
			f := ledger.Fact{Op: string(a.Batch.Op(i)), Outcome: ledger.Intent, At: a.At}
			if !a.Intent {
				factOf(&f, &a.Outcomes[i])
			}
			row.I = a.Batch.Row(i)
			w.Add(row, f)
		}
	}
	w.job.step("before flush")
	err := w.Flush(ctx)
	w.job.step("after flush")
	return err
}

func factOf(f *ledger.Fact, o *destinations.Outcome) {
	f.Outcome, f.RemoteID, f.RequestID, f.Code, f.Field, f.Message = o.Status.String(), o.RemoteID, o.Request, o.Code, o.Field, o.Message
	switch o.Created {
	case destinations.CreatedYes, destinations.CreatedNo:
		made := o.Created == destinations.CreatedYes
		f.Created = &made
	}
	switch o.Status {
	case destinations.Rejected:
		if !o.Final {
			f.RetryAt = f.At // the fold widens it by how often it was refused
		}
	case destinations.Pending:
		f.RetryAt = f.At.Add(o.After)
	}
}
