package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// call runs a command in this process: a panic would end the test.
func call(args ...string) output {
	var out, errs bytes.Buffer
	a := newApp(&out, &errs)
	a.cut = context.Background()
	ctx, cancel := context.WithCancel(context.Background())
	if len(args) > 2 && args[2] == "sandbox" {
		cancel() // it would wait for somebody to stop it
	}
	defer cancel()
	code := a.run(ctx, args)
	return output{code, out.String(), errs.String()}
}

// keyPath leads to a key of the YAML: what stands above it, line by line.
type keyPath struct {
	above  []string // lines
	indent string   // of the key itself
	dash   bool     // the key is the first of a list's item
	key    string
	built  bool
}

// text is a weir.yml that holds the key in its place, and where that is.
func (k keyPath) text(slip string) (text string, line, col int) {
	lines := append([]string(nil), k.above...)
	lead := k.indent
	if k.dash {
		lead = k.indent[2:] + "- "
	}
	lines = append(lines, lead+slip+": 1")
	return strings.Join(lines, "\n") + "\n", len(lines), len(k.indent) + 1
}

// eachKey finds every key that the JSON Schema declares, at any depth.
func eachKey(schema map[string]any, above []string, indent string, dash bool, f func(keyPath)) {
	for _, way := range []string{"oneOf", "anyOf"} {
		ways, _ := schema[way].([]any)
		for _, w := range ways {
			eachKey(w.(map[string]any), above, indent, dash, f)
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		eachKey(items, above, indent+"  ", true, f)
	}
	if named, ok := schema["additionalProperties"].(map[string]any); ok && schema["properties"] == nil {
		eachKey(named, append(above[:len(above):len(above)], indent+"n1:"), indent+"  ", false, f)
	}
	props, _ := schema["properties"].(map[string]any)
	typ, _ := props["type"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(props)) {
		lines, first := above[:len(above):len(above)], dash
		if kind, ok := typ["const"].(string); ok && key != "type" {
			line := indent + "type: " + kind
			if dash {
				line = indent[2:] + "- type: " + kind
			}
			lines, first = append(lines, line), false
		}
		_, later := props[key].(map[string]any)["not"]
		f(keyPath{above: lines, indent: indent, dash: first, key: key, built: !later})
		line := indent + key + ":"
		if first {
			line = indent[2:] + "- " + key + ":"
		}
		eachKey(props[key].(map[string]any), append(lines[:len(lines):len(lines)], line), indent+"  ", false, f)
	}
}

// oneLetter is the words that differ from one by a letter left out, twice,
// wrong, or changed with the next.
func oneLetter(word string) []string {
	var out []string
	for i := range len(word) {
		if len(word) > 1 {
			out = append(out, word[:i]+word[i+1:])
		}
		out = append(out, word[:i+1]+word[i:], word[:i]+"q"+word[i+1:])
		if i+1 < len(word) && word[i] != word[i+1] {
			out = append(out, word[:i]+word[i+1:i+2]+word[i:i+1]+word[i+2:])
		}
	}
	return out
}

// mistypedKeys mistypes every key there is by every letter: check stops at each
// with its place, the key and nearly always the right one; run does the same
// for a slip of each key.
func mistypedKeys(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal([]byte(call("schema").out), &schema); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	keys, tried, long, near := 0, 0, 0, 0
	all := map[string]bool{} // a slip that is a key of its own is none
	eachKey(schema, nil, "", false, func(k keyPath) { all[k.key] = true })
	eachKey(schema, nil, "", false, func(k keyPath) {
		keys++
		for i, slip := range oneLetter(k.key) {
			if all[slip] {
				continue
			}
			text, line, col := k.text(slip)
			if err := os.WriteFile(filepath.Join(dir, "weir.yml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			commands := []string{"check", "run"}
			if i > 0 {
				commands = commands[:1]
			}
			for _, c := range commands {
				tried++
				told, hint := toldOf(call("-C", dir, c), line, col, slip, k.key)
				if !told {
					t.Errorf("weir %s does not tell of %q for %q:\n%s", c, slip, k.key, text)
				}
				if len(k.key) < 4 || !k.built {
					continue // as near to other words, or nothing to lead anybody to
				}
				long++
				if hint {
					near++
				}
			}
		}
	})
	t.Logf("%d keys, %d slips; the right key in the hint of %d of %d in built keys of four letters or more", keys, tried, near, long)
	if keys < 120 || tried < 2000 || near*100 < long*99 {
		t.Errorf("%d keys, %d slips; the right key in the hint of %d of %d", keys, tried, near, long)
	}
}

func projectFiles(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"weir.yml", "*/*.yml"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, f := range files {
			rel, err := filepath.Rel(dir, f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, rel)
		}
	}
	return out
}

// toldOf looks for a finding at a place that names the slip, and for the right
// key in its hint.
func toldOf(o output, line, col int, slip, key string) (told, hint bool) {
	place := fmt.Sprintf("weir.yml:%d:%d: ", line, col)
	for _, f := range strings.Split(o.err, place)[1:] {
		first, rest, _ := strings.Cut(f, "\n")
		if o.code == exitInput && strings.Contains(first, fmt.Sprintf("%q", slip)) {
			_, after, _ := strings.Cut(rest, "hint: ")
			return true, strings.HasPrefix(after, fmt.Sprintf("did you mean %q?", key))
		}
	}
	return false, false
}

// insides is what no person wants to see.
var insides = regexp.MustCompile(`panic|goroutine |runtime error|\.go:\d+|0x[0-9a-f]{6,}|nil pointer|%!`)

// brokenInput feeds truncated YAML, wrong types and missing files to check, and
// some of each to every command that reads a project.
func brokenInput(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	if o := call("init", dir); o.code != 0 {
		t.Fatal(o.all())
	}
	every := [][]string{{"check", "--connected"}, {"plan"}, {"run"}, {"run", "--select", "customers_to_hook"}, {"compile"}, {"doctor"}, {"runs", "--last"}, {"rejects"}, {"retry"},
		{"ledger", "show"}, {"ledger", "export", "customers_to_hook"}, {"ledger", "unlock", "customers_to_hook"}, {"ledger", "rebind", "customers_to_hook"}, {"schema", "pull"}, {"clean"},
		{"resync", "customers_to_hook", "--resend"}, {"send", "customers_to_hook", "--key", "1"}, {"approve", "r"}, {"reject", "r"}, {"apply", "weir.yml"}, {"apply", "nowhere.json"},
		{"sandbox"}, {"sandbox", "reset"}, {"init", dir}, {"check", "--json"}}
	tried := 0
	try := func(what string, args ...string) {
		t.Helper()
		tried++
		o := call(append([]string{"-C", dir}, args...)...)
		if m := insides.FindString(o.all()); m != "" {
			t.Errorf("%s: weir %s shows %q:\n%s", what, strings.Join(args, " "), m, o.all())
		}
		if o.code != 0 && strings.TrimSpace(o.all()) == "" {
			t.Errorf("%s: weir %s ends with %d and says nothing", what, strings.Join(args, " "), o.code)
		}
	}
	for _, path := range append(projectFiles(t, dir), "data/customers.csv", ".weir/schema.json") {
		for i, b := range breakages(t, dir, path) {
			b.apply(t, dir, path)
			try(path+": "+b.what, "check")
			if i%131 == 1 {
				for _, args := range every {
					try(path+": "+b.what, args...)
				}
			}
			b.undo(t, dir, path)
		}
	}
	t.Logf("%d commands", tried)
	if o := call("-C", dir, "check"); o.code != 0 {
		t.Errorf("the project was not put back: %s", o.all())
	}
}

// breakage is one way in which a file is not what it should be.
type breakage struct {
	what string
	text []byte // nil: the file is not there
	was  []byte
}

func (b breakage) apply(t *testing.T, dir, path string) {
	t.Helper()
	full := filepath.Join(dir, path)
	err := os.WriteFile(full, b.text, 0o644)
	if b.text == nil {
		err = os.RemoveAll(full)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (b breakage) undo(t *testing.T, dir, path string) {
	t.Helper()
	breakage{text: b.was}.apply(t, dir, path)
}

// breakages are a file that is missing, cut at every few bytes, and with each
// of its values replaced by one of another kind.
func breakages(t *testing.T, dir, path string) []breakage {
	t.Helper()
	was, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		was = nil
	}
	out := []breakage{{what: "missing", was: was}, {what: "empty", text: []byte{}, was: was}, {what: "bytes", text: []byte("\xff\xfe\x00\x01"), was: was},
		{what: "a list", text: []byte("[1, 2"), was: was}, {what: "deep", text: bytes.Repeat([]byte("["), 20_000), was: was}, {what: "null", text: []byte("~\n"), was: was}}
	for n := 1; n < len(was); n += 5 {
		out = append(out, breakage{what: fmt.Sprintf("cut at byte %d", n), text: was[:n], was: was})
	}
	var doc yaml.Node
	if !strings.HasSuffix(path, ".yml") || yaml.Unmarshal(was, &doc) != nil {
		return out
	}
	eachValue(&doc, func(v *yaml.Node) {
		kept := *v
		for _, other := range []string{"[]", "{}", "null", "-1", "1e999", "true", `"\0"`, "2026-02-30", "!!binary x", "[[[]]]", "{a: {b: c}}", "${", "${file:/nowhere}", "999999999999999999999", `"` + strings.Repeat("x", 5000) + `"`} {
			var o yaml.Node
			if err := yaml.Unmarshal([]byte(other), &o); err != nil {
				continue
			}
			*v = *o.Content[0]
			if text, err := yaml.Marshal(&doc); err == nil {
				out = append(out, breakage{what: fmt.Sprintf("line %d is %.20s", kept.Line, other), text: text, was: was})
			}
		}
		*v = kept
	})
	return out
}

func eachValue(n *yaml.Node, f func(*yaml.Node)) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			continue
		}
		if n.Kind != yaml.DocumentNode {
			f(c)
		}
		eachValue(c, f)
	}
}

