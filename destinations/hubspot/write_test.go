package hubspot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
	"github.com/weir-data/weir/internal/rows"
)

const (
	upsert = destinations.OpUpsert
	update = destinations.OpUpdate
	insert = destinations.OpInsert
	remove = destinations.OpRemove
)

func TestFiveHundredNewContactsAreFiveRequests(t *testing.T) {
	with(t, "", func(a *account) {
		var recs []destinationstest.Rec
		for n := range 500 {
			recs = append(recs, rec(upsert, n, fmt.Sprintf(`{"firstname":"First %d","ltv":%d.5}`, n, n)))
		}
		out := a.send(strings.TrimSpace(strings.Repeat("accepted ", 500)), recs...)
		if len(a.seen) != 5 {
			t.Fatalf("%d requests", len(a.seen))
		}
		n := 0
		for _, s := range a.seen {
			if s.path != "/crm/v3/objects/contacts/batch/upsert" {
				t.Errorf("asked %s", s.path)
			}
			for at, in := range inputs(t, &s) {
				props := in["properties"].(map[string]any)
				if in["id"] != address(n) || in["idProperty"] != "email" || in["objectWriteTraceId"] != fmt.Sprint(at) || props["firstname"] != fmt.Sprintf("First %d", n) || props["ltv"] != fmt.Sprintf("%d.5", n) || len(props) != 2 {
					t.Fatalf("record %d was sent as %v", n, in)
				}
				if out[n].RemoteID == "" || out[n].Created != destinations.CreatedYes {
					t.Fatalf("record %d: %+v", n, out[n])
				}
				n++
			}
		}
	})
}

func TestValuesAreTexts(t *testing.T) {
	for _, v := range []struct {
		typ        rows.Type
		json, sent string
	}{
		{rows.Text, `"a \"b\"\n"`, `"a \"b\"\n"`}, {rows.Text, `""`, `""`}, {rows.Text, `null`, `""`},
		{rows.Int, `-42`, `"-42"`}, {rows.Decimal, `12.5`, `"12.5"`}, {rows.Double, `1.5e+21`, `"1500000000000000000000"`}, {rows.Double, `2e-7`, `"0.0000002"`},
		{rows.Bool, `true`, `"true"`}, {rows.Bool, `false`, `"false"`}, {rows.Date, `"2024-05-01"`, `"2024-05-01"`}, {rows.Date, `null`, `""`},
		{rows.Timestamp, `"2024-05-01T10:11:12.123456Z"`, `"2024-05-01T10:11:12.123Z"`}, {rows.Timestamp, `"2024-05-01T10:11:12Z"`, `"2024-05-01T10:11:12.000Z"`},
		{rows.TextList, `["a","b c"]`, `"a;b c"`}, {rows.TextList, `[]`, `""`}, {rows.JSON, `{"a":[1]}`, `"{\"a\":[1]}"`}, {rows.JSON, `12`, `"12"`},
	} {
		with(t, "", func(a *account) {
			makeProperty(a.box, "contacts", "v", "string", "")
			a.sync.Fields = []destinations.FieldInfo{{Name: "v", Type: v.typ}}
			a.send("accepted", rec(upsert, 1, `{"v":`+v.json+`}`))
			if want := `"properties":{"v":` + v.sent + `}`; !strings.Contains(a.seen[0].body, want) {
				t.Errorf("%s of type %s: sent %s, not %s", v.json, v.typ, a.seen[0].body, want)
			}
		})
	}
}

func TestValuesThatHubSpotCannotBeTold(t *testing.T) {
	with(t, "", func(a *account) {
		a.sync.Fields = []destinations.FieldInfo{{Name: "firstname", Type: rows.TextList}}
		out := a.send("accepted rejected accepted", rec(upsert, 1, `{"firstname":["a"]}`), rec(upsert, 2, `{"firstname":["a;b"]}`), rec(upsert, 3, `{"firstname":["c"]}`))
		if out[1].Code != "invalid_option" || out[1].Field != "firstname" || len(a.seen) != 1 {
			t.Errorf("%+v, %d requests", out[1], len(a.seen))
		}
	})
}

func TestClearedValueIsGone(t *testing.T) {
	with(t, "", func(a *account) {
		id := a.send("accepted", rec(upsert, 1, `{"firstname":"Ann","ltv":1}`))[0].RemoteID
		changed := rec(upsert, 1, `{"firstname":null,"ltv":1}`)
		changed.Send, changed.RemoteID = `{"firstname":null}`, id
		a.send("accepted", changed)
		a.holds(`{"email":"p1@people.example"} {"ltv":1}`)
		if got := a.paths(); got != "upsert update" {
			t.Errorf("asked %s", got)
		}
	})
}

func TestRenames(t *testing.T) {
	moved := rec(upsert, 2, `{"firstname":"Ann","ltv":9}`)
	moved.OldMatch, moved.Send = match(1), `{"ltv":9}`
	for name, c := range map[string]struct {
		knows bool // HubSpot's id
		lose  int
		asked string
	}{
		"by id": {true, 0, "update"}, "by the old match": {false, 0, "read update"},
		"answer lost": {true, 1, "update update"}, "answer of the look-up lost": {false, 1, "read read update"},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, "", func(a *account) {
				id := a.send("accepted", rec(upsert, 1, `{"firstname":"Ann","ltv":1}`))[0].RemoteID
				r := moved
				if c.knows {
					r.RemoteID = id
				}
				a.paths()
				a.lose = c.lose
				out := a.send("accepted", r)
				if out[0].RemoteID != id || out[0].Created != destinations.CreatedNo {
					t.Errorf("%+v", out[0])
				}
				if got := a.paths(); got != c.asked {
					t.Errorf("asked %s, not %s", got, c.asked)
				}
				a.holds(`{"email":"p2@people.example"} {"firstname":"Ann","ltv":9}`)
			})
		})
	}
}

