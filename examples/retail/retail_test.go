// Package retail holds the example project to a second opinion: what each
// destination must be sent, worked out in Go from the lines of the file.
package retail

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestProjectIsClean needs no data.
func TestProjectIsClean(t *testing.T) {
	out := command(t, program(t), copyProject(t), []string{"RETAIL_FILE=lines.csv.gz"}, "check")
	if want := "3 sources, 2 destinations, 2 syncs"; !strings.Contains(string(out), want) {
		t.Errorf("weir check says %q, want %q", out, want)
	}
}

// TestYear runs the project over the whole year: all of it arrives, then
// nothing, then what differs.
func TestYear(t *testing.T) { onEngines(t, year) }

func year(t *testing.T, open func(t *testing.T, lines string) *project) {
	path := realFile(t)
	records := readRecords(t, path)
	p := open(t, path)
	before := worldOf(t, records)

	t.Run("everything arrives", func(t *testing.T) {
		runs := p.run()
		holds(t, "customer", p.holds("crm"), asJSON(before.customers))
		holds(t, "order line", p.holds("analytics"), before.lines)
		for name, want := range map[string]int{"customers_to_crm": len(before.customers), "order_lines_to_analytics": len(before.lines)} {
			if c := runs[name].Counts; runs[name].State != "done" || c.Accepted != int64(want) || c.Read != int64(want) || c.Invalid+c.Duplicate != 0 {
				t.Errorf("%s: %+v, want %d rows accepted", name, runs[name], want)
			}
		}
		if len(before.lines) != len(records)-1 {
			t.Errorf("%d order lines of %d lines", len(before.lines), len(records)-1)
		}
	})
	p.skip("crm", &p.crmRead)
	p.skip("analytics", &p.eventRead)

	t.Run("then nothing", func(t *testing.T) {
		seen := p.requests()
		for name, r := range p.run() {
			if r.State != "quiet" || r.Requests != 0 {
				t.Errorf("%s: %s, %d requests", name, r.State, r.Requests)
			}
		}
		if now := p.requests(); now != seen {
			t.Errorf("the sandbox saw %d requests", now-seen)
		}
	})

	t.Run("then what differs", func(t *testing.T) {
		changed := change(t, records)
		p.put(changed)
		after := worldOf(t, changed)
		p.run()
		holds(t, "customer", p.holds("crm"), asJSON(after.customers))
		sent(t, p.arrived("crm", &p.crmRead), before.customers, after.customers)
		appended(t, p.arrived("analytics", &p.eventRead), before.lines, after.lines)
	})
}

// world is what both destinations must be sent of a file.
type world struct {
	customers map[string]fields
	lines     map[string]string
}

func worldOf(t *testing.T, records [][]string) world {
	t.Helper()
	lines := parse(t, records)
	return world{customers(t, lines), orderLines(t, lines)}
}

func asJSON(all map[string]fields) map[string]string {
	out := make(map[string]string, len(all))
	for key, f := range all {
		out[key] = f.json()
	}
	return out
}

// holds compares what a destination holds with what it must, field by field.
func holds(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	wrong := 0
	for key, w := range want {
		if got[key] == w {
			continue
		}
		if wrong++; wrong <= 5 {
			t.Errorf("%s %s: the destination holds %s\nand the lines say %s", what, key, got[key], w)
		}
	}
	if wrong > 0 || len(got) != len(want) {
		t.Errorf("%s: %d records, want %d; %d of them differ", what, len(got), len(want), wrong)
	}
}

// holds is the records of a destination: their fields by what finds them.
func (p *project) holds(destination string) map[string]string {
	state := p.sandbox.Host(destination).Box.State()
	out := make(map[string]string, len(state))
	for _, r := range state {
		key := strings.TrimSuffix(strings.TrimPrefix(r.Match, `{"customer_id":`), "}")
		out[key] = r.Fields
	}
	return out
}

func (p *project) requests() int64 {
	return p.sandbox.Host("crm").Requests() + p.sandbox.Host("analytics").Requests()
}

