// Package deliver moves planned rows: one reader, n senders, one committer. It
// never sees SQL. What a destination has answered is durable before it is
// counted; killed anywhere, only what was not acknowledged is sent again.
package deliver

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
)

// Source is the planned rows, in column batches of any size.
type Source interface {
	Batches(ctx context.Context) iter.Seq2[*destinations.Batch, error]
}

// Sender sends one batch of at most BatchRows records: destinations.Sender.
type Sender interface {
	Send(ctx context.Context, b *destinations.Batch) ([]destinations.Outcome, error)
}

// Ack is what was learnt of some records; with Intent, that they are about to be sent.
type Ack struct {
	Batch    *destinations.Batch
	Outcomes []destinations.Outcome
	Intent   bool
	At       time.Time
}

// Journal keeps acknowledgements: they are durable when Append returns. It is
// called by one goroutine.
type Journal interface {
	Append(ctx context.Context, acks []Ack) error
}

// Options say how to deliver.
type Options struct {
	Connections int // senders; at least 1
	BatchRows   int // records a request
	// Intents: requests may not be repeated, so each is written down before it is sent.
	Intents bool
	// Alive is asked before each batch: an error stops the run.
	Alive func() error
	// Progress is told the outcomes of each batch once they are durable.
	Progress func(t *Tally)
}

// TroubleError says that delivery stopped because the destination refuses or
// fails nearly everything: what was not sent stays for the next run.
type TroubleError struct {
	Reason string
	Err    error
}

func (e *TroubleError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}
func (e *TroubleError) Unwrap() error { return e.Err }

// Run delivers all of src. When ctx ends it stops reading, and what was read is
// delivered and committed; when cut ends, requests are given up. The tally
// counts what is durable, also beside an error.
func Run(ctx, cut context.Context, src Source, to Sender, j Journal, o Options) (*Tally, error) {
	cut, cutNow := context.WithCancel(cut)
	defer cutNow()
	ctx, halt := context.WithCancel(ctx)
	defer halt()
	hands := max(1, o.Connections)
	d := &delivery{o: o, to: to, halt: halt, cut: cutNow, work: make(chan *destinations.Batch), acks: make(chan ack, hands), waiting: make(chan struct{}, hands), tally: NewTally()}
	var senders, committer sync.WaitGroup
	committer.Go(func() { d.commit(cut, j) })
	for range hands {
		senders.Go(func() { d.send(cut) })
	}
	d.read(ctx, cut, src)
	senders.Wait()
	close(d.acks)
	committer.Wait()
	return d.tally, d.err()
}

type delivery struct {
	o    Options
	to   Sender
	halt context.CancelFunc // no new request begins
	cut  context.CancelFunc // those under way are given up
	work chan *destinations.Batch
	acks chan ack
	// waiting holds a place for each answer that is not durable yet: as many as
	// there are senders, so that they go on while the journal is written and a
	// kill repeats at most what they have in hand and as much again.
	waiting chan struct{}
	tally   *Tally

	mu    sync.Mutex
	first error
}

// ack is an acknowledgement on its way; done is told when an intent is durable.
type ack struct {
	Ack
	done chan error
}

// fail keeps the first error; requests under way are finished and committed.
func (d *delivery) fail(err error) {
	d.mu.Lock()
	if d.first == nil {
		d.first = err
	}
	d.mu.Unlock()
	d.halt()
}

func (d *delivery) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.first
}

// read hands out the source in request-sized pieces.
func (d *delivery) read(ctx, cut context.Context, src Source) {
	defer close(d.work)
	reading, done := context.WithCancel(ctx)
	defer done()
	defer context.AfterFunc(cut, done)()
	for b, err := range src.Batches(reading) {
		if err != nil {
			if reading.Err() == nil {
				d.fail(fmt.Errorf("read the plan: %w", err))
			}
			return
		}
		more := d.hand(reading, b)
		b.Release()
		if !more {
			return
		}
	}
}

func (d *delivery) hand(ctx context.Context, b *destinations.Batch) bool {
	size := max(1, d.o.BatchRows)
	for from := 0; from < b.Len(); from += size {
		piece := b.Slice(from, min(from+size, b.Len()))
		piece.Retain()
		select {
		case d.work <- piece:
		case <-ctx.Done():
			piece.Release()
			return false
		}
	}
	return true
}

// send takes pieces until there are none, or something is wrong for all.
func (d *delivery) send(cut context.Context) {
	for b := range d.work {
		if cut.Err() != nil || d.stopped() {
			b.Release()
			continue
		}
		if err := d.sendOne(cut, b); err != nil {
			b.Release()
			d.fail(err)
		}
	}
}

// stopped tells whether an error, not a signal, has ended the run: what a
// signal leaves in hand is still delivered.
func (d *delivery) stopped() bool { return d.err() != nil }

// tell hands an answer to the committer.
func (d *delivery) tell(a ack) {
	d.waiting <- struct{}{}
	d.acks <- a
}

func (d *delivery) sendOne(cut context.Context, b *destinations.Batch) error {
	if d.o.Alive != nil {
		if err := d.o.Alive(); err != nil {
			return err
		}
	}
	if d.o.Intents {
		done := make(chan error, 1)
		b.Retain()
		d.tell(ack{Ack: Ack{Batch: b, Intent: true, At: time.Now()}, done: done})
		if err := <-done; err != nil {
			return err
		}
	}
	out, err := d.to.Send(cut, b)
	if len(out) == b.Len() {
		d.tell(ack{Ack: Ack{Batch: b, Outcomes: out, At: time.Now()}})
		if err != nil {
			d.fail(err)
		}
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%s for %s", diag.Count(len(out), "outcome"), diag.Count(b.Len(), "record"))
	}
	return err
}
