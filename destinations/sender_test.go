package destinations_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
)

// refusing refuses a batch as a whole when one of its records is bad.
type refusing struct {
	bad   func(key string) (code string)
	calls int
}

func (r *refusing) Deliver(_ context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	r.calls++
	out := make([]destinations.Outcome, b.Len())
	for i := range out {
		if code := r.bad(string(b.AppendKeyText(nil, i))); code != "" {
			return nil, &destinations.RefusedError{Code: code, Field: "name", Message: "the name of " + destinationstest.Email(i) + " is not a name"}
		}
		out[i].Status = destinations.Accepted
	}
	return out, nil
}

func sender(d destinations.Destination, rows int) *destinations.Sender {
	return destinations.NewSender(destinations.Opened{Destination: d, Limits: destinations.Limits{BatchRows: rows, Connections: 2}}, nil)
}

func people(n int) *destinations.Batch {
	return destinationstest.Batch(destinationstest.People(), destinationstest.Persons(destinations.OpUpsert, n)...)
}

func TestBisectFindsTheBadOnes(t *testing.T) {
	bad := map[string]string{"p0": "a", "p17": "b", "p999": "a"}
	r := &refusing{bad: func(k string) string { return bad[k] }}
	out, err := sender(r, 1000).Send(context.Background(), people(1000))
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		code := bad["p"+itoa(i)]
		if want := map[bool]destinations.Status{true: destinations.Rejected, false: destinations.Accepted}[code != ""]; o.Status != want || o.Code != code {
			t.Errorf("record %d is %v %q", i, o.Status, o.Code)
		}
		if strings.Contains(o.Message, "@") {
			t.Errorf("a message with an address: %q", o.Message)
		}
	}
	if r.calls > 60 {
		t.Errorf("%d requests for three bad records of 1000", r.calls)
	}
}

func itoa(i int) string { return strings.TrimPrefix(destinationstest.Person("", i).Key, "p") }

func TestManyBadOnesAtTheStartAreNotAll(t *testing.T) {
	r := &refusing{bad: func(k string) string {
		if len(k) < 4 { // p0 to p99
			return "http_400"
		}
		return ""
	}}
	out, err := sender(r, 1000).Send(context.Background(), people(1000))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, o := range out {
		if o.Status == destinations.Rejected {
			n++
		} else if o.Status != destinations.Accepted {
			t.Fatalf("%v", o)
		}
	}
	if n != 100 {
		t.Errorf("%d rejected", n)
	}
}

func TestNearlyAllRefusedStops(t *testing.T) {
	r := &refusing{bad: func(string) string { return "http_400" }}
	out, err := sender(r, 1000).Send(context.Background(), people(1000))
	var all *destinations.AllRefusedError
	if !errors.As(err, &all) || all.Code != "http_400" || all.Tried != 36 {
		t.Fatalf("%v", err)
	}
	count := map[destinations.Status]int{}
	for _, o := range out {
		count[o.Status]++
	}
	if count[destinations.Rejected] != 36 || count[destinations.Later] != 964 {
		t.Errorf("%v", count)
	}
	if r.calls > 100 {
		t.Errorf("%d requests", r.calls)
	}
}

// saying answers the same to every batch.
type saying struct {
	out []destinations.Outcome
	err error
}

func (s saying) Deliver(context.Context, *destinations.Batch) ([]destinations.Outcome, error) {
	return s.out, s.err
}

func TestErrorsBecomeOutcomes(t *testing.T) {
	why := errors.New("why")
	for name, c := range map[string]struct {
		err  error
		want destinations.Status
	}{
		"down": {&destinations.DownError{Code: "http_503", Err: why}, destinations.Later},
		"lost": {&destinations.LostError{Code: "timeout", Err: why}, destinations.Unknown},
	} {
		out, err := sender(saying{err: c.err}, 10).Send(context.Background(), people(25))
		if err != nil || len(out) != 25 || out[24].Status != c.want || out[24].Code == "" {
			t.Errorf("%s: %v, %v", name, out[len(out)-1:], err)
		}
	}
	for name, err := range map[string]error{"auth": &destinations.AuthError{Err: why}, "other": why} {
		if out, got := sender(saying{err: err}, 10).Send(context.Background(), people(25)); out != nil || !errors.Is(got, why) {
			t.Errorf("%s: %v, %v", name, out, got)
		}
	}
}

func TestWrongCountIsAFaultOfTheAdapter(t *testing.T) {
	out, err := sender(saying{out: make([]destinations.Outcome, 3)}, 10).Send(context.Background(), people(4))
	if err == nil || !strings.Contains(err.Error(), "saying") || len(out) != 4 || out[0].Status != destinations.Unknown {
		t.Errorf("%v, %v", out, err)
	}
}

// stopping works for some requests, then the account is locked.
type stopping struct{ left int }

func (s *stopping) Deliver(_ context.Context, b *destinations.Batch) ([]destinations.Outcome, error) {
	if s.left--; s.left < 0 {
		return nil, &destinations.AuthError{Err: errors.New("locked")}
	}
	out := make([]destinations.Outcome, b.Len())
	for i := range out {
		out[i].Status = destinations.Accepted
	}
	return out, nil
}

func TestWhatIsKnownStandsBesideAnError(t *testing.T) {
	out, err := sender(&stopping{left: 2}, 10).Send(context.Background(), people(35))
	var auth *destinations.AuthError
	if !errors.As(err, &auth) || len(out) != 35 || out[19].Status != destinations.Accepted || out[20].Status != destinations.Later {
		t.Errorf("%d outcomes, %v", len(out), err)
	}
}

func TestBytesOfABatch(t *testing.T) {
	m := destinationstest.NewMemory()
	s := destinations.NewSender(destinations.Opened{Destination: m, Limits: destinations.Limits{BatchBytes: 1000, Connections: 1}}, nil)
	if _, err := s.Send(context.Background(), people(50)); err != nil {
		t.Fatal(err)
	}
	if m.Sends() < 9 || m.Sends() > 20 {
		t.Errorf("%d requests", m.Sends())
	}
}
