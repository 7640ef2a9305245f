package webhook

import (
	"bytes"
	"strconv"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
)

// locator says where an answer tells of single records: paths as gjson reads them.
type locator struct{ path, id, status, code, field, message string }

func locatorOf(s *config.Section) locator {
	if s == nil {
		return locator{path: "results", id: "id", status: "status", code: "code", field: "field", message: "message"}
	}
	return locator{path: s.Text("path"), id: s.Text("id"), status: s.Text("status"), code: s.Text("code"), field: s.Text("field"), message: s.Text("message")}
}

// none is what read tells of an answer without a list of results.
const none = -1

// read fills the outcomes that an answer tells of, and counts them. Valid says
// whether it is JSON at all.
func (l locator) read(answer, ids []byte, out []destinations.Outcome) (told int, valid bool) {
	if len(bytes.TrimSpace(answer)) == 0 || !gjson.ValidBytes(answer) {
		return none, false
	}
	list := gjson.GetBytes(answer, l.path)
	if !list.IsArray() {
		return none, true
	}
	at := finder{ids: ids, byIndex: l.id == "index"}
	list.ForEach(func(_, r gjson.Result) bool {
		if i, ok := at.find(r, l.id); ok && out[i].Status == 0 {
			out[i] = l.outcome(r)
			told++
		}
		return true
	})
	return told, true
}

// finder finds the record that a result is about. Results mostly come in the
// order of the records, so the next one is looked at first.
type finder struct {
	ids     []byte
	byIndex bool
	next    int
	places  map[string]int
}

func (f *finder) find(r gjson.Result, path string) (int, bool) {
	n := len(f.ids) / idLength
	if f.byIndex {
		i, err := strconv.Atoi(r.Get("index").String())
		return i, err == nil && i >= 0 && i < n
	}
	id := r.Get(path).String()
	if f.next < n && string(idAt(f.ids, f.next)) == id {
		f.next++
		return f.next - 1, true
	}
	if f.places == nil {
		f.places = make(map[string]int, n)
		for i := range n {
			f.places[string(idAt(f.ids, i))] = i
		}
	}
	i, ok := f.places[id]
	if ok {
		f.next = i + 1
	}
	return i, ok
}

func (l locator) outcome(r gjson.Result) destinations.Outcome {
	var o destinations.Outcome
	switch status := r.Get(l.status).String(); status {
	case "ok", "true", "accepted", "success", "created", "updated", "deleted":
		o.Status = destinations.Accepted
		o.RemoteID = r.Get("remote_id").String()
		switch r.Get("created").String() {
		case "true":
			o.Created = destinations.CreatedYes
		case "false":
			o.Created = destinations.CreatedNo
		}
		return o
	case "missing":
		o.Status = destinations.Missing
	case "exists":
		o.Status = destinations.Exists
	case "later":
		o.Status = destinations.Later
	default:
		if n, err := strconv.Atoi(status); err == nil && n >= 200 && n < 300 {
			o.Status = destinations.Accepted
			return o
		}
		o.Status, o.Code = destinations.Rejected, "rejected"
	}
	if code := word(r.Get(l.code).String()); code != "" {
		o.Code = code
	}
	o.Field = word(r.Get(l.field).String())
	o.Message = destinations.Redact(r.Get(l.message).String())
	if o.Status == destinations.Rejected && o.Message == "" {
		o.Message = "the destination refused the record"
	}
	return o
}

// word keeps a code short and without values of the row.
func word(s string) string {
	s = destinations.Redact(s)
	if len(s) > 60 {
		s = s[:60]
	}
	return s
}
