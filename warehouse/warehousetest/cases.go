package warehousetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/warehouse"
)

// Case is a sync to compile. Its SQL is held as golden text beside models, and
// what it gives, over the people below, by the suite.
type Case struct {
	Name    string
	Project *models.Project
	Sync    *models.Sync
	Schema  models.Schema // as an engine of Weir's own types would describe it
	Want    string        // the rows of Select, values apart by " | "
}

// peopleColumns is a table with something awkward in each column.
var peopleColumns = []rows.Column{{Name: "id", Type: rows.Int}, {Name: "org", Type: rows.Text}, {Name: "email", Type: rows.Text}, {Name: "score", Type: rows.Double},
	{Name: "balance", Type: rows.Decimal}, {Name: "active", Type: rows.Bool}, {Name: "born", Type: rows.Date}, {Name: "seen", Type: rows.Timestamp},
	{Name: "extra", Type: rows.JSON}, {Name: "tags", Type: rows.TextList}, {Name: "told", Type: rows.Text}}

// peopleRows are their values; "" is NULL.
var peopleRows = [][]string{
	{"1", "acme", "ann@x.example", "0.5", "12.50", "true", "1960-02-29", "2026-07-01T12:00:00Z", `{"a":[1,2]}`, "x,y", "2026-07-01T12:00:00+02:00"},
	{"2", "it's \"big\"", "bob@x.example", "NaN", "-0.000000001", "false", "2000-01-01", "1960-01-01T00:00:00.000001Z", `"text"`, "", "2026-07-01 12:00:00"},
	{"3", "acme", "", "1", "100", "", "", "", "", "", "soon"},
	{"", "none", "dan@x.example", "", "", "true", "1999-12-31", "2026-01-01T00:00:00Z", "", "z", ""},
	{"5", "", "eve@x.example", "2.5", "1000000", "true", "", "2026-02-01T00:00:00Z", "", "", "2026-01-01"},
}

func fillPeople(b *rows.Builder, i int) {
	for c, v := range peopleRows[i] {
		if v == "" {
			b.Null(c)
			continue
		}
		fillText(b, c, peopleColumns[c].Type, v)
	}
}

// fillText appends a value of a type from its text.
func fillText(b *rows.Builder, c int, t rows.Type, v string) {
	scan := func(into any) {
		if _, err := fmt.Sscan(v, into); err != nil {
			panic(fmt.Sprintf("warehousetest: %s as %s: %v", v, t, err))
		}
	}
	switch t {
	case rows.Int:
		var n int64
		scan(&n)
		b.Int(c, n)
	case rows.Double:
		var f float64
		scan(&f)
		b.Double(c, f)
	case rows.Bool:
		b.Bool(c, v == "true")
	case rows.Decimal:
		mustDecimal(b, c, v)
	case rows.Date:
		b.Date(c, mustTime("2006-01-02", v))
	case rows.Timestamp:
		b.Time(c, mustTime(time.RFC3339Nano, v))
	case rows.TextList:
		b.List(c, strings.Split(v, ","))
	default:
		b.Text(c, v)
	}
}

func mustTime(layout, v string) time.Time {
	t, err := time.Parse(layout, v)
	if err != nil {
		panic(fmt.Sprintf("warehousetest: %v", err))
	}
	return t
}

// Select reads what a compiled sync gives: key, match, fields, time and problem.
func Select(q *models.Query, d *warehouse.Dialect) string {
	w := warehouse.NewWriter(d)
	w.With(q.Steps)
	cols := []string{"key"}
	for _, f := range append(append([]models.QueryField(nil), q.Match...), q.Fields...) {
		cols = append(cols, f.Expr)
	}
	if q.At != "" {
		cols = append(cols, q.At)
	}
	problem := q.Problem
	if problem == "" {
		problem = "CAST(NULL AS " + d.TypeNames[rows.Text] + ")"
	}
	cols = append(cols, "COALESCE("+problem+", 'ok') AS problem")
	w.Line("SELECT").In(func() { w.List(cols) })
	w.Line("FROM ", q.Relation)
	w.Line("ORDER BY ", strings.Join(append([]string{"key"}, q.OrderBy...), ", "))
	return w.String()
}

// people is a source over the table, declared at a line of a file.
func people() *models.Source {
	return &models.Source{Meta: at("people", "models/people.yml", 2), Table: schema + ".people", PrimaryKey: []string{"id"}}
}

func at(name, file string, line int) models.Meta {
	return models.Meta{Name: name, Enabled: true, Place: diag.Place{File: file, Line: line, Col: 5}}
}

func peopleSchema(source string) models.Schema {
	cols := make([]models.SchemaColumn, len(peopleColumns))
	for i, c := range peopleColumns {
		cols[i] = models.SchemaColumn{Name: c.Name, Native: c.Type.String(), Type: c.Type.String()}
	}
	return models.Schema{source: cols}
}

func field(to, from string) models.Mapping { return models.Mapping{To: to, From: from, Set: "always"} }

func constant(to, json string) models.Mapping {
	return models.Mapping{To: to, Value: &json, Set: "always"}
}

