package hubspot_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/destinationstest"
)

func three(op destinations.Op) []destinationstest.Rec {
	return []destinationstest.Rec{rec(op, 0, `{"firstname":"A"}`), rec(op, 1, `{"firstname":"B"}`), rec(op, 2, `{"firstname":"C"}`)}
}

func TestSomeOfABatchAreRefused(t *testing.T) {
	with(t, "", func(a *account) {
		bad := rec(upsert, 1, `{"lifecyclestage":"bogus"}`)
		worse := rec(upsert, 3, `{"ltv":"many"}`)
		out := a.send("accepted rejected accepted rejected", rec(upsert, 0, `{}`), bad, rec(upsert, 2, `{"firstname":"C"}`), worse)
		for i, want := range map[int][2]string{1: {"invalid_option", "lifecyclestage"}, 3: {"invalid_integer", "ltv"}} {
			if out[i].Code != want[0] || out[i].Field != want[1] || strings.Contains(out[i].Message, "bogus") || strings.Contains(out[i].Message, "many") {
				t.Errorf("%+v", out[i])
			}
		}
		if len(a.seen) != 1 {
			t.Errorf("%d requests", len(a.seen))
		}
	})
}

// TestAnswers is how answers are tied to records, in the forms that HubSpot has.
func TestAnswers(t *testing.T) {
	const (
		fault = `{"status":"error","category":"VALIDATION_ERROR","message":"no","context":{`
		ok1   = `{"id":"11","new":true,"objectWriteTraceId":"1","properties":{}}`
		ok2   = `{"id":"12","new":false,"properties":{"email":"P2@people.example"}}`
		ok0   = `{"id":"10","new":false,"objectWriteTraceId":"0"}`
	)
	for name, c := range map[string]struct {
		status   int
		body     string
		want     string
		requests int
	}{
		"out of order, one by its match":  {200, `{"results":[` + ok2 + `,` + ok1 + `,` + ok0 + `]}`, "accepted accepted accepted", 1},
		"an error by its mark":            {207, `{"results":[` + ok2 + `,` + ok0 + `],"errors":[` + fault + `"objectWriteTraceId":["1"]}}]}`, "accepted rejected accepted", 1},
		"an error by its mark, as a text": {207, `{"results":[` + ok2 + `,` + ok0 + `],"errors":[` + fault + `"objectWriteTraceId":"1"}}]}`, "accepted rejected accepted", 1},
		"an error by its id":              {207, `{"results":[` + ok2 + `,` + ok0 + `],"errors":[` + fault + `"ids":["p1@people.example"]}}]}`, "accepted rejected accepted", 1},
		"one error for two":               {207, `{"results":[` + ok2 + `],"errors":[` + fault + `"objectWriteTraceId":["0","1"]}}]}`, "rejected rejected accepted", 1},
		"no errors, no names":             {200, `{"results":[{"id":"1"},{"id":"2"},{"id":"3"}]}`, "accepted accepted accepted", 1},
		"fewer results than records":      {200, `{"results":[` + ok0 + `]}`, "accepted unknown unknown", 1},
		"nothing at all":                  {200, `{"status":"COMPLETE","results":[]}`, "unknown unknown unknown", 1},
		"not found":                       {207, `{"results":[` + ok2 + `,` + ok0 + `],"errors":[{"category":"OBJECT_NOT_FOUND","message":"no","context":{"ids":["p1@people.example"]}}]}`, "accepted missing accepted", 1},
		"an empty page":                   {200, ``, "unknown unknown unknown", 1},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, "", func(a *account) {
				a.answers = func(*seen) (int, string) { return c.status, c.body }
				a.send(c.want, three(upsert)...)
				if len(a.seen) != c.requests {
					t.Errorf("%d requests", len(a.seen))
				}
			})
		})
	}
}

