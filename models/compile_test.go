package models_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/warehouse/duckdb"
	"github.com/weir-data/weir/warehouse/warehousetest"
)

// TestCompiledSQL holds the SQL of every case as text that a person can read;
// that it runs and gives the right rows is shown by each warehouse.
func TestCompiledSQL(t *testing.T) {
	for _, c := range warehousetest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			q, fs := models.Compile(c.Project, c.Sync, c.Schema, duckdb.Dialect)
			if len(fs) > 0 {
				t.Fatal(fs)
			}
			goldenSQL(t, c.Name, warehousetest.Select(q, duckdb.Dialect))
		})
	}
}

func TestSourceSQL(t *testing.T) {
	for _, c := range warehousetest.Cases() {
		if c.Name != "contract" {
			continue
		}
		src := c.Sync.From
		sql, fs := models.SourceSQL(c.Project, src, duckdb.Dialect)
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		goldenSQL(t, "source_alone", sql)
		goldenSQL(t, "contract_counts", models.ContractSQL(c.Project, src, duckdb.Dialect))
		for _, rule := range []string{"not_null_2", "unique_2", "values_3"} {
			goldenSQL(t, "contract_"+rule, models.BreachSQL(c.Project, src, duckdb.Dialect, rule))
		}
		goldenSQL(t, "freshness", models.FreshnessSQL(c.Project, src, duckdb.Dialect, c.Schema))
	}
	p := &models.Project{Dir: "/project"}
	for name, src := range map[string]*models.Source{
		"files":       {Files: "data/it's */orders.csv.gz", Columns: []models.ColumnRule{{Name: "zip", Type: rows.Text}, {Name: "amount", Type: rows.Decimal}}},
		"files_json":  {Files: "/elsewhere/x.ndjson"},
		"table_parts": {Table: `db."odd.schema".x`},
	} {
		src.Name, src.Place = name, diag.Place{File: "models/m.yml", Line: 3}
		sql, fs := models.SourceSQL(p, src, duckdb.Dialect)
		if len(fs) > 0 {
			t.Fatal(fs)
		}
		goldenSQL(t, name, sql)
	}
}

// goldenSQL compares with testdata/compile/<name>.sql.
func goldenSQL(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "compile", name+".sql")
	got = strings.TrimRight(got, "\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-update rewrites it):\n%s", path, diff)
	}
}

// shop is a source and a sync of it, to be spoilt by each test.
func shop() (*models.Project, *models.Sync, models.Schema) {
	src := &models.Source{Meta: models.Meta{Name: "orders", Place: diag.Place{File: "models/shop.yml", Line: 2}}, Table: "shop.orders", PrimaryKey: []string{"order_id"}, OccurredAt: "ordered_at"}
	s := &models.Sync{Meta: models.Meta{Name: "to_crm", Place: diag.Place{File: "syncs/crm.yml", Line: 2}}, From: src, Kind: destinations.Record, Mode: destinations.Upsert,
		Fields: []models.Mapping{{To: "total", From: "amount", Place: diag.Place{File: "syncs/crm.yml", Line: 9, Col: 14}}}}
	schema := models.Schema{"orders": {{Name: "order_id", Native: "BIGINT", Type: "bigint"}, {Name: "amount", Native: "DECIMAL(10,2)", Type: "decimal"}, {Name: "ordered_at", Native: "TIMESTAMP", Type: "timestamp"},
		{Name: "lines", Native: "STRUCT", Type: "json"}, {Name: "Email", Native: "VARCHAR", Type: "text"}}}
	return &models.Project{Dir: "/project", Sources: []*models.Source{src}, Syncs: []*models.Sync{s}}, s, schema
}

// TestCompileFindings: what cannot be compiled is told with its place and a way out.
func TestCompileFindings(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(p *models.Project, s *models.Sync)
		want  []string // code, line, and a piece of message or hint, each
	}{
		{"unknown field", func(_ *models.Project, s *models.Sync) { s.Fields[0].From = "amonut" }, []string{"model.unknown_column", "did you mean \"amount\"?"}},
		{"unknown and far", func(_ *models.Project, s *models.Sync) { s.Fields[0].From = "zzz" }, []string{"model.unknown_column", "its columns are order_id, amount"}},
		{"unknown key", func(_ *models.Project, s *models.Sync) { s.From.PrimaryKey = []string{"id"} }, []string{"model.unknown_column", "the primary key"}},
		{"key of json", func(_ *models.Project, s *models.Sync) { s.From.PrimaryKey = []string{"lines"} }, []string{"model.key_type", "cannot tell rows apart"}},
		{"unknown match", func(_ *models.Project, s *models.Sync) { s.Match = []models.Mapping{{To: "email", From: "mail"}} }, []string{"model.unknown_column", "field email"}},
		{"unknown order", func(_ *models.Project, s *models.Sync) {
			s.OnDuplicate.OrderBy = []models.Order{{Column: "updated"}}
		}, []string{"model.unknown_column", "order_by"}},
		{"time of numbers", func(_ *models.Project, s *models.Sync) {
			s.Kind, s.Event = destinations.Event, &models.EventRule{At: "amount"}
		}, []string{"model.time_type", "must be a timestamp"}},
		{"unknown time", func(_ *models.Project, s *models.Sync) {
			s.Kind, s.Event = destinations.Event, &models.EventRule{}
			s.From.OccurredAt = "orderd_at"
		}, []string{"model.unknown_column", "did you mean \"ordered_at\"?"}},
		{"no table", func(_ *models.Project, s *models.Sync) { s.From.Table = "a..b" }, []string{"model.table_name", "double quotes"}},
		{"open quote", func(_ *models.Project, s *models.Sync) { s.From.Table = `"a.b` }, []string{"model.table_name", "double quotes"}},
		{"odd files", func(_ *models.Project, s *models.Sync) { s.From.Table, s.From.Files = "", "data/x.xlsx" }, []string{"model.file_ending", ".parquet"}},
		{"other dialect", func(_ *models.Project, s *models.Sync) {
			s.From.Table, s.From.SQL = "", map[string]string{"bigquery": "SELECT 1"}
		}, []string{"model.no_dialect", "default:"}},
		{"unknown source", func(_ *models.Project, s *models.Sync) {
			s.From.Table, s.From.SQL = "", map[string]string{"default": "SELECT * FROM {odrers}"}
		}, []string{"model.unknown_source", "did you mean {orders}?"}},
		{"cycle", func(_ *models.Project, s *models.Sync) {
			s.From.Table, s.From.SQL = "", map[string]string{"default": "SELECT * FROM {orders}"}
		}, []string{"model.source_cycle", "reads itself"}},
	} {
		p, s, schema := shop()
		c.spoil(p, s)
		_, fs := models.Compile(p, s, schema, duckdb.Dialect)
		if len(fs) != 1 || fs[0].Code != c.want[0] || fs[0].Severity != diag.Error || fs[0].Subject == "" || !strings.Contains(fs[0].Message+" "+fs[0].Hint, c.want[1]) {
			t.Errorf("%s: %+v, want one %v", c.name, fs, c.want)
		}
	}
}

