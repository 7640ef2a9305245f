package models_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"gopkg.in/yaml.v3"
)

var fullOptions = models.Options{Specs: specs, Warehouses: warehouses, Lookup: func(string) (string, bool) { return "12345", true }}

func parseDir(dir string) (*models.Project, []diag.Finding) {
	files, found := config.Load(dir)
	p, more := models.Parse(files, fullOptions)
	return p, append(found, more...)
}

// TestFullProject: a project that uses every key has no finding.
func TestFullProject(t *testing.T) {
	p, found := parseDir("testdata/full")
	var b bytes.Buffer
	diag.Render(&b, found, false)
	if b.Len() > 0 {
		t.Fatal(b.String())
	}
	y := p.Syncs[0]
	if y.From == nil || y.To == nil || y.Kind != "record" || *y.Guards.MaxRemoved.Share != 0.1 || *y.Guards.MaxRemoved.Rows != 5000 || !y.Guards.HoldRun {
		t.Errorf("sync %+v", y)
	}
	if v := y.Fields[2].Value; v == nil || *v != `"lead"` || y.Fields[2].Set != "created" {
		t.Errorf("constant %+v", y.Fields[2])
	}
	if e := p.Syncs[1].Event; e.Start != "2026-01-01" || e.Keep != 30*24*time.Hour {
		t.Errorf("event %+v", e)
	}
	if !filepath.IsAbs(p.Dir) || p.Active().Type != "duckdb" || p.Active().Schema != "weir" {
		t.Errorf("project %+v", p)
	}
}

// TestEveryFieldIsDocumented: no key without a description, none optional
// without a default that is said, if only "—"; and both schema and reference have it.
func TestEveryFieldIsDocumented(t *testing.T) {
	n, missing := 0, 0
	for line := range strings.SplitSeq(string(models.ReferencePage(specs, warehouses)), "\n") {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "/"), "|"), " | ")
		if len(cells) == 5 {
			continue // an object of a destination
		}
		n++
		for _, c := range cells {
			if strings.TrimSpace(c) == "" || len(cells) != 4 {
				missing++
				t.Errorf("says too little: %s", line)
				break
			}
		}
	}
	if n < 120 {
		t.Errorf("only %d keys in the reference", n)
	}
	t.Logf("%d of %d keys are not documented", missing, n)
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(models.JSONSchema(specs, warehouses)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("weir.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("weir.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON reads YAML as an editor does: dates are texts.
func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// yamlFiles are the files of a project, by path.
func yamlFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, filepath.Join(dir, "weir.yml")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = text
	}
	return out
}

func TestJSONSchemaAcceptsProjects(t *testing.T) {
	s := compileSchema(t)
	for _, dir := range []string{"testdata/full", "testdata/base"} {
		for path, text := range yamlFiles(t, dir) {
			if err := s.Validate(asJSON(t, text)); err != nil {
				t.Errorf("%s/%s: %v", dir, path, err)
			}
		}
	}
}

func TestJSONSchemaRefuses(t *testing.T) {
	s := compileSchema(t)
	for _, text := range []string{
		"surces: []", "version: one", "entities: []", "sources: {name: a}", "sources: [{name: a, table: b}]",
		"sources: [{name: a, primary_key: id, columns: [{name: a, type: txt}]}]",
		"destinations: [{name: a, type: nosuch}]", "destinations: [{name: a, type: webhook}]", "destinations: [{name: a, type: webhook, url: u, access_token: t}]",
		"destinations: [{name: a, type: webhook, url: u, timeout: 30}]", "destinations: [{name: a, type: webhook, url: u, batch_size: many}]",
		"targets: {a: {warehouse: {type: duckdb}}}", "targets: {a: {warehouse: {type: duckdb, path: a}, live: 1}}",
		"syncs: [{name: a, from: b, to: c, mode: all}]", "syncs: [{name: a, from: b, to: c, fields: {a: [b]}}]",
		"syncs: [{name: a, from: b, to: c, audience: {}}]", "syncs: [{name: a, from: b, to: c, schedule: {every: 15}}]",
		"syncs: [{name: a, from: b, to: c, guards: {max_removed: {share: 10}}}]",
	} {
		if s.Validate(asJSON(t, []byte(text))) == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}

// userNames are keys whose children are names of the user's own, not keys.
var userNames = map[string]bool{"targets": true, "fields": true, "match": true, "headers": true, "extra": true}

// keyNodes gives every declared key of a file.
func keyNodes(n *yaml.Node, own bool, yield func(*yaml.Node)) {
	switch n.Kind {
	case yaml.DocumentNode, yaml.SequenceNode:
		for _, c := range n.Content {
			keyNodes(c, own, yield)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !own {
				yield(n.Content[i])
			}
			named := userNames[n.Content[i].Value] && !own
			if n.Content[i].Value == "extra" {
				continue
			}
			keyNodes(n.Content[i+1], named, yield)
		}
	}
}

// slips are the words one slip away: a letter left out, two that changed
// places, the last one mistyped.
func slips(word string) []string {
	seen := map[string]bool{word: true}
	var out []string
	add := func(s string) {
		if !seen[s] && s != "" {
			seen[s] = true
			out = append(out, s)
		}
	}
	for i := range len(word) {
		add(word[:i] + word[i+1:])
		if i+1 < len(word) {
			add(word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:])
		}
	}
	add(word[:len(word)-1] + "q")
	return out
}

// TestEveryTypoIsCaught mistypes each key of the full project in every way by
// one slip: each time there is an error, at the line of the slip.
func TestEveryTypoIsCaught(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/full")); err != nil {
		t.Fatal(err)
	}
	tried, near := 0, 0
	for path, text := range yamlFiles(t, dir) {
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		keyNodes(&doc, false, func(key *yaml.Node) {
			for _, slip := range slips(key.Value) {
				lines := strings.Split(string(text), "\n")
				line := lines[key.Line-1]
				lines[key.Line-1] = line[:key.Column-1] + slip + line[key.Column-1+len(key.Value):]
				write(t, filepath.Join(dir, path), strings.Join(lines, "\n"))
				tried++
				_, found := parseDir(dir)
				told, hint := caught(found, path, key, slip)
				if !told {
					t.Errorf("%s:%d: %s for %s is not told", path, key.Line, slip, key.Value)
				}
				if hint {
					near++
				}
			}
		})
		write(t, filepath.Join(dir, path), string(text))
	}
	t.Logf("%d slips, all but %d with the right word in the hint", tried, tried-near)
	if tried < 1500 || near*10 < tried*9 {
		t.Errorf("%d slips tried, %d with the right hint", tried, near)
	}
}

// caught tells whether a slip is an error at its own line, and whether the
// right key is suggested.
func caught(found []diag.Finding, path string, key *yaml.Node, slip string) (told, hint bool) {
	for _, f := range found {
		if f.Severity == diag.Error && f.File == path && f.Line == key.Line && strings.Contains(f.Message, fmt.Sprintf("%q", slip)) {
			return true, f.Hint == fmt.Sprintf("did you mean %q?", key.Value)
		}
	}
	return false, false
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
