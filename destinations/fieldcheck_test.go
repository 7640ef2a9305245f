package destinations_test

import (
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/rows"
)

func TestFieldsThatARecordCannotBeMadeWithout(t *testing.T) {
	has := &destinations.ObjectInfo{Name: "tickets", Fields: []destinations.ObjectField{{Name: "id", Unique: true}, {Name: "subject", Required: true}, {Name: "kind", Options: []string{"a", "b"}}}}
	s := &destinations.Sync{Object: "tickets", Match: []destinations.FieldInfo{{Name: "id", Type: rows.Int}}, Fields: []destinations.FieldInfo{{Name: "kind", Type: rows.Text}}}
	for mode, want := range map[destinations.Mode]string{destinations.Upsert: "subject", destinations.Insert: "subject", destinations.Update: "", destinations.Remove: ""} {
		c := destinations.FieldCheck{Vendor: "Desk", Sync: s, Mode: mode, Has: has}
		got := ""
		for _, f := range c.Faults() {
			got += f.Field
		}
		if got != want {
			t.Errorf("%s: faults of %q, not of %q", mode, got, want)
		}
	}
	s.Fields = append(s.Fields, destinations.FieldInfo{Name: "subject"})
	c := destinations.FieldCheck{Vendor: "Desk", Sync: s, Mode: destinations.Upsert, Has: has}
	if f := c.Faults(); len(f) != 0 {
		t.Errorf("%+v", f)
	}
}

func TestMatchThatFindsNothing(t *testing.T) {
	has := &destinations.ObjectInfo{Name: "tickets", Fields: []destinations.ObjectField{{Name: "subject"}}}
	s := &destinations.Sync{Object: "tickets", Match: []destinations.FieldInfo{{Name: "subject", Type: rows.Text}}}
	for mode, want := range map[destinations.Mode]int{destinations.Upsert: 1, destinations.Remove: 1, destinations.Insert: 0} {
		c := destinations.FieldCheck{Vendor: "Desk", Sync: s, Mode: mode, Has: has}
		if f := c.Faults(); len(f) != want {
			t.Errorf("%s: %+v", mode, f)
		}
	}
}

func TestObjectsByPattern(t *testing.T) {
	for _, c := range []struct {
		o    destinations.Object
		name string
		want bool
	}{
		{destinations.Object{}, "anything", true}, {destinations.Object{Name: "a"}, "a", true}, {destinations.Object{Name: "a"}, "b", false},
		{destinations.Object{Name: "a…", Pattern: "a[0-9]+"}, "a12", true}, {destinations.Object{Name: "a…", Pattern: "a[0-9]+"}, "xa12", false}, {destinations.Object{Name: "a…", Pattern: "a|b"}, "bc", false},
	} {
		if got := c.o.Takes(c.name); got != c.want {
			t.Errorf("%+v takes %s: %v", c.o, c.name, got)
		}
	}
}