func TestErrorThatBelongsToNobody(t *testing.T) {
	stray := func(s *seen) (int, string) {
		if !strings.Contains(s.body, `"B"`) {
			return 0, ""
		}
		return 207, `{"results":[],"errors":[{"category":"VALIDATION_ERROR","message":"no"}]}`
	}
	with(t, "", func(a *account) {
		a.answers = stray
		a.send("accepted rejected accepted", three(upsert)...)
	})
	with(t, "", func(a *account) { // what may be made only once is not sent again
		a.answers = stray
		a.send("unknown unknown unknown", three(insert)...)
		if len(a.seen) != 1 {
			t.Errorf("%d requests", len(a.seen))
		}
	})
}

func TestPropertyThatIsGone(t *testing.T) {
	with(t, "", func(a *account) {
		var recs []destinationstest.Rec
		for n := range 40 {
			recs = append(recs, rec(upsert, n, `{"firstname":"A","ltv":1}`))
		}
		a.call(http.MethodDelete, "/crm/v3/properties/contacts/ltv", "")
		out := a.send(strings.TrimSpace(strings.Repeat("rejected ", 40)), recs...)
		if out[7].Code != "property_doesnt_exist" || out[7].Field != "ltv" || len(a.seen) != 1 {
			t.Errorf("%+v in %d requests", out[7], len(a.seen))
		}
		recs[3].Fields, recs[30].Fields = `{"firstname":"A"}`, `{"firstname":"A"}`
		for i, o := range a.send(strings.TrimSpace(strings.Repeat("rejected ", 3)+"accepted "+strings.Repeat("rejected ", 26)+"accepted "+strings.Repeat("rejected ", 9)), recs...) {
			if i != 3 && i != 30 && (o.Code != "property_doesnt_exist" || o.Field != "ltv") {
				t.Errorf("record %d: %+v", i, o)
			}
		}
	})
}

func TestArchived(t *testing.T) {
	with(t, "", func(a *account) {
		id := a.send("accepted", rec(upsert, 1, `{"firstname":"Ann","ltv":1}`))[0].RemoteID
		a.call(http.MethodPost, "/crm/v3/objects/contacts/batch/archive", `{"inputs":[{"id":"`+id+`"}]}`)
		changed := rec(upsert, 1, `{"firstname":"Ann","ltv":2}`)
		changed.Send, changed.RemoteID = `{"ltv":2}`, id
		if out := a.send("missing", changed); out[0].Code != "missing" {
			t.Errorf("%+v", out[0])
		}
		gone := rec(remove, 1, "")
		gone.RemoteID = id
		a.send("missing", gone)
		a.holds()
		again := a.send("accepted", rec(upsert, 1, `{"firstname":"Ann","ltv":2}`))[0]
		if again.RemoteID == id || again.Created != destinations.CreatedYes {
			t.Errorf("an archived contact came back as %+v", again)
		}
		a.holds(`{"email":"p1@people.example"} {"firstname":"Ann","ltv":2}`)
	})
}

func TestMerged(t *testing.T) {
	with(t, "", func(a *account) {
		out := a.send("accepted accepted", rec(upsert, 1, `{"firstname":"Ann"}`), rec(upsert, 2, `{"firstname":"Bo"}`))
		a.call(http.MethodPost, "/crm/v3/objects/contacts/merge", `{"primaryObjectId":"`+out[0].RemoteID+`","objectIdToMerge":"`+out[1].RemoteID+`"}`)
		changed := rec(upsert, 2, `{"ltv":2}`)
		changed.RemoteID = out[1].RemoteID
		o := a.send("accepted", changed)[0]
		if o.Code != "merged" || o.RemoteID == out[1].RemoteID || o.Message == "" {
			t.Errorf("%+v", o)
		}
		gone := rec(remove, 2, "")
		gone.RemoteID = out[1].RemoteID
		a.send("missing", gone)
		a.holds(`{"email":"p1@people.example"} {"firstname":"Ann","ltv":2}`)
		// both rows know the survivor now: it is written once
		first, second := rec(upsert, 1, `{"ltv":3}`), rec(upsert, 2, `{"ltv":4}`)
		first.RemoteID, second.RemoteID = o.RemoteID, o.RemoteID
		if out := a.send("accepted rejected", first, second); out[1].Code != "same_record" {
			t.Errorf("%+v", out[1])
		}
	})
}

