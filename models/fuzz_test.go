package models_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
)

// FuzzParse: whatever a file holds, nothing panics, what is found can be shown,
// and it is the same the second time.
func FuzzParse(f *testing.F) {
	seed(f)
	dir := f.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/base")); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(dir, "models", "fuzz.yml")
	f.Fuzz(func(t *testing.T, main bool, text []byte) {
		to := path
		if main {
			to = filepath.Join(dir, config.MainFile)
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			t.Fatal(err)
		}
		p, found := parseDir(dir)
		for _, x := range found {
			if x.Code == "" || x.Message == "" || x.Severity == "" || x.Col > 0 && x.Line == 0 {
				t.Errorf("a finding that says too little: %+v", x)
			}
		}
		diag.Render(io.Discard, found, true)
		_, again := parseDir(dir)
		if len(again) != len(found) {
			t.Errorf("%d findings, then %d", len(found), len(again))
		}
		for _, sel := range []string{"", "*", "+s", "tag:x"} {
			syncs, _ := models.Select(p, sel)
			models.Clean(p, found, syncs)
		}
		if !diag.HasErrors(found) {
			whole(t, p)
		}
		if main {
			restore(t, to)
		}
	})
}

// whole: a project without errors has all that a run takes for granted.
func whole(t *testing.T, p *models.Project) {
	t.Helper()
	if p.Active() == nil || p.Active().Warehouse == nil {
		t.Error("no target, and no finding")
	}
	for _, y := range p.Syncs {
		if y.From == nil || y.To == nil || y.To.Spec == nil || y.Kind == "" || y.Mode == "" || y.Name == "" || len(y.From.PrimaryKey) == 0 {
			t.Errorf("sync %q is not whole, and nothing was told", y.Name)
		}
	}
}

func restore(t *testing.T, to string) {
	t.Helper()
	text, err := os.ReadFile("testdata/base/weir.yml")
	if err == nil {
		err = os.WriteFile(to, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// seed adds the files of all cases and of the full project, whole and cut short.
func seed(f *testing.F) {
	f.Helper()
	cases, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range cases {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			if strings.HasSuffix(file.Name, ".yml") {
				f.Add(file.Name == config.MainFile, file.Data)
			}
		}
	}
	full, err := filepath.Glob("testdata/full/*/*.yml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range append(full, "testdata/full/weir.yml") {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for cut := 1; cut < len(text); cut += len(text)/12 + 1 {
			f.Add(strings.HasSuffix(path, config.MainFile), text[:cut])
		}
		f.Add(strings.HasSuffix(path, config.MainFile), text)
	}
}
