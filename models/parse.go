package models

import (
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/warehouse"
	"gopkg.in/yaml.v3"
)

// Options are what parsing depends on besides the files.
type Options struct {
	Target     string // --target or WEIR_TARGET; "" = as the project says
	Specs      []destinations.Spec
	Warehouses []warehouse.Spec
	Lookup     func(name string) (string, bool) // environment
	Schema     Schema                           // columns as last pulled; nil = not known
}

// parser is the scratch state of one parsing.
type parser struct {
	opt     Options
	files   *config.Files
	p       *Project
	fs      diag.Findings
	unset   []config.UnsetVar
	places  map[string]diag.Place // "sync x" → where it was declared
	pending []func()              // what needs all nouns
	broken  []string

	targetPlace diag.Place
}

// Parse turns a project's files into nouns and tells all that is wrong.
func Parse(files *config.Files, opt Options) (*Project, []diag.Finding) {
	ps := &parser{opt: opt, files: files, places: map[string]diag.Place{},
		p: &Project{Dir: files.Dir, Timezone: "UTC", Defaults: Defaults{Lease: 60 * time.Second, Grace: 20 * time.Second}}}
	for _, f := range files.List {
		if f.Root != nil {
			ps.file(f)
		}
	}
	ps.chooseTarget()
	for _, later := range ps.pending {
		later()
	}
	ps.check()
	ps.judgeUnset()
	return ps.p, files.Snippets(ps.fs.Sorted())
}

func (ps *parser) decoder(f *config.File, subject string) *config.Decoder {
	return &config.Decoder{File: f, Dir: ps.files.Dir, Subject: subject, Lookup: ps.opt.Lookup, Found: &ps.fs}
}

func (ps *parser) done(d *config.Decoder) {
	ps.unset = append(ps.unset, d.Unset...)
	ps.p.Secrets = append(ps.p.Secrets, d.Secrets...)
}

// projectKeys stand in weir.yml alone: they are about the whole.
var projectKeys = []string{"version", "name", "timezone", "target", "targets", "purposes", "defaults"}

func (ps *parser) file(f *config.File) {
	d := ps.decoder(f, "")
	root := d.Section(f.Root, rootFields(), "the file")
	ps.done(d)
	if f.Path == config.MainFile {
		ps.project(f, root)
	} else {
		for _, k := range projectKeys {
			if v := root.Value(k); v != nil && v.Set {
				ps.add("project.misplaced", v.Key, "", fmt.Sprintf("%q belongs in %s", k, config.MainFile), "move it there")
			}
		}
	}
	ps.each(f, root, "sources", ps.source)
	ps.each(f, root, "destinations", ps.destination)
	ps.each(f, root, "syncs", ps.sync)
	for _, v := range root.Items("moved") {
		ps.p.Moved = append(ps.p.Moved, Moved{From: v.Section.Text("sync"), To: v.Section.Text("to"), Place: v.Place})
	}
	for _, v := range root.Items("retired") {
		ps.p.Retired = append(ps.p.Retired, Retired{Sync: v.Section.Text("sync"), Then: v.Section.Text("then"), Place: v.Place})
	}
}

// each calls noun for every item of a top-level list.
func (ps *parser) each(f *config.File, root *config.Section, key string, noun func(*config.File, *yaml.Node)) {
	v := root.Value(key)
	if v == nil {
		return
	}
	n := v.Node
	if n.Kind != yaml.SequenceNode {
		ps.add("config.wrong_type", v.Place, "", fmt.Sprintf("%q must be a list: each item begins with a dash", key), "")
		return
	}
	for _, item := range n.Content {
		for item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		noun(f, item)
	}
}

func (ps *parser) add(code string, at diag.Place, subject, message, hint string) {
	ps.fs.Add(diag.Finding{Code: code, Place: at, Subject: subject, Message: message, Hint: hint})
}

func (ps *parser) project(f *config.File, s *config.Section) {
	if !s.IsSet("version") {
		ps.add("project.version", s.Place, "", "weir.yml has no version", "write `version: 1`")
	} else if v := s.Int("version"); v != 1 {
		ps.add("project.version", s.At("version"), "", fmt.Sprintf("version %d is not known", v), "this binary reads version 1")
	}
	ps.p.Name = s.Text("name")
	if tz := s.Text("timezone"); tz != "" {
		ps.p.Timezone = tz
		ps.zone(tz, s.At("timezone"), "")
	}
	ps.p.Target = s.Text("target")
	ps.targetPlace = s.At("target")
	ps.p.Purposes = s.Texts("purposes")
	if d := s.Section("defaults"); d != nil {
		ps.p.Defaults.Lease, ps.p.Defaults.MaxDuration = d.Dur("lease"), d.Dur("max_duration")
		if ps.p.Defaults.Lease < time.Second {
			ps.add("project.lease", d.At("lease"), "", "a lease must last at least a second", "the usual is 60s")
		}
	}
	for _, pair := range s.Pairs("targets") {
		ps.target(f, pair)
	}
}

func (ps *parser) zone(tz string, at diag.Place, subject string) {
	if _, err := time.LoadLocation(tz); err != nil {
		ps.add("config.timezone", at, subject, fmt.Sprintf("%q is not a time zone", tz), "write an IANA name, like Europe/London")
	}
}

