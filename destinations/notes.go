package destinations

import (
	"sync"

	"github.com/weir-data/weir/internal/diag"
)

// Noter is an optional power: what is worth knowing of the answers since it
// was last asked, each in a sentence, though they were understood.
type Noter interface{ Notes() []string }

// Notes gathers such sentences and how many answers each is about. The zero
// value is ready; it may be used by several goroutines at once.
type Notes struct {
	mu     sync.Mutex
	order  []string
	counts map[string]int64
}

// Add notes one answer more. The sentence goes on from a count: "… answered 200
// with text that is not JSON".
func (n *Notes) Add(sentence string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.counts == nil {
		n.counts = map[string]int64{}
	}
	if n.counts[sentence]++; n.counts[sentence] == 1 {
		n.order = append(n.order, sentence)
	}
}

// Notes gives the sentences, the first first, and starts anew.
func (n *Notes) Notes() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []string
	for _, s := range n.order {
		c := n.counts[s]
		out = append(out, diag.Count(c, "request")+" "+diag.Word(c, "was", "were")+" "+s)
	}
	n.order, n.counts = nil, nil
	return out
}
