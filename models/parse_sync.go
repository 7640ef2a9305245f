package models

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"gopkg.in/yaml.v3"
)

func parseColumnType(name string) (rows.Type, bool) { return rows.ParseType(name) }

func (ps *parser) sync(f *config.File, n *yaml.Node) {
	subject := "sync " + nameOf(n)
	d := ps.decoder(f, subject)
	s := d.Section(n, syncFields(), subject)
	ps.done(d)
	y := &Sync{Meta: ps.meta("sync", s), Object: s.Text("object"), Mode: destinations.Mode(s.Text("mode")), Purposes: s.Texts("purposes"),
		OnGone: s.Text("on_gone"), OnUnknown: s.Text("on_unknown"), RemoveOnly: s.Text("remove"), Yields: s.Bool("yields"), OnDuplicate: OnDuplicate{Key: "hold", Match: "hold"}}
	for _, p := range s.Pairs("match") {
		y.Match = append(y.Match, Mapping{To: p.Name, From: p.Value.Text, Place: p.Value.Place})
	}
	for _, p := range s.Pairs("fields") {
		y.Fields = append(y.Fields, ps.mapping(subject, p))
	}
	if c := s.Section("consent"); c != nil {
		y.Exempt = c.Text("exempt")
	}
	ps.duplicateRule(subject, s, y)
	ps.guards(subject, s, y)
	ps.event(subject, s, y)
	ps.schedule(subject, s, y)
	ps.p.Syncs = append(ps.p.Syncs, y)
	from, to := s.Text("from"), s.Text("to")
	ps.pending = append(ps.pending, func() { ps.refer(subject, s, y, from, to) })
}

func (ps *parser) mapping(subject string, p config.Pair) Mapping {
	v := p.Value.Section
	m := Mapping{To: p.Name, From: v.Text("from"), Set: v.Text("set"), Nulls: v.Text("nulls"), Place: v.At("from")}
	if c := v.Value("value"); c != nil {
		text := constant(c.Node)
		m.Value = &text
	}
	if (m.From == "") == (m.Value == nil) {
		ps.add("sync.one_of", p.Place, subject, fmt.Sprintf("field %s needs one of from and value", p.Name), "")
	}
	return m
}

// constant is a YAML scalar as JSON, by its YAML type.
func constant(n *yaml.Node) string {
	var v any
	if n.Decode(&v) != nil {
		v = n.Value
	}
	if _, ok := v.(time.Time); ok {
		v = n.Value
	}
	b, err := json.Marshal(v)
	if err != nil {
		b, _ = json.Marshal(n.Value)
	}
	return string(b)
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
		if dir != "" && dir != "desc" && dir != "asc" {
			ps.add("sync.order_by", v.Place, subject, fmt.Sprintf("%q is not an order", v.Text), "write a column, or `column desc`")
		}
		y.OnDuplicate.OrderBy = append(y.OnDuplicate.OrderBy, Order{Column: col, Desc: dir == "desc"})
	}
	if (y.OnDuplicate.Key == "first" || y.OnDuplicate.Match == "first") && len(y.OnDuplicate.OrderBy) == 0 {
		ps.add("sync.order_by", d.Place, subject, "`first` of what? on_duplicate has no order_by", "like `order_by: [updated_at desc]`")
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
			*to = ps.limit(subject, v)
		}
	}
	for key, to := range map[string]**int64{"min_rows": &y.Guards.MinRows, "max_requests": &y.Guards.MaxRequests} {
		if g.IsSet(key) {
			n := g.Int(key)
			*to = &n
		}
	}
	y.Guards.HoldRun = g.Text("hold") == "run"
}

func (ps *parser) limit(subject string, s *config.Section) *Limit {
	l := &Limit{}
	if s.IsSet("share") {
		v := s.Value("share").Share
		l.Share = &v
	}
	if s.IsSet("rows") {
		v := s.Int("rows")
		l.Rows = &v
	}
	short := s.Text("limit")
	if short == "" {
		return l
	}
	if n, err := strconv.ParseInt(short, 10, 64); err == nil && n >= 0 {
		l.Rows = &n
		return l
	}
	share, ok := strings.CutSuffix(short, "%")
	v, err := strconv.ParseFloat(share, 64)
	if !ok || err != nil || v < 0 {
		ps.add("sync.limit", s.Place, subject, fmt.Sprintf("%q is not a limit", short), "write a share (10%), a number of rows (5000), or {share: 10%, rows: 5000}")
		return l
	}
	v /= 100
	l.Share = &v
	return l
}

