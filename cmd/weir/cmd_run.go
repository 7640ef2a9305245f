package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/sync/run"
	"github.com/weir-data/weir/warehouse"
)

func (a *app) runCmd() *cobra.Command {
	var sel string
	c := &cobra.Command{
		Use:   "run",
		Short: "Plan and send what has changed",
		Long:  "Run every sync of the project, or those selected, once: compare, guard, send, fold and prove.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.eachSync(cmd.Context(), sel, func(run.Options, *models.Sync) run.Options { return run.Options{} })
		},
	}
	a.selectFlag(c, &sel)
	return c
}

func (a *app) selectFlag(c *cobra.Command, sel *string) {
	c.Flags().StringVarP(sel, "select", "s", "", "syncs to take: names, tag:x, source:x, destination:x, globs, separated by commas")
}

// eachSync runs the selected syncs one after the other and shows each block.
func (a *app) eachSync(ctx context.Context, sel string, options func(run.Options, *models.Sync) run.Options) error {
	p, err := a.open(ctx, sel)
	if err != nil {
		return err
	}
	defer p.close()
	a.printf("%s\n", a.targetLine(p))
	if err := a.showOrphans(ctx, p); err != nil {
		return err
	}
	return a.runAll(ctx, p, options)
}

func (a *app) runAll(ctx context.Context, p *project, options func(run.Options, *models.Sync) run.Options) error {
	bar := a.newProgress()
	p.env.Progress = bar.show
	var reports []*run.Report
	for _, s := range p.syncs {
		opt := options(run.Options{}, s)
		r := p.env.Run(ctx, s, opt)
		bar.stop()
		if !opt.PlanOnly {
			if err := a.remember(ctx, p, r); err != nil {
				return err
			}
		}
		a.advise(r)
		a.showRun(r)
		reports = append(reports, r)
		if ctx.Err() != nil {
			break
		}
	}
	a.result = map[string]any{"runs": reports}
	a.showUnscheduled(p)
	return a.worst(reports)
}

// worst is the exit of several runs: a failure counts more than a hold.
func (a *app) worst(reports []*run.Report) error {
	code := exitOK
	for _, r := range reports {
		switch {
		case r.Err != nil && r.State != run.Stopped:
			if c := codeOf(r.Err); code == exitOK || code == exitHeld || c == exitFailed {
				code = c
			}
		case r.State == run.Held && code == exitOK:
			code = exitHeld
		}
	}
	if code != exitOK {
		a.exit = code
		return errReported
	}
	return nil
}

// advise adds what to do next.
func (a *app) advise(r *run.Report) {
	if r.State == run.Held && r.Run != "" {
		r.Next = append(r.Next, fmt.Sprintf("look: weir plan --select %s", r.Sync), fmt.Sprintf("allow it for the next run: weir approve %s", r.Run))
	}
	if len(r.Problems) > 0 {
		r.Next = append(r.Next, fmt.Sprintf("see the rows that cannot be sent: weir rejects --select %s", r.Sync))
	} else if c := r.Counts; c != nil && c.Rejected+c.Missing+c.Exists > 0 {
		r.Next = append(r.Next, fmt.Sprintf("see the rows that were refused: weir rejects --select %s", r.Sync))
	} else if c != nil && c.Source[plan.Parked] > 0 {
		n := c.Source[plan.Parked]
		r.Next = append(r.Next, fmt.Sprintf("%s %s parked (weir rejects --select %s says why); to send %s all the same: weir retry --select %s",
			diag.Count(n, "row"), diag.Word(n, "is", "are"), r.Sync, diag.Word(n, "it", "them"), r.Sync))
	}
	var access *run.AccessError
	switch {
	case errors.As(r.Err, &access):
		r.Next = append(r.Next, access.Next())
	case errors.Is(r.Err, warehouse.ErrDiskFull):
		r.Next = append(r.Next, fmt.Sprintf("make room on the disk, then: weir run --select %s (it goes on from what was acknowledged)", r.Sync))
	case r.State == run.Planned && len(r.Guards) > 0:
		r.Next = append(r.Next, fmt.Sprintf("to have it all the same: weir run --select %s, which is held, then weir approve RUN", r.Sync))
	case r.State == run.Planned && r.Counts != nil && r.Counts.Planned > 0:
		r.Next = append(r.Next, fmt.Sprintf("send it: weir run --select %s", r.Sync))
	}
}

