package destinationstest

import (
	"context"
	"errors"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/sandbox"
)

func upserts(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.want(r.send(Persons(destinations.OpUpsert, 3)...), destinations.Accepted)
	r.holds(3)
	changed := Person(destinations.OpUpsert, 1)
	changed.Hash, changed.Send = 77, `{"name":null,"visits":9}`
	r.want(r.send(changed), destinations.Accepted)
	if got, want := r.holds(3)[1].Fields, `{"visits":9}`; got != want {
		t.Errorf("after a change and a clearing the stand-in has %s, not %s", got, want)
	}
}

func updates(_ *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Update)
	r.want(r.send(Person(destinations.OpUpdate, 1)), destinations.Missing)
	r.holds(0)
}

func inserts(_ *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Insert)
	r.want(r.send(Person(destinations.OpInsert, 1)), destinations.Accepted)
	again := Person(destinations.OpInsert, 1)
	again.Key, again.Hash = "another", 5
	r.want(r.send(again), destinations.Exists)
	r.holds(1)
}

func removes(_ *testing.T, r *rig) {
	if r.object(destinations.Record, destinations.Mirror) == nil {
		r.need(destinations.Record, destinations.Remove)
	}
	r.send(Persons(destinations.OpUpsert, 2)...)
	gone := Person(destinations.OpRemove, 0)
	gone.Fields = ""
	r.want(r.send(gone), destinations.Accepted)
	r.holds(1)
	r.want(r.send(gone), destinations.Missing)
}

func renames(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	if !r.c.Spec.Rename {
		t.Skipf("%s does not rename", r.c.Spec.Type)
	}
	old := Person(destinations.OpUpsert, 1)
	r.send(old)
	moved := Person(destinations.OpUpsert, 2)
	moved.Key, moved.OldMatch, moved.Send = old.Key, old.Match, `{"visits":3}`
	r.want(r.send(moved), destinations.Accepted)
	if got, want := r.holds(1)[0].Fields, `{"name":"Person 1","visits":3}`; got != want {
		t.Errorf("after a rename the stand-in has %s, not %s", got, want)
	}
}

func appends(t *testing.T, r *rig) {
	r.need(destinations.Event, destinations.Append)
	order := Rec{Op: destinations.OpAppend, Key: "o1", Hash: 1, Fields: `{"total":12.5}`}
	for range 2 { // a repeat is the same event
		out, err := r.try(context.Background(), Orders(), order)
		if err != nil {
			t.Fatal(err)
		}
		r.want(out, destinations.Accepted)
	}
	r.holds(1)
}

func oneBadRecord(_ *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.fail(sandbox.Fault{Record: &destinations.RecordFault{Key: r.known(13), Code: "invalid_name", Whole: true}})
	out := r.send(Persons(destinations.OpUpsert, 40)...)
	for i := range out {
		want := destinations.Accepted
		if i == 13 {
			want = destinations.Rejected
		}
		r.want(out[i:i+1], want)
	}
	r.holds(39)
}

func allBadRecords(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.fail(sandbox.Fault{Status: 422})
	out, err := r.try(context.Background(), r.people(), Persons(destinations.OpUpsert, 400)...)
	var all *destinations.AllRefusedError
	if r.opened.Limits.BatchRows >= 100 && !errors.As(err, &all) {
		t.Errorf("a destination that refuses everything ends with %v", err)
	}
	r.want(out[:1], destinations.Rejected)
	if r.opened.Limits.BatchRows >= 400 && r.requests > 200 {
		t.Errorf("%d requests to learn that nothing is taken", r.requests)
	}
}

func sizes(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	size := r.opened.Limits.BatchRows
	if size < 1 {
		t.Skip("no limit of records")
	}
	n := 2*size + 1
	r.want(r.send(Persons(destinations.OpUpsert, n)...), destinations.Accepted)
	r.holds(n)
	if r.requests < 3 {
		t.Errorf("%d records went in %d requests of at most %d", n, r.requests, size)
	}
}

func notJSON(t *testing.T, r *rig) {
	r.need(destinations.Record, destinations.Upsert)
	r.fail(sandbox.Fault{NotJSON: true})
	for i, o := range r.send(Persons(destinations.OpUpsert, 3)...) {
		if o.Status != destinations.Accepted && o.Status != destinations.Unknown {
			t.Errorf("record %d is %v after an answer that is not JSON", i, o.Status)
		}
	}
}
