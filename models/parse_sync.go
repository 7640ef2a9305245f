package models

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

func (ps *parser) sync(f *config.File, n *yaml.Node) {
	subject := subjectOf("sync", n)
	s := ps.section(f, n, syncFields(), subject, subject)
	y := &Sync{Meta: ps.meta("sync", s), Object: s.Text("object"), Mode: destinations.Mode(s.Text("mode")), Purposes: s.Texts("purposes"),
		OnGone: s.Text("on_gone"), OnUnknown: s.Text("on_unknown"), RemoveOnly: s.Text("remove"), OnUnmap: s.Text("on_unmap"), Keep: s.Text("keep"), Yields: s.Bool("yields"), OnDuplicate: OnDuplicate{Key: "hold", Match: "hold"}}
	for _, p := range s.Pairs("match") {
		y.Match = append(y.Match, Mapping{To: p.Name, From: p.Value.Text, Place: p.Value.Place})
		if p.Value.Text == "" && !p.Value.Bad {
			ps.add("sync.match", p.Place, subject, fmt.Sprintf("match.%s names no column", p.Name), "like `match: {email: email}`")
		}
	}
	for _, p := range s.Pairs("fields") {
		y.Fields = append(y.Fields, ps.mapping(subject, p))
	}
	if c := s.Section("consent"); c != nil {
		y.Exempt = strings.TrimSpace(c.Text("exempt"))
	}
	ps.duplicateRule(subject, s, y)
	ps.guards(subject, s, y)
	ps.event(subject, s, y)
	ps.schedule(subject, s, y)
	ps.p.Syncs = append(ps.p.Syncs, y)
	ps.refers = append(ps.refers, func() { ps.refer(subject, s, y) })
}

func (ps *parser) mapping(subject string, p config.Pair) Mapping {
	v := p.Value.Section
	m := Mapping{To: p.Name, From: v.Text("from"), Set: v.Text("set"), Nulls: v.Text("nulls"), Place: v.At("from")}
	if !p.Value.Bad && (given(v, "from", "value") != 1 || v.IsSet("from") && m.From == "") {
		ps.add("sync.one_of", p.Place, subject, fmt.Sprintf("field %s needs one of from (a column) and value (a constant)", p.Name), "")
	}
	c := v.Value("value")
	if c == nil || c.Bad {
		return m
	}
	text, ok := constant(c.Node)
	if !ok {
		ps.add("sync.constant", c.Place, subject, fmt.Sprintf("%s may be read as a number or as a text", c.Node.Value), fmt.Sprintf("write %q for the text, or a plain number like 10 or 0.5", c.Node.Value))
	}
	m.Value, m.Place = &text, c.Place
	if v.IsSet("nulls") {
		ps.add("sync.unused", v.At("nulls"), subject, fmt.Sprintf("field %s is a constant, so nulls does nothing", p.Name), "take it out")
	}
	return m
}

// plainNumber is how JSON writes a number: kept digit by digit.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// constant is a YAML scalar as JSON: what is in quotes is text, and so is what
// is neither a plain number, true, false nor null. It says false for what YAML
// takes for a number and people may not: 010, 0x1F, 1_000, .inf.
func constant(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		return "null", true // told already
	}
	switch n.Tag {
	case "!!null":
		return "null", true
	case "!!bool":
		return strings.ToLower(n.Value), true
	case "!!int", "!!float":
		if !plainNumber.MatchString(n.Value) {
			return "null", false
		}
		return n.Value, true
	}
	b, err := json.Marshal(n.Value)
	return string(b), err == nil
}

func (ps *parser) duplicateRule(subject string, s *config.Section, y *Sync) {
	d := s.Section("on_duplicate")
	if d == nil {
		return
	}
	y.OnDuplicate.Key, y.OnDuplicate.Match = d.Text("key"), d.Text("match")
	for _, v := range d.Items("order_by") {
		col, dir, _ := strings.Cut(strings.TrimSpace(v.Text), " ")
		dir = strings.ToLower(strings.TrimSpace(dir))
		if col == "" || dir != "" && dir != "desc" && dir != "asc" {
			ps.add("sync.order_by", v.Place, subject, fmt.Sprintf("%q is not an order", v.Text), "write a column, or `column desc`")
		}
		y.OnDuplicate.OrderBy = append(y.OnDuplicate.OrderBy, Order{Column: col, Desc: dir == "desc"})
	}
	if s.Value("on_duplicate").Bad {
		return
	}
	needs := y.OnDuplicate.Key == "first" || y.OnDuplicate.Match == "first"
	switch {
	case needs && len(y.OnDuplicate.OrderBy) == 0:
		ps.add("sync.order_by", d.Place, subject, "on_duplicate takes the first and does not say of which order", "like `order_by: [updated_at desc]`")
	case !needs && d.IsSet("order_by"):
		ps.add("sync.unused", d.At("order_by"), subject, "order_by does nothing: neither key nor match is first", "take it out, or say `match: first`")
	}
}

