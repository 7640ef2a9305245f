package destinationstest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
)

func open(t *testing.T, m *destinationstest.Memory) *destinations.Sender {
	t.Helper()
	spec := m.Spec()
	o, err := spec.Open(destinationstest.Settings(t, &spec, ""), destinations.Env{Name: "memory"})
	if err != nil {
		t.Fatal(err)
	}
	return destinations.NewSender(o, nil)
}

func TestMemory(t *testing.T) {
	m := destinationstest.NewMemory()
	s := open(t, m)
	b := destinationstest.Batch(destinationstest.People(), destinationstest.Persons(destinations.OpUpsert, 250)...)
	out, err := s.Send(context.Background(), b)
	if err != nil || len(out) != 250 || out[249].Status != destinations.Accepted || out[249].Created != destinations.CreatedYes {
		t.Fatalf("%d outcomes, %v", len(out), err)
	}
	if m.Sends() != 3 || len(m.Records()) != 250 || len(m.Sent()) != 250 {
		t.Errorf("%d sends, %d records, %d sent", m.Sends(), len(m.Records()), len(m.Sent()))
	}
	broken := errors.New("broken")
	m.Fail(func(*destinations.Batch) ([]destinations.Outcome, error) { return nil, broken })
	if _, err := s.Send(context.Background(), b); !errors.Is(err, broken) {
		t.Errorf("told to fail: %v", err)
	}
}
