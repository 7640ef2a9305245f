package warehousetest

import (
	"encoding/json"
	"strings"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

func jsonTopic(s *suite) {
	s.run("texts", func(s *suite) {
		exprs := make([]string, len(awkwardTexts))
		for i, x := range awkwardTexts {
			exprs[i] = s.d.JSONValue(s.d.String(x), rows.Text)
		}
		for i, got := range s.one(exprs...) {
			var back string
			if err := json.Unmarshal([]byte(got), &back); err != nil || back != awkwardTexts[i] {
				s.Errorf("%q became %s (%v)", awkwardTexts[i], got, err)
			}
		}
	})
	s.run("lists", func(s *suite) {
		t := s.table(rows.Column{Name: "l", Type: rows.TextList})
		b := rows.NewBuilder([]rows.Column{{Name: "l", Type: rows.TextList}})
		b.List(0, awkwardTexts)
		batch := b.Build()
		defer batch.Release()
		if err := s.conn.Append(s.ctx, t, batch); err != nil {
			s.Fatal(err)
		}
		got := s.query("SELECT " + s.d.JSONValue("l", rows.TextList) + " AS j FROM " + s.d.Table(t))
		var back []string
		if err := json.Unmarshal([]byte(got[0][0]), &back); err != nil || strings.Join(back, "|") != strings.Join(awkwardTexts, "|") {
			s.Errorf("%s (%v)", got[0][0], err)
		}
	})
	s.run("members", members)
	s.run("values that are JSON already", func(s *suite) {
		var vs []value
		for _, x := range []string{`{"a":[1,2,{"b":null}]}`, `"text"`, `1`, `true`, `[]`, `{}`} {
			j := s.d.Cast(s.d.String(x), warehouse.NativeColumn{Native: "JSON", Type: rows.JSON}, rows.JSON, "")
			vs = append(vs, value{x, s.d.JSONValue(j, rows.JSON), x}, value{x + " can be said", truth("(" + s.d.NotJSON(j, rows.JSON) + ")"), "false"})
		}
		s.values(vs)
	})
}

// members reads an object with members of every name, alone and together.
func members(s *suite) {
	d := s.d
	object := map[string]any{}
	for i, n := range awkwardNames {
		object[n] = i
	}
	object["none"], object["nested"], object["say"] = nil, map[string]any{"plain": "inner"}, "it's \"so\""
	raw, err := json.Marshal(object)
	if err != nil {
		s.Fatal(err)
	}
	asText := d.String(string(raw))
	asJSON := "CAST(" + asText + " AS " + d.TypeNames[rows.JSON] + ")"
	asked := append(append([]string(nil), awkwardNames...), "none", "absent", "nested", "say")
	var vs []value
	for _, o := range []string{asText, asJSON} {
		for _, n := range asked {
			vs = append(vs, value{"member " + n, d.JSONMember(o, n), memberText(object, n)})
		}
		vs = append(vs, value{"member of NULL", d.JSONMember("CAST(NULL AS "+d.TypeNames[rows.JSON]+")", "x"), null})
	}
	s.values(vs)
	prepared, item := d.JSONMembers("o", asked)
	items := make([]string, len(asked))
	for i := range asked {
		items[i] = item("p.several", i) + " AS " + d.Quote(asked[i])
	}
	for _, o := range []string{asText, asJSON} {
		got := s.query("SELECT " + strings.Join(items, ", ") + " FROM (SELECT " + prepared + " AS several FROM (SELECT " + o + " AS o) AS objects) AS p")
		for i, n := range asked {
			if want := memberText(object, n); got[0][i] != want {
				s.Errorf("member %s of several: %s, want %s", n, got[0][i], want)
			}
		}
	}
}

func memberText(object map[string]any, name string) string {
	v, ok := object[name]
	if !ok {
		return null
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