// brokenNeighbour breaks another sync's files after it has run, in every way:
// what is selected runs, and its neighbour's ledger is left alone.
func brokenNeighbour(t *testing.T) {
	neighbour := map[string]string{
		"models/others.yml":      "sources:\n  - {name: others, files: data/customers.csv, primary_key: id}\n",
		"destinations/other.yml": "destinations:\n  - {name: other, type: webhook, url: \"https://example.com/other\"}\n",
		"syncs/others.yml":       "syncs:\n  - {name: others_to_other, from: others, to: other, match: {email: email}, fields: {name: name}}\n",
	}
	s := arrive(t, neighbour)
	s.serve()
	s.must("run")
	for path, was := range neighbour {
		for _, b := range []string{"", "[", "\t", "syncs: 1\n", "- a\n", "a: b\n", strings.ReplaceAll(was, "name:", "namme:"), strings.ReplaceAll(was, ":", ""), was[:len(was)/2], was + was,
			strings.ReplaceAll(was, "webhook", "webhok"), strings.ReplaceAll(was, "from: others", "from: nobody"), strings.ReplaceAll(was, "customers.csv", "nothing.csv"), "syncs:\n  - name: [x]\n", "a: &a [*a]\n"} {
			if b == was {
				continue
			}
			s.write(map[string]string{path: b})
			o := s.weir("run", "--select", "customers_to_hook")
			if o.code != 0 || !strings.Contains(o.out, "customers_to_hook  quiet") {
				t.Errorf("%s is %q: exit %d\n%s", path, b, o.code, o.all())
			}
		}
		s.write(map[string]string{path: was})
	}
	if o := s.must("run"); strings.Count(o.out, "  quiet  ") != 2 {
		t.Errorf("with the files mended:\n%s", o.all())
	}
}

