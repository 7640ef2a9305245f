package webhook

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
)

// wire is a request in the usual form, as views into its body.
type wire struct {
	sync    string
	records []wireRecord
}

type wireRecord struct {
	id, op                       string
	key, match, oldMatch, fields json.RawMessage
}

// place is what the record is kept under: its match, or its key where it has none.
func (r *wireRecord) place() json.RawMessage { return placeOf(r.match, r.key) }

func placeOf(match, key json.RawMessage) json.RawMessage {
	if len(match) > 2 { // more than {}
		return match
	}
	return key
}

// readWire reads a body of the usual form; false for any other. The body has
// no blanks between its tokens.
func readWire(body []byte) (wire, bool) {
	var w wire
	if len(body) == 0 || body[0] != '{' {
		return w, false
	}
	var list json.RawMessage
	for name, v := range destinations.Members(body) {
		switch string(name) {
		case "sync":
			w.sync = text(v)
		case "records":
			list = v
		}
	}
	for el := range destinations.Elements(list) {
		r, ok := readRecord(el)
		if !ok {
			return w, false
		}
		w.records = append(w.records, r)
	}
	return w, len(w.records) > 0
}

func readRecord(el json.RawMessage) (wireRecord, bool) {
	var r wireRecord
	if len(el) == 0 || el[0] != '{' {
		return r, false
	}
	for name, v := range destinations.Members(el) {
		switch string(name) {
		case "id":
			r.id = text(v)
		case "op":
			r.op = text(v)
		case "key":
			r.key = v
		case "match":
			r.match = v
		case "old_match":
			r.oldMatch = v
		case "fields":
			r.fields = v
		}
	}
	object := len(r.fields) == 0 || r.fields[0] == '{'
	return r, r.id != "" && r.op != "" && len(r.key) > 0 && object
}

// text is a JSON string, or any other value as it is written.
func text(v json.RawMessage) string {
	if len(v) < 2 || v[0] != '"' {
		return string(v)
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return string(v[1 : len(v)-1])
	}
	return gjson.ParseBytes(v).String()
}

// compact is a body without blanks between its tokens; false where it is not JSON.
func compact(body []byte) ([]byte, bool) {
	if !gjson.ValidBytes(body) {
		return nil, false
	}
	if !blanks(body) {
		return body, true
	}
	var out bytes.Buffer
	out.Grow(len(body))
	if json.Compact(&out, body) != nil {
		return nil, false
	}
	return out.Bytes(), true
}

// blanks tells whether there is white space between the tokens of valid JSON.
func blanks(body []byte) bool {
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case ' ', '\n', '\r', '\t':
			return true
		case '"':
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		}
	}
	return false
}

// merge lays the members of sent over those of held: null takes one away.
func merge(held, sent []byte) []byte {
	fields := make(map[string]json.RawMessage, 16)
	order := make([]string, 0, 16)
	for _, object := range [...][]byte{held, sent} {
		for name, v := range destinations.Members(object) {
			if _, known := fields[string(name)]; !known {
				order = append(order, string(name))
			}
			fields[string(name)] = v
		}
	}
	return object(order, fields)
}

// fresh is the members of a record that was not there: without nulls.
func fresh(sent []byte) []byte {
	switch {
	case len(sent) == 0:
		return []byte("{}")
	case !bytes.Contains(sent, []byte(":null")):
		return bytes.Clone(sent)
	}
	return merge(nil, sent)
}

func object(order []string, fields map[string]json.RawMessage) []byte {
	out := []byte{'{'}
	for _, name := range order {
		v := fields[name]
		if string(v) == "null" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendText(out, name)
		out = append(append(out, ':'), v...)
	}
	return append(out, '}')
}

func appendText(dst []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(dst, `""`...)
	}
	return append(dst, quoted...)
}

// keyText is a key as people and faults write it.
func keyText(key json.RawMessage) string { return strings.TrimSpace(text(key)) }
