package run

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/ledger"
)

// PlanFile is what `weir plan -o` writes: counts and masked samples, never the
// rows. The rows stay in the warehouse.
type PlanFile struct {
	Version int         `json:"version"`
	Target  string      `json:"target"`
	Project string      `json:"project"`
	Made    time.Time   `json:"made_at"`
	Syncs   []PlanEntry `json:"syncs"`
}

// PlanEntry is one sync of a plan file.
type PlanEntry struct {
	Sync     string       `json:"sync"`
	SyncID   string       `json:"sync_id"`
	Run      string       `json:"run"`
	State    State        `json:"state"`
	Config   string       `json:"config_hash"`
	PlanSQL  string       `json:"plan_sql"`
	Account  string       `json:"account"`
	Fence    int64        `json:"fence"`
	AsOf     time.Time    `json:"as_of"`
	Expires  time.Time    `json:"expires_at"`
	Requests int64        `json:"estimated_requests"`
	Counts   *Account     `json:"counts"`
	Fields   []FieldCount `json:"fields,omitempty"`
	Sample   []Sample     `json:"sample,omitempty"`
}

// planFileVersion is the form of plan files that this binary writes and reads.
const planFileVersion = 1

// NewPlanFile is the file of reports of planned runs.
func NewPlanFile(project, target string, reports []*Report) PlanFile {
	f := PlanFile{Version: planFileVersion, Target: target, Project: project, Made: time.Now().UTC()}
	for _, r := range reports {
		if r.State != Planned || r.Expires.IsZero() {
			continue // no rows were kept: there is nothing to apply
		}
		f.Syncs = append(f.Syncs, PlanEntry{Sync: r.Sync, SyncID: r.SyncID, Run: r.Run, State: r.State, Config: r.Config, PlanSQL: r.PlanSQL, Account: r.Account, AsOf: r.AsOf,
			Expires: r.Expires, Fence: r.Fence, Requests: r.Estimate, Counts: r.Counts, Fields: r.Fields, Sample: r.Sample})
	}
	return f
}

// ReadPlanFile reads a plan file and says plainly what is wrong with it.
func ReadPlanFile(path string) (*PlanFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	var f PlanFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%s is not a plan (`weir plan -o FILE` makes one): %w", path, err)
	}
	if f.Version != planFileVersion {
		return nil, fmt.Errorf("%s is a plan of version %d, and this binary applies version %d: plan again", path, f.Version, planFileVersion)
	}
	return &f, nil
}

// DriftError says why a plan cannot be applied any more.
type DriftError struct{ Text string }

func (e *DriftError) Error() string { return e.Text + ": plan again" }

// checkPlan refuses a plan that was made for something else, each reason with
// a sentence of its own.
func (j *job) checkPlan(ctx context.Context, p *PlanEntry) error {
	r, err := j.Store.FindRun(ctx, p.Run)
	if err != nil {
		return err
	}
	drift := func(format string, args ...any) error { return &DriftError{fmt.Sprintf(format, args...)} }
	switch {
	case r.State != string(Planned):
		return drift("plan %s was %s", short(p.Run), applied(r.State))
	case r.Expires.Before(j.now()):
		return drift("plan %s is older than 24 hours", short(p.Run))
	case p.Config != j.report.Config:
		return drift("sync %s was edited since the plan was made", p.Sync)
	case p.Account != j.outlet.Account:
		return drift("the plan is for account %s, and the destination is now %s", p.Account, j.outlet.Account)
	case p.SyncID != j.row.ID:
		return drift("the plan is for ledger %s, and the sync has now %s", p.SyncID, j.row.ID)
	case p.Fence+1 != j.lease.Fence:
		return drift("another run of %s has happened since the plan was made", p.Sync)
	}
	return nil
}

func applied(state string) string {
	if state == string(Superseded) {
		return "applied, replaced or expired"
	}
	return "applied (" + state + ")"
}

// intersect keeps of a fresh plan what the plan being applied holds too. What
// it held and is no longer true is superseded.
func (j *job) intersect(ctx context.Context) error {
	p := j.opt.Apply
	if p == nil {
		return nil
	}
	if err := j.checkPlan(ctx, p); err != nil {
		return err
	}
	if p.PlanSQL != j.report.PlanSQL {
		return &DriftError{fmt.Sprintf("the compiled SQL of %s is not what was planned", p.Sync)}
	}
	fresh := j.account.Planned
	if err := j.exec(ctx, j.in.Intersect(j.Store.Names.Plan(p.Run))); err != nil {
		return err
	}
	counts, err := j.Store.All(ctx, j.in.Counts())
	if err != nil {
		return err
	}
	left := newAccount(j.scan, counts)
	j.account.phases = left.phases
	j.account.Planned, j.account.Superseded = p.Counts.Planned, p.Counts.Planned-left.Planned
	if n := fresh - left.Planned; n > 0 {
		j.report.note(fmt.Sprintf("%s %s due that the plan does not hold: %s for the next run", diag.Count(n, "row"), diag.Word(n, "is", "are"), diag.Word(n, "it is", "they are")))
	}
	if j.account.Superseded > 0 && j.opt.Exact {
		return &DriftError{fmt.Sprintf("%s of %s %s no longer true, and --exact was asked for", diag.Number(j.account.Superseded), diag.Count(j.account.Planned, "planned row"), diag.Word(j.account.Superseded, "is", "are"))}
	}
	return j.Store.SaveRun(ctx, closePlan(ctx, j, p.Run))
}

// closePlan marks the applied plan's run, so that it cannot be applied twice.
func closePlan(ctx context.Context, j *job, run string) *ledger.RunRow {
	r, err := j.Store.FindRun(ctx, run)
	if err != nil {
		return j.run
	}
	r.State, r.Reason, r.Ended = string(Superseded), "applied by run "+j.run.ID, j.now()
	return r
}

// JSON is the file's text.
func (f PlanFile) JSON() []byte {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		panic(err) // counts and texts always marshal
	}
	return append(b, '\n')
}
