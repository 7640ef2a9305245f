package destinationstest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/sandbox"
)

func busyThenFine(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	date := time.Now().Add(3 * time.Second).UTC().Format(http.TimeFormat)
	for i, f := range []sandbox.Fault{
		{Status: 429, RetryAfter: "2", Times: 2}, {Status: 429, RetryAfter: date, Times: 2}, {Status: 500, Times: 2}, {Status: 503, Times: 2},
	} {
		r.fail(f)
		before := r.client.Retries()
		r.want(r.send(Person(destinations.OpUpsert, i)), destinations.Accepted)
		if got := r.client.Retries() - before; r.opened.Limits.Repeatable && got != 2 {
			t.Errorf("%d answered twice: %d retries", f.Status, got)
		}
	}
	if r.client.Waited() < 4*time.Second {
		t.Errorf("waited %s for two times Retry-After: 2", r.client.Waited())
	}
}

func down(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.fail(sandbox.Fault{Status: 500})
	r.want(r.send(Person(destinations.OpUpsert, 1)), destinations.Later)
	r.holds(0)
	if r.requests > 4 {
		t.Errorf("%d attempts of one request", r.requests)
	}
}

func longWait(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.fail(sandbox.Fault{Status: 429, RetryAfter: "600"})
	out := r.send(Person(destinations.OpUpsert, 1))
	r.want(out, destinations.Later)
	if out[0].After != 600*time.Second || r.requests != 1 {
		t.Errorf("told to wait 600 s: after %s, %d requests", out[0].After, r.requests)
	}
	r.want(r.send(Person(destinations.OpUpsert, 2)), destinations.Later)
	if r.requests != 1 {
		t.Error("a request was sent although the destination asked to be left alone")
	}
}

func notRepeatable(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r = newRig(t, r.c, func(l *destinations.Limits) { l.Repeatable = false })
	for i, f := range []sandbox.Fault{{Drop: "after"}, {Drop: "before"}, {Hang: true}, {Status: 502}, {Status: 504}} {
		r.fail(f)
		r.requests = 0
		r.want(r.send(Person(destinations.OpUpsert, i)), destinations.Unknown)
		if r.requests != 1 {
			t.Errorf("%d requests of one that may not be repeated", r.requests)
		}
	}
}

func droppedAfter(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	if !r.opened.Limits.Repeatable {
		t.Skip("requests may not be repeated")
	}
	r.fail(sandbox.Fault{Drop: "after", Times: 1})
	r.want(r.send(Persons(destinations.OpUpsert, 3)...), destinations.Accepted)
	r.holds(3)
	r.fail(sandbox.Fault{Drop: "after", Times: 1}, sandbox.Fault{Status: 500})
	r.want(r.send(Person(destinations.OpUpsert, 3)), destinations.Unknown) // it may be there: the first attempt was lost
}

func hangs(_ *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.fail(sandbox.Fault{Hang: true})
	r.want(r.send(Persons(destinations.OpUpsert, 2)...), destinations.Unknown)
	r.holds(0)
}

func stopped(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out, err := r.try(ctx, r.people(), Person(destinations.OpUpsert, 1))
	if out != nil || !errors.Is(err, context.Canceled) || r.requests != 0 {
		t.Errorf("stopped before: %v, %v, %d requests", out, err, r.requests)
	}
	r.fail(sandbox.Fault{Hang: true})
	ctx, cancel = context.WithCancel(context.Background())
	go func() {
		synctest.Wait() // the request hangs
		cancel()
	}()
	out, err = r.try(ctx, r.people(), Person(destinations.OpUpsert, 1))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped in the middle: %v", err)
	}
	r.want(out, destinations.Unknown)
}

// errLeaseLost is the error of a run whose lease ran out.
var errLeaseLost = errors.New("the lease ran out")

func lease(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	asked := 0
	r.client.Guard(func() error {
		if asked++; asked > 1 {
			return errLeaseLost
		}
		return nil
	})
	r.fail(sandbox.Fault{Status: 429})
	out, err := r.try(context.Background(), r.people(), Person(destinations.OpUpsert, 1))
	if out != nil || !errors.Is(err, errLeaseLost) || r.requests != 1 {
		t.Errorf("the lease ran out before a retry: %v, %v, %d requests", out, err, r.requests)
	}
}

func connections(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.fail(sandbox.Fault{Slow: "1s"})
	var all sync.WaitGroup
	for i := range 3 * r.opened.Limits.Connections {
		all.Go(func() { r.want(r.send(Person(destinations.OpUpsert, i)), destinations.Accepted) })
	}
	all.Wait()
	if r.most > r.opened.Limits.Connections {
		t.Errorf("%d requests at once, at most %d", r.most, r.opened.Limits.Connections)
	}
	if r.most < min(2, r.opened.Limits.Connections) {
		t.Error("requests went one by one")
	}
}

// everyCode sends one record for every status code and compares what becomes of it.
func everyCode(t *testing.T, c Case) {
	for code, class := range Codes {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, c, nil)
				r.need(destinations.Record, destinations.Upsert)
				r.fail(sandbox.Fault{Status: code})
				out, err := r.try(context.Background(), r.people(), Person(destinations.OpUpsert, 1))
				var auth *destinations.AuthError
				switch class {
				case destinations.ClassAuth:
					if !errors.As(err, &auth) || out != nil {
						t.Errorf("%v, %v, not an AuthError", out, err)
					}
					return
				case destinations.ClassRefused:
					r.want(out, destinations.Rejected)
				case destinations.ClassDown:
					r.want(out, destinations.Later)
				case destinations.ClassOK: // without a word of the record it may also be unknown
					if len(out) == 1 && out[0].Status != destinations.Unknown {
						r.want(out, destinations.Accepted)
					}
				}
				if err != nil {
					t.Errorf("an error besides: %v", err)
				}
			})
		})
	}
}