// syncOf is a record sync of one source, in a project with some others.
func syncOf(name string, from *models.Source, others ...*models.Source) Case {
	s := &models.Sync{Meta: at(name, "syncs/crm.yml", 3), From: from, Kind: destinations.Record, Mode: destinations.Upsert, RemoveOnly: "any", OnDuplicate: models.OnDuplicate{Key: "hold", Match: "hold"}}
	return Case{Name: name, Sync: s, Schema: peopleSchema(from.Name), Project: &models.Project{Name: "acme", Timezone: "UTC", Sources: append(others, from), Syncs: []*models.Sync{s}}}
}

// Cases are all syncs to compile.
func Cases() []Case {
	return []Case{everyTypeCase(), constantsCase(), compositeKeyCase(), textKeyCase(), ownSQLCase(), contractCase(), eventCase(), eventOfTextCase(), firstCase(), awkwardNamesCase(), capitalsCase()}
}

func everyTypeCase() Case {
	c := syncOf("every_type", people())
	c.Sync.Match = []models.Mapping{field("email", "email")}
	for _, col := range peopleColumns[3:10] {
		c.Sync.Fields = append(c.Sync.Fields, field(col.Name, col.Name))
	}
	c.Want = `
1 | ann@x.example | 0.5 | 12.5 | true | 1960-02-29 | 2026-07-01T12:00:00.000000Z | {"a":[1,2]} | ["x","y"] | ok
2 | bob@x.example | null | -0.000000001 | false | 2000-01-01 | 1960-01-01T00:00:00.000001Z | "text" | ∅ | not_json:score
3 | ∅ | 1 | 100 | ∅ | ∅ | ∅ | ∅ | ∅ | no_match:email
5 | eve@x.example | 2.5 | 1000000 | true | ∅ | 2026-02-01T00:00:00.000000Z | ∅ | ∅ | ok
∅ | dan@x.example | ∅ | ∅ | true | 1999-12-31 | 2026-01-01T00:00:00.000000Z | ∅ | ["z"] | ok`
	return c
}

func constantsCase() Case {
	c := syncOf("constants", people())
	c.Sync.Fields = []models.Mapping{constant("stage", `"it's a\nlead"`), constant("n", "42"), constant("price", "12.50"), constant("big", "1e300"), constant("yes", "true"), constant("none", "null"), constant("more", `{"a":["b"]}`), constant("empty", `""`)}
	one := "it's a\nlead | 42 | 12.5 | 1e+300 | true | ∅ | {\"a\":[\"b\"]} |  | ok"
	c.Want = "1 | " + one + "\n2 | " + one + "\n3 | " + one + "\n5 | " + one + "\n∅ | " + one
	return c
}

func compositeKeyCase() Case {
	src := people()
	src.PrimaryKey = []string{"org", "id"}
	c := syncOf("composite_key", src)
	c.Sync.Match, c.Sync.Fields = []models.Mapping{field("number", "id"), field("org", "org")}, []models.Mapping{field("email", "email")}
	c.Want = `
["acme",1] | 1 | acme | ann@x.example | ok
["acme",3] | 3 | acme | ∅ | ok
["it's \"big\"",2] | 2 | it's "big" | bob@x.example | ok
∅ | ∅ | none | dan@x.example | no_match:number
∅ | 5 | ∅ | eve@x.example | no_match:org`
	return c
}

func textKeyCase() Case {
	src := people()
	src.PrimaryKey = []string{"balance"}
	c := syncOf("key_of_decimals", src)
	c.Sync.Fields = []models.Mapping{field("email", "email")}
	c.Want = `
-0.000000001 | bob@x.example | ok
100 | ∅ | ok
1000000 | eve@x.example | ok
12.5 | ann@x.example | ok
∅ | dan@x.example | ok`
	return c
}

// ownSQLCase nests the customer's own SQL, with everything in it that could
// trip: comments, a line break in a string, a semicolon at the end, braces.
func ownSQLCase() Case {
	base := people()
	active := &models.Source{Meta: at("active", "models/people.yml", 8), SQL: map[string]string{"default": "SELECT *,\n    'a\n  b {people} -- ;' AS words -- {nobody}\nFROM {people}\nWHERE active OR active IS NULL; -- all but bob"}}
	src := &models.Source{Meta: at("known", "models/people.yml", 20), PrimaryKey: []string{"id"}, SQL: map[string]string{
		"default": "WITH a AS (SELECT id, email, words FROM {active})\nSELECT a.*, p.org FROM a JOIN {people} AS p ON p.id = a.id ;\n"}}
	c := syncOf("own_sql", src, base, active)
	c.Sync.Match, c.Sync.Fields = []models.Mapping{field("id", "ID")}, []models.Mapping{field("org", "org"), field("words", "words")}
	c.Schema = models.Schema{"known": {{Name: "id", Native: "bigint", Type: "bigint"}, {Name: "email", Native: "text", Type: "text"}, {Name: "words", Native: "text", Type: "text"}, {Name: "org", Native: "text", Type: "text"}}}
	words := "a\n  b {people} -- ;"
	c.Want = "1 | 1 | acme | " + words + " | ok\n3 | 3 | acme | " + words + " | ok\n5 | 5 | ∅ | " + words + " | ok"
	return c
}