func (ps *parser) event(subject string, s *config.Section, y *Sync) {
	e := s.Section("event")
	if e == nil {
		return
	}
	y.Event = &EventRule{At: e.Text("at"), Name: e.Text("name"), Start: e.Text("start"), Lookback: e.Dur("lookback"), Keep: e.Dur("keep"), Place: e.Place}
	y.EventID = e.Text("id")
	if st := y.Event.Start; st != "now" && st != "all" {
		if _, err := time.Parse(time.DateOnly, st); err != nil {
			ps.add("sync.start", e.At("start"), subject, fmt.Sprintf("start cannot be %q", st), "write now, all, or a date like 2026-01-31")
		}
	}
	if y.Event.Keep < y.Event.Lookback {
		ps.add("sync.keep", e.At("keep"), subject, "keep is shorter than lookback: an event would be forgotten while it can still come again, and be sent twice", "let keep be at least as long")
	}
}

func (ps *parser) schedule(subject string, s *config.Section, y *Sync) {
	c := s.Section("schedule")
	if c == nil {
		return
	}
	y.Schedule = &Schedule{Cron: c.Text("cron"), Every: c.Dur("every"), After: c.Texts("after"), Timezone: c.Text("timezone"), Jitter: c.Dur("jitter"), Place: c.Place}
	if n := given(c, "cron", "every", "after"); n != 1 {
		ps.add("schedule.one_of", c.Place, subject, fmt.Sprintf("a schedule needs one of cron, every and after, and has %d", n), "")
	}
	if y.Schedule.Timezone != "" {
		ps.zone(y.Schedule.Timezone, c.At("timezone"), subject)
	}
	if c.IsSet("every") && y.Schedule.Every < time.Minute {
		ps.add("schedule.every", c.At("every"), subject, "every must be a minute or more", "like 15m")
	}
	if y.Schedule.Cron == "" {
		return
	}
	next, err := NextCron(y.Schedule.Cron, time.Now())
	switch {
	case err != nil:
		ps.add("schedule.cron", c.At("cron"), subject, fmt.Sprintf("%q is not a cron expression: %s", y.Schedule.Cron, err), "five fields: minute, hour, day of month, month, weekday")
	case next.IsZero():
		ps.add("schedule.never", c.At("cron"), subject, fmt.Sprintf("%q never fires", y.Schedule.Cron), "there is no such day")
	}
}

// NextCron is when a cron expression fires next; zero when never. The library
// panics on some texts, which is told as an error.
func NextCron(expr string, after time.Time) (next time.Time, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it cannot be read")
		}
	}()
	if strings.Contains(expr, "TZ=") {
		return next, fmt.Errorf("the zone is set by timezone")
	}
	s, err := cron.ParseStandard(expr)
	if err != nil {
		return next, err
	}
	return s.Next(after), nil
}

// refer finds the nouns that a sync names, and checks it against them.
func (ps *parser) refer(subject string, s *config.Section, y *Sync, from, to string) {
	var sources, dests []string
	for _, src := range ps.p.Sources {
		sources = append(sources, src.Name)
		if src.Name == from {
			y.From = src
		}
	}
	for _, dst := range ps.p.Destinations {
		dests = append(dests, dst.Name)
		if dst.Name == to {
			y.To = dst
		}
	}
	if y.From == nil && from != "" {
		ps.unknown(s.At("from"), subject, "source", from, sources)
	}
	if y.To == nil && to != "" {
		ps.unknown(s.At("to"), subject, "destination", to, dests)
	}
	if y.To != nil && y.To.Spec != nil {
		ps.capability(subject, s, y)
	}
	if y.From != nil {
		ps.columns(subject, y)
		ps.personal(subject, s, y)
	}
}

func (ps *parser) unknown(at diag.Place, subject, kind, name string, known []string) {
	hint := fmt.Sprintf("there is no %s at all", kind)
	if len(known) > 0 {
		hint = fmt.Sprintf("the %ss are %s", kind, strings.Join(known, ", "))
	}
	if near, ok := diag.Nearest(name, known); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	ps.add("project.unknown_"+kind, at, subject, fmt.Sprintf("there is no %s %q", kind, name), hint)
}

