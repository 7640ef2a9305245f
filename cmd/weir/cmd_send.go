package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/sync/run"
)

// sending is what `weir send` was asked for.
type sending struct {
	key              string
	again, dry, show bool
}

func (a *app) sendCmd() *cobra.Command {
	var s sending
	c := &cobra.Command{
		Use:   "send SYNC --key KEY",
		Short: "Send one row alone, and show its request and the answer",
		Long:  "Send the row of one key alone, if it is due, and show the request and the answer. Credentials are never shown; values are masked unless --show-values asks for them. The ledger remembers the answer as of any run.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case s.key == "":
				return usageError{errors.New("which row? give --key")}
			case s.again && s.dry:
				return usageError{errors.New("--again makes the row due, and --dry-run changes nothing: give one of them")}
			}
			return a.send(cmd.Context(), args[0], s)
		},
	}
	c.Flags().StringVarP(&s.key, "key", "k", "", "the row's key")
	c.Flags().BoolVar(&s.again, "again", false, "send it also where nothing of it has changed, or it was refused")
	c.Flags().BoolVar(&s.dry, "dry-run", false, "show what would be sent of it, and send nothing")
	c.Flags().BoolVar(&s.show, "show-values", false, "show values as they are")
	return c
}

// send sends one row alone and shows how it went.
func (a *app) send(ctx context.Context, name string, s sending) error {
	p, err := a.open(ctx, name)
	var usage usageError
	if errors.As(err, &usage) { // which was no option here
		return usageError{errors.New(strings.TrimPrefix(usage.Error(), "--select "))}
	}
	if err != nil {
		return err
	}
	defer p.close()
	if len(p.syncs) != 1 {
		return usageError{fmt.Errorf("%q means %s: a row belongs to one sync, so name it", name, diag.Count(len(p.syncs), "sync"))}
	}
	y := p.syncs[0]
	a.printf("%s\n", a.targetLine(p))
	if s.again {
		if err := a.makeDue(ctx, p, y, s.key); err != nil {
			return err
		}
	}
	o, err := p.outlet(ctx, y.To)
	if err != nil {
		return err
	}
	exchanges := []run.Exchange{}
	o.Tap(func(x destinations.Exchange) {
		exchanges = append(exchanges, run.ShowExchange(x, s.show, s.key, y.Name, y.Object))
	})
	defer o.Tap(nil)
	r := p.env.Run(ctx, y, run.Options{OnlyKey: s.key, PlanOnly: s.dry, Samples: -1, ShowValues: s.show})
	a.result = map[string]any{"run": r, "exchanges": exchanges}
	a.showSent(r, exchanges)
	return a.sent(r)
}

// makeDue makes a row that is there, or was refused, differ from what is wanted.
func (a *app) makeDue(ctx context.Context, p *project, y *models.Sync, key string) error {
	all, err := p.env.Store.Syncs(ctx)
	if err != nil {
		return err
	}
	for _, row := range all {
		if row.Name != y.Name || row.Live != p.env.Target.Live || row.State == "retired" {
			continue
		}
		if err := p.env.Store.Resend(ctx, row.ID, key); err != nil {
			return err
		}
		if _, err := p.env.Store.RetryNow(ctx, row.ID, []string{key}); err != nil {
			return err
		}
	}
	return nil
}

// sent is the exit of a run of one row: 0 only where it was taken, was no
// longer due, or was only looked at.
func (a *app) sent(r *run.Report) error {
	switch c := r.Counts; {
	case r.Err != nil && r.State != run.Stopped:
		a.exit = codeOf(r.Err)
	case r.State == run.Held:
		a.exit = exitHeld
	case r.Row != nil && r.Row.Class == "":
		a.exit = exitInput
	case c != nil && c.Rejected+c.Missing+c.Exists > 0, r.Row != nil && (r.Row.Class == plan.Invalid || r.Row.Class == plan.Duplicate):
		a.exit = exitFailed
	case c != nil && c.Deferred+c.Unknown > 0:
		a.exit = exitOutside
	}
	if a.exit != exitOK {
		return errReported
	}
	return nil
}

