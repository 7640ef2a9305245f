package diag

import (
	"strings"

	"github.com/agext/levenshtein"
)

// floor is how alike two names must be for one to be suggested for the other.
const floor = 0.6

// Nearest is the known name most like got: the fewest edits, then the first by
// name. It invents nothing: with none alike enough it says false.
func Nearest(got string, known []string) (string, bool) {
	best, edits := "", 0
	for _, n := range known {
		a, b := strings.ToLower(got), strings.ToLower(n)
		if n == "" || likeness(a, b) < floor {
			continue
		}
		d := levenshtein.Distance(a, b, nil)
		if swapped(a, b) {
			d = 1
		}
		if best == "" || d < edits || d == edits && n < best {
			best, edits = n, d
		}
	}
	return best, best != ""
}

// likeness is 1 for equal names, 0 for wholly different ones. Two letters that
// changed places count once: it is the commonest slip, and in a short name
// two edits would be too many.
func likeness(a, b string) float64 {
	if swapped(a, b) {
		return 1
	}
	return levenshtein.Similarity(a, b, nil)
}

func swapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i+1 < len(a); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}