func (ps *parser) guards(subject string, s *config.Section, y *Sync) {
	g := s.Section("guards")
	if g == nil {
		return
	}
	y.Guards.Place = g.Place
	for key, to := range map[string]**Limit{"max_removed": &y.Guards.MaxRemoved, "max_added": &y.Guards.MaxAdded, "max_changed": &y.Guards.MaxChanged, "max_invalid": &y.Guards.MaxInvalid} {
		if v := g.Section(key); v != nil {
			*to = ps.limit(subject, key, v)
		}
	}
	for key, to := range map[string]**int64{"min_rows": &y.Guards.MinRows, "max_requests": &y.Guards.MaxRequests} {
		if g.IsSet(key) {
			*to = ps.rows(subject, key, g, key)
		}
	}
	y.Guards.HoldRun = g.Text("hold") == "run"
}

// rows is a number of rows: not a negative one.
func (ps *parser) rows(subject, what string, s *config.Section, key string) *int64 {
	n := s.Int(key)
	if n < 0 {
		ps.add("sync.limit", s.At(key), subject, fmt.Sprintf("%s cannot be %d", what, n), "write 0 or more")
	}
	return &n
}

func (ps *parser) limit(subject, key string, s *config.Section) *Limit {
	l := &Limit{}
	if s.IsSet("share") {
		v := s.Value("share").Share
		l.Share = &v
	}
	if s.IsSet("rows") {
		l.Rows = ps.rows(subject, key, s, "rows")
	}
	if !s.IsSet("limit") {
		if l.Share == nil && l.Rows == nil && !anyBad(s, "share", "rows") {
			ps.add("sync.limit", s.Place, subject, key+" limits nothing", "like `10%`, 5000, or {share: 10%, rows: 5000}")
		}
		return l
	}
	short := s.Text("limit")
	n, err := strconv.ParseInt(short, 10, 64)
	share, ok := config.ParseShare(short)
	switch {
	case l.Share != nil || l.Rows != nil:
		ps.add("sync.limit", s.At("limit"), subject, key+" has a limit and share or rows too", "write {share: 10%, rows: 5000}")
	case err == nil && n >= 0:
		l.Rows = &n
	case ok && strings.HasSuffix(short, "%"):
		l.Share = &share
	default:
		ps.add("sync.limit", s.At("limit"), subject, fmt.Sprintf("%s cannot be %q", key, short), "write a share (10%), a number of rows (5000), or {share: 10%, rows: 5000}")
	}
	return l
}

func (ps *parser) event(subject string, s *config.Section, y *Sync) {
	e := s.Section("event")
	if e == nil {
		return
	}
	y.Event = &EventRule{At: e.Text("at"), Name: e.Text("name"), Start: e.Text("start"), Lookback: e.Dur("lookback"), Keep: e.Dur("keep"), Place: e.Place}
	y.EventID = e.Text("id")
	if st := y.Event.Start; st != "now" && st != "all" && !e.Value("start").Bad {
		if _, err := time.Parse(time.DateOnly, st); err != nil {
			f := diag.Finding{Code: "sync.start", Place: e.At("start"), Subject: subject, Message: fmt.Sprintf("start cannot be %q", st), Hint: "write now, all, or a date like 2026-01-31"}
			if near, ok := diag.Nearest(st, []string{"now", "all"}); ok {
				f.Hint = fmt.Sprintf("did you mean %q?", near)
			}
			ps.fs.Add(f)
		}
	}
	if y.Event.Keep < y.Event.Lookback && !anyBad(e, "keep", "lookback") {
		at := e.At("keep")
		if !e.IsSet("keep") {
			at = e.At("lookback")
		}
		ps.add("sync.keep", at, subject, fmt.Sprintf("keep (%s) is shorter than lookback (%s): an event would be forgotten while it can still come again, and be sent twice", days(y.Event.Keep), days(y.Event.Lookback)), "let keep be at least as long")
	}
}

// anyBad tells whether something is wrong with one of the keys already.
func anyBad(s *config.Section, keys ...string) bool {
	for _, k := range keys {
		if v := s.Value(k); v != nil && v.Bad {
			return true
		}
	}
	return false
}

// days writes a time as people do.
func days(d time.Duration) string {
	if d > 0 && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return d.String()
}
