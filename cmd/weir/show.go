package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/sync/run"
)

// term is one number of an equation and what it counts.
type summand struct {
	n    int64
	name string
}

// sum writes numbers as a sum, without those that are 0: 46,702 unchanged + 3 added.
func sum(parts []summand) string {
	var out []string
	for _, p := range parts {
		if p.n != 0 {
			out = append(out, diag.Number(p.n)+" "+p.name)
		}
	}
	if len(out) == 0 {
		return "0"
	}
	return strings.Join(out, " + ")
}

// sourceSide is equations (1) and (2) in one: what was read, and what it is.
func sourceSide(c *run.Account) []summand {
	s := c.Source
	return []summand{{s[plan.Unchanged], "unchanged"}, {s[plan.Added], "added"}, {s[plan.Changed], "changed"}, {s[plan.Refreshed], "refreshed"}, {s[plan.Frozen], "frozen"}, {s[plan.Parked], "parked"},
		{s[plan.Settling], "settling"}, {c.Invalid, "invalid"}, {c.Duplicate, "duplicate"}, {c.Suppressed, "suppressed"}}
}

// ledgerSide is equation (3): what the ledger held, and what it is now.
func ledgerSide(c *run.Account) []summand {
	l := c.Ledger
	return []summand{{l[plan.Unchanged], "unchanged"}, {l[plan.Changed], "changed"}, {l[plan.Refreshed], "refreshed"}, {l[plan.Frozen], "frozen"}, {l[plan.Parked], "parked"}, {l[plan.Settling], "settling"},
		{l[plan.Removed], "removed"}, {l[plan.Cleared], "cleared"}, {l[plan.Kept], "kept"}, {l[plan.Stale], "stale"}, {l[plan.Withheld], "withheld"}}
}

// planned is equation (5): what was to be sent, and what became of it.
func outcomes(c *run.Account) []summand {
	return []summand{{c.Accepted, "accepted"}, {c.Rejected, "rejected"}, {c.Missing, "missing"}, {c.Exists, "exists"}, {c.Deferred, "deferred"}, {c.Pending, "pending"}, {c.Unknown, "unknown"},
		{c.Superseded, "superseded"}, {c.Held, "held"}, {c.Unsent, "unsent"}}
}

func (a *app) stateColor(s run.State) paintCode {
	switch s {
	case run.Done, run.Quiet, run.Planned:
		return green
	case run.Failed, run.Lost:
		return red
	default:
		return yellow
	}
}

// showRun prints a sync's block: what was read, what was sent, what became of it.
func (a *app) showRun(r *run.Report) {
	a.printf("\n%s  %s  %s\n", a.paint(bold, r.Sync), a.paint(a.stateColor(r.State), string(r.State)), a.paint(dim, route(r)))
	if r.Exempt != "" {
		a.line("consent", "exempt: "+r.Exempt)
	}
	for _, n := range r.Notes {
		a.line("note", n)
	}
	if c := r.Counts; c != nil {
		a.showAccount(r, c)
	}
	for _, p := range r.Problems {
		a.line(string(p.Class), problemText(p))
	}
	for _, c := range r.CauseOut {
		a.line(c.Status, causeText(c))
	}
	for _, g := range r.Guards {
		a.line("guard", a.paint(yellow, g.Sentence)+": "+held(r.State, g.Whole))
	}
	a.showSamples(r)
	if r.Requests > 0 || r.State == run.Quiet {
		a.line("requests", a.requests(r))
	}
	for _, reason := range reasons(r.Err) {
		a.line("reason", a.paint(red, reason))
	}
	for _, n := range r.Next {
		a.line("next", n)
	}
}

// reasons are why a run failed, each in a line: of findings and of errors that
// came together, all.
func reasons(err error) []string {
	var fe *run.FindingsError
	var out []string
	joined, several := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
	case several:
		for _, e := range joined.Unwrap() {
			out = append(out, reasons(e)...)
		}
	case errors.As(err, &fe) && len(fe.Findings) > 0:
		for _, f := range fe.Findings {
			out = append(out, run.FindingText(f))
		}
	default:
		out = append(out, err.Error())
	}
	return out
}

// held is what a guard does, or would do to the run that is planned.
func held(s run.State, whole bool) string {
	switch {
	case whole && s == run.Planned:
		return "a run would send nothing"
	case whole:
		return "nothing is sent"
	case s == run.Planned:
		return "a run would hold the removals"
	default:
		return "the removals are held"
	}
}

func (a *app) line(name, text string) {
	a.printf("  %s %s\n", a.paint(dim, fmt.Sprintf("%-9s", name)), text)
}

func route(r *run.Report) string {
	to := r.To
	if r.Object != "" {
		to += "/" + r.Object
	}
	return fmt.Sprintf("%s → %s, %s", r.From, to, r.Mode)
}

