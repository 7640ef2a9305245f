package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
)

func (a *app) ledgerCmd() *cobra.Command {
	c := &cobra.Command{Use: "ledger", Short: "Look at what is remembered, and mend it"}
	var sel string
	show := &cobra.Command{Use: "show", Short: "Show each sync's ledger, lease and state", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return a.eachRow(cmd, sel, func(p *project, s *ledger.SyncRow) error { return a.showLedger(cmd.Context(), p, s) })
	}}
	a.selectFlag(show, &sel)
	unlock := &cobra.Command{Use: "unlock SYNC", Short: "Free a sync's lease", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return a.oneRow(cmd, args[0], func(p *project, s *ledger.SyncRow) error {
			was, err := p.env.Store.Unlock(cmd.Context(), s.ID)
			if err != nil {
				return err
			}
			if was == nil {
				a.printf("nobody holds the lease of %s\n", s.Name)
				return nil
			}
			a.printf("the lease of %s is free; it was held: %s\n", s.Name, was)
			return nil
		})
	}}
	rebind := &cobra.Command{Use: "rebind SYNC", Short: "Say that a sync's destination is the same account under another name", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return a.oneRow(cmd, args[0], func(p *project, s *ledger.SyncRow) error { return a.rebind(cmd, p, s) })
	}}
	var out string
	export := &cobra.Command{Use: "export SYNC", Short: "Write a sync's ledger as JSON lines", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return a.oneRow(cmd, args[0], func(p *project, s *ledger.SyncRow) error { return a.export(cmd, p, s, out) })
	}}
	export.Flags().StringVarP(&out, "out", "o", "-", "the file; - is standard output")
	c.AddCommand(show, unlock, rebind, export)
	return c
}

// showLedger says all that is remembered of a sync between runs, and what can
// be done about it.
func (a *app) showLedger(ctx context.Context, p *project, s *ledger.SyncRow) error {
	st, err := p.env.Store.States(ctx, s.ID)
	if err != nil {
		return err
	}
	lease, err := p.env.Store.Lease(ctx, s.ID)
	if err != nil {
		return err
	}
	approval, err := p.env.Store.Approved(ctx, s.ID, time.Now())
	if err != nil {
		return err
	}
	w, err := p.waiting(ctx, s)
	if err != nil {
		return err
	}
	res, _ := a.result.(map[string]any)
	if res == nil {
		res = map[string]any{}
	}
	res[s.Name] = map[string]any{"sync": s, "states": st, "lease": lease, "approval": approval, "rejects": w}
	a.result = res
	a.printf("%s  ledger %s, %s, account %s\n", a.paint(bold, s.Name), s.ID, s.Mode, s.Account)
	for _, r := range st {
		a.printf("  %-9s %s\n", r["state"], diag.Count(r.Int("n"), "row"))
	}
	a.showMoments(s)
	if w.Refused+w.Invalid > 0 {
		a.printf("  %s: weir rejects --select %s\n", w, s.Name)
	}
	if lease != nil {
		a.printf("  lease: %s\n", lease)
	}
	if approval != nil {
		a.printf("  approved: %s until %s, by %s (`weir reject %s` takes it back)\n", limitsText(approval.Limits), approval.Until.Local().Format("15:04 on 2006-01-02"), approval.By, approval.RunID)
	}
	return nil
}

// waiting is how many rows of a sync have no word of the destination yet, how
// many were refused, and how many of its last run could not be sent.
type waiting struct {
	Unknown int64 `json:"unknown"`
	Refused int64 `json:"refused"`
	Invalid int64 `json:"invalid"`
}

func (w waiting) String() string {
	text := fmt.Sprintf("%s refused, %s not sendable", diag.Number(w.Refused), diag.Number(w.Invalid))
	if w.Unknown > 0 {
		text = diag.Number(w.Unknown) + " unknown, " + text
	}
	return text
}

func (p *project) waiting(ctx context.Context, s *ledger.SyncRow) (waiting, error) {
	d := p.env.Conn.Dialect()
	mine := "(SELECT COUNT(*) FROM " + d.Table(p.env.Store.Names.Ledger(s.ID)) + " WHERE code IS NOT NULL AND " + d.Quote("state")
	r, err := p.env.Store.One(ctx, "SELECT "+mine+" = 'unknown') AS unknown_rows, "+mine+" <> 'unknown') AS refused, (SELECT COUNT(*) FROM "+d.Table(p.env.Store.Names.Invalid(s.ID))+") AS invalid")
	return waiting{r.Int("unknown_rows"), r.Int("refused"), r.Int("invalid")}, err
}

// showMoments says where a sync stands in time.
func (a *app) showMoments(s *ledger.SyncRow) {
	if !s.StartedAt.IsZero() {
		a.printf("  events since %s (`start: now`, at its first run)\n", s.StartedAt.Local().Format(time.DateTime))
	}
	if !s.Complete.IsZero() {
		a.printf("  complete as of %s\n", s.Complete.Local().Format(time.DateTime))
	}
	if s.Quiet != "" {
		a.printf("  quiet: nothing was due at its last run\n")
	}
}

// limitsText is what was approved, in the order of the guards' names.
func limitsText(limits map[string]int64) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		out = append(out, name+" "+diag.Number(limits[name]))
	}
	return strings.Join(out, ", ")
}

func (a *app) rebind(cmd *cobra.Command, p *project, s *ledger.SyncRow) error {
	for _, y := range p.Syncs {
		if y.Name != s.Name || y.To == nil {
			continue
		}
		if found := a.faultsOf("destination " + y.To.Name); len(found) > 0 {
			return &run.FindingsError{Findings: found}
		}
		o, err := p.outlet(cmd.Context(), y.To)
		if err != nil {
			return err
		}
		was := s.Account
		s.Account = o.Account
		s.Resource = o.Account + "/" + y.Object
		if err := p.env.Store.SaveSync(cmd.Context(), s); err != nil {
			return err
		}
		a.printf("the ledger of %s belonged to account %s and belongs now to %s\n", s.Name, was, s.Account)
		return nil
	}
	return usageError{fmt.Errorf("sync %s is not declared", s.Name)}
}
