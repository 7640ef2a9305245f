package destinations

import "context"

// How many records are refused alone, with none accepted, before it is asked
// whether the destination takes any at all, and how many are asked.
const (
	refusedAlone = 20
	probes       = 16
)

// bisection finds the records for which a request was refused as a whole: in
// halves, until the refused ones stand alone. Where none is taken, some records
// spread over the rest are tried, and if they too are refused for the same
// reason the rest is left alone.
type bisection struct {
	*sending
	alone    int    // refused alone
	code     string // for this reason; "" when there were several
	message  string
	accepted bool
	probed   bool
}

func (s *bisection) run(ctx context.Context, p span, why *RefusedError) error {
	if p.len() == 1 {
		return s.refuse(p.from, why)
	}
	mid := p.from + p.len()/2
	for _, half := range [...]span{{p.from, mid}, {mid, p.to}} {
		for _, part := range s.open(half) {
			if err := s.try(ctx, part); err != nil {
				return err
			}
		}
		if err := s.ask(ctx); err != nil {
			return err
		}
	}
	return nil
}

// open is what is left of a span once records that were tried alone are taken out.
func (s *bisection) open(p span) []span {
	if !s.probed {
		return []span{p}
	}
	var out []span
	from := p.from
	for i := p.from; i <= p.to; i++ {
		if i < p.to && s.all()[i].Status == 0 {
			continue
		}
		if i > from {
			out = append(out, span{from, i})
		}
		from = i + 1
	}
	return out
}

func (s *bisection) try(ctx context.Context, p span) error {
	refused, err := s.once(ctx, p)
	if err != nil {
		return err
	}
	if refused != nil {
		return s.run(ctx, p, refused)
	}
	s.accepted = true
	return nil
}

// refuse writes down a record that was refused alone.
func (s *bisection) refuse(i int, why *RefusedError) error {
	s.all()[i] = Outcome{Status: Rejected, Code: why.Code, Field: why.Field, Message: Redact(why.Message)}
	s.known = true
	if s.alone++; s.alone == 1 {
		s.code, s.message = why.Code, s.out[i].Message
	} else if s.code != why.Code {
		s.code = ""
	}
	return nil
}

// ask tries some records of what is left, once, when none was taken so far.
func (s *bisection) ask(ctx context.Context) error {
	if s.probed || s.accepted || s.alone < refusedAlone || s.code == "" {
		return nil
	}
	s.probed = true
	var left []int
	for i := range s.all() {
		if s.out[i].Status == 0 {
			left = append(left, i)
		}
	}
	if len(left) <= 2*probes {
		return nil
	}
	for k := range probes {
		i := left[k*len(left)/probes]
		if err := s.try(ctx, span{i, i + 1}); err != nil {
			return err
		}
	}
	if s.accepted || s.code == "" {
		return nil
	}
	return &AllRefusedError{Tried: s.alone, Code: s.code, Message: s.message}
}
