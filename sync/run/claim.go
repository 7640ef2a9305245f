package run

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
)

// RefusedEdit says that an edit of a sync does not fit its ledger, and the way on.
type RefusedEdit struct{ Text string }

func (e *RefusedEdit) Error() string { return e.Text }

// AccountError says that the destination's account is not the one the ledger
// belongs to.
type AccountError struct{ Sync, Ledger, Now string }

func (e *AccountError) Error() string {
	return fmt.Sprintf("the ledger of %s belongs to account %s, and the destination is now %s: mend the credentials; or `weir ledger rebind %s` if it is the same account under another name; or `weir resync --fresh %s` to start with nothing acknowledged",
		e.Sync, e.Ledger, e.Now, e.Sync, e.Sync)
}

// claim finds the sync's row, takes its lease and puts in order what a killed
// run left. From here on the run has a row of its own.
func (j *job) claim(ctx context.Context) error {
	row, err := j.findRow(ctx)
	if err != nil {
		return err
	}
	id := ledger.NewRunID()
	first := row == nil
	if first {
		if row, err = j.Store.NewSync(ctx, j.newRow(), id, j.Project.Defaults.Lease); err != nil {
			return err
		}
		j.report.note(j.firstRun(row.ID))
	} else if err := j.checkEdits(ctx, row); err != nil {
		return err
	}
	j.row, j.report.SyncID, j.report.Run = row, row.ID, id
	if row.State == "paused" {
		return &RefusedEdit{fmt.Sprintf("sync %s is paused", row.Name)}
	}
	if j.lease, err = j.Store.Take(ctx, row.ID, id, j.Project.Defaults.Lease); err != nil {
		return err
	}
	renew, stop := context.WithCancel(context.WithoutCancel(ctx))
	j.renewing = stop
	go j.lease.Keep(renew)
	j.outlet.Guard(j.lease.Alive)
	j.step("leased")
	if j.run, err = j.Store.BeginRun(ctx, id, row, j.report.AsOf, j.lease.Fence); err != nil {
		return fmt.Errorf("begin the run: %w", err)
	}
	j.run.ConfigHash = j.report.Config
	if err := j.recover(ctx); err != nil {
		return err
	}
	return j.Store.CleanJournal(ctx, row.ID, j.Project.Defaults.Lease)
}

func (j *job) firstRun(id string) string {
	if j.Env.live() {
		return fmt.Sprintf("first run on real accounts: ledger %s starts empty", id)
	}
	return fmt.Sprintf("first run: ledger %s starts empty", id)
}

