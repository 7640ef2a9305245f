package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
)

// Exchange is one attempt for people: credentials are never in it, values of
// the row are masked unless somebody asked to see them.
type Exchange struct {
	Request Wire   `json:"request"`
	Answer  *Wire  `json:"answer,omitempty"`
	Error   string `json:"error,omitempty"` // why no answer came
}

// Wire is one side of an exchange.
type Wire struct {
	Line    string   `json:"line"` // POST https://example.com/… or 200 OK
	Headers []string `json:"headers"`
	Body    string   `json:"body,omitempty"` // indented JSON, or what stands for another text
}

// shownHeaders are those whose values are nobody's secret.
var shownHeaders = []string{"Accept", "Content-Encoding", "Content-Length", "Content-Type", "Idempotency-Key", "Retry-After", "Server", "User-Agent", "Webhook-Id", "Webhook-Timestamp", destinations.SandboxHeader, "X-Request-Id"}

// ShowExchange makes an attempt fit to be shown. Plain are texts that are no
// values of the row: the key that was asked for, names of the project.
func ShowExchange(x destinations.Exchange, show bool, plain ...string) Exchange {
	m := &bodyMask{show: show, plain: append(slices.Clone(wireWords), plain...)}
	out := Exchange{Request: Wire{Line: x.Method + " " + shownAddress(x.URL), Headers: headerLines(x.Header), Body: m.body(x.Body)}}
	if x.Err != nil {
		out.Error = destinations.Redact(x.Err.Error())
	}
	if x.Code != 0 {
		m.answer = true
		line := fmt.Sprintf("%d %s", x.Code, http.StatusText(x.Code))
		out.Answer = &Wire{Line: strings.TrimSpace(line), Headers: headerLines(x.AnswerHeader), Body: m.body(x.Answer)}
	}
	return out
}

func headerLines(h http.Header) []string {
	out := []string{}
	for name, values := range h {
		if name == "Date" {
			continue // says nothing that the clock does not
		}
		value := "(hidden)"
		if slices.Contains(shownHeaders, name) {
			value = strings.Join(values, ", ")
		}
		out = append(out, name+": "+value)
	}
	sort.Strings(out)
	return out
}

// plainWord is a part of a path that holds no secret: a word, a version.
var plainWord = regexp.MustCompile(`^(?:[a-z][a-z_-]{0,29}|v\d{1,3})$`)

// shownAddress is an address without its query, and without parts of its path
// that may be a secret.
func shownAddress(u *url.URL) string {
	if u == nil {
		return ""
	}
	parts := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	for i, p := range parts {
		if p != "" && !plainWord.MatchString(p) {
			parts[i] = "…"
		}
	}
	out := u.Scheme + "://" + u.Host + "/" + strings.Join(parts, "/")
	if u.RawQuery != "" {
		out += "?…"
	}
	return out
}

// wireWords are texts that requests and answers are made of.
var wireWords = []string{"", "upsert", "update", "insert", "remove", "append", "create", "delete", "ok", "accepted", "rejected", "missing", "exists", "later", "success", "error", "created", "updated", "deleted", "true", "false"}

// sentences are the members of an answer in which tools say why, and codes
// those in which they say it in a word.
var (
	sentences = []string{"message", "error", "detail", "details", "reason", "title", "description", "error_description", "errors"}
	codes     = []string{"code", "status", "field", "category", "type", "op", "subCategory"}
	codeWord  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,59}$`)
	hexID     = regexp.MustCompile(`^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
)

// bodyMask masks the texts of a JSON body: all but words of the wire, ids and,
// of an answer, what the tool says of it. Numbers and truth values stay.
type bodyMask struct {
	show, answer bool
	plain        []string
	values       []string // texts that were masked in the request
}

func (m *bodyMask) body(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	var indented bytes.Buffer
	switch {
	case len(raw) == 0:
		return ""
	case !json.Valid(raw) && m.show:
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	case !json.Valid(raw):
		return fmt.Sprintf("(%s that are not JSON)", diag.Count(len(raw), "byte"))
	case m.show:
		_ = json.Indent(&indented, raw, "", "  ")
		return indented.String()
	}
	var masked bytes.Buffer
	m.value(&masked, raw, "")
	_ = json.Indent(&indented, masked.Bytes(), "", "  ")
	return indented.String()
}

// value writes one JSON value; member is the name it stands under.
func (m *bodyMask) value(b *bytes.Buffer, raw json.RawMessage, member string) {
	raw = bytes.TrimSpace(raw)
	var list []json.RawMessage
	switch raw[0] {
	case '{':
		m.object(b, raw)
	case '[':
		_ = json.Unmarshal(raw, &list) // valid, and a list
		b.WriteByte('[')
		for i, v := range list {
			if i > 0 {
				b.WriteByte(',')
			}
			m.value(b, v, member)
		}
		b.WriteByte(']')
	case '"':
		var text string
		_ = json.Unmarshal(raw, &text)
		writeJSON(b, m.text(text, member))
	default:
		b.Write(raw)
	}
}

// object keeps the members in their order.
func (m *bodyMask) object(b *bytes.Buffer, raw json.RawMessage) {
	d := json.NewDecoder(bytes.NewReader(raw))
	_, _ = d.Token() // {
	b.WriteByte('{')
	for n := 0; d.More(); n++ {
		name, _ := d.Token()
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			break
		}
		if n > 0 {
			b.WriteByte(',')
		}
		text, _ := name.(string)
		writeJSON(b, text)
		b.WriteByte(':')
		m.value(b, v, text)
	}
	b.WriteByte('}')
}

func writeJSON(b *bytes.Buffer, text string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text)
	b.Truncate(b.Len() - 1) // the end of the line
}

func (m *bodyMask) text(s, member string) string {
	switch {
	case slices.Contains(m.plain, s), hexID.MatchString(s):
		return s
	case m.answer && slices.Contains(codes, member) && codeWord.MatchString(s) && !slices.Contains(m.values, s):
		return s
	case m.answer && slices.Contains(sentences, member):
		for _, v := range m.values {
			if len(v) > 2 {
				s = strings.ReplaceAll(s, v, maskText(v))
			}
		}
		return destinations.Redact(s)
	}
	if !m.answer {
		m.values = append(m.values, s)
	}
	return maskText(s)
}
