package hubspot_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
	"github.com/weir-data/weir/destinations/hubspot"
	"github.com/weir-data/weir/internal/rows"
)

var (
	_ destinations.Account   = (*hubspot.HubSpot)(nil)
	_ destinations.Checker   = (*hubspot.HubSpot)(nil)
	_ destinations.Describer = (*hubspot.HubSpot)(nil)
	_ destinations.Preparer  = (*hubspot.HubSpot)(nil)
	_ destinations.Finder    = (*hubspot.HubSpot)(nil)
	_ destinations.Eraser    = (*hubspot.HubSpot)(nil)
)

func TestAccountIsThePortal(t *testing.T) {
	with(t, "", func(a *account) {
		h := a.opened.Destination.(*hubspot.HubSpot)
		if got, err := h.Account(context.Background()); got != "1000001" || err != nil || h.Check(context.Background()) != nil {
			t.Errorf("%q, %v", got, err)
		}
		for status, want := range map[int]string{401: "401", 403: "`account:`", 200: "`account:`"} {
			a.answers = func(*seen) (int, string) { return status, `{}` }
			_, err := h.Account(context.Background())
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("answered %d: %v", status, err)
			}
			var auth *destinations.AuthError
			if errors.As(err, &auth) != (status > 400) {
				t.Errorf("answered %d: %T", status, err)
			}
		}
	})
}

func TestDescribe(t *testing.T) {
	with(t, "", func(a *account) {
		makeProperty(a.box, "p_cars", "vin", "string", `,"hasUniqueValue":true`)
		h := a.opened.Destination.(*hubspot.HubSpot)
		all, err := h.Describe(context.Background(), "")
		var names []string
		for _, o := range all {
			names = append(names, o.Name)
		}
		if err != nil || strings.Join(names, " ") != "contacts companies deals p_cars" {
			t.Errorf("%v, %v", names, err)
		}
		one, err := h.Describe(context.Background(), "contacts")
		if err != nil || len(one) != 1 {
			t.Fatalf("%v, %v", one, err)
		}
		email, no, stage, id := one[0].Field("email"), one[0].Field("customer_no"), one[0].Field("lifecyclestage"), one[0].Field("hs_object_id")
		if !email.Unique || !no.Unique || one[0].Field("firstname").Unique || !id.Unique || !id.ReadOnly || email.ReadOnly {
			t.Errorf("what finds records: %+v %+v %+v", email, no, id)
		}
		if stage.Type != "enumeration" || !slices.Contains(stage.Options, "lead") || !slices.Contains(one[0].Field("ltv").Takes, rows.Decimal) {
			t.Errorf("%+v", stage)
		}
		if none, err := h.Describe(context.Background(), "p_boats"); len(none) != 0 || err != nil {
			t.Errorf("an object that is not there: %v, %v", none, err)
		}
		a.answers = func(s *seen) (int, string) {
			if strings.Contains(s.path, "schemas") {
				return 403, `{"category":"MISSING_SCOPES"}`
			}
			return 500, `{}`
		}
		if all, err := h.Describe(context.Background(), ""); len(all) != 3 || err != nil {
			t.Errorf("a token that may not see custom objects: %v, %v", all, err)
		}
		if _, err := h.Describe(context.Background(), "contacts"); err == nil {
			t.Error("HubSpot is down, and nothing is said")
		}
	})
}

// TestFieldsBeforeTheFirstRecord: a mapping that HubSpot would refuse is told
// field by field.
func TestFieldsBeforeTheFirstRecord(t *testing.T) {
	with(t, "", func(a *account) {
		h := a.opened.Destination.(*hubspot.HubSpot)
		one, err := h.Describe(context.Background(), "contacts")
		if err != nil {
			t.Fatal(err)
		}
		check := destinations.FieldCheck{Vendor: "HubSpot", Sync: contacts(), Mode: destinations.Upsert, Has: &one[0], Constants: map[string]string{"lifecyclestage": "laed"}}
		if f := check.Faults(); len(f) != 0 {
			t.Errorf("a good sync: %+v", f)
		}
		check.Sync.Match[0].Name = "company"
		check.Sync.Fields = []destinations.FieldInfo{{Name: "frstname", Type: rows.Text}, {Name: "ltv", Type: rows.Bool}, {Name: "createdate", Type: rows.Timestamp},
			{Name: "lifecyclestage", Type: rows.Text}, {Name: "lastname", Type: rows.Int}, {Name: "xyzzy", Type: rows.Text}}
		want := []string{
			"fields.not_unique company of contacts is not unique in HubSpot, so no record can be found by it (those that are: email, hs_object_id, customer_no)",
			`fields.unknown HubSpot has no field frstname on contacts (did you mean "firstname"?)`,
			"fields.type ltv of contacts is of type number in HubSpot, and what is mapped to it is of type bool (cast it to bigint or double or decimal or text in the source)",
			"fields.read_only createdate of contacts is read-only in HubSpot (take it out of fields)",
			`fields.option "laed" is none of the values that lifecyclestage of contacts can have in HubSpot (did you mean "lead"?)`,
			"fields.unknown HubSpot has no field xyzzy on contacts (`weir fields` lists those it has)",
		}
		var got []string
		for _, f := range check.Faults() {
			got = append(got, f.Code+" "+f.Message+" ("+f.Hint+")")
		}
		if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
			t.Errorf("got\n%s\nnot\n%s", g, w)
		}
		check.Has = nil
		if f := check.Faults(); len(f) != 1 || f[0].Code != "fields.object" {
			t.Errorf("%+v", f)
		}
	})
}