// showUnscheduled says that schedules need a server, which is not built yet.
func (a *app) showUnscheduled(p *project) {
	n := 0
	for _, s := range p.syncs {
		if s.Schedule != nil {
			n++
		}
	}
	if n > 0 {
		a.printf("\n%s\n", a.paint(dim, fmt.Sprintf("%s %s a schedule: it was checked; `weir serve`, which keeps it, is not built yet, so call `weir run` from your own scheduler", diag.Count(n, "sync"), diag.Word(n, "has", "have"))))
	}
}

func (a *app) planCmd() *cobra.Command {
	var sel, out string
	var rows, show, detailed bool
	var limit int
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what a run would send, without sending it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if show && !rows {
				return usageError{fmt.Errorf("--show-values goes with --rows")}
			}
			if err := atLeast(cmd, "samples", limit, 0); err != nil {
				return err
			}
			opt := run.Options{PlanOnly: true, KeepPlan: out != "", Samples: limit, ShowValues: show}
			if rows {
				opt.Samples = -1
			}
			return a.plan(cmd.Context(), sel, out, detailed, opt)
		},
	}
	a.selectFlag(c, &sel)
	c.Flags().StringVarP(&out, "out", "o", "", "write the plan to a file that `weir apply` takes")
	c.Flags().BoolVar(&rows, "rows", false, "show every planned row, masked")
	c.Flags().BoolVar(&show, "show-values", false, "with --rows: show values as they are")
	c.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit 5 when something would be sent")
	c.Flags().IntVar(&limit, "samples", 5, "how many masked rows to show a sync")
	return c
}

func (a *app) plan(ctx context.Context, sel, out string, detailed bool, opt run.Options) error {
	p, err := a.open(ctx, sel)
	if err != nil {
		return err
	}
	defer p.close()
	a.printf("%s\n", a.targetLine(p))
	if err := a.showOrphans(ctx, p); err != nil {
		return err
	}
	if err := a.runAll(ctx, p, func(run.Options, *models.Sync) run.Options { return opt }); err != nil {
		return err
	}
	reports := a.result.(map[string]any)["runs"].([]*run.Report)
	if out != "" {
		f := run.NewPlanFile(p.Name, p.env.Target.Name, reports)
		if err := writePlan(out, f); err != nil {
			return err
		}
		if len(f.Syncs) == 0 {
			a.printf("\nplan written to %s; there is nothing in it to apply\n", out)
		} else {
			a.printf("\nplan written to %s: `weir apply %s` sends it, within 24 hours\n", out, out)
		}
	}
	if detailed {
		for _, r := range reports {
			if r.Counts != nil && r.Counts.Planned > 0 {
				a.exit = exitChanges
			}
		}
	}
	return nil
}

func writePlan(path string, f run.PlanFile) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	if err := os.WriteFile(path, f.JSON(), 0o600); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}

func (a *app) applyCmd() *cobra.Command {
	var exact bool
	c := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Send what a plan file holds, as far as it is still true",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := run.ReadPlanFile(args[0])
			if err != nil {
				return usageError{err}
			}
			return a.apply(cmd.Context(), f, exact)
		},
	}
	c.Flags().BoolVar(&exact, "exact", false, "send nothing when any row of the plan is no longer true")
	return c
}

func (a *app) apply(ctx context.Context, f *run.PlanFile, exact bool) error {
	entries := map[string]*run.PlanEntry{}
	sel := ""
	for i := range f.Syncs {
		entries[f.Syncs[i].Sync] = &f.Syncs[i]
		sel += "," + f.Syncs[i].Sync
	}
	if len(entries) == 0 {
		a.printf("the plan holds nothing to send\n")
		return nil
	}
	if a.target == "" {
		a.target = f.Target
	}
	p, err := a.open(ctx, sel[1:])
	if err != nil {
		return err
	}
	defer p.close()
	if p.env.Target.Name != f.Target {
		return &run.DriftError{Text: fmt.Sprintf("the plan is for target %s, and this is %s", f.Target, p.env.Target.Name)}
	}
	a.printf("%s\n", a.targetLine(p))
	if err := a.showOrphans(ctx, p); err != nil {
		return err
	}
	return a.runAll(ctx, p, func(_ run.Options, s *models.Sync) run.Options {
		return run.Options{Apply: entries[s.Name], Exact: exact}
	})
}
