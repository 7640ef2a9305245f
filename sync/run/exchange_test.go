package run

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations"
)

func TestShowExchange(t *testing.T) {
	u, err := url.Parse("https://api.example/crm/v3/T0XSECRET/hooks?token=abc")
	if err != nil {
		t.Fatal(err)
	}
	x := destinations.Exchange{Method: "POST", URL: u, Code: 400,
		Header:       http.Header{"Authorization": {"Bearer s3cr3t"}, "Content-Type": {"application/json"}, "X-Own": {"s3cr3t"}},
		Body:         []byte(`{"sync":"people","records":[{"id":"0123456789abcdef0123456789abcdef","op":"upsert","key":"c_118","match":{"email":"ann@x.example"},"fields":{"name":"Ann Smith","op":"Ann","n":1.50,"list":["Bob",null,true],"e":"é<"}}]}`),
		AnswerHeader: http.Header{"Set-Cookie": {"s3cr3t"}, "Retry-After": {"3"}},
		Answer:       []byte(`{"status":"rejected","code":"invalid_email","type":"Ann","message":"Ann Smith <ann@x.example> is on +44 7700 900123","contact":{"name":"Somebody"}}`)}
	got := ShowExchange(x, false, "people", "c_118")
	if want := "POST https://api.example/crm/v3/…/hooks?…"; got.Request.Line != want || got.Answer.Line != "400 Bad Request" {
		t.Errorf("%q, %q", got.Request.Line, got.Answer.Line)
	}
	all := strings.Join(append(append(got.Request.Headers, got.Answer.Headers...), got.Request.Body, got.Answer.Body), "\n")
	for _, leak := range []string{"s3cr3t", "ann@", "Ann", "Smith", "Bob", "Somebody", "7700"} {
		if strings.Contains(all, leak) {
			t.Errorf("%q is shown:\n%s", leak, all)
		}
	}
	for _, want := range []string{`"key": "c_118"`, `"op": "upsert"`, `"id": "0123456789abcdef0123456789abcdef"`, `"n": 1.50`, `"code": "invalid_email"`, `"status": "rejected"`, "Content-Type: application/json", "Authorization: (hidden)", "Retry-After: 3", "(number)"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not shown:\n%s", want, all)
		}
	}
	if open := ShowExchange(x, true); !strings.Contains(open.Request.Body, `"name": "Ann Smith"`) || strings.Contains(strings.Join(open.Request.Headers, ""), "s3cr3t") {
		t.Errorf("asked for, and: %+v", open)
	}
	x.Answer, x.Body, x.Err = []byte("<html>Ann"), nil, errors.New("https://api.example/T0XSECRET was lost")
	got = ShowExchange(x, false)
	if got.Answer.Body != "(9 bytes that are not JSON)" || got.Request.Body != "" || strings.Contains(got.Error, "SECRET") {
		t.Errorf("%+v", got)
	}
}

// TestShowExchangeOrder: a body is shown as it went, its members in their order.
func TestShowExchangeOrder(t *testing.T) {
	x := destinations.Exchange{URL: &url.URL{}, Body: []byte(`{"b":1,"a":{"z":null,"y":[{},[]]}}`)}
	if got := strings.Join(strings.Fields(ShowExchange(x, false).Request.Body), ""); got != string(x.Body) {
		t.Errorf("got %s", got)
	}
}
