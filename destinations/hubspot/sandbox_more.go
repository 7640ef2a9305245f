package hubspot

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// read gives records by their ids or by a unique property.
func (s *Sandbox) read(t *table, in *request) reply {
	if in.IDProperty != "" {
		if p := t.prop(in.IDProperty); p == nil || !p.unique(t.name) {
			return invalid("idProperty " + in.IDProperty + " is not a unique property of " + t.name)
		}
	}
	var b batch
	var missing []string
	told := map[string]bool{}
	for i := range in.Inputs {
		n := &in.Inputs[i]
		if n.Properties != nil || n.Trace != "" || n.IDProperty != "" {
			return invalid("Invalid input JSON: an input of a read has an id and nothing else")
		}
		r := t.find(n.ID)
		if in.IDProperty != "" && in.IDProperty != recordID {
			r = t.by(in.IDProperty, n.ID)
		}
		switch {
		case r == nil:
			missing = append(missing, n.ID)
		case !told[r.ID]:
			told[r.ID] = true
			b.results = append(b.results, t.full(r, in.Properties))
		}
	}
	if len(missing) > 0 {
		b.fail(notFound, "", "Could not get some objects, they may be deleted or not exist. Check that ids are valid.", map[string]any{"ids": missing})
	}
	return b.reply(http.StatusOK)
}

// archive archives records by their ids; it says nothing of those that are not there.
func (s *Sandbox) archive(t *table, in *request) reply {
	for i := range in.Inputs {
		s.Came.Records++
		if r := t.find(in.Inputs[i].ID); r != nil {
			gone := r.clone()
			gone.Archived, gone.Changed = true, time.Now().UTC()
			t.put(gone)
			s.made.Records = append(s.made.Records, gone)
		}
	}
	return reply{http.StatusNoContent, nil}
}

// merge makes one record of two: a new one, as which both of their ids answer.
func (s *Sandbox) merge(t *table, primary, away string) reply {
	a, b := t.find(primary), t.find(away)
	if a == nil || b == nil || a == b {
		return invalid("merging needs the ids of two records")
	}
	s.next++
	now := time.Now().UTC()
	r := &stored{Object: t.name, ID: strconv.FormatInt(s.next, 10), Props: maps.Clone(b.Props), By: a.By, Made: a.Made, Changed: now, Writes: a.Writes + b.Writes + 1}
	maps.Copy(r.Props, a.Props)
	for _, old := range []*stored{a, b} {
		gone := old.clone()
		gone.Archived = true
		t.put(gone)
		t.merged[old.ID] = r.ID
		s.made.Records = append(s.made.Records, gone)
		s.made.Merged = append(s.made.Merged, ref{t.name, old.ID, r.ID})
	}
	t.put(r)
	s.made.Records = append(s.made.Records, r)
	return reply{http.StatusOK, t.full(r, nil)}
}

// gdpr erases a contact for good, with what was archived of it.
func (s *Sandbox) gdpr(t *table, in *request) reply {
	if t.name != "contacts" {
		return invalid("only contacts can be deleted so")
	}
	s.Came.Records++
	var gone []string
	for id, r := range t.records {
		switch in.IDProperty {
		case "":
			if id == in.Object {
				gone = append(gone, id)
			}
		default:
			if v, ok := r.Props[in.IDProperty]; ok && fold(v) == fold(in.Object) {
				gone = append(gone, id)
			}
		}
	}
	if len(gone) == 0 && in.IDProperty == "" {
		return reply{http.StatusNotFound, map[string]any{"status": "error", "message": "resource not found", "category": notFound}}
	}
	for _, id := range gone {
		t.erase(id)
		s.made.Erased = append(s.made.Erased, ref{Object: t.name, ID: id})
	}
	return reply{http.StatusNoContent, nil}
}
