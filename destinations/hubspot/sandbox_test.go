package hubspot_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/hubspot"
)

// ask is one request to a stand-in; "" for GET.
func ask(box *hubspot.Sandbox, path, body string) (int, string) {
	method := http.MethodPost
	if body == "" {
		method = http.MethodGet
	}
	w := httptest.NewRecorder()
	box.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

const contactsPath = "/crm/v3/objects/contacts/batch/"

// TestSandboxRefusesWhatHubSpotRefuses: requests that are refused as a whole,
// and of which nothing is taken.
func TestSandboxRefusesWhatHubSpotRefuses(t *testing.T) {
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"p%d@x.example","idProperty":"email","properties":{}}`, i)
	}
	one := func(in string) string { return `{"inputs":[` + in + `]}` }
	good := `{"id":"a@x.example","idProperty":"email","objectWriteTraceId":"1","properties":{"firstname":"Ann"}}`
	for name, c := range map[string]struct{ path, body, says string }{
		"an unknown property": {"upsert", one(good + `,{"id":"b@x.example","idProperty":"email","objectWriteTraceId":"2","properties":{"nosuch":"1"}}`), "PROPERTY_DOESNT_EXIST"},
		"a read-only one":     {"upsert", one(`{"id":"a@x.example","idProperty":"email","properties":{"createdate":"1"}}`), "READ_ONLY_VALUE"},
		"a number":            {"upsert", one(`{"id":"a@x.example","idProperty":"email","properties":{"firstname":1}}`), "Invalid input JSON"},
		"an unknown key":      {"upsert", one(`{"id":"a@x.example","idproperti":"email","properties":{}}`), "Invalid input JSON"},
		"twice the same":      {"upsert", one(good + `,{"id":"A@x.example","idProperty":"email","objectWriteTraceId":"2","properties":{}}`), "Duplicate IDs"},
		"twice the same mark": {"create", one(`{"objectWriteTraceId":"1","properties":{}},{"objectWriteTraceId":"1","properties":{}}`), "objectWriteTraceId"},
		"101 records":         {"upsert", one(strings.Join(many, ",")), "100"},
		"none":                {"upsert", one(""), "100"},
		"found by a name":     {"upsert", one(`{"id":"Ann","idProperty":"firstname","properties":{}}`), "non-unique"},
		"upsert by the id":    {"upsert", one(`{"id":"1","properties":{}}`), "non-unique"},
		"found by hs_object":  {"update", one(`{"id":"1","idProperty":"hs_object_id","properties":{}}`), "non-unique"},
		"not JSON":            {"upsert", `{"inputs":[`, "Invalid input JSON"},
		"reading by a name":   {"read", `{"idProperty":"firstname","inputs":[{"id":"Ann"}]}`, "unique"},
		"reading properties":  {"read", `{"inputs":[{"id":"1","properties":{}}]}`, "nothing else"},
	} {
		box := hubspot.NewSandbox()
		status, text := ask(box, contactsPath+c.path, c.body)
		if status != http.StatusBadRequest || !strings.Contains(text, c.says) || gjson.Get(text, "category").String() != "VALIDATION_ERROR" || len(box.State()) != 0 {
			t.Errorf("%s: %d %s, %d records", name, status, text, len(box.State()))
		}
	}
	box := hubspot.NewSandbox()
	for path, want := range map[string]int{"/crm/v3/objects/boats/batch/upsert": 400, "/crm/v3/objects/contacts/batch/dance": 404, "/elsewhere": 404, "/crm/v3/objects/contacts": 404} {
		if status, text := ask(box, path, one(good)); status != want {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}

// TestSandboxRefusesSingleRecords: values that HubSpot does not take.
func TestSandboxRefusesSingleRecords(t *testing.T) {
	box := hubspot.NewSandbox()
	for name, typ := range map[string]string{"n": "number", "b": "bool", "d": "date", "m": "datetime"} {
		makeProperty(box, "contacts", name, typ, "")
	}
	for in, want := range map[string]string{
		`"n":"12.5"`: "", `"n":"-1"`: "", `"n":"1e3"`: "INVALID_INTEGER", `"n":"twelve"`: "INVALID_INTEGER", `"n":""`: "",
		`"b":"true"`: "", `"b":"yes"`: "INVALID_OPTION", `"b":"True"`: "INVALID_OPTION",
		`"d":"2024-05-01"`: "", `"d":"1714521600000"`: "", `"d":"1714521600001"`: "INVALID_DATE", `"d":"2024-05-01T10:00:00Z"`: "INVALID_DATE",
		`"m":"2024-05-01T10:00:00.123Z"`: "", `"m":"2024-05-01T10:00:00.123456Z"`: "INVALID_DATE", `"m":"2024-05-01"`: "INVALID_DATE", `"m":"1714521600001"`: "",
		`"lifecyclestage":"lead"`: "", `"lifecyclestage":"Lead"`: "INVALID_OPTION", `"email":"nobody"`: "INVALID_EMAIL",
	} {
		status, text := ask(box, contactsPath+"upsert", `{"inputs":[{"id":"a@x.example","idProperty":"email","objectWriteTraceId":"7","properties":{`+in+`}}]}`)
		code := ""
		if e := gjson.Get(text, "errors.0"); e.Exists() {
			_, list, _ := strings.Cut(e.Get("message").String(), ": ")
			code = gjson.Get(list, "0.error").String()
			if e.Get("context.objectWriteTraceId.0").String() != "7" || status != http.StatusMultiStatus {
				t.Errorf("%s: %d %s", in, status, text)
			}
		}
		if code != want || want == "" && status != http.StatusOK {
			t.Errorf("%s: %d %q, not %q", in, status, code, want)
		}
	}
}

func TestSandboxCountsTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := hubspot.NewSandbox()
		for n := range 190 {
			if status, text := ask(box, "/account-info/v3/details", ""); status != http.StatusOK {
				t.Fatalf("request %d: %d %s", n, status, text)
			}
		}
		status, text := ask(box, "/account-info/v3/details", "")
		if status != http.StatusTooManyRequests || gjson.Get(text, "policyName").String() != "TEN_SECONDLY_ROLLING" {
			t.Errorf("%d %s", status, text)
		}
		<-time.After(10 * time.Second)
		if status, _ := ask(box, "/account-info/2026-03/details", ""); status != http.StatusOK {
			t.Errorf("ten seconds later: %d", status)
		}
	})
}

// TestSandboxRemembers: what was written down leads to the same state, line by
// line and shortened.
func TestSandboxRemembers(t *testing.T) {
	box := hubspot.NewSandbox()
	var lines []string
	box.OnWrite(func(line []byte) error { lines = append(lines, string(line)); return nil })
	makeProperty(box, "contacts", "ltv", "number", "")
	makeProperty(box, "p_cars", "vin", "string", `,"hasUniqueValue":true`)
	upsert := func(id, more string) {
		if status, text := ask(box, contactsPath+"upsert", `{"inputs":[{"id":"`+id+`@x.example","idProperty":"email","properties":{`+more+`}}]}`); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
	}
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		upsert(id, `"ltv":"1","city":"York"`)
	}
	upsert("a", `"ltv":""`)
	ask(box, "/crm/v3/objects/p_cars/batch/upsert", `{"inputs":[{"id":"V1","idProperty":"vin","properties":{}}]}`)
	ask(box, contactsPath+"archive", `{"inputs":[{"id":"502"}]}`)
	ask(box, "/crm/v3/objects/contacts/merge", `{"primaryObjectId":"503","objectIdToMerge":"504"}`)
	ask(box, "/crm/v3/objects/contacts/gdpr-delete", `{"objectId":"e@x.example","idProperty":"email"}`)
	w := httptest.NewRecorder()
	box.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "/crm/v3/properties/contacts/city", nil))

	want := fmt.Sprint(box.State())
	again := hubspot.NewSandbox()
	for _, l := range lines {
		if err := again.Apply([]byte(l)); err != nil {
			t.Fatal(err)
		}
	}
	short := hubspot.NewSandbox()
	var fewer []string
	if err := again.Compact(func(line []byte) error { fewer = append(fewer, string(line)); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, l := range slices.Concat(fewer, fewer) { // twice does no harm
		if err := short.Apply([]byte(l)); err != nil {
			t.Fatal(err)
		}
	}
	for name, b := range map[string]*hubspot.Sandbox{"replayed": again, "shortened": short} {
		if got := fmt.Sprint(b.State()); got != want {
			t.Errorf("%s: %s\nnot %s", name, got, want)
		}
		if status, _ := ask(b, "/crm/v3/properties/contacts/city", ""); status != http.StatusNotFound {
			t.Errorf("%s: the property that was dropped is back (%d)", name, status)
		}
		_, text := ask(b, contactsPath+"read", `{"inputs":[{"id":"504"}]}`)
		if got := gjson.Get(text, "results.0.id").String(); got != "507" {
			t.Errorf("%s: a merged contact answers as %s: %s", name, got, text)
		}
		_, text = ask(b, contactsPath+"upsert", `{"inputs":[{"id":"new@x.example","idProperty":"email","properties":{}}]}`)
		if got := gjson.Get(text, "results.0.id").String(); got != "508" {
			t.Errorf("%s: the next id is %s", name, got)
		}
	}
	if err := short.Apply([]byte("{")); err == nil {
		t.Error("a torn line is no error")
	}
}

func TestSandboxCannotWriteItDown(t *testing.T) {
	box := hubspot.NewSandbox()
	box.OnWrite(func([]byte) error { return fmt.Errorf("full") })
	if status, _ := ask(box, contactsPath+"upsert", `{"inputs":[{"id":"a@x.example","idProperty":"email","properties":{}}]}`); status != http.StatusInternalServerError {
		t.Errorf("%d", status)
	}
	if status, _ := ask(box, "/account-info/v3/details", ""); status != http.StatusOK {
		t.Errorf("%d", status)
	}
}

func TestSandboxCounts(t *testing.T) {
	box := hubspot.NewSandbox()
	for range 2 {
		ask(box, contactsPath+"upsert", `{"inputs":[{"id":"a@x.example","idProperty":"email","properties":{"city":"York"}}]}`)
	}
	if c := box.Counts(); c != (destinations.SandboxCounts{Requests: 2, Records: 2, Repeats: 1}) {
		t.Errorf("%+v", c)
	}
	box.Refuse([]destinations.RecordFault{{Key: "york"}})
	if status, text := ask(box, contactsPath+"upsert", `{"inputs":[{"id":"b@x.example","idProperty":"email","properties":{"city":"York"}}]}`); status != http.StatusMultiStatus {
		t.Errorf("%d %s", status, text)
	}
	box.Reset()
	if c := box.Counts(); c.Requests != 0 || len(box.State()) != 0 {
		t.Errorf("%+v", c)
	}
}
