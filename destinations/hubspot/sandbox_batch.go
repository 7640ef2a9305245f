package hubspot

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/destinations"
)

// inputLine is one record of a request.
type inputLine struct {
	ID           string            `json:"id"`
	IDProperty   string            `json:"idProperty"`
	Properties   map[string]string `json:"properties"`
	Associations json.RawMessage   `json:"associations"`
	Trace        string            `json:"objectWriteTraceId"`
}

// request is a body, of any of the paths.
type request struct {
	Inputs     []inputLine `json:"inputs"`
	Properties []string    `json:"properties"`
	History    []string    `json:"propertiesWithHistory"`
	IDProperty string      `json:"idProperty"`
	// of merge and gdpr-delete
	Primary string `json:"primaryObjectId"`
	Away    string `json:"objectIdToMerge"`
	Object  string `json:"objectId"`
}

// invalid is a refusal of a request as a whole.
func invalid(message string) reply {
	return reply{http.StatusBadRequest, map[string]any{"status": "error", "message": message, "category": "VALIDATION_ERROR"}}
}

// object does something to records of an object.
func (s *Sandbox) object(t *table, path string, body []byte) reply {
	var in request
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return invalid("Invalid input JSON: a value is of another type than it should, or a key is not known")
	}
	switch path {
	case "merge":
		return s.merge(t, in.Primary, in.Away)
	case "gdpr-delete":
		return s.gdpr(t, &in)
	case "batch/read", "batch/archive", "batch/create", "batch/update", "batch/upsert":
	default:
		return reply{http.StatusNotFound, map[string]any{"status": "error", "message": "resource not found"}}
	}
	if len(in.Inputs) == 0 || len(in.Inputs) > batchRows {
		return invalid(fmt.Sprintf("A batch holds 1 to %d inputs, and this has %d", batchRows, len(in.Inputs)))
	}
	if refused := in.duplicates(path); refused != nil {
		return *refused
	}
	switch path {
	case "batch/read":
		return s.read(t, &in)
	case "batch/archive":
		return s.archive(t, &in)
	}
	return s.writeAll(t, &in, path)
}

// duplicates refuses a batch that names a record, or marks two, twice.
func (in *request) duplicates(path string) *reply {
	ids, traces := map[string]bool{}, map[string]bool{}
	for i := range in.Inputs {
		n := &in.Inputs[i]
		if at := n.IDProperty + "\x00" + fold(n.ID); path != "batch/create" {
			if n.ID == "" {
				return ptr(invalid("An input has no id"))
			}
			if ids[at] {
				return ptr(invalid("Duplicate IDs found in batch input: [" + n.ID + "]"))
			}
			ids[at] = true
		}
		if n.Trace != "" && traces[n.Trace] {
			return ptr(invalid("objectWriteTraceId must be unique for each input"))
		}
		traces[n.Trace] = true
	}
	return nil
}

func ptr(a reply) *reply { return &a }

// batch gathers what becomes of the records of a request.
type batch struct {
	results []map[string]any
	errors  []map[string]any
}

func (b *batch) fail(category, code, message string, context map[string]any) {
	b.errors = append(b.errors, map[string]any{"status": "error", "category": category, "subCategory": code, "message": message, "context": context, "errors": []any{}, "links": map[string]string{}})
}

func (b *batch) reply(status int) reply {
	now := time.Now().UTC().Format(time.RFC3339Nano)
	out := map[string]any{"status": "COMPLETE", "results": b.results, "startedAt": now, "completedAt": now}
	if b.results == nil {
		out["results"] = []any{}
	}
	if len(b.errors) > 0 {
		status, out["numErrors"], out["errors"] = http.StatusMultiStatus, len(b.errors), b.errors
	}
	return reply{status, out}
}

// writeAll creates, updates or upserts. A property that is not there, or cannot
// be set, refuses all of the request; what is wrong with one record alone
// refuses that one, as each is marked.
func (s *Sandbox) writeAll(t *table, in *request, path string) reply {
	var wrong []*refusal
	for i := range in.Inputs {
		for name := range in.Inputs[i].Properties {
			switch p := t.prop(name); {
			case p == nil:
				wrong = append(wrong, refuse(name, "PROPERTY_DOESNT_EXIST", fmt.Sprintf("Property %q does not exist", name)))
			case p.Meta.ReadOnly:
				wrong = append(wrong, refuse(name, "READ_ONLY_VALUE", fmt.Sprintf("%q is a read only property; its value cannot be set.", name)))
			}
		}
		if id := in.Inputs[i].IDProperty; id != "" || path == "batch/upsert" {
			if p := t.prop(id); p == nil || !p.unique(t.name) || id == recordID {
				return invalid(fmt.Sprintf("Unable to perform update/upsert by non-unique %s property %s in portal ID %d", t.name, id, portal))
			}
		}
		if f := s.fault(&in.Inputs[i]); f != nil && f.Whole {
			return reply{http.StatusBadRequest, map[string]any{"status": "error", "message": "a record of the request is not valid", "category": "VALIDATION_ERROR"}}
		}
	}
	if len(wrong) > 0 {
		return invalid("Property values were not valid: " + text(slices.CompactFunc(wrong, func(a, b *refusal) bool { return *a == *b })))
	}
	var b batch
	for i := range in.Inputs {
		s.Came.Records++
		if r, is := s.one(t, &in.Inputs[i], path, &b); r != nil {
			b.results = append(b.results, t.result(r, &in.Inputs[i], is))
		}
	}
	status := http.StatusOK
	if path == "batch/create" {
		status = http.StatusCreated
	}
	return b.reply(status)
}

