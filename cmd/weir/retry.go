package main

import (
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
