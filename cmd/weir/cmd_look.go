package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/ledger"
)

func (a *app) rejectsCmd() *cobra.Command {
	var sel string
	var limit int
	c := &cobra.Command{
		Use:   "rejects",
		Short: "List rows that could not be sent or were refused, with the reason",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.eachRow(cmd, sel, func(p *project, s *ledger.SyncRow) error { return a.rejects(cmd, p, s, limit) })
		},
	}
	a.selectFlag(c, &sel)
	c.Flags().IntVarP(&limit, "limit", "n", 50, "how many of each sync")
	return c
}

// eachRow calls f for the ledger rows of the selected syncs.
func (a *app) eachRow(cmd *cobra.Command, sel string, f func(*project, *ledger.SyncRow) error) error {
	p, err := a.openStore(cmd.Context())
	if err != nil {
		return err
	}
	defer p.close()
	all, err := p.env.Store.Syncs(cmd.Context())
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for part := range strings.SplitSeq(sel, ",") {
		names[strings.TrimSpace(part)] = true
	}
	found := false
	for _, s := range all {
		if s.Live == p.env.Target.Live && s.State != "retired" && (sel == "" || names[s.Name] || names[s.ID]) {
			found = true
			if err := f(p, s); err != nil {
				return err
			}
		}
	}
	if !found && sel != "" {
		return usageError{fmt.Errorf("no sync named %s has run on target %s", sel, p.env.Target.Name)}
	}
	if !found {
		a.printf("nothing has run yet on target %s\n", p.env.Target.Name)
	}
	return nil
}

func (a *app) rejects(cmd *cobra.Command, p *project, s *ledger.SyncRow, limit int) error {
	recs, err := p.env.Store.Rejects(cmd.Context(), s.ID, limit)
	if err != nil {
		return err
	}
	invalid, err := p.env.Store.InvalidRows(cmd.Context(), s.ID, limit)
	if err != nil {
		return err
	}
	res, _ := a.result.(map[string]any)
	if res == nil {
		res = map[string]any{}
	}
	res[s.Name] = map[string]any{"refused": recs, "invalid": invalid}
	a.result = res
	a.printf("%s  %d refused, %d not sendable\n", a.paint(bold, s.Name), len(recs), len(invalid))
	for _, r := range recs {
		retry := "when the row changes, or `weir retry`"
		if t := r.Time("retry_at"); !t.IsZero() {
			retry = t.Local().Format(time.DateTime)
		}
		text := strings.Join(strings.Fields(strings.Join([]string{r["code"], r["field"], r["message"]}, " ")), " ")
		a.printf("  %-20s %s %s\n", r["key"], text, a.paint(dim, fmt.Sprintf("(%s; again: %s)", diag.Count(r.Int("attempts"), "time"), retry)))
	}
	for _, r := range invalid {
		key := r["key"]
		if key == "" {
			key = "NULL"
		}
		text := problemWords(r["code"])
		if r["column"] != "" {
			text += " in " + r["column"]
		}
		a.printf("  %-20s %s\n", key, text)
	}
	return nil
}

func (a *app) ledgerCmd() *cobra.Command {
	c := &cobra.Command{Use: "ledger", Short: "Look at what is remembered, and mend it"}
	var sel string
	show := &cobra.Command{Use: "show", Short: "Show each sync's ledger, lease and state", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return a.eachRow(cmd, sel, func(p *project, s *ledger.SyncRow) error { return a.showLedger(cmd, p, s) })
	}}
	a.selectFlag(show, &sel)
	unlock := &cobra.Command{Use: "unlock SYNC", Short: "Free a sync's lease", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return a.eachRow(cmd, args[0], func(p *project, s *ledger.SyncRow) error {
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
		return a.eachRow(cmd, args[0], func(p *project, s *ledger.SyncRow) error { return a.rebind(cmd, p, s) })
	}}
	var out string
	export := &cobra.Command{Use: "export SYNC", Short: "Write a sync's ledger as JSON lines", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return a.eachRow(cmd, args[0], func(p *project, s *ledger.SyncRow) error { return a.export(cmd, p, s, out) })
	}}
	export.Flags().StringVarP(&out, "out", "o", "-", "the file; - is standard output")
	c.AddCommand(show, unlock, rebind, export)
	return c
}

func (a *app) showLedger(cmd *cobra.Command, p *project, s *ledger.SyncRow) error {
	st, err := p.env.Store.States(cmd.Context(), s.ID)
	if err != nil {
		return err
	}
	lease, err := p.env.Store.Lease(cmd.Context(), s.ID)
	if err != nil {
		return err
	}
	res, _ := a.result.(map[string]any)
	if res == nil {
		res = map[string]any{}
	}
	res[s.Name] = map[string]any{"sync": s, "states": st, "lease": lease}
	a.result = res
	a.printf("%s  ledger %s, %s, account %s\n", a.paint(bold, s.Name), s.ID, s.Mode, s.Account)
	for _, r := range st {
		a.printf("  %-9s %s\n", r["state"], diag.Count(r.Int("n"), "row"))
	}
	if !s.Complete.IsZero() {
		a.printf("  complete as of %s\n", s.Complete.Local().Format(time.DateTime))
	}
	if s.Quiet != "" {
		a.printf("  quiet: nothing was due at its last run\n")
	}
	if lease != nil {
		a.printf("  lease: %s\n", lease)
	}
	return nil
}

func (a *app) rebind(cmd *cobra.Command, p *project, s *ledger.SyncRow) error {
	for _, y := range p.Syncs {
		if y.Name != s.Name || y.To == nil {
			continue
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