// showSent prints what was done with the row, what was asked and what was answered.
func (a *app) showSent(r *run.Report, exchanges []run.Exchange) {
	a.printf("\n%s  %s  %s\n", a.paint(bold, r.Sync), a.paint(a.stateColor(r.State), string(r.State)), a.paint(dim, route(r)))
	for _, n := range r.Notes {
		a.line("note", n)
	}
	for _, g := range r.Guards {
		a.line("guard", a.paint(yellow, g.Sentence)+": "+held(r.State, g.Whole))
	}
	a.showSamples(r)
	for _, x := range exchanges {
		a.showWire("request", &x.Request)
		if x.Answer != nil {
			a.showWire("answer", x.Answer)
		}
		if x.Error != "" {
			a.line("answer", "none: "+x.Error)
		}
	}
	if r.Row != nil && r.Err == nil {
		a.line("row", fateText(r))
	}
	for _, reason := range reasons(r.Err) {
		a.line("reason", a.paint(red, reason))
	}
	if next := nextOf(r); next != "" {
		r.Next = append(r.Next, next)
		a.line("next", next)
	}
}

// nextOf is what to do after a run of one row: what concerns others is left out.
func nextOf(r *run.Report) string {
	var access *run.AccessError
	c := r.Counts
	switch {
	case errors.As(r.Err, &access):
		return access.Next()
	case r.State == run.Held:
		return "allow it for the next run: weir approve " + r.Run
	case r.State == run.Planned && r.Row != nil && r.Row.Due:
		return fmt.Sprintf("send it: weir send %s --key %s", r.Sync, r.Row.Key)
	case c != nil && c.Rejected+c.Missing+c.Exists > 0:
		return "see it among the rows that were refused: weir rejects --select " + r.Sync
	}
	return ""
}

func (a *app) showWire(name string, w *run.Wire) {
	a.line(name, w.Line)
	for _, h := range w.Headers {
		a.printf("            %s\n", a.paint(dim, h))
	}
	for line := range strings.Lines(w.Body) {
		a.printf("            %s\n", strings.TrimRight(line, "\n"))
	}
}

// fateText says what became of the row, or why nothing was to be done.
func fateText(r *run.Report) string {
	f := r.Row
	switch {
	case f.Due && r.State == run.Planned:
		return fmt.Sprintf("key %s would be sent", f.Key)
	case f.Due:
		return fmt.Sprintf("key %s: %s", f.Key, sentText(r))
	case f.Class == "":
		return fmt.Sprintf("there is no key %s, neither in source %s nor in the ledger", f.Key, r.From)
	case f.Class == plan.Unchanged:
		return fmt.Sprintf("key %s is unchanged: %s has it as it is (--again sends it all the same)", f.Key, r.To)
	case f.Class == plan.Parked:
		return fmt.Sprintf("key %s was refused (%s) and waits until it changes (--again sends it all the same)", f.Key, strings.TrimSpace(f.Code+" "+f.Field))
	case f.Class == plan.Invalid || f.Class == plan.Duplicate:
		text := fmt.Sprintf("key %s cannot be sent: %s", f.Key, problemWords(f.Code))
		if f.Field != "" {
			text += " in " + f.Field
		}
		return text
	default:
		return fmt.Sprintf("nothing is to be sent of key %s: it is %s%s", f.Key, f.Class, reasonText(f.Reason))
	}
}

func reasonText(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + strings.ReplaceAll(reason, "_", " ") + ")"
}

func sentText(r *run.Report) string {
	if len(r.CauseOut) > 0 {
		c := r.CauseOut[0]
		return strings.Join(strings.Fields(strings.Join([]string{c.Status + ":", outcomeWords(c.Code), c.Field, c.Message}, " ")), " ")
	}
	if c := r.Counts; c != nil && c.Accepted > 0 {
		return "accepted, and the ledger knows"
	}
	return "not sent: it waits for another row, which must move first"
}
