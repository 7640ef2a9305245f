package run

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weir-data/weir/destinations"
)

// MaskObject masks the values of a JSON object by their form: enough is left
// to recognise a row, too little to read it. Numbers, booleans and null stay;
// "" stays "".
func MaskObject(object string) string {
	if !strings.HasPrefix(object, "{") {
		if object == "" {
			return ""
		}
		return maskText(object)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for name, value := range destinations.Members([]byte(object)) {
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		b.Write(name)
		b.WriteString(": ")
		if len(value) > 0 && value[0] == '"' {
			b.WriteString(maskText(strings.Trim(string(value), `"`)))
			continue
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.String()
}

// maskText keeps the first letter, the shape and the length of a text.
func maskText(s string) string {
	if _, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return s
	}
	if user, host, ok := strings.Cut(s, "@"); ok {
		return first(user) + "***@" + first(host) + "***"
	}
	if n := utf8.RuneCountInString(s); n > 2 {
		return first(s) + strings.Repeat("*", min(n-1, 8))
	}
	return strings.Repeat("*", utf8.RuneCountInString(s))
}

func first(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return ""
	}
	return string(r)
}

// roundAge is a duration as people say it: 3d4h, 6h30m, 12m, 40s.
func roundAge(d time.Duration) string {
	if d < time.Minute {
		return d.Round(time.Second).String()
	}
	d = d.Round(time.Minute)
	days, hours, minutes := d/(24*time.Hour), d%(24*time.Hour)/time.Hour, d%time.Hour/time.Minute
	var b strings.Builder
	for _, part := range []struct {
		n    time.Duration
		unit string
	}{{days, "d"}, {hours, "h"}, {minutes, "m"}} {
		if part.n > 0 {
			fmt.Fprintf(&b, "%d%s", part.n, part.unit)
		}
	}
	return b.String()
}
