package ledger

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
)

// NewRunID is r and a UUIDv7 in hex: ids sort by time.
func NewRunID() string {
	id, err := uuid.NewV7()
	if err != nil {
		id = uuid.New()
	}
	return "r" + hex.EncodeToString(id[:])
}

// RunRow is one run of a sync.
type RunRow struct {
	ID, SyncID, SyncName string
	State, Reason        string
	Fence                int64
	Host                 string
	PID                  int64
	AsOf, Started, Ended time.Time
	Folded               bool
	Counts               string // a JSON object
	ConfigHash, PlanSQL  string
	Expires              time.Time
}

// Open tells whether the run has not been closed: it runs, or was killed.
func (r *RunRow) Open() bool { return r.Ended.IsZero() && r.State != "planned" && r.State != "held" }

func runOf(r Record) *RunRow {
	return &RunRow{ID: r["run_id"], SyncID: r["sync_id"], SyncName: r["sync_name"], State: r["state"], Reason: r["reason"], Fence: r.Int("fence"), Host: r["host"],
		PID: r.Int("pid"), AsOf: r.Time("as_of"), Started: r.Time("started_at"), Ended: r.Time("ended_at"), Folded: r.Bool("folded"), Counts: r["counts"],
		ConfigHash: r["config_hash"], PlanSQL: r["plan_sql"], Expires: r.Time("expires_at")}
}

// BeginRun writes the row of a run that starts now.
func (s *Store) BeginRun(ctx context.Context, id string, sync *SyncRow, asOf time.Time, fence int64) (*RunRow, error) {
	r := &RunRow{ID: id, SyncID: sync.ID, SyncName: sync.Name, State: "planning", Fence: fence, Host: hostName(HostID()), PID: int64(os.Getpid()), AsOf: asOf, Started: time.Now(), ConfigHash: sync.ConfigHash}
	return r, s.SaveRun(ctx, r)
}

// SaveRun writes a run's row whole.
func (s *Store) SaveRun(ctx context.Context, r *RunRow) error {
	d := s.d
	return s.replace(ctx, "run", "run_id", r.ID, []string{d.String(r.ID), d.String(r.SyncID), d.String(r.SyncName), d.String(r.State), s.textOrNull(r.Reason), fmt.Sprint(r.Fence), d.String(r.Host),
		fmt.Sprint(r.PID), s.time(r.AsOf), s.time(r.Started), s.time(r.Ended), d.Literal(r.Folded), s.textOrNull(r.Counts), s.textOrNull(r.ConfigHash), s.textOrNull(r.PlanSQL), s.time(r.Expires)})
}

// Event notes something that happened in a run.
func (s *Store) Event(ctx context.Context, run, event, detail string) error {
	return s.exec(ctx, fmt.Sprintf("INSERT INTO %s (run_id, %s, event, detail) VALUES (%s, %s, %s, %s)", s.table("run_event"), s.d.Quote("at"),
		s.d.String(run), s.time(time.Now()), s.d.String(event), s.textOrNull(detail)))
}

// Events are what happened in a run, in order.
func (s *Store) Events(ctx context.Context, run string) ([]Record, error) {
	return s.all(ctx, "SELECT "+s.d.Quote("at")+", event, detail FROM "+s.table("run_event")+" WHERE run_id = "+s.d.String(run)+" ORDER BY "+s.d.Quote("at"))
}

// Runs are the last runs, newest first; of one sync, or of all where sync is "".
func (s *Store) Runs(ctx context.Context, sync string, limit int) ([]*RunRow, error) {
	where := ""
	if sync != "" {
		where = " WHERE sync_id = " + s.d.String(sync)
	}
	q := "SELECT * FROM " + s.table("run") + where + " ORDER BY run_id DESC"
	if limit > 0 {
		q += fmt.Sprintf(" LIMIT %d", limit)
	}
	recs, err := s.all(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]*RunRow, len(recs))
	for i, r := range recs {
		out[i] = runOf(r)
	}
	return out, nil
}

// FindRun finds a run by its id, or by the beginning of it when only one has it.
func (s *Store) FindRun(ctx context.Context, id string) (*RunRow, error) {
	if strings.Trim(id, "0123456789abcdefr") != "" || id == "" {
		return nil, fmt.Errorf("there is no run %q (`weir runs` lists them)", id)
	}
	recs, err := s.all(ctx, "SELECT * FROM "+s.table("run")+" WHERE run_id LIKE "+s.d.String(id+"%")+" ORDER BY run_id DESC LIMIT 2")
	if err != nil {
		return nil, err
	}
	switch {
	case len(recs) == 0:
		return nil, fmt.Errorf("there is no run %q (`weir runs` lists them)", id)
	case len(recs) > 1 && recs[0]["run_id"] != id:
		return nil, fmt.Errorf("several runs begin with %q: give more of the id", id)
	}
	return runOf(recs[0]), nil
}

// Approval is a decision about a held run.
type Approval struct {
	SyncID, RunID, Decision string
	Limits                  map[string]int64
	By, Why                 string
	At, Until               time.Time
	UsedBy                  string
}

// Decide keeps a decision about a held run.
func (s *Store) Decide(ctx context.Context, a Approval) error {
	limits, err := json.Marshal(a.Limits)
	if err != nil {
		return err
	}
	return s.exec(ctx, fmt.Sprintf("INSERT INTO %s (sync_id, run_id, limits, decision, %s, why, %s, until, used_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, NULL)", s.table("approval"), s.d.Quote("by"), s.d.Quote("at"),
		s.d.String(a.SyncID), s.d.String(a.RunID), s.d.String(string(limits)), s.d.String(a.Decision), s.d.String(a.By), s.textOrNull(a.Why), s.time(a.At), s.time(a.Until)))
}

// Approved is the newest approval of a sync that is neither used nor over; nil where there is none.
func (s *Store) Approved(ctx context.Context, sync string, now time.Time) (*Approval, error) {
	recs, err := s.all(ctx, "SELECT * FROM "+s.table("approval")+" WHERE sync_id = "+s.d.String(sync)+" AND decision = 'approved' AND used_by IS NULL AND until > "+s.time(now)+" ORDER BY "+s.d.Quote("at")+" DESC LIMIT 1")
	if err != nil || len(recs) == 0 {
		return nil, err
	}
	r := recs[0]
	a := &Approval{SyncID: sync, RunID: r["run_id"], Decision: r["decision"], By: r["by"], Why: r["why"], At: r.Time("at"), Until: r.Time("until")}
	return a, json.Unmarshal([]byte(r["limits"]), &a.Limits)
}

// UseApproval marks an approval as used by a run.
func (s *Store) UseApproval(ctx context.Context, a *Approval, run string) error {
	return s.exec(ctx, "UPDATE "+s.table("approval")+" SET used_by = "+s.d.String(run)+" WHERE sync_id = "+s.d.String(a.SyncID)+" AND run_id = "+s.d.String(a.RunID)+" AND used_by IS NULL")
}