// sent holds the second transfer to exactly the customers that differ, and of
// those that were there to exactly the fields that differ.
func sent(t *testing.T, got map[string]record, before, after map[string]fields) {
	t.Helper()
	want := map[string]record{}
	ops := map[string]int{}
	for id, now := range after {
		was, there := before[id]
		if r := difference(was, now); !there || len(r.Fields) > 0 {
			want[id] = r
			ops["upsert"]++
		}
	}
	for id := range before {
		if _, stays := after[id]; !stays {
			want[id] = record{Op: "remove"}
			ops["remove"]++
		}
	}
	if ops["remove"] == 0 || ops["upsert"] < 5 {
		t.Fatalf("the changes are too few to prove anything: %v", ops)
	}
	for id, w := range want {
		g, there := got[id]
		if !there || (g.Op == "remove") != (w.Op == "remove") || string(g.Match["customer_id"]) != id || !maps.EqualFunc(g.Fields, w.Fields, sameJSON) {
			t.Errorf("customer %s: sent %s %s, want %s", id, g.Op, show(g.Fields), show(w.Fields))
		}
	}
	for id := range got {
		if _, due := want[id]; !due {
			t.Errorf("customer %s was sent, and nothing of it had changed", id)
		}
	}
	t.Logf("%d customers of %d: %v", len(want), len(after), ops)
}

// difference is the fields that a record lacks; one that it must lose is null.
func difference(was, now fields) record {
	r := record{Fields: map[string]json.RawMessage{}}
	for name, v := range now {
		if was[name] != v {
			r.Fields[name] = json.RawMessage(v)
		}
	}
	for name := range was {
		if _, stays := now[name]; !stays {
			r.Fields[name] = json.RawMessage("null")
		}
	}
	return r
}

func sameJSON(a, b json.RawMessage) bool { return string(a) == string(b) }

func show(f map[string]json.RawMessage) string {
	text := fields{}
	for name, v := range f {
		text[name] = string(v)
	}
	return text.json()
}

// appended holds the second transfer to exactly the events that are new: one
// that was sent is never sent again, also where its line has changed.
func appended(t *testing.T, got map[string]record, before, after map[string]string) {
	t.Helper()
	fresh := 0
	for key, want := range after {
		if _, old := before[key]; old {
			continue
		}
		fresh++
		if g := got[key]; g.Op != "append" || show(g.Fields) != want {
			t.Errorf("order line %s: sent %s %s, want %s", key, g.Op, show(g.Fields), want)
		}
	}
	if fresh < 5 || len(got) != fresh {
		t.Errorf("%d order lines were sent, and %d are new", len(got), fresh)
	}
	t.Logf("%d order lines of %d", fresh, len(after))
}

// change edits some lines, takes some away and adds some: other quantities,
// prices and countries, a line that stood twice once more, one invoice whole,
// a customer's every line, a new customer, a guest, a cancellation.
func change(t *testing.T, records [][]string) [][]string {
	t.Helper()
	out := [][]string{records[0]}
	gone := records[1][colCustomer]
	twice := false
	seen := map[string]bool{}
	for i, r := range records[1:] {
		if r[colCustomer] == gone || r[colInvoice] == "536370" {
			continue
		}
		r = slices.Clone(r)
		switch i {
		case 1000:
			r[colQuantity] = "7"
		case 150_000:
			r[colPrice] = "1234567.891"
		case 300_000:
			r[colCountry] = "Iceland"
		case 450_000:
			r[colDescription] = "A \"QUOTED\" NAME,\nON TWO LINES"
		case 500_000:
			continue
		}
		out = append(out, r)
		if line := strings.Join(r, "\x00"); !twice && seen[line] {
			out, twice = append(out, r), true
		} else {
			seen[line] = true
		}
	}
	last := records[len(records)-1]
	for _, add := range [][3]string{{"999001", "A NEW CUSTOMER'S", "99001.0"}, {"999002", "A GUEST'S", ""}, {"C999003", "ONE THAT COMES BACK", last[colCustomer]}, {"999004", "", "99001.0"}} {
		quantity := "3"
		if strings.HasPrefix(add[0], "C") {
			quantity = "-1"
		}
		out = append(out, []string{add[0], "22138", add[1], quantity, "2011-12-09 13:00:00", "4.95", add[2], "Åland"})
	}
	if !twice {
		t.Fatal("no line stands in the file twice")
	}
	return out
}
