// Package arch is the shape of the house as a test: which package may import
// which, how long a function may grow, and what no file may say.
//
// It reads source files and asks no build tool, so its result follows the
// files that `go test` sees, and a cached pass cannot hide a new breach.
package arch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Breach is one place where the tree is not as the rules want it.
type Breach struct {
	File string // relative to the root, with forward slashes
	Line int    // from 1; 0 where the whole file or folder is meant
	Rule string // a short stable name: imports, names, length, comment, words
	Text string // one sentence: what is there and what to do
}

// String is the breach as compilers print their errors, so that editors jump to it.
func (b Breach) String() string {
	if b.Line == 0 {
		return fmt.Sprintf("%s: %s [%s]", b.File, b.Text, b.Rule)
	}
	return fmt.Sprintf("%s:%d: %s [%s]", b.File, b.Line, b.Text, b.Rule)
}

// Check holds a tree against all rules. The breaches come by file, then line.
func Check(t *Tree) []Breach {
	var out []Breach
	for _, p := range t.Packages {
		out = append(out, checkImports(t, p)...)
		out = append(out, checkForeign(t, p)...)
		out = append(out, checkNames(t, p)...)
		out = append(out, checkMeasures(p)...)
		out = append(out, checkTests(p)...)
	}
	for _, f := range t.Texts {
		out = append(out, checkWords(t, f)...)
	}
	slices.SortStableFunc(out, func(a, b Breach) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Text, b.Text))
	})
	return out
}
