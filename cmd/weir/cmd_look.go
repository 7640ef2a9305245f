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
	w, err := p.waiting(cmd.Context(), s)
	if err != nil {
		return err
	}
	a.printf("%s  %s\n", a.paint(bold, s.Name), w)
	for _, r := range recs {
		retry := "when the row changes, or `weir retry`"
		if t := r.Time("retry_at"); !t.IsZero() {
			retry = t.Local().Format(time.DateTime)
		}
		text := strings.Join(strings.Fields(strings.Join([]string{outcomeWords(r["code"]), r["field"], r["message"]}, " ")), " ")
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
		if r["value"] != "" {
			text += ": " + r["value"]
		}
		a.printf("  %-20s %s\n", key, text)
	}
	return nil
}
