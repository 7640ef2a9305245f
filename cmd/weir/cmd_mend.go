package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/warehouse"
)

func (a *app) retryCmd() *cobra.Command {
	var sel string
	var keys []string
	c := &cobra.Command{
		Use:   "retry",
		Short: "Send refused rows again, as they are now",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var names []string
			err := a.eachRow(cmd, sel, func(p *project, s *ledger.SyncRow) error {
				n, err := p.env.Store.RetryNow(cmd.Context(), s.ID, keys)
				if err != nil {
					return err
				}
				a.printf("%s: %s due again\n", s.Name, diag.Count(n, "row"))
				if n > 0 {
					names = append(names, s.Name)
				}
				return nil
			})
			if err != nil || len(names) == 0 {
				return err
			}
			return a.retryNow(cmd, strings.Join(names, ","))
		},
	}
	a.selectFlag(c, &sel)
	c.Flags().StringSliceVarP(&keys, "key", "k", nil, "only these keys")
	return c
}

func (a *app) resyncCmd() *cobra.Command {
	var resend, fresh, rekey bool
	var confirm string
	c := &cobra.Command{
		Use:   "resync SYNC",
		Short: "Send everything again, or forget what was acknowledged",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case rekey:
				return usageError{fmt.Errorf("--rekey is not built yet: give the sync another name, or use --fresh")}
			case resend == fresh:
				return usageError{fmt.Errorf("say --resend (send all again; removals are still known) or --fresh (forget what was acknowledged)")}
			}
			return a.resync(cmd, args[0], fresh, confirm)
		},
	}
	c.Flags().BoolVar(&resend, "resend", false, "send every row again; removals are still computed from the ledger")
	c.Flags().BoolVar(&fresh, "fresh", false, "forget everything: what is at the destination is no longer known to be ours")
	c.Flags().BoolVar(&rekey, "rekey", false, "pair old and new keys by match (not built yet)")
	c.Flags().StringVar(&confirm, "confirm", "", "the sync's name, instead of typing it when asked")
	return c
}

func (a *app) resync(cmd *cobra.Command, name string, fresh bool, confirm string) error {
	return a.oneRow(cmd, name, func(p *project, s *ledger.SyncRow) error {
		_, n, err := p.env.Store.Held(cmd.Context(), s.ID)
		if err != nil {
			return err
		}
		if !fresh {
			if err := p.env.Store.Resend(cmd.Context(), s.ID); err != nil {
				return err
			}
			a.printf("%s: the next run sends all of its %s again\nnext: weir run --select %s\n", s.Name, diag.Count(n, "row"), s.Name)
			return nil
		}
		if confirm == "" {
			fmt.Fprintf(a.err, "This forgets %s that %s has acknowledged; what is there stays, and is never removed by this sync.\nType the sync's name to go on: ", diag.Count(n, "row"), s.Destination)
			line, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
			confirm = strings.TrimSpace(line)
		}
		if confirm != s.Name {
			return usageError{fmt.Errorf("%q is not %q: nothing was changed", confirm, s.Name)}
		}
		s.State, s.Quiet = "retired", ""
		if err := p.env.Store.SaveSync(cmd.Context(), s); err != nil {
			return err
		}
		a.printf("%s starts with nothing acknowledged: ledger %s is retired\nnext: weir plan --select %s\n", s.Name, s.ID, s.Name)
		return nil
	})
}

func (a *app) cleanCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Drop work tables that killed runs left, and plans that have expired",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := a.openStore(cmd.Context())
			if err != nil {
				return err
			}
			defer p.close()
			keep, err := p.env.KeepPlans(cmd.Context())
			if err != nil {
				return err
			}
			dropped, err := p.env.Store.DropWork(cmd.Context(), keep)
			if err != nil {
				return err
			}
			a.result = map[string]any{"dropped": dropped}
			a.printf("%s dropped\n", diag.Count(len(dropped), "table"))
			for _, t := range dropped {
				a.printf("  %s\n", t)
			}
			return nil
		},
	}
}

// export writes a ledger as JSON lines, streaming.
func (a *app) export(cmd *cobra.Command, p *project, s *ledger.SyncRow, out string) error {
	w := a.out
	if out != "-" {
		f, err := os.OpenFile(out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("write the export: %w", err)
		}
		defer func() { _ = f.Close() }()
		w = f
	}
	buf := bufio.NewWriterSize(w, 1<<20)
	res, err := p.env.Conn.Query(cmd.Context(), warehouse.Stmt{SQL: "SELECT * FROM " + p.env.Conn.Dialect().Table(p.env.Store.Names.Ledger(s.ID))})
	if err != nil {
		return err
	}
	n := int64(0)
	cols := res.Columns()
	names := make([][]byte, len(cols))
	for i, c := range cols {
		if names[i], err = json.Marshal(c.Name); err != nil {
			return err
		}
	}
	var line []byte
	for b, err := range res.Batches() {
		if err != nil {
			return err
		}
		for i := range b.Len() {
			line = append(line[:0], '{')
			for c := range cols {
				if c > 0 {
					line = append(line, ',')
				}
				line = append(append(line, names[c]...), ':')
				line = b.At(c).AppendJSON(line, i)
			}
			if _, err := buf.Write(append(line, '}', '\n')); err != nil {
				b.Release()
				return fmt.Errorf("write the export: %w", err)
			}
		}
		n += int64(b.Len())
		b.Release()
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	if out != "-" {
		a.printf("%s written to %s\n", diag.Count(n, "row"), out)
	}
	return nil
}