func (ps *parser) target(f *config.File, pair config.Pair) {
	s := pair.Value.Section
	t := &Target{Meta: Meta{Name: pair.Name, Place: pair.Place, Enabled: true}, Live: s.Bool("live"), Schema: s.Text("schema")}
	ps.p.Targets = append(ps.p.Targets, t)
	if v := s.Value("warehouse"); v != nil && v.Node != nil {
		t.Type, t.Warehouse = ps.typed(f, v.Node, "target "+t.Name, func(typ string) ([]config.Field, bool) {
			for i := range ps.opt.Warehouses {
				if ps.opt.Warehouses[i].Type == typ {
					return warehouseFields(ps.opt.Warehouses[i].Fields), true
				}
			}
			return nil, false
		}, ps.warehouseTypes())
	}
}

func (ps *parser) warehouseTypes() []string {
	var out []string
	for _, w := range ps.opt.Warehouses {
		out = append(out, w.Type)
	}
	return out
}

// typed decodes a section whose fields depend on its `type`.
func (ps *parser) typed(f *config.File, n *yaml.Node, subject string, fields func(string) ([]config.Field, bool), types []string) (string, *config.Section) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	typ, at := "", f.PlaceOf(n)
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == "type" {
			typ, at = n.Content[i+1].Value, f.PlaceOf(n.Content[i+1])
		}
	}
	own, ok := fields(typ)
	if !ok {
		hint := "the types are " + strings.Join(types, ", ")
		if near, found := diag.Nearest(typ, types); found {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		what := fmt.Sprintf("type %q is not known", typ)
		if typ == "" {
			what = "it has no type"
		}
		ps.add("config.unknown_type", at, subject, subject+": "+what, hint)
		return typ, nil
	}
	d := ps.decoder(f, subject)
	s := d.Section(n, own, subject)
	ps.done(d)
	return typ, s
}

// meta reads what every named thing carries, and holds names unique.
func (ps *parser) meta(kind string, s *config.Section) Meta {
	m := Meta{Name: s.Text("name"), Label: s.Text("label"), Description: s.Text("description"), Owner: s.Text("owner"), Tags: s.Texts("tags"), Enabled: s.Bool("enabled"), Place: s.At("name")}
	if m.Name == "" {
		return m
	}
	subject := kind + " " + m.Name
	if !IsName(m.Name) {
		ps.add("config.bad_name", m.Place, subject, fmt.Sprintf("%q cannot name a %s", m.Name, kind), "a lower-case letter, then letters, digits and underscores")
	}
	if first, ok := ps.places[subject]; ok {
		ps.fs.Add(diag.Finding{Code: "project.duplicate_name", Place: m.Place, Subject: subject, Message: fmt.Sprintf("there are two %ss named %s", kind, m.Name), Hint: "rename one of them", Related: []diag.Place{first}})
	}
	ps.places[subject] = m.Place
	return m
}

// nameOf peeks at a node's name, for findings inside it.
func nameOf(n *yaml.Node) string {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == "name" {
			return n.Content[i+1].Value
		}
	}
	return "?"
}

func (ps *parser) source(f *config.File, n *yaml.Node) {
	subject := "source " + nameOf(n)
	d := ps.decoder(f, subject)
	s := d.Section(n, sourceFields(), subject)
	ps.done(d)
	src := &Source{Meta: ps.meta("source", s), Table: s.Text("table"), Files: s.Text("files"), PrimaryKey: s.Texts("primary_key"), OccurredAt: s.Text("occurred_at"), Zone: s.Text("zone")}
	if s.IsSet("sql") {
		src.SQL, src.SQLPlace = map[string]string{}, s.At("sql")
		for _, p := range s.Pairs("sql") {
			src.SQL[p.Name] = p.Value.Text
		}
	}
	if n := given(s, "table", "files", "sql"); n != 1 {
		ps.add("source.one_of", s.Place, subject, fmt.Sprintf("%s needs one of table, files and sql, and has %d", subject, n), "")
	}
	if src.Zone != "" {
		ps.zone(src.Zone, s.At("zone"), subject)
	}
	for _, v := range s.Items("columns") {
		c := v.Section
		r := ColumnRule{Name: c.Text("name"), NotNull: c.Bool("not_null"), Unique: c.Bool("unique"), Unit: c.Text("unit"), PII: c.Text("pii"), Values: c.Texts("values"), Place: c.At("name")}
		r.Type, _ = parseColumnType(c.Text("type"))
		src.Columns = append(src.Columns, r)
	}
	if fr := s.Section("freshness"); fr != nil {
		src.Freshness = &Freshness{Column: fr.Text("column"), Warn: fr.Dur("warn"), Hold: fr.Dur("hold"), Place: fr.At("column")}
	}
	ps.p.Sources = append(ps.p.Sources, src)
}

func given(s *config.Section, keys ...string) int {
	n := 0
	for _, k := range keys {
		if s.IsSet(k) {
			n++
		}
	}
	return n
}

func (ps *parser) destination(f *config.File, n *yaml.Node) {
	subject := "destination " + nameOf(n)
	dst := &Destination{}
	var types []string
	for i := range ps.opt.Specs {
		types = append(types, ps.opt.Specs[i].Type)
	}
	var s *config.Section
	dst.Type, s = ps.typed(f, n, subject, func(typ string) ([]config.Field, bool) {
		for i := range ps.opt.Specs {
			if ps.opt.Specs[i].Type == typ {
				dst.Spec = &ps.opt.Specs[i]
				return destinationFields(dst.Spec.Fields), true
			}
		}
		return nil, false
	}, types)
	if s == nil {
		dst.Name = nameOf(n)
		ps.broken = append(ps.broken, "destination "+dst.Name)
	} else {
		dst.Meta, dst.Settings, dst.Account = ps.meta("destination", s), s, s.Text("account")
	}
	ps.p.Destinations = append(ps.p.Destinations, dst)
}
