package hubspot

import (
	"maps"
	"strings"
	"time"
)

// find is the record with an id, also one that was merged away: it answers as
// the one it became. Archived ones are not found.
func (t *table) find(id string) *stored {
	for into, gone := t.merged[id]; gone; into, gone = t.merged[id] {
		id = into
	}
	if r := t.records[id]; r != nil && !r.Archived {
		return r
	}
	return nil
}

// by is the record with a value of a unique property.
func (t *table) by(name, value string) *stored {
	return t.find(t.unique[name+"\x00"+fold(value)])
}

// put keeps a record and knows it by its unique values.
func (t *table) put(r *stored) {
	if old := t.records[r.ID]; old != nil {
		t.forget(old)
	}
	t.records[r.ID] = r
	if r.Archived {
		return
	}
	for name, v := range r.Props {
		if p := t.prop(name); p != nil && p.unique(t.name) {
			t.unique[name+"\x00"+fold(v)] = r.ID
		}
	}
}

// forget takes a record's unique values back.
func (t *table) forget(r *stored) {
	for name, v := range r.Props {
		if at := name + "\x00" + fold(v); t.unique[at] == r.ID {
			delete(t.unique, at)
		}
	}
}

func (t *table) erase(id string) {
	if r := t.records[id]; r != nil {
		t.forget(r)
		delete(t.records, id)
	}
}

func (t *table) drop(name string) {
	for i, p := range t.props {
		if p.Name == name {
			t.props = append(t.props[:i:i], t.props[i+1:]...)
			break
		}
	}
	for _, r := range t.records {
		delete(r.Props, name)
	}
}

// clone is a record to be changed: what was written down stays as it was.
func (r *stored) clone() *stored {
	out := *r
	out.Props = maps.Clone(r.Props)
	return &out
}

// set lays values over a record's; "" clears one. It tells whether any changed.
func (t *table) set(r *stored, values map[string]string) bool {
	changed := false
	for name, v := range values {
		v = t.kept(name, r.Props[name], v)
		if v == r.Props[name] {
			continue
		}
		changed = true
		if v == "" {
			delete(r.Props, name)
		} else {
			r.Props[name] = v
		}
	}
	return changed
}

// kept is a value as HubSpot keeps it: addresses in lower case, dates as days,
// an option that begins with a semicolon added to those that are chosen.
func (t *table) kept(name, had, v string) string {
	p := t.prop(name)
	switch {
	case v == "":
	case t.name == "contacts" && name == "email":
		return fold(v)
	case p.Type == "date":
		if day, ok := dayOf(v); ok {
			return day.Format(time.DateOnly)
		}
	case p.FieldType == checkbox && strings.HasPrefix(v, ";"):
		if had != "" {
			return had + v
		}
		return v[1:]
	}
	return v
}