func (a *app) showAccount(r *run.Report, c *run.Account) {
	tick := a.paint(green, "✓")
	if c.Quiet {
		a.line("read", fmt.Sprintf("%s and %s in the ledger: both as the last run left them %s", diag.Count(c.Read, "row"), diag.Number(c.Before), tick))
		return
	}
	if c.Source == nil {
		a.line("ledger", diag.Count(c.Before, "row"))
		return
	}
	a.line("read", fmt.Sprintf("%s = %s %s", diag.Number(c.Read), sum(sourceSide(c)), tick))
	if c.Before > 0 {
		a.line("ledger", fmt.Sprintf("%s = %s %s", diag.Number(c.Before), sum(ledgerSide(c)), tick))
	}
	if len(r.Fields) > 0 {
		var fs []string
		for _, f := range r.Fields {
			fs = append(fs, fmt.Sprintf("%s %s", f.Field, diag.Number(f.N)))
		}
		a.line("fields", strings.Join(fs, ", "))
	}
	if c.NotCreated > 0 && c.Ledger[plan.Removed] > 0 && r.State == run.Planned {
		a.line("note", fmt.Sprintf("%s of the removals %s of records that Weir is not known to have made", diag.Number(c.NotCreated), diag.Word(c.NotCreated, "is", "are")))
	}
	if r.State == run.Planned {
		a.line("planned", diag.Count(c.Planned, "row")+", about "+diag.Count(r.Estimate, "request"))
		return
	}
	if c.Planned > 0 && c.Accepted == 0 && c.Unsent == 0 && c.Held == 0 && c.Rejected+c.Deferred+c.Unknown+c.Missing+c.Exists == 0 {
		a.line("planned", diag.Count(c.Planned, "row"))
		return
	}
	if c.Planned > 0 {
		a.line("sent", fmt.Sprintf("%s = %s %s", diag.Number(c.Planned), sum(outcomes(c)), tick))
	}
}

func (a *app) requests(r *run.Report) string {
	text := diag.Number(r.Requests)
	if r.Retries > 0 {
		text += fmt.Sprintf(" (%s of them repeats)", diag.Number(r.Retries))
	}
	text += " in " + took(r.Took)
	if secs := r.Sending.Seconds(); r.Counts != nil && r.Counts.Accepted > 0 && secs > 0 {
		text += fmt.Sprintf(", %s rows/s", diag.Number(int64(float64(r.Counts.Accepted)/secs)))
	}
	if r.Waited.Seconds() >= 1 {
		text += fmt.Sprintf(", %s of it waiting (limits, repeats)", took(r.Waited))
	}
	return text
}

func problemText(p run.Problem) string {
	text := fmt.Sprintf("%s: %s", diag.Count(p.N, "row"), problemWords(p.Code))
	if p.Field != "" {
		text += " in " + p.Field
	}
	if p.FirstKey != "" {
		text += fmt.Sprintf(" (first key %s)", p.FirstKey)
	}
	return text
}

// problemWords says a code in words.
func problemWords(code string) string {
	words := map[string]string{"null_key": "the primary key is NULL", "no_match": "the match is NULL", "bad_value": "a value does not fit its type", "not_json": "a value that JSON cannot hold (NaN or Infinity)",
		"duplicate_key": "the primary key is not unique", "duplicate_match": "the match is not unique", "no_time": "the time is NULL"}
	if w, ok := words[code]; ok {
		return w
	}
	return code
}

// outcomeWords says a code that Weir gave itself in words; others are the
// destination's own.
func outcomeWords(code string) string {
	words := map[string]string{"gone": "the record has vanished there", "missing": "there is no such record there", "exists": "the record is there already, and not ours",
		"unknown_outcome": "the answer was lost, and it may not be sent twice"}
	if w, ok := words[code]; ok {
		return w
	}
	return code
}

func causeText(c run.CauseOut) string {
	code := c.Code
	if code == "" {
		code = c.Status
	}
	text := fmt.Sprintf("%s: %s", diag.Count(c.N, "row"), outcomeWords(code))
	if c.Field != "" {
		text += " in " + c.Field
	}
	if c.Message != "" && c.Message != c.Code {
		text += ", " + c.Message
	}
	if len(c.Keys) > 0 {
		text += fmt.Sprintf(" (%s %s", diag.Word(c.N, "key", "keys"), strings.Join(c.Keys, ", "))
		if c.N > int64(len(c.Keys)) {
			text += ", …"
		}
		text += ")"
	}
	return text
}

// showSamples prints planned rows: what the destination has, and what it will get.
func (a *app) showSamples(r *run.Report) {
	for _, s := range r.Sample {
		what := s.Class
		if s.Reason != "" {
			what += " (" + strings.ReplaceAll(s.Reason, "_", " ") + ")"
		}
		text := fmt.Sprintf("%-10s %s", what, s.Key)
		if s.OldMatch != "" {
			text += "  " + s.OldMatch + " → " + s.Match
		} else if s.Match != "" && strings.HasPrefix(s.Match, "{") {
			text += "  " + s.Match
		}
		a.printf("    %s %s\n", a.paint(opColor(s.Op), opSign(s.Class)), text)
		if s.Class == string(plan.Changed) && s.Had != "" {
			a.printf("        %s\n", a.paint(red, "- "+s.Had))
		}
		if s.Sent != "" {
			a.printf("        %s\n", a.paint(green, "+ "+s.Sent))
		}
	}
}

func opSign(class string) string {
	switch plan.Class(class) {
	case plan.Added:
		return "+"
	case plan.Removed, plan.Cleared:
		return "-"
	default:
		return "~"
	}
}

func opColor(op string) paintCode {
	switch op {
	case "remove":
		return red
	case "insert":
		return green
	default:
		return blue
	}
}
