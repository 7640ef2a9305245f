package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/run"
)

// retryNow runs the syncs whose rows became due, and fails if any is still refused.
func (a *app) retryNow(cmd *cobra.Command, sel string) error {
	if err := a.eachSync(cmd.Context(), sel, func(run.Options, *models.Sync) run.Options { return run.Options{} }); err != nil {
		return err
	}
	for _, r := range a.result.(map[string]any)["runs"].([]*run.Report) {
		if c := r.Counts; c != nil && c.Rejected+c.Missing+c.Exists+c.Unknown+c.Deferred > 0 {
			a.exit = exitFailed
			return errReported
		}
	}
	return nil
}

// send plans one row and shows it, its values as they are: somebody asked for
// this one.
func (a *app) send(ctx context.Context, sync, key string) error {
	p, err := a.open(ctx, sync)
	if err != nil {
		return err
	}
	defer p.close()
	for _, y := range p.syncs {
		r := p.env.Run(ctx, y, run.Options{PlanOnly: true, Samples: -1, ShowValues: true, OnlyKey: key})
		if r.Err != nil {
			return r.Err
		}
		a.result = r
		if len(r.Sample) == 0 {
			a.printf("nothing is due for key %s of %s: it is unchanged, or not in the source (`weir rejects --select %s` lists rows that cannot be sent)\n", key, y.Name, y.Name)
			continue
		}
		a.printf("%s\n", fmt.Sprintf("%s would send:", y.Name))
		a.showSamples(r)
	}
	return nil
}
