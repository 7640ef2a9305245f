package expr_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/models/expr"
	"github.com/weir-data/weir/warehouse"
)

// trino asks a server at an address like http://127.0.0.1:8080.
type trino string

// answer is what the server says of a statement so far.
type answer struct {
	NextURI string
	Data    [][]any
	Error   *struct{ Message string }
}

// ask runs a statement and gives its rows.
func (s trino) ask(t *testing.T, sql string) ([][]any, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, string(s)+"/v1/statement", strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for {
		for k, v := range map[string]string{"X-Trino-User": "weir", "X-Trino-Catalog": "memory", "X-Trino-Schema": "default", "X-Trino-Time-Zone": "America/New_York"} {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		var a answer
		err = json.NewDecoder(resp.Body).Decode(&a)
		resp.Body.Close()
		if err != nil {
			return nil, err
		}
		if a.Error != nil {
			return nil, fmt.Errorf("%s", a.Error.Message)
		}
		if rows = append(rows, a.Data...); a.NextURI == "" {
			return rows, nil
		}
		if req, err = http.NewRequestWithContext(t.Context(), http.MethodGet, a.NextURI, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTruthTrino: the same truth on Trino, where WEIR_TEST_TRINO is the address
// of a server with a catalog named memory.
func TestTruthTrino(t *testing.T) {
	s := trino(os.Getenv("WEIR_TEST_TRINO"))
	if s == "" {
		t.Skip("WEIR_TEST_TRINO is not set")
	}
	list := facts(t)
	quoting := &warehouse.Dialect{Quote: func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` },
		TypeNames: map[rows.Type]string{rows.Text: "varchar", rows.Int: "bigint", rows.Double: "double", rows.Decimal: "decimal(38,9)", rows.Bool: "boolean", rows.Date: "date", rows.Timestamp: "timestamp(6)", rows.JSON: "varchar"}}
	for _, sql := range []string{"DROP TABLE IF EXISTS orders", "DROP TABLE IF EXISTS facts", "DROP TABLE IF EXISTS literals", fixture, fixtureTable(quoting), literalsTable(t, "trino", list)} {
		if _, err := s.ask(t, sql); err != nil {
			t.Fatalf("%.60s: %v", sql, err)
		}
	}
	for _, f := range list {
		if f.typ == "" {
			continue
		}
		ty := typed(t, f.text)
		aggregate := aggregates(ty)
		forms := []*expr.Typed{ty}
		if loose := unfolded(t, f.text, aggregate); loose != nil {
			forms = append(forms, loose)
		}
		for _, ty := range forms {
			if got := s.told(t, ty, aggregate, quoting.Quote); !same(&f, got) {
				t.Errorf("%s\n got %s\nwant %s\n  as %s", f.text, got, f.value, sqlOf(t, "trino", ty))
			}
		}
	}
}

// told is what a typed expression comes to.
func (s trino) told(t *testing.T, ty *expr.Typed, aggregate bool, quote func(string) string) string {
	t.Helper()
	text := map[rows.Type]string{rows.Decimal: "regexp_replace(regexp_replace(CAST(v AS varchar), '0+$', ''), '\\.$', '')", rows.Timestamp: "to_iso8601(v) || 'Z'"}[ty.Type]
	if text == "" {
		text = "CAST(v AS varchar)"
	}
	got, err := s.ask(t, "SELECT typeof(v), "+text+" FROM (SELECT "+asked(sqlOf(t, "trino", ty), aggregate, quote)+") q")
	want := map[rows.Type]string{rows.Text: "varchar", rows.Int: "bigint", rows.Double: "double", rows.Decimal: "decimal(38,9)", rows.Bool: "boolean", rows.Date: "date", rows.Timestamp: "timestamp(6)"}[ty.Type]
	switch {
	case err != nil && (strings.Contains(err.Error(), "verflow") || strings.Contains(err.Error(), "range")):
		return "!overflow"
	case err != nil:
		return "!" + err.Error()
	case !strings.HasPrefix(got[0][0].(string), want):
		return "of type " + got[0][0].(string)
	case got[0][1] == nil:
		return "NULL"
	}
	return quoted(got[0][1].(string))
}