func TestRenameThatHappenedBefore(t *testing.T) {
	with(t, "", func(a *account) {
		a.send("accepted", rec(upsert, 2, `{"firstname":"Ann"}`))
		r := rec(upsert, 2, `{"firstname":"Ann","ltv":9}`)
		r.OldMatch, r.Send = match(1), `{"ltv":9}`
		a.paths()
		a.send("accepted", r)
		if got := a.paths(); got != "read read update" {
			t.Errorf("asked %s", got)
		}
		a.holds(`{"email":"p2@people.example"} {"firstname":"Ann","ltv":9}`)
	})
}

func TestRenameOfWhatIsNowhereMakesItWhole(t *testing.T) {
	with(t, "", func(a *account) {
		r := rec(upsert, 2, `{"firstname":"Ann","ltv":9}`)
		r.OldMatch, r.Send = match(1), `{"ltv":9}`
		a.send("accepted", r)
		a.holds(`{"email":"p2@people.example"} {"firstname":"Ann","ltv":9}`)
		r.Op, r.Match, r.OldMatch = update, match(4), match(3)
		a.send("missing", r)
	})
}

func TestRenameToATakenAddress(t *testing.T) {
	with(t, "", func(a *account) {
		out := a.send("accepted accepted", rec(upsert, 1, `{}`), rec(upsert, 2, `{}`))
		r := rec(upsert, 2, `{"ltv":9}`)
		r.OldMatch, r.RemoteID, r.Send = match(1), out[0].RemoteID, `{}`
		if out := a.send("rejected", r); out[0].Code != "conflict" {
			t.Errorf("%+v", out[0])
		}
	})
}

func TestSameAddressTwice(t *testing.T) {
	with(t, "", func(a *account) {
		twin := rec(upsert, 1, `{"firstname":"Bo"}`)
		twin.Key = "twin"
		twin.Match = `{"email":"P1@People.example"}`
		out := a.send("accepted rejected", rec(upsert, 1, `{"firstname":"Ann"}`), twin)
		if out[1].Code != "same_record" || len(a.seen) != 1 {
			t.Errorf("%+v, %d requests", out[1], len(a.seen))
		}
		a.holds(`{"email":"p1@people.example"} {"firstname":"Ann"}`)
	})
}

func TestInserts(t *testing.T) {
	with(t, "", func(a *account) {
		out := a.send("accepted", rec(insert, 1, `{"firstname":"Ann"}`))
		if out[0].Created != destinations.CreatedYes || !strings.Contains(a.seen[0].body, `"email":"p1@people.example"`) {
			t.Errorf("%+v after %s", out[0], a.seen[0].body)
		}
		a.send("exists accepted", rec(insert, 1, `{"firstname":"Bo"}`), rec(insert, 2, `{"firstname":"Cy"}`))
		inputs(t, &a.seen[1])
		a.paths()
		a.lose = 1
		a.send("unknown", rec(insert, 3, `{}`))
		if got := a.paths(); got != "create" {
			t.Errorf("an insert whose answer was lost was repeated: %s", got)
		}
		a.lose = 1
		a.send("accepted", rec(upsert, 4, `{}`))
	})
}

func TestInsertsWithoutAMatch(t *testing.T) {
	with(t, "", func(a *account) {
		a.sync = &destinations.Sync{ID: "s0002", Name: "deals", Object: "deals", Kind: destinations.Record, Fields: []destinations.FieldInfo{{Name: "dealname", Type: rows.Text}}}
		same := destinationstest.Rec{Op: insert, Key: "1", Fields: `{"dealname":"Boat"}`}
		a.send("accepted accepted", same, same)
		if n := len(a.box.State()); n != 2 {
			t.Errorf("%d deals", n)
		}
	})
}

func TestCustomObjectByAnyVersion(t *testing.T) {
	with(t, "version: \"2026-03\"\n", func(a *account) {
		makeProperty(a.box, "p_cars", "vin", "string", `,"hasUniqueValue":true`)
		makeProperty(a.box, "p_cars", "doors", "number", "")
		a.sync = &destinations.Sync{ID: "s0003", Name: "cars", Object: "p_cars", Kind: destinations.Record,
			Match: []destinations.FieldInfo{{Name: "vin", Type: rows.Text}}, Fields: []destinations.FieldInfo{{Name: "doors", Type: rows.Int}}}
		a.send("accepted", destinationstest.Rec{Op: upsert, Key: "1", Match: `{"vin":"V1"}`, Fields: `{"doors":5}`})
		if got := a.seen[0].path; got != "/crm/objects/2026-03/p_cars/batch/upsert" {
			t.Errorf("asked %s", got)
		}
		a.holds(`{"vin":"V1"} {"doors":5}`)
	})
}

func TestMatchByRecordID(t *testing.T) {
	with(t, "", func(a *account) {
		id := a.send("accepted", rec(upsert, 1, `{"firstname":"Ann"}`))[0].RemoteID
		a.sync.Match[0].Name = "hs_object_id"
		r := destinationstest.Rec{Op: upsert, Key: "1", Match: `{"hs_object_id":` + id + `}`, Fields: `{"ltv":3}`}
		gone := destinationstest.Rec{Op: upsert, Key: "2", Match: `{"hs_object_id":999999}`, Fields: `{"ltv":3}`}
		a.paths()
		a.send("accepted missing", r, gone)
		if got := a.paths(); got != "update" {
			t.Errorf("asked %s", got)
		}
		a.holds(`{"email":"p1@people.example"} {"firstname":"Ann","ltv":3}`)
	})
}
