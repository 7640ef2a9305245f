package models_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/webhook"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
)

var update = flag.Bool("update", false, "rewrite golden files")

// crm is a destination with named objects, one of which must be told how to
// find a record, and with settings of every kind.
var crm = destinations.Spec{
	Type: "crm", Doc: "A CRM, for tests.",
	Fields: []config.Field{
		{Name: "access_token", Kind: config.String, Required: true, Vars: true, Secret: true, Example: `"${CRM_TOKEN}"`, Doc: "Its token."},
		{Name: "region", Kind: config.String, Default: "eu", Enum: []string{"eu", "us"}, Vars: true, Doc: "Where the account lives."},
		{Name: "port", Kind: config.Int, Vars: true, Doc: "A port."},
		{Name: "share", Kind: config.Share, Default: "50%", Doc: "How much of its limits is ours."},
		{Name: "extra", Kind: config.Any, Doc: "Anything."},
	},
	Objects: []destinations.Object{
		{Name: "contacts", Doc: "People.", Kind: destinations.Record, Match: destinations.MatchRequired, Modes: []destinations.Mode{destinations.Upsert, destinations.Mirror, destinations.Remove}},
		{Name: "orders", Doc: "Purchases.", Kind: destinations.Event, Match: destinations.MatchNever, Modes: []destinations.Mode{destinations.Append}},
	},
}

// plain is a warehouse that reads no files.
var plain = warehouse.Spec{Type: "postgres", Doc: "A server, for tests.", Dialect: &warehouse.Dialect{Name: "postgres", Quote: func(s string) string { return `"` + s + `"` }},
	Fields: []config.Field{{Name: "host", Kind: config.String, Required: true, Vars: true, Example: "db.example.com", Doc: "The server."},
		{Name: "password", Kind: config.String, Secret: true, Vars: true, Doc: "Its password."}}}

var (
	specs      = []destinations.Spec{webhook.Spec, crm}
	warehouses = []warehouse.Spec{duckdb.Spec, plain}
)

// golden is one case: a project, what else is known, and the findings.
type golden struct {
	dir     string
	opt     models.Options
	sel     *string
	archive *txtar.Archive
}

// readCase reads a case. Its comment may hold lines `target: x`, `env: A=b`,
// `schema: source=column:type,…`, `select: …`, `base` for the files of
// testdata/base, and prose.
func readCase(t *testing.T, path string) *golden {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{dir: t.TempDir(), archive: a}
	env := map[string]string{}
	g.opt = models.Options{Specs: specs, Warehouses: warehouses, Lookup: func(n string) (string, bool) { v, ok := env[n]; return v, ok }}
	for line := range strings.SplitSeq(string(a.Comment), "\n") {
		key, val, _ := strings.Cut(line, ": ")
		switch key {
		case "base":
			if err := os.CopyFS(g.dir, os.DirFS("testdata/base")); err != nil {
				t.Fatal(err)
			}
		case "target":
			g.opt.Target = val
		case "select":
			g.sel = &val
		case "env":
			name, v, _ := strings.Cut(val, "=")
			env[name] = v
		case "schema":
			g.schema(val)
		}
	}
	for _, f := range a.Files {
		g.write(t, f)
	}
	return g
}

func (g *golden) schema(text string) {
	if g.opt.Schema == nil {
		g.opt.Schema = models.Schema{}
	}
	source, cols, _ := strings.Cut(text, "=")
	for col := range strings.SplitSeq(cols, ",") {
		name, typ, _ := strings.Cut(col, ":")
		g.opt.Schema[source] = append(g.opt.Schema[source], models.SchemaColumn{Name: name, Type: typ, Native: strings.ToUpper(typ)})
	}
}

func (g *golden) write(t *testing.T, f txtar.File) {
	t.Helper()
	if f.Name == "want" {
		return
	}
	path := filepath.Join(g.dir, filepath.FromSlash(f.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	// A txtar holds neither control characters nor bytes that are not UTF-8.
	data := []byte(strings.NewReplacer("\\xff", "\xff", "\\r", "\r").Replace(string(f.Data)))
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFindings: what is said of each project of testdata/check, word by word.
func TestFindings(t *testing.T) {
	paths, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			g := readCase(t, path)
			got := g.findings(t)
			if *update {
				g.rewrite(t, path, got)
				return
			}
			for _, f := range g.archive.Files {
				if f.Name == "want" {
					if d := cmp.Diff(string(f.Data), got); d != "" {
						t.Errorf("-want +got:\n%s", d)
					}
					return
				}
			}
			t.Error("the case has no `want`: run with -update, and read what it wrote")
		})
	}
}

func (g *golden) findings(t *testing.T) string {
	t.Helper()
	files, found := config.Load(g.dir)
	p, more := models.Parse(files, g.opt)
	found = append(found, more...)
	var b bytes.Buffer
	if g.sel != nil {
		syncs, err := models.Select(p, *g.sel)
		for _, y := range syncs {
			b.WriteString("selected " + y.Name + "\n")
		}
		if err != nil {
			b.WriteString(err.Error() + "\n")
		}
		found = models.Clean(p, found, syncs)
	}
	diag.Render(&b, found, false)
	if b.Len() == 0 {
		return "ok\n"
	}
	return strings.ReplaceAll(b.String(), g.dir, "DIR")
}

func (g *golden) rewrite(t *testing.T, path, got string) {
	t.Helper()
	files := g.archive.Files[:0:0]
	for _, f := range g.archive.Files {
		if f.Name != "want" {
			files = append(files, f)
		}
	}
	out := txtar.Archive{Comment: g.archive.Comment, Files: append(files, txtar.File{Name: "want", Data: []byte(got)})}
	if err := os.WriteFile(path, txtar.Format(&out), 0o644); err != nil {
		t.Fatal(err)
	}
}
