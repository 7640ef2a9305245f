package models

import (
	"fmt"
	"path/filepath"
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
	Lookup     func(name string) (string, bool) // environment; nil = nothing is set
	Schema     Schema                           // columns as last pulled; nil = not known
}

// parser is the scratch state of one parsing.
type parser struct {
	opt    Options
	files  *config.Files
	p      *Project
	fs     diag.Findings
	unset  []config.UnsetVar
	places map[string]diag.Place // "sync x" → where it was declared
	refers []func()              // what needs all nouns

	targetPlace diag.Place
}

// Parse turns a project's files into nouns and tells all that is wrong. It
// always gives a project, as far as it can be understood; what is unclear is
// nil there, and told.
func Parse(files *config.Files, opt Options) (*Project, []diag.Finding) {
	dir := files.Dir
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	ps := &parser{opt: opt, files: files, places: map[string]diag.Place{},
		p: &Project{Dir: dir, Timezone: "UTC", Defaults: Defaults{Lease: 60 * time.Second, Grace: 20 * time.Second}}}
	for _, f := range files.List {
		if f.Root != nil {
			ps.file(f)
		}
	}
	ps.chooseTarget()
	for _, refer := range ps.refers {
		refer()
	}
	ps.check()
	ps.judgeUnset()
	return ps.p, files.Snippets(ps.fs.Sorted(), ps.p.Secrets)
}

func (ps *parser) decoder(f *config.File, subject string) *config.Decoder {
	return &config.Decoder{File: f, Dir: ps.p.Dir, Subject: subject, Lookup: ps.opt.Lookup, Found: &ps.fs}
}

// section decodes a node, and keeps what the decoder learnt.
func (ps *parser) section(f *config.File, n *yaml.Node, fields []config.Field, subject, what string) *config.Section {
	d := ps.decoder(f, subject)
	s := d.Section(n, fields, what)
	ps.unset = append(ps.unset, d.Unset...)
	ps.p.Secrets = append(ps.p.Secrets, d.Secrets...)
	return s
}

// projectKeys stand in weir.yml alone: they are about the whole.
var projectKeys = []string{"version", "name", "timezone", "target", "targets", "purposes", "defaults"}

func (ps *parser) file(f *config.File) {
	root := ps.section(f, f.Root, rootFields(), "", "the file")
	if f.Path == config.MainFile {
		ps.project(f, root)
	} else {
		for _, k := range projectKeys {
			if root.IsSet(k) {
				ps.add("project.misplaced", root.Value(k).Key, "", fmt.Sprintf("%q belongs in %s", k, config.MainFile), "move it there")
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
	if v.Node.Kind != yaml.SequenceNode {
		ps.add("config.wrong_type", v.Place, "", fmt.Sprintf("%q must be a list: each item begins with a dash", key), "")
		return
	}
	for _, item := range v.Node.Content {
		noun(f, resolve(item))
	}
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (ps *parser) add(code string, at diag.Place, subject, message, hint string) {
	ps.fs.Add(diag.Finding{Code: code, Place: at, Subject: subject, Message: message, Hint: hint})
}

// unknown tells of a name that names nothing.
func (ps *parser) unknown(at diag.Place, subject, kind, name string, known []string) {
	hint := fmt.Sprintf("there is no %s at all", kind)
	if len(known) > 0 {
		hint = fmt.Sprintf("the %ss are %s", kind, strings.Join(known, ", "))
	}
	if near, ok := diag.Nearest(name, known); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	ps.add("project.unknown_"+kind, at, subject, fmt.Sprintf("there is no %s %q", kind, name), hint)
}

func (ps *parser) zone(tz string, at diag.Place, subject string) {
	if _, err := time.LoadLocation(tz); err != nil || tz == "" || tz == "Local" {
		ps.add("config.timezone", at, subject, fmt.Sprintf("%q is not a time zone", tz), "write an IANA name, like Europe/London")
	}
}

// meta reads what every named thing carries, and holds names unique.
func (ps *parser) meta(kind string, s *config.Section) Meta {
	m := Meta{Name: s.Text("name"), Label: s.Text("label"), Description: s.Text("description"), Owner: s.Text("owner"), Tags: s.Texts("tags"), Enabled: s.Bool("enabled"), Place: s.At("name")}
	ps.named(kind, m.Name, m.Place)
	return m
}

func (ps *parser) named(kind, name string, at diag.Place) {
	if name == "" {
		return // told already
	}
	subject := kind + " " + name
	if !IsName(name) {
		ps.add("config.bad_name", at, subject, fmt.Sprintf("%q cannot name a %s", name, kind), "a lower-case letter, then letters, digits and underscores")
	}
	if first, ok := ps.places[subject]; ok {
		ps.fs.Add(diag.Finding{Code: "project.duplicate_name", Place: at, Subject: subject, Message: fmt.Sprintf("there are two %ss named %s", kind, name), Hint: "rename one of them", Related: []diag.Place{first}})
		return
	}
	ps.places[subject] = at
}

// peek is the text of a key of a mapping, before it is decoded; "" where it
// has none.
func peek(n *yaml.Node, key string) (string, *yaml.Node) {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if v := resolve(n.Content[i+1]); n.Content[i].Value == key && v.Kind == yaml.ScalarNode {
			return v.Value, n.Content[i+1]
		}
	}
	return "", nil
}

// subjectOf is "source orders", or "source" where it has no name.
func subjectOf(kind string, n *yaml.Node) string {
	name, _ := peek(n, "name")
	return strings.TrimSpace(kind + " " + name)
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
