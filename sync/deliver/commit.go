package deliver

import (
	"context"
	"fmt"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
)

// commit is the only writer of the journal. It writes what has come as soon as
// the write before is done.
func (d *delivery) commit(cut context.Context, j Journal) {
	c := &committer{d: d, j: j, ctx: context.WithoutCancel(cut)}
	for a := range d.acks {
		c.add(a)
		c.gather()
		c.flush()
	}
}

// gather takes what has come meanwhile.
func (c *committer) gather() {
	for len(c.waiting) < max(1, c.d.o.Connections) {
		select {
		case a, more := <-c.d.acks:
			if !more {
				return
			}
			c.add(a)
		default:
			return
		}
	}
}

type committer struct {
	d       *delivery
	j       Journal
	ctx     context.Context
	waiting []ack
	broken  error
}

func (c *committer) add(a ack) {
	c.waiting = append(c.waiting, a)
}

// flush writes what waits. Once a write has failed nothing more is written:
// sending has stopped, and what is not in the journal is sent again later.
func (c *committer) flush() {
	if len(c.waiting) == 0 {
		return
	}
	acks := make([]Ack, len(c.waiting))
	for i, a := range c.waiting {
		acks[i] = a.Ack
	}
	err := c.broken
	if err == nil {
		err = c.j.Append(c.ctx, acks)
	}
	if err != nil && c.broken == nil {
		c.broken = fmt.Errorf("write the journal: %w", err)
		c.d.fail(c.broken)
		c.d.cut()
	}
	for _, a := range c.waiting {
		if a.done != nil {
			a.done <- err
		}
		if err == nil && !a.Intent {
			c.count(a.Ack)
		}
		a.Batch.Release()
		<-c.d.waiting
	}
	c.waiting = c.waiting[:0]
}

func (c *committer) count(a Ack) {
	t := c.d.tally
	t.add(a.Batch, a.Outcomes)
	if c.d.o.Progress != nil {
		c.d.o.Progress(t)
	}
	if err := t.trouble(a.Outcomes); err != nil {
		c.d.fail(err)
	}
}

// downInARow is how many batches in a row may come to nothing before the rest
// is left for a later run.
const downInARow = 5

// firstRecords are looked at for one error in nearly all of them.
const firstRecords = 1000

// trouble looks for a destination that is down, or refuses nearly everything.
func (t *Tally) trouble(last []destinations.Outcome) error {
	nothing := true
	for i := range last {
		if s := last[i].Status; s != destinations.Later && s != destinations.Unknown {
			nothing = false
			break
		}
	}
	if !nothing {
		t.downInARow = 0
	} else if t.downInARow++; t.downInARow >= downInARow {
		return &TroubleError{Reason: fmt.Sprintf("the destination did not take %s in a row, so the rest waits for the next run (%s)", diag.Count(t.downInARow, "request"), last[0].Message)}
	}
	if t.judged || t.Done < firstRecords {
		return nil
	}
	t.judged = true
	for _, c := range t.Causes {
		if c.Status == destinations.Rejected && c.N*10 > t.Done*9 {
			return &TroubleError{Reason: fmt.Sprintf("the destination refused %s of the first %s for one reason, %s, so the rest waits (%s)", diag.Number(c.N), diag.Count(t.Done, "record"), c.Code, c.Message)}
		}
	}
	return nil
}
