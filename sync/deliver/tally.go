package deliver

import (
	"sort"

	"github.com/weir-data/weir/destinations"
)

// Tally counts what became of records: the first witness of the equations.
type Tally struct {
	Done     int64 // records with an outcome
	ByStatus map[destinations.Status]int64
	Causes   map[CauseKey]*Cause

	downInARow int
	judged     bool
}

// CauseKey groups outcomes that have the same reason.
type CauseKey struct {
	Status destinations.Status
	Code   string
	Field  string
}

// Cause is one reason why records were not taken, with the first keys.
type Cause struct {
	CauseKey
	Message string
	N       int64
	Keys    []string
}

// firstKeys is how many keys a cause names.
const firstKeys = 3

// NewTally counts from nothing.
func NewTally() *Tally {
	return &Tally{ByStatus: map[destinations.Status]int64{}, Causes: map[CauseKey]*Cause{}}
}

func (t *Tally) add(b *destinations.Batch, out []destinations.Outcome) {
	t.Done += int64(len(out))
	for i := range out {
		o := &out[i]
		t.ByStatus[o.Status]++
		if o.Status == destinations.Accepted || o.Status == destinations.Pending {
			continue
		}
		k := CauseKey{Status: o.Status, Code: o.Code, Field: o.Field}
		c := t.Causes[k]
		if c == nil {
			c = &Cause{CauseKey: k, Message: o.Message}
			t.Causes[k] = c
		}
		c.N++
		if len(c.Keys) < firstKeys {
			c.Keys = append(c.Keys, string(b.AppendKeyText(nil, i)))
		}
	}
}

// Merge adds another tally to this one.
func (t *Tally) Merge(o *Tally) {
	t.Done += o.Done
	for s, n := range o.ByStatus {
		t.ByStatus[s] += n
	}
	for k, c := range o.Causes {
		mine := t.Causes[k]
		if mine == nil {
			t.Causes[k] = c
			continue
		}
		mine.N += c.N
	}
}

// Sorted is the causes, the most frequent first.
func (t *Tally) Sorted() []*Cause {
	out := make([]*Cause, 0, len(t.Causes))
	for _, c := range t.Causes {
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].N != out[j].N {
			return out[i].N > out[j].N
		}
		return out[i].Code < out[j].Code
	})
	return out
}