// keysSpeak walks the JSON Schema: every key has a description, and is required,
// has a default, or says in the reference that it has none.
func keysSpeak(t *testing.T) {
	var root map[string]any
	if err := json.Unmarshal([]byte(call("schema").out), &root); err != nil {
		t.Fatal(err)
	}
	reference := call("schema", "reference").out
	keys, mute := 0, 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for _, c := range v {
				walk(at, c)
			}
		case map[string]any:
			props, _ := v["properties"].(map[string]any)
			for name, p := range props {
				keys++
				if d, _ := p.(map[string]any)["description"].(string); len(d) < 8 {
					mute++
					t.Errorf("%s.%s says nothing of itself", at, name)
				}
				walk(at+"."+name, p)
			}
			for name, c := range v {
				if name != "properties" {
					walk(at, c)
				}
			}
		}
	}
	walk("", root)
	for line := range strings.SplitSeq(reference, "\n") {
		if cells := strings.Split(strings.ReplaceAll(line, `\|`, "/"), " | "); strings.HasPrefix(line, "| `") && len(cells) == 4 && strings.TrimSpace(cells[2]) == "" {
			mute++
			t.Errorf("the reference has no default: %s", line)
		}
	}
	t.Logf("%d keys, %d of them mute", keys, mute)
	if keys < 120 {
		t.Errorf("only %d keys", keys)
	}
}