// capability checks kind, mode, match and event against what the destination can do.
func (ps *parser) capability(subject string, s *config.Section, y *Sync) {
	var modes []string
	var object *destinations.Object
	for i := range y.To.Spec.Objects {
		o := &y.To.Spec.Objects[i]
		if o.Name != "" && o.Name != y.Object {
			continue
		}
		for _, m := range o.Modes {
			modes = append(modes, string(m))
			if (y.Mode == "" && object == nil) || m == y.Mode {
				object = o
			}
		}
	}
	if object == nil {
		ps.add("sync.mode", s.At("mode"), subject, fmt.Sprintf("%s cannot do mode %s", y.To.Type, y.Mode), "its modes are "+strings.Join(modes, ", "))
		return
	}
	if y.Mode == "" {
		y.Mode = object.Modes[0]
	}
	y.Kind = object.Kind
	switch {
	case object.Match == destinations.MatchRequired && len(y.Match) == 0:
		ps.add("sync.match", s.Place, subject, fmt.Sprintf("%s must be told how to find a record", y.To.Type), "like `match: {email: email}`")
	case object.Match == destinations.MatchNever && len(y.Match) > 0:
		ps.add("sync.match", s.At("match"), subject, fmt.Sprintf("mode %s finds no record, so there is nothing to match", y.Mode), "take match out")
	}
	ps.eventOf(subject, s, y)
	if len(y.Fields) == 0 && y.Mode != destinations.Remove {
		ps.add("sync.no_fields", s.Place, subject, "the sync maps no fields, so there is nothing to send", "like `fields: {name: name}`")
	}
}

func (ps *parser) eventOf(subject string, s *config.Section, y *Sync) {
	if y.Kind != destinations.Event {
		if y.Event != nil {
			ps.add("sync.event", s.At("event"), subject, fmt.Sprintf("event goes with mode append, and this is %s", y.Mode), "")
		}
		return
	}
	if y.Event == nil {
		ps.add("sync.event", s.Place, subject, "mode append needs to know which rows are new", "like `event: {at: ordered_at, start: now}`")
		return
	}
	if y.Event.At == "" && y.From != nil {
		y.Event.At = y.From.OccurredAt
	}
	if y.Event.At == "" {
		ps.add("sync.event", y.Event.Place, subject, "the event has no time column", "say event.at, or occurred_at of the source")
	}
	if y.EventID != "" && y.From != nil && (len(y.From.PrimaryKey) != 1 || y.From.PrimaryKey[0] != y.EventID) {
		ps.add("sync.event_id", y.Event.Place, subject, fmt.Sprintf("event.id is %s, and the primary key of source %s is %s", y.EventID, y.From.Name, strings.Join(y.From.PrimaryKey, ", ")), "let them be the same column")
	}
}

// columns checks names against the source's columns, where they are known.
func (ps *parser) columns(subject string, y *Sync) {
	have := ps.opt.Schema[y.From.Name]
	if len(have) == 0 {
		return
	}
	var names []string
	known := map[string]bool{}
	for _, c := range have {
		names = append(names, c.Name)
		known[strings.ToLower(c.Name)] = true
	}
	for _, m := range append(append([]Mapping(nil), y.Match...), y.Fields...) {
		if m.From == "" || known[strings.ToLower(m.From)] {
			continue
		}
		hint := "its columns are " + strings.Join(names, ", ")
		if near, ok := diag.Nearest(m.From, names); ok {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		ps.add("model.unknown_column", m.Place, subject, fmt.Sprintf("source %s has no column %q, as last pulled", y.From.Name, m.From), hint+" (`weir schema pull` looks again)")
	}
}

// personal asks for a reason as soon as personal data is mapped.
func (ps *parser) personal(subject string, s *config.Section, y *Sync) {
	pii := map[string]string{}
	for _, c := range y.From.Columns {
		if c.PII != "" {
			pii[strings.ToLower(c.Name)] = c.PII
		}
	}
	for _, m := range append(append([]Mapping(nil), y.Match...), y.Fields...) {
		kind := pii[strings.ToLower(m.From)]
		if kind == "" {
			continue
		}
		if len(y.Purposes) == 0 {
			ps.add("consent.purposes", m.Place, subject, fmt.Sprintf("%s is personal data (%s), and the sync names no purposes", m.From, kind), "like `purposes: [service]`")
		}
		if y.Exempt == "" {
			ps.add("consent.exempt", m.Place, subject, fmt.Sprintf("%s is personal data (%s), and no consent is looked up for a sync from a source", m.From, kind), "say why that is right: `consent: {exempt: \"…\"}`")
		}
		return
	}
}
