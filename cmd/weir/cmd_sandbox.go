package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/destinations/sandbox"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/run"
)

func (a *app) sandboxCmd() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the stand-ins of the project's destinations, with a page of what they hold",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := a.parseStore()
			if err != nil {
				return err
			}
			srv, err := sandbox.Start(cmd.Context(), sandbox.Options{ProjectDir: m.Dir, Address: addr, Destinations: sandboxes(m)})
			if err != nil {
				return err
			}
			defer func() { _ = srv.Close() }()
			a.printf("the sandbox listens on %s (stop it with Ctrl-C)\n", srv.URL())
			<-cmd.Context().Done()
			return nil
		},
	}
	c.Flags().StringVar(&addr, "addr", sandbox.DefaultAddress, "where to listen")
	c.AddCommand(&cobra.Command{
		Use:   "reset [DESTINATION]",
		Short: "Let the stand-ins forget what they were sent",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.resetSandbox(cmd.Context(), args)
		},
	})
	return c
}

// parseStore is the project for what does not need its syncs to be clean.
func (a *app) parseStore() (*models.Project, error) {
	m, found, err := a.parse(false)
	if err != nil {
		return nil, err
	}
	was := slices.Clone(found)
	if found = models.Clean(m, found, nil); diag.HasErrors(found) {
		return nil, &run.FindingsError{Findings: found}
	}
	a.findings = found
	for i := range was {
		if was[i].Severity == diag.Error {
			a.faults = append(a.faults, found[i])
		}
	}
	return m, nil
}

// faultsOf are the errors of one thing, for a command that needs just that.
func (a *app) faultsOf(subject string) []diag.Finding {
	var out []diag.Finding
	for _, f := range a.faults {
		if f.Subject == subject {
			f.Severity = diag.Error
			out = append(out, f)
		}
	}
	return out
}

// resetSandbox empties stand-ins, whether one is running or not. Ledgers keep
// what they acknowledge.
func (a *app) resetSandbox(ctx context.Context, only []string) error {
	m, err := a.parseStore()
	if err != nil {
		return err
	}
	names := []string{}
	for _, d := range sandboxes(m) {
		if len(only) == 0 || only[0] == d.Name {
			names = append(names, d.Name)
		}
	}
	if len(names) == 0 && len(only) > 0 {
		return usageError{fmt.Errorf("there is no destination %q", only[0])}
	}
	found, leave, err := sandbox.Reach(ctx, sandbox.Options{ProjectDir: m.Dir, Destinations: sandboxes(m)})
	if err != nil {
		return fmt.Errorf("reach the sandbox: %w", err)
	}
	defer func() { _ = leave(context.WithoutCancel(ctx)) }()
	for _, name := range names {
		if err := found.Reset(ctx, name); err != nil {
			return err
		}
		a.printf("the stand-in of %s is empty\n", name)
	}
	a.result = map[string]any{"reset": names}
	for _, y := range m.Syncs {
		if y.To != nil && (len(only) == 0 || y.To.Name == only[0]) {
			a.printf("next: weir resync %s --resend\n", y.Name)
		}
	}
	return nil
}
