package all_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/weir-data/weir/destinations/all"
)

// declares is how a folder declares the Spec of a destination.
var declares = regexp.MustCompile(`(?m)^var Spec = destinations\.Spec\{`)

func TestListHoldsEveryFolder(t *testing.T) {
	listed := map[string]bool{}
	for _, s := range all.Specs {
		if listed[s.Type] {
			t.Errorf("%s is listed twice", s.Type)
		}
		listed[s.Type] = true
	}
	files, err := filepath.Glob("../*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if folder := filepath.Base(filepath.Dir(f)); declares.Match(text) && !listed[folder] {
			t.Errorf("destinations/%s has a Spec that the list does not hold", folder)
		}
	}
}

func TestSpecsAreWhole(t *testing.T) {
	for _, s := range all.Specs {
		if s.Label == "" || s.Doc == "" || s.Open == nil || s.Limits == nil || s.Sandbox == nil || len(s.Objects) == 0 {
			t.Errorf("the Spec of %s lacks something", s.Type)
		}
		for _, f := range s.Fields {
			if f.Doc == "" || f.Kind == 0 {
				t.Errorf("%s: the field %s has no Doc or no Kind", s.Type, f.Name)
			}
		}
	}
}