func TestRemovals(t *testing.T) {
	with(t, "", func(a *account) {
		out := a.send("accepted accepted accepted", three(upsert)...)
		byID, byMatch, nowhere := rec(remove, 0, ""), rec(remove, 1, ""), rec(remove, 9, "")
		byID.RemoteID = out[0].RemoteID
		a.paths()
		a.send("accepted accepted missing", byID, byMatch, nowhere)
		if got := a.paths(); got != "read read archive" {
			t.Errorf("asked %s", got)
		}
		a.holds(`{"email":"p2@people.example"} {"firstname":"C"}`)
		// a failure between looking and archiving leaves them due
		a.answers = func(s *seen) (int, string) {
			if strings.HasSuffix(s.path, "archive") {
				return 500, `{}`
			}
			return 0, ""
		}
		a.send("deferred", rec(remove, 2, ""))
	})
}

func TestStepsOfABatchFailAlone(t *testing.T) {
	with(t, "", func(a *account) {
		id := a.send("accepted", rec(upsert, 1, `{}`))[0].RemoteID
		changed := rec(upsert, 1, `{"ltv":2}`)
		changed.RemoteID = id
		a.answers = func(s *seen) (int, string) {
			if strings.HasSuffix(s.path, "update") {
				return 503, `{}`
			}
			return 0, ""
		}
		a.send("deferred accepted", changed, rec(upsert, 2, `{}`))
	})
}

func TestScopesAreNamed(t *testing.T) {
	with(t, "", func(a *account) {
		a.answers = func(*seen) (int, string) {
			return 403, `{"status":"error","message":"This app hasn't been granted all required scopes to make this call.","category":"MISSING_SCOPES","errors":[{"message":"x","context":{"requiredGranularScopes":["crm.objects.contacts.write"]}}]}`
		}
		b := destinationstest.Batch(a.sync, rec(upsert, 1, `{}`))
		defer b.Release()
		_, err := a.sender.Send(context.Background(), b)
		var auth *destinations.AuthError
		if !errors.As(err, &auth) || !strings.Contains(err.Error(), "crm.objects.contacts.write") {
			t.Errorf("%v", err)
		}
	})
}

func TestLimits(t *testing.T) {
	begun := func(a *account) time.Duration {
		at := time.Now()
		a.send("accepted", rec(upsert, 1, `{}`))
		return time.Since(at)
	}
	once := func(a *account, body string) {
		a.answers = func(*seen) (int, string) { a.answers = nil; return 429, body }
	}
	with(t, "", func(a *account) {
		once(a, `{"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING","message":"no"}`)
		if took := begun(a); took < 10*time.Second {
			t.Errorf("after the ten-second limit it went on after %s", took)
		}
		once(a, `{"category":"RATE_LIMITS","message":"You have reached your secondly limit."}`)
		if took := begun(a); took < time.Second || took > 5*time.Second {
			t.Errorf("after the second's limit it went on after %s", took)
		}
	})
	with(t, "", func(a *account) {
		once(a, `{"errorType":"RATE_LIMIT","policyName":"DAILY","message":"no"}`)
		out := a.send("deferred", rec(upsert, 1, `{}`))
		a.send("deferred", rec(upsert, 1, `{}`))
		if out[0].After != time.Hour || len(a.seen) != 1 {
			t.Errorf("after the day's limit: %+v, %d requests", out[0], len(a.seen))
		}
	})
	with(t, "", func(a *account) {
		a.header.Set("X-HubSpot-RateLimit-Remaining", "0")
		a.header.Set("X-HubSpot-RateLimit-Interval-Milliseconds", "10000")
		a.answers = func(*seen) (int, string) { return 200, `{"results":[{"id":"1","objectWriteTraceId":"0"}]}` }
		begun(a)
		if took := begun(a); took < time.Second {
			t.Errorf("with nothing left it went on after %s", took)
		}
	})
}