// findRow is the sync's row in this world (live or sandbox), under its name or
// the one it had before `moved:`.
func (j *job) findRow(ctx context.Context) (*ledger.SyncRow, error) {
	all, err := j.Store.Syncs(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{j.sync.Name: true}
	for range j.Project.Moved {
		for _, m := range j.Project.Moved {
			if names[m.To] {
				names[m.From] = true
			}
		}
	}
	var found *ledger.SyncRow
	for _, r := range all {
		if r.Live != j.Env.live() || r.State == "retired" || !names[r.Name] {
			continue
		}
		if r.Name == j.sync.Name {
			return r, nil
		}
		found = r
	}
	if found != nil {
		j.report.note(fmt.Sprintf("sync %s was called %s: its ledger %s goes on", j.sync.Name, found.Name, found.ID))
		found.Name = j.sync.Name
	}
	return found, nil
}

func (j *job) keyType() rows.Type { return j.in.Query.KeyType }

func (j *job) newRow() ledger.SyncRow {
	s := j.sync
	r := ledger.SyncRow{Name: s.Name, Live: j.Env.live(), KeyType: j.keyType().String()}
	j.describe(&r)
	if s.Event != nil && s.Event.Start == "now" {
		r.StartedAt = j.report.AsOf
	}
	return r
}

// describe writes into the row what the sync is now.
func (j *job) describe(r *ledger.SyncRow) {
	s := j.sync
	r.Name, r.Kind, r.Mode, r.Source = s.Name, string(s.Kind), string(s.Mode), s.From.Name
	r.Destination, r.Type, r.Account, r.Resource = s.To.Name, s.To.Type, j.outlet.Account, j.resource()
	r.PrimaryKey, r.Match = encode(s.From.PrimaryKey), encode(matchNames(s))
	r.ConfigHash, r.Mapping, r.HashScheme = j.report.Config, fingerprint(mappingOf(s), s.Keep, s.Match == nil, s.Mode == destinations.Remove, fieldTypes(j.in.Query)), j.hashScheme()
	r.Fields = encode(fieldNames(s))
}

// frozenScheme names the hash of a ledger that keeps no values.
const frozenScheme = "frozen/md5/1"

func (j *job) hashScheme() string {
	if j.in.Identifiers() {
		return frozenScheme
	}
	return j.Conn.Dialect().HashScheme
}

func fieldNames(s *models.Sync) []string {
	out := make([]string, len(s.Fields))
	for i, m := range s.Fields {
		out[i] = m.To
	}
	return out
}

func fieldTypes(q *models.Query) []rows.Type {
	out := make([]rows.Type, len(q.Fields))
	for i, f := range q.Fields {
		out[i] = f.Type
	}
	return out
}

// checkEdits refuses what would make the ledger mean something else.
func (j *job) checkEdits(ctx context.Context, r *ledger.SyncRow) error {
	s := j.sync
	fresh := fmt.Sprintf("give it another name (a new sync), or `weir resync --fresh %s` to start with nothing acknowledged", s.Name)
	var pk []string
	_ = json.Unmarshal([]byte(r.PrimaryKey), &pk)
	switch {
	case r.Kind != string(s.Kind):
		return &RefusedEdit{fmt.Sprintf("sync %s was of kind %s and is now %s: its ledger means something else; %s", s.Name, r.Kind, s.Kind, fresh)}
	case r.Type != s.To.Type:
		return &RefusedEdit{fmt.Sprintf("sync %s went to a %s and goes now to a %s: %s", s.Name, r.Type, s.To.Type, fresh)}
	case (r.Mode == string(destinations.Remove)) != (s.Mode == destinations.Remove):
		return &RefusedEdit{fmt.Sprintf("sync %s was of mode %s and is now %s: its ledger means something else; %s", s.Name, r.Mode, s.Mode, fresh)}
	case encode(s.From.PrimaryKey) == r.PrimaryKey && j.keyType() != r.Key() && j.isEmpty(ctx):
		j.emptied = true // a file without rows has no types; the guard for empty sources has the word
	case encode(s.From.PrimaryKey) != r.PrimaryKey || j.keyType() != r.Key():
		return &RefusedEdit{fmt.Sprintf("the primary key of sync %s was %s (%s) and is now %s (%s): every row would be sent as new and every old one removed; %s",
			s.Name, list(pk), r.KeyType, list(s.From.PrimaryKey), j.keyType(), fresh)}
	case r.Account != j.outlet.Account:
		if err := j.otherAccount(ctx, r); err != nil {
			return err
		}
	}
	if old := matchList(r.Match); old != list(matchNames(s)) {
		if !j.outlet.Spec.Rename {
			return &RefusedEdit{fmt.Sprintf("the match of sync %s was %q and is now %q, and %s cannot rename a record: %s", s.Name, old, list(matchNames(s)), s.To.Type, fresh)}
		}
		j.report.note(fmt.Sprintf("the match was %s and is now %s: records are renamed", orKey(old), orKey(list(matchNames(s)))))
	}
	return nil
}

// otherAccount refuses another account than the ledger's, unless that account
// acknowledged nothing: then nothing can be lost, and the ledger is the new one's.
func (j *job) otherAccount(ctx context.Context, r *ledger.SyncRow) error {
	refused := &AccountError{Sync: r.Name, Ledger: r.Account, Now: j.outlet.Account}
	held, _, err := j.Store.Held(ctx, r.ID)
	if err != nil {
		return err
	}
	runs, err := j.Store.Runs(ctx, r.ID, 0)
	if err != nil {
		return err
	}
	// What a killed run was answered is not folded yet.
	if held > 0 || slices.ContainsFunc(runs, (*ledger.RunRow).Open) {
		return refused
	}
	j.report.note(fmt.Sprintf("account %s had acknowledged nothing: the ledger belongs to %s now", r.Account, j.outlet.Account))
	return nil
}

// isEmpty tells whether the source has no rows at all.
func (j *job) isEmpty(ctx context.Context) bool {
	sql, _ := models.SourceSQL(j.Project, j.sync.From, j.Conn.Dialect())
	r, err := j.Store.One(ctx, "SELECT COUNT(*) AS n FROM (\n"+sql+"\n) AS source_rows")
	return err == nil && r.Int("n") == 0
}

func matchList(text string) string {
	var names []string
	_ = json.Unmarshal([]byte(text), &names)
	return list(names)
}

func orKey(s string) string {
	if s == "" {
		return "the key"
	}
	return s
}

// recover closes runs that were killed: what they acknowledged is folded, the
// rest was not sent. Their work tables go.
func (j *job) recover(ctx context.Context) error {
	runs, err := j.Store.Runs(ctx, j.row.ID, 0)
	if err != nil {
		return err
	}
	have, err := j.Store.Tables(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.State == string(Held) && !j.opt.PlanOnly {
			if err := j.replaceHeld(ctx, r); err != nil {
				return err
			}
		}
		if r.ID == j.run.ID || !r.Open() {
			continue
		}
		if err := j.closeLost(ctx, r, have); err != nil {
			return err
		}
	}
	return j.dropWork(ctx)
}

// replaceHeld closes a held run that this one looks at anew: there is at most
// one held run of a sync.
func (j *job) replaceHeld(ctx context.Context, r *ledger.RunRow) error {
	r.State = string(Superseded)
	r.Reason += "; replaced by run " + j.run.ID
	return j.Store.SaveRun(ctx, r)
}

// closeLost folds what a killed run's destination acknowledged. A run that had
// neither a plan nor rows set aside had sent nothing.
func (j *job) closeLost(ctx context.Context, r *ledger.RunRow, have map[string]bool) error {
	var acked int64
	aside := j.Store.Names.Aside(r.ID)
	streamed := have[aside.Name]
	if streamed || have[j.Store.Names.Plan(r.ID).Name] {
		tallies, err := j.Store.Outcomes(ctx, r.SyncID, r, streamed)
		if err != nil {
			return fmt.Errorf("close run %s, which was killed: %w", r.ID, err)
		}
		for _, t := range tallies {
			if t.Outcome != "" {
				acked += t.N
			}
		}
		_, rows, err := j.Store.Held(ctx, r.SyncID)
		if err != nil {
			return err
		}
		f := j.folding(r, rows == 0, false)
		if streamed {
			f.Streamed = j.streamed(aside, true)
		}
		if err := j.Store.Fold(ctx, f); err != nil {
			return err
		}
	}
	j.step("lost folded")
	kept := diag.Count(acked, "answer") + " it had " + diag.Word(acked, "was", "were") + " kept"
	r.State, r.Folded, r.Ended = string(Lost), true, j.now()
	r.Reason = fmt.Sprintf("interrupted: process %d on %s ended before it was done; %s", r.PID, r.Host, kept)
	if err := j.Store.SaveRun(ctx, r); err != nil {
		return err
	}
	j.report.note(fmt.Sprintf("run %s of %s was interrupted; %s, and this run goes on from there", short(r.ID), r.Started.Format(time.DateTime), kept))
	return nil
}

// dropWork drops what killed runs left, and plans that can no longer be applied.
func (j *job) dropWork(ctx context.Context) error {
	keep, err := j.KeepPlans(ctx)
	if err != nil {
		return err
	}
	keep[j.run.ID] = true
	_, err = j.Store.DropWork(ctx, keep)
	return err
}

// KeepPlans are the runs whose plans are still needed: they may be applied, or
// belong to a run that is not closed, whose sync's next run folds them.
func (e *Env) KeepPlans(ctx context.Context) (map[string]bool, error) {
	runs, err := e.Store.Runs(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	keep := map[string]bool{}
	for _, r := range runs {
		if (r.State == string(Planned) && r.Expires.After(e.now())) || r.Open() {
			keep[r.ID] = true
		}
	}
	return keep, nil
}

func short(run string) string {
	if len(run) > 13 {
		return run[:13]
	}
	return run
}

func (j *job) folding(run *ledger.RunRow, empty, whole bool) ledger.Folding {
	return ledger.Folding{SyncID: j.row.ID, Run: run.ID, Fence: run.Fence, Whole: whole, LedgerEmpty: empty, AsOf: j.report.AsOf,
		OnGone: j.sync.OnGone, OnUnknown: j.onUnknown(), Identifiers: j.in.Identifiers(), Lease: j.lease}
}

// onUnknown is what becomes of a record whose answer was lost: what may be
// repeated is sent again.
func (j *job) onUnknown() string {
	if j.repeatable() || j.sync.OnUnknown == "resend" {
		return "resend"
	}
	return "hold"
}
