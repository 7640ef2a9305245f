package destinations

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sender stands in front of an adapter: it makes sure that every record has
// exactly one outcome, bisects what was refused as a whole, and turns the
// kinds of errors into outcomes.
type Sender struct {
	dest   Destination
	limits Limits
	client *Client
}

// NewSender puts a Sender in front of an adapter that sends through client.
func NewSender(o Opened, client *Client) *Sender {
	return &Sender{dest: o.Destination, limits: o.Limits, client: client}
}

// Send delivers a batch and gives one outcome per record, in order. An error
// beside no outcomes means that nothing is known of any and the run must stop;
// beside outcomes, that they stand and the run must stop all the same.
func (s *Sender) Send(ctx context.Context, b *Batch) ([]Outcome, error) {
	return s.send(Repeatable(ctx, s.limits.Repeatable), b)
}

func (s *Sender) send(ctx context.Context, b *Batch) ([]Outcome, error) {
	out, err := s.dest.Deliver(ctx, b)
	if err == nil {
		if len(out) != b.Len() {
			return nil, fmt.Errorf("the adapter gave %d outcomes for %d records: a fault in it", len(out), b.Len())
		}
		return out, nil
	}
	var (
		refused *RefusedError
		down    *DownError
		lost    *LostError
	)
	switch {
	case errors.As(err, &refused):
		return s.bisect(ctx, b, refused)
	case errors.As(err, &down) && !s.limits.Repeatable && strings.HasPrefix(down.Code, "http_5") && down.Code != "http_503":
		// It may have been processed before it failed.
		return all(b, Outcome{Status: Unknown, Code: down.Code, Message: cut(down.Error())}), nil
	case errors.As(err, &down):
		return all(b, Outcome{Status: Later, Code: down.Code, After: down.After, Message: cut(down.Error())}), nil
	case errors.As(err, &lost):
		return all(b, Outcome{Status: Unknown, Code: lost.Code, Message: cut(lost.Error())}), nil
	default:
		return nil, err
	}
}

// bisect halves a refused batch until the record at fault stands alone.
func (s *Sender) bisect(ctx context.Context, b *Batch, refused *RefusedError) ([]Outcome, error) {
	n := b.Len()
	if n == 1 {
		return []Outcome{{Status: Rejected, Code: refused.Code, Field: refused.Field, Message: cut(refused.Message)}}, nil
	}
	first, err := s.send(ctx, b.Slice(0, n/2))
	if err != nil {
		return whole(first, n, err)
	}
	second, err := s.send(ctx, b.Slice(n/2, n))
	if err != nil {
		return whole(append(first, second...), n, err)
	}
	return append(first, second...), nil
}

// whole keeps what is known of a batch whose rest could not be sent: the rest
// is left for later.
func whole(known []Outcome, n int, err error) ([]Outcome, error) {
	if len(known) == 0 {
		return nil, err
	}
	for len(known) < n {
		known = append(known, Outcome{Status: Later, Code: "stopped", Message: "not sent: the run was stopped"})
	}
	return known, err
}

func all(b *Batch, o Outcome) []Outcome {
	out := make([]Outcome, b.Len())
	for i := range out {
		out[i] = o
	}
	return out
}

func cut(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return s[:maxMessage-3] + "…"
}

// Guard sets what is asked before every attempt.
func (s *Sender) Guard(alive func() error) {
	if s.client != nil {
		s.client.Guard(alive)
	}
}

// Requests counts attempts so far.
func (s *Sender) Requests() int64 {
	if s.client == nil {
		return 0
	}
	return s.client.Requests()
}

// Retries counts repeats so far.
func (s *Sender) Retries() int64 {
	if s.client == nil {
		return 0
	}
	return s.client.Retries()
}

// Waited is how long attempts waited for limits and repeats.
func (s *Sender) Waited() time.Duration {
	if s.client == nil {
		return 0
	}
	return s.client.Waited()
}
