package arch_test

import (
	"os"
	"testing"

	"github.com/weir-data/weir/internal/arch"
)

// TestHouse holds this module to its own rules.
func TestHouse(t *testing.T) {
	tree, err := arch.Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Packages) < 5 {
		t.Fatalf("only %d packages were found: the test looks at the wrong folder", len(tree.Packages))
	}
	for _, b := range arch.Check(tree) {
		t.Error(b)
	}
}
