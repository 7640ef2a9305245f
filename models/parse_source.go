package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"gopkg.in/yaml.v3"
)

func (ps *parser) source(f *config.File, n *yaml.Node) {
	subject := subjectOf("source", n)
	s := ps.section(f, n, sourceFields(), subject, subject)
	src := &Source{Meta: ps.meta("source", s), Table: s.Text("table"), Files: s.Text("files"), PrimaryKey: s.Texts("primary_key"), OccurredAt: s.Text("occurred_at"), Zone: s.Text("zone")}
	if s.IsSet("sql") {
		ps.ownSQL(subject, s, src)
	}
	if n := given(s, "table", "files", "sql"); n != 1 {
		ps.add("source.one_of", s.Place, subject, fmt.Sprintf("%s needs one of table, files and sql, and has %s", subject, count(n)), "")
	}
	for _, k := range []string{"table", "files"} {
		if v := s.Value(k); v != nil && v.Text == "" && !v.Bad {
			ps.add("config.missing", s.At(k), subject, fmt.Sprintf("%q of %s is empty", k, subject), "")
		}
	}
	if s.IsSet("zone") {
		ps.zone(src.Zone, s.At("zone"), subject)
	}
	for i, c := range src.PrimaryKey {
		if slices.Contains(src.PrimaryKey[:i], c) {
			ps.add("source.primary_key", s.At("primary_key"), subject, fmt.Sprintf("primary_key names %s twice", c), "")
		}
	}
	for _, v := range s.Items("columns") {
		ps.rule(subject, v.Section, src)
	}
	ps.freshness(subject, s, src)
	ps.p.Sources = append(ps.p.Sources, src)
	ps.refers = append(ps.refers, func() { ps.sourceColumns(subject, s, src) })
}

func count(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

// dialects are the names that `sql:` may have a text for.
var dialects = []string{"default", "duckdb", "postgres", "bigquery", "snowflake", "trino"}

func (ps *parser) ownSQL(subject string, s *config.Section, src *Source) {
	src.SQL, src.SQLPlace = map[string]string{}, s.At("sql")
	for _, p := range s.Pairs("sql") {
		if p.Value.Place == src.SQLPlace { // one text, not one a dialect
			src.SQLPlace = ps.contentPlace(p.Value)
		}
		src.SQL[p.Name] = p.Value.Text
		if !slices.Contains(dialects, p.Name) {
			ps.unknown(p.Place, subject, "dialect", p.Name, dialects)
		}
		if strings.TrimSpace(p.Value.Text) == "" && !p.Value.Bad {
			ps.add("config.missing", p.Value.Place, subject, fmt.Sprintf("the SQL of %s is empty", subject), "like `sql: SELECT * FROM shop.orders`")
		}
	}
}

// contentPlace is where a text begins: of a block text (| or >), its first line.
func (ps *parser) contentPlace(v *config.Value) diag.Place {
	at := v.Place
	if v.Node == nil || v.Node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return at
	}
	at.Line, at.End = at.Line+1, 0
	for _, f := range ps.files.List {
		if f.Path == at.File && at.Line <= len(f.Lines) {
			line := f.Lines[at.Line-1]
			at.Col = len(line) - len(strings.TrimLeft(line, " ")) + 1
		}
	}
	return at
}

func (ps *parser) rule(subject string, c *config.Section, src *Source) {
	r := ColumnRule{Name: c.Text("name"), NotNull: c.Bool("not_null"), Unique: c.Bool("unique"), Unit: c.Text("unit"), PII: c.Text("pii"), Values: c.Texts("values"), Place: c.At("name")}
	r.Type, _ = rows.ParseType(c.Text("type")) // the enumeration holds it to a type
	for _, o := range src.Columns {
		if strings.EqualFold(o.Name, r.Name) && r.Name != "" {
			ps.fs.Add(diag.Finding{Code: "source.column_twice", Place: r.Place, Subject: subject, Message: fmt.Sprintf("the contract of %s has %s twice", subject, r.Name), Hint: "keep one of them", Related: []diag.Place{o.Place}})
		}
	}
	src.Columns = append(src.Columns, r)
}

func (ps *parser) freshness(subject string, s *config.Section, src *Source) {
	fr := s.Section("freshness")
	if fr == nil {
		return
	}
	src.Freshness = &Freshness{Column: fr.Text("column"), Warn: fr.Dur("warn"), Hold: fr.Dur("hold"), Place: fr.At("column")}
	switch {
	case given(fr, "warn", "hold") == 0 && !s.Value("freshness").Bad:
		ps.add("source.freshness", fr.Place, subject, "freshness says neither warn nor hold, so it does nothing", "like `hold: 24h`")
	case fr.IsSet("warn") && fr.IsSet("hold") && src.Freshness.Warn > src.Freshness.Hold:
		ps.add("source.freshness", fr.At("warn"), subject, "warn is longer than hold: the run would be held before it is warned of", "let warn be the shorter")
	}
}

// sourceColumns checks the columns that a source itself names.
func (ps *parser) sourceColumns(subject string, s *config.Section, src *Source) {
	for _, v := range s.Items("primary_key") {
		ps.column(subject, src, v.Text, v.Place)
	}
	ps.column(subject, src, src.OccurredAt, s.At("occurred_at"))
	if src.Freshness != nil {
		ps.column(subject, src, src.Freshness.Column, src.Freshness.Place)
	}
	if have := ps.opt.Schema[src.Name]; len(have) > 0 {
		ps.fs.Append(CheckContract(src, have))
	}
}

// column checks that a source has a column, where its columns are known.
func (ps *parser) column(subject string, src *Source, name string, at diag.Place) {
	have := ps.opt.Schema[src.Name]
	if len(have) == 0 || name == "" {
		return
	}
	names := make([]string, len(have))
	for i, c := range have {
		if names[i] = c.Name; strings.EqualFold(c.Name, name) {
			return
		}
	}
	hint := "its columns are " + strings.Join(names, ", ")
	if near, ok := diag.Nearest(name, names); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	ps.add("model.unknown_column", at, subject, fmt.Sprintf("source %s has no column %q, as last pulled", src.Name, name), hint+" (`weir schema pull` looks again)")
}

func (ps *parser) destination(f *config.File, n *yaml.Node) {
	subject := subjectOf("destination", n)
	types := make([]string, len(ps.opt.Specs))
	for i := range ps.opt.Specs {
		types[i] = ps.opt.Specs[i].Type
	}
	dst := &Destination{}
	var spec *destinations.Spec
	var s *config.Section
	dst.Type, s = ps.typed(f, n, subject, subject, types, func(i int) []config.Field {
		spec = &ps.opt.Specs[i]
		return destinationFields(spec.Fields)
	})
	if s != nil {
		dst.Meta, dst.Settings, dst.Spec, dst.Account = ps.meta("destination", s), s, spec, s.Text("account")
	} else if name, at := peek(n, "name"); at != nil {
		dst.Name, dst.Place, dst.Enabled = name, f.PlaceOf(at), true
		ps.named("destination", name, dst.Place)
	}
	ps.p.Destinations = append(ps.p.Destinations, dst)
}
