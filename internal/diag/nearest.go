package diag

import (
	"sort"
	"strings"

	"github.com/agext/levenshtein"
)

// floor is how alike two names must be for one to be suggested for the other.
const floor = 0.6

// Nearest is the known name most like got: the most similar, then the first by
// name. It invents nothing: with none alike enough it says false.
func Nearest(got string, known []string) (string, bool) {
	names := append([]string(nil), known...)
	sort.Strings(names)
	best, score := "", floor
	for _, n := range names {
		if s := levenshtein.Similarity(strings.ToLower(got), strings.ToLower(n), nil); s > score {
			best, score = n, s
		}
	}
	return best, best != ""
}