// TestNoFiles: an engine that cannot read files says so.
func TestNoFiles(t *testing.T) {
	p, s, schema := shop()
	s.From.Table, s.From.Files = "", "x.csv"
	d := *duckdb.Dialect
	d.Name, d.Files = "other", nil
	if _, fs := models.Compile(p, s, schema, &d); len(fs) != 1 || fs[0].Code != "model.no_files" {
		t.Errorf("%+v", fs)
	}
}

func TestMatchIsKey(t *testing.T) {
	for _, c := range []struct {
		key, match []string
		want       bool
	}{
		{[]string{"a"}, nil, true}, {[]string{"a"}, []string{"A"}, true}, {[]string{"a"}, []string{"b"}, false}, {[]string{"a", "b"}, []string{"b", "a"}, true},
		{[]string{"a", "b"}, []string{"a"}, false}, {[]string{"a", "b"}, []string{"a", "a"}, false},
	} {
		p, s, _ := shop()
		s.From.PrimaryKey = c.key
		for _, m := range c.match {
			s.Match = append(s.Match, models.Mapping{To: "x", From: m})
		}
		if q, _ := models.Compile(p, s, models.Schema{}, duckdb.Dialect); q.MatchIsKey != c.want {
			t.Errorf("key %v, match %v: %v", c.key, c.match, q.MatchIsKey)
		}
	}
}

// TestStepHidesNoTable: a step's name is never one that a source's text says.
func TestStepHidesNoTable(t *testing.T) {
	p, s, _ := shop()
	s.From.Table = "Source_Orders"
	sql, _ := models.SourceSQL(p, s.From, duckdb.Dialect)
	if !strings.Contains(sql, "WITH source_orders_ AS") {
		t.Error(sql)
	}
}

// TestPII: a field knows what personal data it is by the contract of its column.
func TestPII(t *testing.T) {
	p, s, schema := shop()
	s.From.Columns = []models.ColumnRule{{Name: "email", PII: "email"}}
	s.Fields[0].From = "email"
	q, fs := models.Compile(p, s, schema, duckdb.Dialect)
	if len(fs) > 0 || q.Fields[0].PII != "email" || q.Fields[0].Type != rows.Text || q.Fields[0].Name != "total" {
		t.Errorf("%+v %+v", q.Fields, fs)
	}
}

func TestCheckContract(t *testing.T) {
	_, s, schema := shop()
	have := schema["orders"]
	s.From.Columns = []models.ColumnRule{{Name: "AMOUNT", Type: rows.Decimal}, {Name: "order_id", Type: rows.Decimal}, {Name: "ordered_at", Type: rows.Timestamp}, {Name: "email"}}
	if fs := models.CheckContract(s.From, have); len(fs) > 0 {
		t.Errorf("a contract that holds: %+v", fs)
	}
	s.From.Columns = []models.ColumnRule{{Name: "amuont"}, {Name: "amount", Type: rows.Int}, {Name: "email", Type: rows.Decimal}}
	fs := models.CheckContract(s.From, have)
	if len(fs) != 3 || fs[0].Code != "contract.missing_column" || fs[0].Hint != `did you mean "amount"?` || fs[1].Code != "contract.type" || fs[2].Code != "contract.type" {
		t.Errorf("%+v", fs)
	}
}

func TestContractFindings(t *testing.T) {
	_, s, _ := shop()
	s.From.Columns = []models.ColumnRule{{Name: "order_id", NotNull: true, Unique: true}, {Name: "state", Values: []string{"open", "done"}}}
	fs := models.ContractFindings(s.From, duckdb.Dialect, func(name string) int64 {
		return map[string]int64{"not_null_1": 4, "values_2": 1}[name]
	}, func(name string) []string {
		return map[string][]string{"not_null_1": {"NULL", "NULL", "NULL"}, "values_2": {"7"}}[name]
	})
	if len(fs) != 2 || !strings.Contains(fs[0].Message, "in 4 rows order_id is NULL: keys NULL, NULL, NULL, …") || !strings.Contains(fs[1].Message, "in 1 row state is none of open, done: key 7") {
		t.Errorf("%+v", fs)
	}
}
