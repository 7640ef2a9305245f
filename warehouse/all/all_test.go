package all

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEveryFolder: each folder that has a Spec is in the list, and each of the
// list can be shown and opened.
func TestEveryFolder(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "*", "spec.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d folders, %v", len(files), err)
	}
	listed := map[string]bool{}
	for _, s := range Specs {
		if listed[s.Type] {
			t.Errorf("%s is listed twice", s.Type)
		}
		listed[s.Type] = true
		if s.Doc == "" || s.Dialect == nil || s.Dialect.Name != s.Type || s.Open == nil {
			t.Errorf("the Spec of %s is not whole", s.Type)
		}
		for _, f := range s.Fields {
			if f.Doc == "" || f.Kind == 0 {
				t.Errorf("%s: field %s says nothing of itself", s.Type, f.Name)
			}
		}
		if _, err := os.Stat(filepath.Join("..", s.Type)); err != nil {
			t.Errorf("%s has no folder: %v", s.Type, err)
		}
	}
	for _, f := range files {
		if name := filepath.Base(filepath.Dir(f)); !listed[name] {
			t.Errorf("%s is not in Specs", name)
		}
	}
}