func TestFind(t *testing.T) {
	with(t, "", func(a *account) {
		var recs []destinationstest.Rec
		for n := range 150 {
			recs = append(recs, rec(upsert, n, `{}`))
		}
		out := a.send(strings.TrimSpace(strings.Repeat("accepted ", 150)), recs...)
		a.paths()
		b := destinationstest.Batch(a.sync, append(recs, rec(upsert, 900, `{}`))...)
		defer b.Release()
		ids, err := a.opened.Destination.(destinations.Finder).Find(context.Background(), b)
		if err != nil || len(ids) != 151 || ids[7] != out[7].RemoteID || ids[140] != out[140].RemoteID || ids[150] != "" {
			t.Errorf("%v, %v", ids, err)
		}
		if got := a.paths(); got != "read read" {
			t.Errorf("asked %s", got)
		}
	})
}

func TestErase(t *testing.T) {
	with(t, "", func(a *account) {
		out := a.send("accepted accepted accepted", three(upsert)...)
		a.send("accepted", rec(remove, 0, "")) // archived: it can be restored, till it is erased
		known, missing := rec(remove, 1, ""), rec(remove, 5, "")
		known.RemoteID, missing.RemoteID = out[1].RemoteID, "999999"
		b := destinationstest.Batch(a.sync, rec(remove, 0, ""), known, missing)
		defer b.Release()
		a.paths()
		erased, err := a.opened.Destination.(destinations.Eraser).Erase(context.Background(), b)
		if err != nil {
			t.Fatal(err)
		}
		a.compare(erased, "accepted accepted missing")
		if got := a.paths(); got != "gdpr-delete gdpr-delete gdpr-delete" {
			t.Errorf("asked %s", got)
		}
		a.holds(`{"email":"p2@people.example"} {"firstname":"C"}`)
		a.answers = func(*seen) (int, string) { return 401, `{}` }
		if left, err := a.opened.Destination.(destinations.Eraser).Erase(context.Background(), b); err == nil {
			t.Error("no error of a token that is not known")
		} else {
			a.compare(left, "deferred deferred deferred")
		}
		a.sync.Object = "companies"
		refused, err := a.opened.Destination.(destinations.Eraser).Erase(context.Background(), b)
		if err != nil || !refused[0].Final {
			t.Errorf("%+v, %v", refused, err)
		}
	})
}

// TestPrepare: the sandbox is given the custom properties of the settings; a
// real account is left as it is.
func TestPrepare(t *testing.T) {
	const more = "properties:\n  - {object: contacts, name: tier, type: enumeration, options: [gold, base], multiple: true}\n"
	with(t, more, func(a *account) {
		if err := a.opened.Destination.(destinations.Preparer).Prepare(context.Background(), "contacts"); err != nil || len(a.seen) != 0 {
			t.Errorf("%v, %d requests", err, len(a.seen))
		}
		s := destinationstest.Settings(t, &hubspot.Spec, "access_token: hidden-token\n"+more)
		o, err := hubspot.Spec.Open(s, destinations.Env{Client: a.client.HTTP(), Name: "crm", Sandboxed: true})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := o.Destination.(destinations.Preparer).Prepare(context.Background(), "contacts"); err != nil {
				t.Fatal(err)
			}
		}
		if len(a.seen) != 1 || a.seen[0].header.Get("Authorization") != "" {
			t.Errorf("%+v", a.seen)
		}
		a.sync.Fields = []destinations.FieldInfo{{Name: "tier", Type: rows.TextList}}
		a.send("accepted rejected", rec(upsert, 1, `{"tier":["gold","base"]}`), rec(upsert, 2, `{"tier":["gold","silver"]}`))
	})
}

func TestSettingsThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"rate: 0%":               "rate",
		"rate: 200/s":            "rate",
		"connections: 0":         "connections",
		"version: v4":            "version",
		"base_url: nowhere":      "base_url",
		"access_token: \"x yz\"": "access_token",
		"properties: [{object: contcts, name: x}]":                     "contcts",
		"properties: [{object: contacts, name: x, type: enumeration}]": "options",
		"properties: [{object: contacts, name: x, multiple: true}]":    "several",
		"properties: [{object: contacts, name: x, options: [a]}]":      "options",
	} {
		if !strings.Contains(text, "access_token") {
			text += "\naccess_token: hidden-token"
		}
		_, err := hubspot.Spec.Open(destinationstest.Settings(t, &hubspot.Spec, text), destinations.Env{Client: http.DefaultClient})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
			continue
		}
		destinationstest.NoSecretIn(t, []string{"hidden-token", "x yz"}, err.Error())
	}
	for rate, want := range map[string]int{"": 90, "50%": 50, "150/10s": 150, "1%": 1} {
		text := "access_token: x\n"
		if rate != "" {
			text += "rate: " + rate + "\n"
		}
		l, err := hubspot.Spec.Limits(destinationstest.Settings(t, &hubspot.Spec, text))
		if err != nil || l.Rates[0].Requests != want {
			t.Errorf("rate %s: %+v, %v", rate, l.Rates, err)
		}
	}
}

func TestSyncsThatHubSpotCannotDo(t *testing.T) {
	with(t, "", func(a *account) {
		a.sync.Match = append(a.sync.Match, destinations.FieldInfo{Name: "customer_no"})
		b := destinationstest.Batch(a.sync, rec(upsert, 1, `{}`))
		defer b.Release()
		if _, err := a.sender.Send(context.Background(), b); err == nil || !strings.Contains(err.Error(), "one property") {
			t.Errorf("two fields of a match: %v", err)
		}
		a.sync.Match = nil
		if _, err := a.sender.Send(context.Background(), b); err == nil || !strings.Contains(err.Error(), "match") {
			t.Errorf("no match: %v", err)
		}
	})
}
