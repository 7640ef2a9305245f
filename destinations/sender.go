package destinations

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/diag"
)

// Sender stands in front of an adapter, for all syncs of one account. It cuts
// batches to the destination's size, turns the adapter's errors into an outcome
// for each record and finds the record for which a whole request was refused.
type Sender struct {
	dest   Destination
	limits Limits
	client *Client
	slots  chan struct{}
}

// NewSender puts a Sender in front of an opened adapter. The client is the one
// the adapter was opened with; nil for an adapter that does not use HTTP.
func NewSender(o Opened, client *Client) *Sender {
	return &Sender{dest: o.Destination, limits: o.Limits, client: client, slots: make(chan struct{}, max(1, o.Limits.Connections))}
}

// Client counts the requests; nil where the adapter has none.
func (s *Sender) Client() *Client { return s.client }

// Limits are the destination's.
func (s *Sender) Limits() Limits { return s.limits }

// Destination is the adapter behind, for its optional powers.
func (s *Sender) Destination() Destination { return s.dest }

// Guard sets what is asked before every attempt: the run's lease.
func (s *Sender) Guard(alive func() error) {
	if s.client != nil {
		s.client.Guard(alive)
	}
}

// Requests is how many attempts were sent so far; 0 for an adapter without HTTP.
func (s *Sender) Requests() int64 {
	if s.client == nil {
		return 0
	}
	return s.client.Requests()
}

// Retries is how many attempts were repeats.
func (s *Sender) Retries() int64 {
	if s.client == nil {
		return 0
	}
	return s.client.Retries()
}

// Waited is how long attempts waited for pace, pauses and retries, together.
func (s *Sender) Waited() time.Duration {
	if s.client == nil {
		return 0
	}
	return s.client.Waited()
}

// AllRefusedError says that a destination refused every record that was tried
// alone, for one reason, so that the others of the batch were left.
type AllRefusedError struct {
	Tried   int
	Code    string
	Message string
}

func (e *AllRefusedError) Error() string {
	return fmt.Sprintf("the destination refused each of %s that %s sent alone, for one reason, %s, so the rest waits: %s", diag.Count(e.Tried, "record"), diag.Word(e.Tried, "was", "were"), e.Code, e.Message)
}

// Send delivers b and reports one outcome per record, in order. With an error
// the run must stop: AuthError, AllRefusedError, the lease's or the context's.
// Outcomes beside an error are facts too; records that were not sent then are
// Later. No outcomes beside an error means that nothing was sent.
func (s *Sender) Send(ctx context.Context, b *Batch) ([]Outcome, error) {
	ctx = Repeatable(ctx, s.limits.Repeatable && !s.insertsOnce(b))
	d := &sending{s: s, b: b}
	if s.cut(b, 0) < b.Len() {
		d.out = make([]Outcome, b.Len())
	}
	var err error
	for from := 0; from < b.Len() && err == nil; {
		to := s.cut(b, from)
		err = d.send(ctx, span{from, to})
		from = to
	}
	if err == nil {
		return d.all(), nil
	}
	if !d.known {
		return nil, err
	}
	for i := range d.out {
		if d.out[i].Status == 0 {
			d.out[i] = Outcome{Status: Later, Code: "not_sent", Message: "not sent: the run stopped before"}
		}
	}
	return d.out, err
}

// insertsOnce tells whether a batch holds a record that may be inserted only once.
func (s *Sender) insertsOnce(b *Batch) bool {
	for i := 0; s.limits.InsertOnce && i < b.Len(); i++ {
		if b.Op(i) == OpInsert {
			return true
		}
	}
	return false
}

// perRecord is about what a record costs in a body besides its own bytes.
const perRecord = 120

// cut is the end of the piece that begins at from: at most BatchRows records
// and about BatchBytes bytes, at least one record.
func (s *Sender) cut(b *Batch, from int) int {
	most := b.Len()
	if s.limits.BatchRows > 0 {
		most = min(most, from+s.limits.BatchRows)
	}
	if s.limits.BatchBytes <= 0 {
		return most
	}
	size := 0
	for i := from; i < most; i++ {
		size += len(b.Fields(i)) + len(b.Match(i)) + len(b.OldMatch(i)) + perRecord
		if size > s.limits.BatchBytes && i > from {
			return i
		}
	}
	return most
}

// span is records from..to of a batch.
type span struct{ from, to int }

func (p span) len() int { return p.to - p.from }

// sending is one call of Send.
type sending struct {
	s     *Sender
	b     *Batch
	out   []Outcome
	known bool // of some record something is known
}

func (d *sending) send(ctx context.Context, p span) error {
	refused, err := d.once(ctx, p)
	if err != nil || refused == nil {
		return err
	}
	return (&bisection{sending: d}).run(ctx, p, refused)
}

// once asks the adapter and writes down the outcomes of p. A refusal of the
// whole is returned, not written down.
func (d *sending) once(ctx context.Context, p span) (*RefusedError, error) {
	select {
	case d.s.slots <- struct{}{}:
		defer func() { <-d.s.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	b := d.b
	if p.len() != b.Len() {
		b = b.Slice(p.from, p.to)
	}
	out, err := d.s.dest.Deliver(ctx, b)
	if err == nil {
		return nil, d.take(p, out)
	}
	return d.failed(ctx, p, err)
}

// take checks what an adapter says and writes it down.
func (d *sending) take(p span, out []Outcome) error {
	if len(out) != p.len() {
		d.fill(p, Outcome{Status: Unknown, Code: "adapter", Message: "the adapter did not say what became of each record"})
		return fmt.Errorf("the adapter %s gave %s for %s: a fault in Weir, please report it", adapterName(d.s.dest), diag.Count(len(out), "outcome"), diag.Count(p.len(), "record"))
	}
	for i := range out {
		if out[i].Status == 0 {
			out[i] = Outcome{Status: Unknown, Code: "adapter", Message: "the adapter said nothing of this record"}
		}
		if out[i].Message != "" {
			out[i].Message = cutAt(out[i].Message, maxMessage)
		}
	}
	d.known = true
	if d.out == nil && p.len() == d.b.Len() {
		d.out = out // the common case: one request, one answer
		return nil
	}
	copy(d.all()[p.from:], out)
	return nil
}

func adapterName(d Destination) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", d), "*")
}

// failed turns an adapter's error into outcomes, or into the end of the run.
func (d *sending) failed(ctx context.Context, p span, err error) (*RefusedError, error) {
	var (
		auth    *AuthError
		refused *RefusedError
		down    *DownError
		lost    *LostError
	)
	switch {
	case errors.As(err, &lost):
		d.fill(p, Outcome{Status: Unknown, Code: lost.Code, Message: Redact(lost.Error())})
		return nil, ctx.Err()
	case errors.As(err, &auth):
		return nil, err
	case errors.As(err, &refused):
		return refused, nil
	case errors.As(err, &down):
		d.fill(p, Outcome{Status: Later, Code: down.Code, Message: Redact(down.Error()), After: down.After})
		return nil, nil
	default:
		return nil, err
	}
}

// all is the outcomes of the batch; those that are not known yet have no status.
func (d *sending) all() []Outcome {
	if d.out == nil {
		d.out = make([]Outcome, d.b.Len())
	}
	return d.out
}

func (d *sending) fill(p span, o Outcome) {
	out := d.all()
	for i := p.from; i < p.to; i++ {
		out[i] = o
	}
	d.known = true
}
