package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
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
			if err := atLeast(cmd, "limit", limit, 0); err != nil {
				return err
			}
			return a.eachRow(cmd, sel, func(p *project, s *ledger.SyncRow) error { return a.rejects(cmd, p, s, limit) })
		},
	}
	a.selectFlag(c, &sel)
	c.Flags().IntVarP(&limit, "limit", "n", 50, "how many of each sync")
	return c
}

// eachRow calls f for the ledger rows of the selected syncs.
func (a *app) eachRow(cmd *cobra.Command, sel string, f func(*project, *ledger.SyncRow) error) error {
	return a.overRows(cmd, sel, false, f)
}

// oneRow calls f for the ledger row of the one sync that is named.
func (a *app) oneRow(cmd *cobra.Command, name string, f func(*project, *ledger.SyncRow) error) error {
	return a.overRows(cmd, name, true, f)
}

func (a *app) overRows(cmd *cobra.Command, sel string, one bool, f func(*project, *ledger.SyncRow) error) error {
	p, err := a.openStore(cmd.Context())
	if err != nil {
		return err
	}
	defer p.close()
	all, err := p.env.Store.Syncs(cmd.Context())
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(s *ledger.SyncRow) bool { return s.Live != p.env.Target.Live || s.State == "retired" })
	if all, err = meant(p, all, sel); err != nil {
		return err
	}
	if one && len(all) > 1 {
		return usageError{fmt.Errorf("%q means %s: name the one that is meant", sel, diag.Count(len(all), "sync"))}
	}
	for _, s := range all {
		if err := f(p, s); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		a.printf("nothing has run yet on target %s\n", p.env.Target.Name)
	}
	return nil
}

// meant narrows ledgers to those of the selected syncs. A ledger may be named
// itself, also where its sync is no longer declared.
func meant(p *project, all []*ledger.SyncRow, sel string) ([]*ledger.SyncRow, error) {
	if sel == "" {
		return all, nil
	}
	var out []*ledger.SyncRow
	add := func(is func(*ledger.SyncRow) bool) (some bool) {
		for _, s := range all {
			if is(s) {
				if some = true; !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
		return some
	}
	for part := range strings.SplitSeq(sel, ",") {
		part = strings.TrimSpace(part)
		if add(func(s *ledger.SyncRow) bool { return s.Name == part || s.ID == part }) {
			continue
		}
		syncs, err := models.Select(p.Project, part)
		if err != nil {
			return nil, noLedger(all, part, err)
		}
		var names []string
		for _, y := range syncs {
			names = append(names, y.Name)
		}
		if !add(func(s *ledger.SyncRow) bool { return slices.Contains(names, s.Name) }) {
			return nil, usageError{fmt.Errorf("sync %s has not run yet on target %s", strings.Join(names, ", "), p.env.Target.Name)}
		}
	}
	return out, nil
}

// noLedger says that nothing is meant, and which ledger may have been.
func noLedger(all []*ledger.SyncRow, part string, err error) error {
	var names []string
	for _, s := range all {
		names = append(names, s.Name)
	}
	if near, ok := diag.Nearest(part, names); ok {
		return usageError{fmt.Errorf("no sync is called %q (did you mean %q?)", part, near)}
	}
	return usageError{errors.New(strings.TrimPrefix(err.Error(), "--select "))}
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
