package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
)

// FindingsError carries findings about the input, with their places.
type FindingsError struct{ Findings []diag.Finding }

func (e *FindingsError) Error() string {
	if len(e.Findings) == 0 {
		return "the project has findings"
	}
	text := FindingText(e.Findings[0])
	if n := len(e.Findings) - 1; n > 0 {
		text += fmt.Sprintf(", and %s more", diag.Number(n))
	}
	return text
}

// FindingText is a finding in one line: its place, what is wrong, the way out.
func FindingText(f diag.Finding) string {
	text := f.Message
	if at := f.Place.String(); at != "" {
		text = at + ": " + text
	}
	if f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}

// prepare compiles the sync against the source as it is now, and opens the
// destination. Nothing is written.
func (j *job) prepare(ctx context.Context) error {
	schema, err := j.Describe(ctx, j.sync.From)
	if err != nil {
		return err
	}
	j.schema = schema
	findings := models.CheckContract(j.sync.From, schema[j.sync.From.Name])
	if diag.HasErrors(findings) && j.isEmpty(ctx) {
		// A file without rows has no types: the guard for empty sources has the word.
		findings = slices.DeleteFunc(findings, func(f diag.Finding) bool { return f.Code == "contract.type" })
	}
	if diag.HasErrors(findings) {
		return &FindingsError{findings}
	}
	q, findings := models.Compile(j.Project, j.sync, schema, j.Conn.Dialect())
	if diag.HasErrors(findings) {
		return &FindingsError{findings}
	}
	if j.outlet, err = j.Outlet(ctx, j.sync.To); err != nil {
		return err
	}
	if !j.outlet.Spec.Rename && !q.MatchIsKey && j.sync.Kind == destinations.Record {
		return &RefusedEdit{fmt.Sprintf("%s cannot rename a record, and sync %s finds records by something that may change: that is not built yet; match by the primary key", j.sync.To.Type, j.sync.Name)}
	}
	j.in = newInput(j, q)
	j.report.Account = j.outlet.Account
	j.report.Config = j.fingerprint()
	return nil
}

// resource is what other syncs may share with this one: an object of an account.
func (j *job) resource() string { return j.outlet.Account + "/" + j.sync.Object }

// fingerprint is a hash of everything that decides what is sent.
func (j *job) fingerprint() string {
	s := j.sync
	return fingerprint(s.Kind, s.Mode, s.From.Name, s.From.Table, s.From.Files, s.From.SQL, s.From.PrimaryKey, s.To.Name, s.To.Type, s.Object,
		s.Match, mappingOf(s), s.Event, s.OnDuplicate, s.RemoveOnly, j.outlet.Account)
}

// mappingOf is the mapped fields without their places.
func mappingOf(s *models.Sync) any {
	type field struct {
		To, From, Set, Nulls string
		Value                *string
	}
	out := make([]field, len(s.Fields))
	for i, m := range s.Fields {
		out[i] = field{m.To, m.From, m.Set, m.Nulls, m.Value}
	}
	return out
}

func matchNames(s *models.Sync) []string {
	out := make([]string, len(s.Match))
	for i, m := range s.Match {
		out[i] = m.To
	}
	return out
}

func fingerprint(parts ...any) string {
	h := sha256.New()
	for _, p := range parts {
		b, err := json.Marshal(p)
		if err != nil {
			panic(err) // nouns always marshal
		}
		h.Write(b)
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}

// checkContract stops the run before anything is sent when the source breaks
// its contract or is too old.
func (j *job) checkContract(ctx context.Context) error {
	src, d := j.source(), j.Conn.Dialect()
	if sql := models.ContractSQL(j.Project, src, d); sql != "" {
		r, err := j.Store.One(ctx, sql)
		if err != nil {
			return &SourceError{Source: src.Name, Place: src.Place, Err: err}
		}
		count := func(name string) int64 { return r.Int(name) }
		if fs := models.ContractFindings(src, d, count, func(name string) []string { return j.breakers(ctx, name) }); diag.HasErrors(fs) {
			return &FindingsError{fs}
		}
	}
	sql := models.FreshnessSQL(j.Project, src, d, j.schema)
	if sql == "" {
		return nil
	}
	r, err := j.Store.One(ctx, sql)
	if err != nil {
		return &SourceError{Source: src.Name, Place: src.Place, Err: err}
	}
	return j.checkFreshness(r)
}

// source is the sync's source, its columns named as the warehouse has them.
func (j *job) source() *models.Source { return j.sync.From.Spelled(j.schema[j.sync.From.Name]) }

// breakers are the first keys of rows that break a rule of the contract; none
// where they cannot be asked for: the rule is broken all the same.
func (j *job) breakers(ctx context.Context, rule string) []string {
	src := j.source()
	recs, err := j.Store.All(ctx, models.BreachSQL(j.Project, src, j.Conn.Dialect(), rule))
	if err != nil {
		return nil
	}
	var out []string
	for _, r := range recs {
		parts := make([]string, len(src.PrimaryKey))
		for i := range parts {
			switch parts[i] = r[fmt.Sprintf("k%d", i+1)]; {
			case parts[i] == "":
				parts[i] = "NULL"
			case src.Personal(src.PrimaryKey[i]):
				parts[i] = maskText(parts[i])
			}
		}
		key := strings.Join(parts, ", ")
		if len(parts) > 1 {
			key = "[" + key + "]"
		}
		out = append(out, key)
	}
	return out
}

func (j *job) checkFreshness(r ledger.Record) error {
	f, newest := j.sync.From.Freshness, r.Time("newest")
	if newest.IsZero() {
		return nil // an empty source is the guards' business
	}
	age := j.report.AsOf.Sub(newest)
	text := fmt.Sprintf("the newest %s of source %s is %s old", f.Column, j.sync.From.Name, roundAge(age))
	switch {
	case f.Hold > 0 && age > f.Hold:
		return &StaleError{Text: text + fmt.Sprintf(", more than the %s after which nothing is sent (load the source, or change freshness.hold)", roundAge(f.Hold))}
	case f.Warn > 0 && age > f.Warn:
		j.report.note(text + fmt.Sprintf(", more than the %s that are expected", roundAge(f.Warn)))
	}
	return nil
}

// StaleError says that a source is too old to be sent.
type StaleError struct{ Text string }

func (e *StaleError) Error() string { return e.Text }

// list is names in a sentence: a, b and c.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
