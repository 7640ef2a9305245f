package destinationstest

import (
	"strings"
	"testing"

	"github.com/weir-data/weir/destinations"
)

// Codes is what each HTTP status means where requests may be repeated: one
// truth for all adapters.
var Codes = codes()

func codes() map[int]destinations.Class {
	out := map[int]destinations.Class{}
	for code := 200; code <= 599; code++ {
		switch {
		case code < 300:
			out[code] = destinations.ClassOK
		case code < 400, code >= 500:
			out[code] = destinations.ClassDown
		default:
			out[code] = destinations.ClassRefused
		}
	}
	for _, code := range []int{401, 402, 403, 407} {
		out[code] = destinations.ClassAuth
	}
	for _, code := range []int{408, 425, 429} {
		out[code] = destinations.ClassDown
	}
	return out
}

// NoSecretIn fails the test where a text holds one of the secrets.
func NoSecretIn(t testing.TB, secrets []string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, s := range secrets {
			if s != "" && strings.Contains(text, s) {
				t.Errorf("a secret (%d bytes of it) is in %q", len(s), strings.ReplaceAll(text, s, "(here)"))
			}
		}
	}
}