// one writes one record; nil where it is refused. It tells whether it was made.
func (s *Sandbox) one(t *table, n *inputLine, path string, b *batch) (*stored, bool) {
	mark := map[string]any{"objectWriteTraceId": []string{n.Trace}}
	if f := s.fault(n); f != nil {
		code := f.Code
		if code == "" {
			code = "invalid"
		}
		mark["propertyName"] = []string{f.Field}
		b.fail("VALIDATION_ERROR", code, "refused, as the sandbox was told to", mark)
		return nil, false
	}
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		if wrong := t.prop(name).judge(n.Properties[name]); wrong != nil {
			b.fail("VALIDATION_ERROR", "", "Property values were not valid: "+text([]*refusal{wrong}), mark)
			return nil, false
		}
	}
	had := t.target(n, path)
	if had == nil && path == "batch/update" {
		b.fail(notFound, "", "Could not get some objects, they may be deleted or not exist. Check that ids are valid.", map[string]any{"ids": []string{n.ID}})
		return nil, false
	}
	if other := t.clash(n, had); other != nil {
		b.fail(conflict, "", "Contact already exists. Existing ID: "+other.ID, mark)
		return nil, false
	}
	return s.save(t, n, path, had)
}

// target is the record that an input names; nil where there is none.
func (t *table) target(n *inputLine, path string) *stored {
	switch {
	case path == "batch/create":
		return nil
	case n.IDProperty != "":
		return t.by(n.IDProperty, n.ID)
	}
	return t.find(n.ID)
}

// clash is another record that has a unique value already.
func (t *table) clash(n *inputLine, had *stored) *stored {
	for name, v := range n.Properties {
		if p := t.prop(name); v == "" || !p.unique(t.name) {
			continue
		}
		if r := t.by(name, v); r != nil && r != had {
			return r
		}
	}
	return nil
}

// save writes a record, a new one where there was none.
func (s *Sandbox) save(t *table, n *inputLine, path string, had *stored) (*stored, bool) {
	now := time.Now().UTC()
	var r *stored
	if had != nil {
		r = had.clone()
	} else {
		s.next++
		r = &stored{Object: t.name, ID: strconv.FormatInt(s.next, 10), Props: map[string]string{}, Made: now}
		if path == "batch/upsert" {
			t.set(r, map[string]string{n.IDProperty: n.ID})
		}
	}
	if !t.set(r, n.Properties) && had != nil {
		s.Came.Repeats++
	}
	if n.IDProperty != "" {
		r.By = n.IDProperty
	} else if r.By == "" {
		r.By = t.nameOf(n.Properties)
	}
	r.Writes++
	r.Changed = now
	t.put(r)
	s.made.Records = append(s.made.Records, r)
	return r, had == nil
}

// nameOf is the first unique property among some.
func (t *table) nameOf(values map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if t.prop(name).unique(t.name) {
			return name
		}
	}
	return ""
}

// fault is what the sandbox was told of a record: one with a value that is the
// fault's key.
func (s *Sandbox) fault(n *inputLine) *destinations.RecordFault {
	for i := range s.faults {
		f := &s.faults[i]
		if fold(n.ID) == fold(f.Key) {
			return f
		}
		for _, v := range n.Properties {
			if fold(v) == fold(f.Key) {
				return f
			}
		}
	}
	return nil
}

// result is a record in an answer.
func (t *table) result(r *stored, n *inputLine, isNew bool) map[string]any {
	out := t.full(r, slices.Sorted(maps.Keys(n.Properties)))
	out["new"] = isNew
	if n.Trace != "" {
		out["objectWriteTraceId"] = n.Trace
	}
	return out
}

// full is a record with some of its properties, and those every answer has.
func (t *table) full(r *stored, names []string) map[string]any {
	made, changed := r.Made.Format(time.RFC3339Nano), r.Changed.Format(time.RFC3339Nano)
	props := map[string]any{recordID: r.ID, "createdate": made, "lastmodifieddate": changed}
	for _, name := range names {
		if _, own := props[name]; !own && t.prop(name) != nil {
			if v, ok := r.Props[name]; ok {
				props[name] = v
			} else {
				props[name] = nil
			}
		}
	}
	return map[string]any{"id": r.ID, "properties": props, "createdAt": made, "updatedAt": changed, "archived": r.Archived}
}
