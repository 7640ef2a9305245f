package destinations

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"email ann@acme.example is not valid":             "email (email) is not valid",
		"call +44 (0)20 7946 0958 now":                    "call (number) now",
		"card 4111111111111111":                           "card (number)",
		"field age: 42 is too high":                       "field age: 42 is too high",
		"POST https://u:p@api.example/v1/x?token=abc bad": "POST https://api.example/… bad",
		"Authorization: Bearer abcdefgh12 rejected":       "Authorization: Bearer (secret) rejected",
		"two\nlines\tand\x00 more":                        "two lines and more",
		"token=sk_live_abcdefghijklmnop":                  "token=(secret)",
		"id 0123456789abcdef0123456789abcdef":             "id (…)",
	} {
		if got := Redact(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("ünï ann@x.example " + strings.Repeat("é", 400))
	f.Fuzz(func(t *testing.T, s string) {
		got := Redact(s)
		if len(got) > maxMessage || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r") {
			t.Errorf("%q", got)
		}
	})
}
