package destinations

import (
	"bytes"
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMessage is the most that is kept of a destination's own words, in bytes.
const maxMessage = 300

// hidden are the shapes of what must not be shown, and what stands for them.
var hidden = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://)([^\s/?#@]*@)?([^\s/?#'"<>]+)[^\s'"<>)]*`), "${1}${3}/…"},
	{regexp.MustCompile(`[^\s"'<>(),:;=]+@[^\s"'<>(),:;=]+`), "(email)"},
	{regexp.MustCompile(`(?i)\b(bearer|basic|token|apikey|api[-_ ]key|secret|password|signature|key)(\s*[:=]\s*|\s+)["']?[^\s"',;]{6,}`), "${1}${2}(secret)"},
	{regexp.MustCompile(`\b[A-Za-z]{2,6}_[A-Za-z0-9_=+/-]{12,}`), "(secret)"},
	{regexp.MustCompile(`\b[A-Za-z0-9_=+/-]{24,}`), "(…)"},
}

// number is what may be a telephone number.
var number = regexp.MustCompile(`\+?\d[\d\s().-]{5,}\d`)

// Redact makes a destination's own words fit for logs and pages: one line of at
// most 300 bytes, without addresses' paths, e-mail addresses, long runs of
// digits and anything that looks like a token.
func Redact(text string) string {
	if len(text) > 4*maxMessage {
		text = text[:4*maxMessage]
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
	for _, h := range hidden {
		text = h.re.ReplaceAllString(text, h.to)
	}
	text = number.ReplaceAllStringFunc(text, func(n string) string {
		if a, err := netip.ParseAddr(n); err == nil && private(a) {
			return n // a machine of this network, and nobody's number
		}
		return "(number)"
	})
	return cutAt(strings.Join(strings.Fields(text), " "), maxMessage)
}

// cutAt cuts a text at a number of bytes, never inside a character.
func cutAt(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

func printable(b []byte) bool {
	return utf8.Valid(b) && bytes.IndexFunc(b, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) < 0
}
