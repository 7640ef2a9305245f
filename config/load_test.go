package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/diag"
)

// project writes files below a new folder.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func codes(found []diag.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, f.Code)
	}
	return strings.Join(out, " ")
}

func TestLoadOrder(t *testing.T) {
	dir := project(t, map[string]string{"syncs/b.yml": "{}", "syncs/a.yaml": "{}", "models/x/y.yml": "{}", "weir.yml": "version: 1", "tests/t.yml": "{}", "other/z.yml": "nonsense: [", "models/notes.txt": "x"})
	files, found := config.Load(dir)
	var got []string
	for _, f := range files.List {
		got = append(got, f.Path)
	}
	if want := "weir.yml models/x/y.yml syncs/a.yaml syncs/b.yml tests/t.yml"; strings.Join(got, " ") != want || len(found) > 0 {
		t.Errorf("got %v, %v", got, found)
	}
}

func TestLoadFolders(t *testing.T) {
	file := filepath.Join(project(t, map[string]string{"weir.yml": "version: 1"}), "weir.yml")
	for dir, want := range map[string]string{
		filepath.Join(t.TempDir(), "nosuch"): "project.no_folder",
		file:                                 "project.no_folder",
		t.TempDir():                          "project.not_one",
	} {
		files, found := config.Load(dir)
		if codes(found) != want || len(files.List) > 0 || found[0].Hint == "" {
			t.Errorf("%s: %v", dir, found)
		}
	}
}

// TestLoadUnreadable: what cannot be read is told, and the rest is read.
func TestLoadUnreadable(t *testing.T) {
	dir := project(t, map[string]string{"weir.yml": "version: 1", "models/good.yml": "{}", "syncs/big.yml": strings.Repeat("# ten bytes\n", 1_000_000)})
	for name, target := range map[string]string{"broken.yml": "nowhere", "folder.yml": ".", "itself.yml": "itself.yml"} {
		if err := os.Symlink(target, filepath.Join(dir, "models", name)); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	files, found := config.Load(dir)
	if got := codes(found); got != strings.TrimSpace(strings.Repeat("project.unreadable ", 4)) {
		t.Errorf("findings %s", got)
	}
	read := 0
	for _, f := range files.List {
		if f.Root != nil {
			read++
		}
	}
	if read != 2 {
		t.Errorf("%d files read of %d", read, len(files.List))
	}
}

func TestLoadForbidden(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser may read everything")
	}
	dir := project(t, map[string]string{"weir.yml": "version: 1", "models/a.yml": "{}", "syncs/s.yml": "{}"})
	for _, path := range []string{"models/a.yml", "syncs"} {
		if err := os.Chmod(filepath.Join(dir, path), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "syncs"), 0o755) })
	if _, found := config.Load(dir); codes(found) != "project.unreadable project.unreadable" {
		t.Errorf("findings %v", found)
	}
}

// TestSyntaxInLongFile: the place is right far from where the parser gave up.
func TestSyntaxInLongFile(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("sources:\n")
	for i := range 500 {
		if i == 250 {
			b.WriteString("  - name: \"open\n")
			continue
		}
		fmt.Fprintf(&b, "  - name: s%d\n", i)
	}
	dir := project(t, map[string]string{"weir.yml": "version: 1", "models/m.yml": b.String()})
	_, found := config.Load(dir)
	if len(found) != 1 || found[0].Code != "yaml.syntax" || found[0].Line != 252 || found[0].Col != 11 {
		t.Errorf("found %+v", found)
	}
}

func TestEmptyFileIsEmpty(t *testing.T) {
	files, found := config.Load(project(t, map[string]string{"weir.yml": "# nothing\n", "models/m.yml": "---\n", "syncs/s.yml": "\ufeff"}))
	if len(found) > 0 {
		t.Errorf("findings %v", found)
	}
	for _, f := range files.List {
		if f.Root == nil {
			t.Errorf("%s has no root", f.Path)
		}
	}
}
