package webhook

import (
	"encoding/json"
	"strconv"
	"strings"
)

// The answers for one record.
const (
	statusOK      = "ok"
	statusMissing = "missing"
	statusExists  = "exists"
)

// all applies the records of a request in order, and writes their results.
func (s *Sandbox) all(in *wire, results *strings.Builder) {
	for i := range in.records {
		r := &in.records[i]
		s.count(r.id)
		if f, refused := s.faults[keyText(r.key)]; refused && results != nil {
			write(results, i, r.id, "rejected", false)
			line := appendText([]byte(`,"code":`), f.Code)
			line = appendText(append(line, `,"field":`...), f.Field)
			results.Write(append(line, `,"message":"refused, as the sandbox was told to"}`...))
			continue
		}
		status, created := s.one(in.sync, r)
		if results != nil {
			write(results, i, r.id, status, created)
			results.WriteByte('}')
		}
	}
}

func write(results *strings.Builder, i int, id, status string, created bool) {
	if i > 0 {
		results.WriteByte(',')
	}
	results.WriteString(`{"id":`)
	var quoted [64]byte
	results.Write(appendText(quoted[:0], id))
	results.WriteString(`,"status":"`)
	results.WriteString(status)
	results.WriteByte('"')
	if created {
		results.WriteString(`,"created":true`)
	}
}

func (s *Sandbox) count(id string) {
	s.Came.Records++
	k := idOf(id)
	if _, again := s.seen[k]; again {
		s.Came.Repeats++
		return
	}
	s.seen[k] = struct{}{}
}

// one does what is asked for a record.
func (s *Sandbox) one(sync string, r *wireRecord) (status string, created bool) {
	at := sync + "\x00" + string(r.place())
	switch r.op {
	case "append":
		return s.event(sync, r)
	case "remove":
		if s.records[at] == nil {
			return statusMissing, false
		}
		delete(s.records, at)
		return statusOK, false
	}
	h := s.move(sync, at, r)
	switch {
	case r.op == "update" && h == nil:
		return statusMissing, false
	case r.op == "insert" && h != nil:
		return statusExists, false
	case h == nil:
		s.records[at] = &held{Sync: sync, Match: clone(r.place()), Fields: fresh(r.fields), Writes: 1}
		return statusOK, true
	}
	h.Match = clone(r.place())
	h.Fields = merge(h.Fields, r.fields)
	h.Writes++
	return statusOK, false
}

// move finds the record; one that was found by its old match is renamed.
func (s *Sandbox) move(sync, at string, r *wireRecord) *held {
	if len(r.oldMatch) > 2 {
		old := sync + "\x00" + string(r.oldMatch)
		if h := s.records[old]; h != nil && old != at {
			delete(s.records, old)
			s.records[at] = h
			return h
		}
	}
	return s.records[at]
}

// event keeps an event once, however often it comes.
func (s *Sandbox) event(sync string, r *wireRecord) (string, bool) {
	at := sync + "\x00\x00" + r.id
	if h := s.records[at]; h != nil {
		h.Writes++
		return statusOK, false
	}
	s.records[at] = &held{Sync: sync, Match: clone(r.key), Fields: fresh(r.fields), Writes: 1, ID: r.id}
	return statusOK, true
}

// other keeps a body of another form as one record.
func (s *Sandbox) other(body []byte) {
	s.Came.Records++
	n := strconv.FormatInt(s.Came.Records, 10)
	name := json.RawMessage(`"request ` + n + `"`)
	s.records["\x00"+string(name)] = &held{Match: name, Fields: clone(body), Writes: 1}
}

// clone copies a view, so that one record does not keep a whole request in memory.
func clone(v json.RawMessage) json.RawMessage { return append(json.RawMessage(nil), v...) }
