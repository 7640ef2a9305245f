package webhook

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
)

// locator says where an answer tells of single records.
type locator struct{ path, id, status, code, field string }

func locatorOf(s *config.Section) locator {
	if s == nil {
		return locator{path: "results", id: "id", status: "status", code: "code", field: "field"}
	}
	return locator{path: s.Text("path"), id: s.Text("id"), status: s.Text("status"), code: s.Text("code"), field: s.Text("field")}
}

// read fills outcomes from an answer's results. Told is false where there are
// none, valid false where the answer is not JSON. A record that the results
// leave out was taken.
func (l locator) read(answer []byte, b *destinations.Batch, ids []byte, out []destinations.Outcome) (told, valid bool) {
	if len(bytes.TrimSpace(answer)) == 0 || !json.Valid(answer) {
		return false, false
	}
	list := gjson.GetBytes(answer, l.path)
	if !list.IsArray() {
		return false, true
	}
	places := map[string]int{}
	for i := range b.Len() {
		places[string(idAt(ids, i))] = i
	}
	for i := range out {
		out[i].Status = destinations.Accepted
	}
	list.ForEach(func(_, r gjson.Result) bool {
		i, ok := places[r.Get(l.id).String()]
		if l.id == "index" {
			n, err := strconv.Atoi(r.Get("index").String())
			i, ok = n, err == nil && n >= 0 && n < len(out)
		}
		if ok {
			out[i] = l.outcome(r)
		}
		return true
	})
	return true, true
}

func (l locator) outcome(r gjson.Result) destinations.Outcome {
	o := destinations.Outcome{Code: word(r.Get(l.code).String()), Field: word(r.Get(l.field).String()), Message: destinations.Redact(r.Get("message").String())}
	switch r.Get(l.status).String() {
	case "ok", "true", "accepted", "success":
		o.Status = destinations.Accepted
		switch r.Get("created").String() {
		case "true":
			o.Created = destinations.CreatedYes
		case "false":
			o.Created = destinations.CreatedNo
		}
		o.RemoteID = r.Get("remote_id").String()
	case "missing":
		o.Status = destinations.Missing
	case "exists":
		o.Status = destinations.Exists
	case "later":
		o.Status = destinations.Later
	default:
		o.Status = destinations.Rejected
		if o.Code == "" {
			o.Code = "rejected"
		}
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