// contractCase casts to what the contract says; a value that has no place
// there makes the row invalid, and no other.
func contractCase() Case {
	src := people()
	src.Columns = []models.ColumnRule{{Name: "score", Type: rows.Decimal}, {Name: "id", NotNull: true, Unique: true}, {Name: "org", Values: []string{"acme", "none"}}, {Name: "email", PII: "email"}}
	src.Freshness = &models.Freshness{Column: "seen", Hold: time.Hour}
	c := syncOf("contract", src)
	c.Sync.Fields = []models.Mapping{field("score", "score"), field("email", "email")}
	c.Want = `
1 | 0.5 | ann@x.example | ok
2 | ∅ | bob@x.example | bad_value:score
3 | 1 | ∅ | ok
5 | 2.5 | eve@x.example | ok
∅ | ∅ | dan@x.example | ok`
	return c
}

func event(name, column string) Case {
	src := people()
	src.OccurredAt, src.Zone = column, "Europe/London"
	c := syncOf(name, src)
	c.Sync.Kind, c.Sync.Mode, c.Sync.Event = destinations.Event, destinations.Append, &models.EventRule{Name: "Seen", Start: "all"}
	c.Sync.Fields = []models.Mapping{field("email", "email")}
	return c
}

func eventCase() Case {
	c := event("event", "seen")
	c.Want = `
1 | ann@x.example | 2026-07-01T11:00:00.000000Z | ok
2 | bob@x.example | 1960-01-01T00:00:00.000001Z | ok
3 | ∅ | ∅ | ok
5 | eve@x.example | 2026-02-01T00:00:00.000000Z | ok
∅ | dan@x.example | 2026-01-01T00:00:00.000000Z | ok`
	return c
}

// eventOfTextCase: a time that is text is read as one, and is NULL where it is none.
func eventOfTextCase() Case {
	c := event("event_of_text", "told")
	c.Want = `
1 | ann@x.example | 2026-07-01T10:00:00.000000Z | ok
2 | bob@x.example | 2026-07-01T11:00:00.000000Z | ok
3 | ∅ | ∅ | ok
5 | eve@x.example | 2026-01-01T00:00:00.000000Z | ok
∅ | dan@x.example | ∅ | ok`
	return c
}

func firstCase() Case {
	src := people()
	src.PrimaryKey = []string{"org"}
	c := syncOf("first_of_several", src)
	c.Sync.OnDuplicate = models.OnDuplicate{Key: "first", Match: "first", OrderBy: []models.Order{{Column: "score", Desc: true}, {Column: "id"}}}
	c.Sync.Match = []models.Mapping{field("email", "email")}
	c.Want = `
acme | ∅ | no_match:email
acme | ann@x.example | ok
it's "big" | bob@x.example | ok
none | dan@x.example | ok
∅ | eve@x.example | ok`
	return c
}

// awkwardNamesCase: names are data, of columns and of destination fields.
func awkwardNamesCase() Case {
	src := &models.Source{Meta: at("odd", "models/odd.yml", 2), PrimaryKey: []string{`i"d`}, SQL: map[string]string{
		"default": `SELECT id AS "i""d", email AS "select", org AS "a'b; --" FROM ` + schema + ".people"}}
	c := syncOf("awkward_names", src)
	c.Sync.Match, c.Sync.Fields = []models.Mapping{field(`e'mail"`, "select")}, []models.Mapping{field("x'; DROP TABLE y; --", "a'b; --"), field(`{"a\b":1}`, "select"), field("é\n", "select")}
	c.Schema = models.Schema{"odd": {{Name: `i"d`, Native: "bigint", Type: "bigint"}, {Name: "select", Native: "text", Type: "text"}, {Name: "a'b; --", Native: "text", Type: "text"}}}
	c.Want = `
1 | ann@x.example | acme | ann@x.example | ann@x.example | ok
2 | bob@x.example | it's "big" | bob@x.example | bob@x.example | ok
3 | ∅ | acme | ∅ | ∅ | no_match:e'mail"
5 | eve@x.example | ∅ | eve@x.example | eve@x.example | ok
∅ | dan@x.example | none | dan@x.example | dan@x.example | ok`
	return c
}

// capitalsCase: people write names as they like, and an engine may tell ID from id.
func capitalsCase() Case {
	src := people()
	src.PrimaryKey = []string{"Id"}
	src.Columns = []models.ColumnRule{{Name: "ID", NotNull: true, Unique: true}, {Name: "ORG", Values: []string{"acme", "none"}}}
	src.Freshness = &models.Freshness{Column: "SEEN", Hold: time.Hour}
	c := syncOf("names_in_capitals", src)
	c.Sync.Fields = []models.Mapping{field("email", "EMAIL")}
	c.Want = `
1 | ann@x.example | ok
2 | bob@x.example | ok
3 | ∅ | ok
5 | eve@x.example | ok
∅ | dan@x.example | ok`
	return c
}
