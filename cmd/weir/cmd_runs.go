package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
)

func (a *app) runsCmd() *cobra.Command {
	var last bool
	var limit int
	c := &cobra.Command{
		Use:   "runs [RUN]",
		Short: "List runs, or show one with what happened in it",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := atLeast(cmd, "limit", limit, 0); err != nil {
				return err
			}
			p, err := a.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer p.close()
			if len(a.faults) > 0 && !a.json && !a.quiet {
				diag.Render(a.err, a.faults, a.color)
			}
			if len(args) == 1 {
				return a.showOne(cmd.Context(), p, args[0])
			}
			return a.listRuns(cmd.Context(), p, last, limit)
		},
	}
	c.Flags().BoolVar(&last, "last", false, "only the last run of each sync")
	c.Flags().IntVarP(&limit, "limit", "n", 20, "how many")
	return c
}

// pastRun is a run that was, as machines read it.
type pastRun struct {
	Run     string          `json:"run"`
	Sync    string          `json:"sync"`
	SyncID  string          `json:"sync_id,omitempty"`
	State   string          `json:"state"`
	Reason  string          `json:"reason,omitempty"`
	Host    string          `json:"host"`
	PID     int64           `json:"pid"`
	AsOf    time.Time       `json:"as_of"`
	Started time.Time       `json:"started_at"`
	Ended   time.Time       `json:"ended_at,omitzero"`
	Expires time.Time       `json:"expires_at,omitzero"` // of a plan that may be applied
	Report  json.RawMessage `json:"report,omitempty"`    // what the run said when it ended

	said run.Report
}

func pastRunOf(r *ledger.RunRow) *pastRun {
	p := &pastRun{Run: r.ID, Sync: r.SyncName, SyncID: r.SyncID, State: r.State, Reason: r.Reason, Host: r.Host, PID: r.PID, AsOf: r.AsOf, Started: r.Started, Ended: r.Ended, Expires: r.Expires}
	if json.Valid([]byte(r.Counts)) && json.Unmarshal([]byte(r.Counts), &p.said) == nil {
		p.Report = json.RawMessage(r.Counts)
	}
	if r.Open() {
		p.State = "interrupted"
		p.Reason = fmt.Sprintf("process %d on %s has not ended it; the next run goes on from what was acknowledged", r.PID, r.Host)
	}
	return p
}

// listRuns lists runs, newest first; the last ones are those of the syncs as
// they are now on this target.
func (a *app) listRuns(ctx context.Context, p *project, last bool, limit int) error {
	if last {
		limit = 0
	}
	all, err := p.env.Store.Runs(ctx, "", limit)
	if err != nil {
		return err
	}
	other, err := a.elsewhere(ctx, p)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	out := []*pastRun{}
	for _, r := range all {
		if last && (seen[r.SyncName] || seen[r.SyncID] || other[r.SyncID]) {
			continue
		}
		seen[r.SyncName], seen[r.SyncID] = true, r.SyncID != ""
		q := pastRunOf(r)
		out = append(out, q)
		a.printf("%s  %-24s %s  %s  %s\n", q.Run, q.Sync, a.paint(a.stateColor(run.State(q.State)), fmt.Sprintf("%-11s", q.State)), q.Started.Local().Format(time.DateTime), q.Reason)
		a.showCauses(&q.said)
	}
	if len(out) == 0 {
		a.printf("nothing has run yet\n")
	}
	a.result = map[string]any{"runs": out}
	return nil
}

// elsewhere are the ids of syncs of the other world (live or sandbox), and of
// those that were begun afresh.
func (a *app) elsewhere(ctx context.Context, p *project) (map[string]bool, error) {
	syncs, err := p.env.Store.Syncs(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, s := range syncs {
		out[s.ID] = s.Live != p.env.Target.Live || s.State == "retired"
	}
	return out, nil
}

// showCauses says which rows of a run did not arrive, and why.
func (a *app) showCauses(r *run.Report) {
	for _, q := range r.Problems {
		a.line(string(q.Class), problemText(q))
	}
	for _, c := range r.CauseOut {
		a.line(c.Status, causeText(c))
	}
	for _, g := range r.Guards {
		a.line("guard", g.Sentence)
	}
}

// remember keeps a run that failed before it had a row of its own: its source
// could not be read, or its sync does not fit the ledger.
func (a *app) remember(ctx context.Context, p *project, r *run.Report) error {
	var held *ledger.HeldError
	if r.Err == nil || errors.As(r.Err, &held) {
		return nil // of a sync that is running, the run that has the lease is the one to look at
	}
	ctx = context.WithoutCancel(ctx) // what stopped the run does not stop its telling
	if r.Run != "" {
		if _, err := p.env.Store.FindRun(ctx, r.Run); err == nil {
			return nil
		}
	}
	syncs, err := p.env.Store.Syncs(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	host, _ := os.Hostname()
	row := &ledger.RunRow{ID: ledger.NewRunID(), SyncName: r.Sync, State: string(r.State), Reason: r.Reason, Host: host, PID: int64(os.Getpid()), AsOf: r.AsOf, Started: now.Add(-r.Took), Ended: now, Folded: true}
	for _, s := range syncs {
		if s.Name == r.Sync && s.Live == p.env.Target.Live && s.State != "retired" {
			row.SyncID = s.ID
		}
	}
	r.Run = row.ID
	return p.env.Store.SaveRun(ctx, row)
}

func (a *app) showOne(ctx context.Context, p *project, id string) error {
	r, err := p.env.Store.FindRun(ctx, id)
	if err != nil {
		return usageError{err}
	}
	events, err := p.env.Store.Events(ctx, r.ID)
	if err != nil {
		return err
	}
	q := pastRunOf(r)
	a.result = map[string]any{"run": q, "events": events}
	a.printf("%s of %s: %s\n", q.Run, a.paint(bold, q.Sync), strings.TrimSpace(a.paint(a.stateColor(run.State(q.State)), q.State)+" "+q.Reason))
	a.printf("  started %s by process %d on %s\n", q.Started.Local().Format(time.DateTime), q.PID, q.Host)
	for _, e := range events {
		a.printf("  %s  %s\n", e.Time("at").Local().Format(time.TimeOnly), strings.TrimSpace(e["event"]+" "+e["detail"]))
	}
	if q.Report != nil {
		if q.said.Reason != "" {
			q.said.Err = errors.New(q.said.Reason)
		}
		q.said.Next = nil // what was to be done then
		a.showRun(&q.said)
	}
	return nil
}
