package arch

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "example.test/house"

// tree makes a module of the given files; "go.mod" is added.
func tree(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	root := fstest.MapFS{"go.mod": {Data: []byte("module " + module + "\n\ngo 1.26\n")}}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tr, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// goFile is a file of package name that imports the given folders of the module.
func goFile(name string, imports ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %s is a fixture.\npackage %s\n", name, name)
	for _, dir := range imports {
		fmt.Fprintf(&b, "import _ %q\n", path.Join(module, dir))
	}
	return b.String()
}

// concrete is a folder that a pattern fits.
func concrete(pattern string) string {
	switch {
	case pattern == "...":
		return "cmd/weir"
	case strings.HasSuffix(pattern, "/..."):
		return strings.TrimSuffix(pattern, "/...")
	case strings.HasSuffix(pattern, "/*"):
		return strings.TrimSuffix(pattern, "*") + "fixture"
	}
	return pattern
}

func texts(bs []Breach) string {
	lines := make([]string, len(bs))
	for i, b := range bs {
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// TestEachRuleFailsOnABadImport gives every package of the table one import it
// may not have, and each that it may have.
func TestEachRuleFailsOnABadImport(t *testing.T) {
	everything := []string{"internal/diag", "internal/rows", "internal/shop", "config", "warehouse", "warehouse/fixture",
		"warehouse/warehousetest", "destinations", "destinations/other", "models", "sync/plan", "sync/ledger",
		"sync/deliver", "sync/build", "sync/run", "sync/schedule", "privacy", "server", "cmd/weir"}
	for _, r := range rules {
		dir := concrete(r.Of)
		for _, to := range everything {
			if to == dir {
				continue
			}
			tr := tree(t, map[string]string{dir + "/a.go": goFile("a", to)})
			got := Check(tr)
			if refuses(r, dir, to) == "" {
				if len(got) != 0 {
					t.Errorf("%s may import %s, and yet:\n%s", dir, to, texts(got))
				}
				continue
			}
			if len(got) != 1 || got[0].Rule != "imports" || got[0].Line != 3 {
				t.Errorf("%s imports %s: want one breach on line 3, got:\n%s", dir, to, texts(got))
			}
		}
	}
}

// TestDirections names the imports that matter most, so that a slip in the
// table itself is seen.
func TestDirections(t *testing.T) {
	bad := [][2]string{
		{"internal/diag", "config"}, {"config", "models"}, {"config", "warehouse"},
		{"destinations", "warehouse"}, {"destinations/webhook", "warehouse"}, {"destinations/webhook", "models"},
		{"destinations/webhook", "destinations/hubspot"}, {"warehouse", "destinations"}, {"warehouse/duckdb", "models"},
		{"models", "sync/plan"}, {"models", "warehouse/duckdb"}, {"sync/deliver", "warehouse"}, {"sync/deliver", "models"},
		{"sync/plan", "sync/ledger"}, {"sync/ledger", "sync/plan"}, {"sync/plan", "warehouse/duckdb"},
		{"sync/run", "sync/schedule"}, {"sync/schedule", "models"}, {"sync/run", "warehouse/duckdb"},
		{"sync/run", "server"}, {"privacy", "server"}, {"server", "warehouse/duckdb"}, {"server", "cmd/weir"},
		{"cmd/weir", "destinations/destinationstest"},
	}
	for _, b := range bad {
		tr := tree(t, map[string]string{b[0] + "/a.go": goFile("a", b[1])})
		if got := Check(tr); len(got) != 1 {
			t.Errorf("%s imports %s: want one breach, got:\n%s", b[0], b[1], texts(got))
		}
	}
	good := [][2]string{
		{"config", "internal/diag"}, {"models", "warehouse"}, {"sync/plan", "models"}, {"sync/run", "sync/ledger"},
		{"server", "sync/run"}, {"cmd/weir", "warehouse/duckdb"}, {"cmd/weir", "server"}, {"bench", "warehouse/duckdb"},
		{"warehouse/all", "warehouse/duckdb"}, {"destinations/all", "destinations/webhook"}, {"sync/deliver", "destinations"},
	}
	for _, g := range good {
		tr := tree(t, map[string]string{g[0] + "/a.go": goFile("a", g[1])})
		if got := Check(tr); len(got) != 0 {
			t.Errorf("%s imports %s: want none, got:\n%s", g[0], g[1], texts(got))
		}
	}
}

// TestTestsMayLookAnywhere lets a test file import what its package may not.
func TestTestsMayLookAnywhere(t *testing.T) {
	tr := tree(t, map[string]string{
		"models/a.go":      goFile("models"),
		"models/a_test.go": goFile("models_test", "warehouse/duckdb", "cmd/weir", "warehouse/warehousetest"),
	})
	if got := Check(tr); len(got) != 0 {
		t.Error(texts(got))
	}
}

// TestForeign puts each library where it does not belong, and where it does.
func TestForeign(t *testing.T) {
	for _, lib := range foreigners {
		src := fmt.Sprintf("// Package a is a fixture.\npackage a\nimport _ %q\n", lib.Prefix+"/v9")
		for dir, want := range map[string]int{"sync/schedule": 1, concrete(lib.Only[0]): 0} {
			tr := tree(t, map[string]string{dir + "/a.go": src, dir + "/a_test.go": src})
			if got := Check(tr); len(got) != want {
				t.Errorf("%s in %s: want %d breaches, got:\n%s", lib.Prefix, dir, want, texts(got))
			}
		}
	}
}

// TestFixtures is one small tree for each of the other rules.
func TestFixtures(t *testing.T) {
	const doc = "// Package models is a fixture.\npackage models\n"
	long := doc + "func f() {\n" + strings.Repeat("\t_ = 0\n", maxFunc) + "}\n"
	cases := []struct {
		name, file, text string
		want             string // part of the only breach; "" = none
	}{
		{"no rule for a new package", "newthing/a.go", goFile("newthing"), "no rule says"},
		{"models holds a connection", "models/a.go", doc + "import \"" + module + "/warehouse\"\nvar c warehouse.Conn\n",
			"models/a.go:4: uses warehouse.Conn"},
		{"under another name", "models/expr/a.go", doc + "import w \"" + module + "/warehouse\"\nfunc f(w.Conn) {}\n", "uses warehouse.Conn"},
		{"with a dot", "models/a.go", doc + "import . \"" + module + "/warehouse\"\nvar c Conn\n", "imported with a dot"},
		{"the dialect is fine", "models/a.go", doc + "import \"" + module + "/warehouse\"\nvar d *warehouse.Dialect\n", ""},
		{"another Conn is fine", "models/a.go", doc + "import \"net\"\nvar c net.Conn\n", ""},
		{"no package comment", "models/a.go", "package models\n", "no package comment"},
		{"a long function", "models/a.go", long, "f has 82 lines"},
		{"a long test is fine", "models/a_test.go", long, ""},
		{"a long file", "models/a.go", doc + strings.Repeat("\n", maxFile), "602 lines"},
		{"a name that says nothing", "models/a.go", strings.ReplaceAll(doc, "models", "utils"), "says nothing"},
		{"a sleeping test", "models/a_test.go", doc + "import \"time\"\nfunc f() { time.Sleep(1) }\n", "a test sleeps"},
		{"a test in a bubble", "models/a_test.go", doc + "import (\"time\"\n\"testing/synctest\")\nfunc f() { time.Sleep(1); synctest.Wait() }\n", ""},
		{"a machine's path", "docs/a.txt", "see /ho" + "me/ann/project\n", "a path of one machine"},
		{"a path of any machine is fine", "docs/a.txt", "see /var/lib/weir and https://x.test/ho" + "me/ann\n", ""},
		{"an unfinished thought", "models/a.go", doc + "// TO" + "DO more\n", "an unfinished thought"},
		{"an unresolved merge", "docs/a.txt", strings.Repeat("<", 7) + " HEAD\n", "unresolved merge"},
		{"a page that is not there", "models/a.go", doc + "// See nosuch.m" + "d.\n", "names nosuch."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Check(tree(t, map[string]string{c.file: c.text}))
			switch {
			case c.want == "" && len(got) != 0:
				t.Errorf("want none, got:\n%s", texts(got))
			case c.want != "" && (len(got) != 1 || !strings.Contains(got[0].String(), c.want)):
				t.Errorf("want one breach with %q, got:\n%s", c.want, texts(got))
			}
		})
	}
}

// TestLeftOut shows what is not read: ignored folders, other modules, test data.
func TestLeftOut(t *testing.T) {
	bad := "package bad\n"
	tr := tree(t, map[string]string{
		".gitignore":           "# made here\n/bin/\nout/\n*.log/\n",
		"bin/a.go":             bad,
		"models/out/a.go":      bad,
		"tools/go.mod":         "module other\n",
		"tools/a.go":           bad,
		"models/testdata/a.go": "not even Go",
		"models/_old/a.go":     bad,
		"models/a.go":          goFile("models"),
	})
	if got := Check(tr); len(got) != 0 {
		t.Error(texts(got))
	}
	if !slices.ContainsFunc(tr.Packages, func(p *Package) bool { return p.Dir == "models" }) {
		t.Error("models itself was not read")
	}
}

// TestLoadErrors are trees that cannot be read.
func TestLoadErrors(t *testing.T) {
	for name, root := range map[string]fstest.MapFS{
		"no go.mod":      {"a.go": {Data: []byte("package a\n")}},
		"no module":      {"go.mod": {Data: []byte("go 1.26\n")}},
		"does not parse": {"go.mod": {Data: []byte("module x\n")}, "a.go": {Data: []byte("package\n")}},
	} {
		if _, err := Load(root); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}
