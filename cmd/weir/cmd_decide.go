package main

import (
	"encoding/json"
	"fmt"
	"os/user"
	"time"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
)

func (a *app) approveCmd() *cobra.Command {
	var why string
	var valid time.Duration
	c := &cobra.Command{
		Use:   "approve RUN",
		Short: "Allow the next run what a held run wanted to do",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.decide(cmd, args[0], "approved", why, valid)
		},
	}
	c.Flags().StringVar(&why, "why", "", "the reason, kept with the decision")
	c.Flags().DurationVar(&valid, "valid", 12*time.Hour, "for how long it holds")
	return c
}

func (a *app) rejectCmd() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use:   "reject RUN",
		Short: "Say no to a held run, or take an approval back",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.decide(cmd, args[0], "rejected", why, 0)
		},
	}
	c.Flags().StringVar(&why, "why", "", "the reason, kept with the decision")
	return c
}

func (a *app) decide(cmd *cobra.Command, id, decision, why string, valid time.Duration) error {
	ctx := cmd.Context()
	p, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	defer p.close()
	r, err := p.env.Store.FindRun(ctx, id)
	if err != nil {
		return usageError{err}
	}
	now := time.Now()
	was, err := p.env.Store.Approved(ctx, r.SyncID, now)
	if err != nil {
		return err
	}
	back := decision == "rejected" && was != nil && was.RunID == r.ID
	if r.State != string(run.Held) && !back {
		return usageError{fmt.Errorf("run %s is not held: it is %s", r.ID, r.State)}
	}
	if back { // what its own run has used nobody else can
		if err := p.env.Store.UseApproval(ctx, was, r.ID); err != nil {
			return err
		}
	}
	var rep run.Report
	if err := json.Unmarshal([]byte(r.Counts), &rep); err != nil {
		return fmt.Errorf("read the held run's counts: %w", err)
	}
	d := ledger.Approval{SyncID: r.SyncID, RunID: r.ID, Decision: decision, Limits: run.Limits(&rep), By: who(), Why: why, At: now, Until: now.Add(valid)}
	if err := p.env.Store.Decide(ctx, d); err != nil {
		return err
	}
	r.State = string(run.Superseded)
	r.Reason += "; " + decision + " by " + d.By
	if decision == "rejected" {
		r.State = string(run.Refused)
	}
	if err := p.env.Store.SaveRun(ctx, r); err != nil {
		return err
	}
	a.result = d
	if decision == "rejected" {
		a.printf("run %s is rejected: nothing of what it held will be sent unless a later run is approved\n", r.ID)
		return nil
	}
	a.printf("the next run of %s may do this, until %s:\n", r.SyncName, d.Until.Format("15:04 on 2006-01-02"))
	for _, g := range rep.Guards {
		a.printf("  %s: %s\n", g.Guard, diag.Number(g.N))
	}
	a.printf("next: weir run --select %s\n", r.SyncName)
	return nil
}

// who is the person at the keyboard, as the system knows them.
func who() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}
