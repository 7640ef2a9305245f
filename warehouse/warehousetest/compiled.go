package warehousetest

import (
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/plan"
	"github.com/weir-data/weir/warehouse"
)

// compiledTopic runs the query of every case on the engine: what it gives, and
// that a plan can be made of it.
func compiledTopic(s *suite) {
	s.exec("CREATE SCHEMA IF NOT EXISTS " + s.d.Ident(schema))
	people := warehouse.Table{Schema: schema, Name: "people"}
	if err := s.conn.Load(s.ctx, people, made{cols: peopleColumns, rows: len(peopleRows), fill: fillPeople}); err != nil {
		s.Fatal(err)
	}
	s.dropAfter(people)
	for _, c := range Cases() {
		s.run(c.Name, func(s *suite) { compiledCase(s, c) })
	}
}

func compiledCase(s *suite, c Case) {
	c.Schema = s.described(c)
	if fs := models.CheckContract(c.Sync.From, c.Schema[c.Sync.From.Name]); len(fs) > 0 {
		s.Fatal(fs)
	}
	q, fs := models.Compile(c.Project, c.Sync, c.Schema, s.d)
	if len(fs) > 0 {
		s.Fatal(fs)
	}
	var got []string
	for _, row := range s.query(Select(q, s.d)) {
		got = append(got, strings.Join(row, " | "))
	}
	if text := strings.Join(got, "\n"); text != strings.TrimSpace(c.Want) {
		s.Errorf("got\n%s\nwant\n%s", text, strings.TrimSpace(c.Want))
	}
	s.planned(c, q, len(got))
	from := c.Sync.From.Spelled(c.Schema[c.Sync.From.Name])
	if sql := models.ContractSQL(c.Project, from, s.d); sql != "" {
		s.query(sql)
		for _, rule := range []string{"not_null_2", "unique_2", "values_3"} {
			if sql := models.BreachSQL(c.Project, from, s.d, rule); sql != "" {
				s.query(sql)
			}
		}
	}
	if sql := models.FreshnessSQL(c.Project, from, s.d, c.Schema); sql != "" {
		s.query(sql)
	}
}

// described are the columns of the case's source, as the engine says.
func (s *suite) described(c Case) models.Schema {
	s.Helper()
	d, ok := s.conn.(warehouse.Describer)
	if !ok {
		return c.Schema
	}
	sql, fs := models.SourceSQL(c.Project, c.Sync.From, s.d)
	if len(fs) > 0 {
		s.Fatal(fs)
	}
	cols, err := d.Describe(s.ctx, warehouse.Stmt{SQL: sql})
	if err != nil {
		s.Fatalf("%v\n%s", err, sql)
	}
	out := make([]models.SchemaColumn, len(cols))
	for i, col := range cols {
		out[i] = models.SchemaColumn{Name: col.Name, Native: col.Native, Type: col.Type.String()}
	}
	return models.Schema{c.Sync.From.Name: out}
}

// planned makes each statement of a plan against an empty ledger: what was
// compiled fits into all of them, and each of the n rows is in it once.
func (s *suite) planned(c Case, q *models.Query, n int) {
	s.Helper()
	store, err := ledger.Open(s.ctx, s.conn, schema+"_ledger")
	if err != nil {
		s.Fatal(err)
	}
	keyType := "text"
	if q.KeyType == rows.Int {
		keyType = "bigint"
	}
	row, err := store.NewSync(s.ctx, ledger.SyncRow{Name: strings.ReplaceAll(c.Name, " ", "_") + s.name().Name, KeyType: keyType}, "r1", time.Minute)
	if err != nil {
		s.Fatal(err)
	}
	names := store.Names
	run := "r" + row.ID
	in := plan.Input{D: s.d, Query: q, Sync: c.Sync, SyncID: row.ID, Ledger: names.Ledger(row.ID), AsOf: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Differs: names.Work(run, "differs"), Plan: names.Plan(run)}
	s.query(in.Scan())
	for _, t := range []warehouse.Table{in.Differs, in.Plan} {
		s.dropAfter(t)
	}
	s.exec(in.MakeDiffers())
	s.exec(in.AddTwins())
	if sql := in.AddSharers(); sql != "" {
		s.exec(sql)
	}
	want := strconv.Itoa(n)
	made := func(all bool) {
		s.exec(in.MakePlan(all))
		if got := s.query("SELECT COUNT(*) AS n FROM " + s.d.Table(in.Plan))[0][0]; got != want {
			s.Errorf("the plan (all %v) has %s rows, the source %s", all, got, want)
		}
	}
	made(true)
	s.exec(in.FillInvalid(names.Invalid(row.ID)))
	s.exec("DROP TABLE " + s.d.Table(in.Plan))
	made(false)
	s.exec("DROP TABLE " + s.d.Table(in.Plan))
	in.LedgerEmpty = true
	made(true)
	s.exec("DROP TABLE " + s.d.Table(in.Plan))
	s.exec(in.MakeAside())
	aside, _ := strconv.Atoi(s.query("SELECT COUNT(*) AS n FROM " + s.d.Table(in.Plan))[0][0])
	for _, shared := range []bool{false, true} {
		if got := len(s.query(in.Stream(shared))); got != n-aside {
			s.Errorf("%d rows stream (rows share a key: %v), %d of %d are set aside", got, shared, aside, n)
		}
	}
}
