package expr

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/diag"
)

// demand is what a literal argument must be. Such an argument is known while
// the SQL is written, so that it can be spelled for each engine.
type demand struct {
	what  string   // for people: "a text that is written out"
	words []string // it must be one of them
	// check says what is wrong with it; "" = nothing.
	check func(value string) (message, hint string)
}

// Units of time, in the words of the language.
var (
	calendarUnits = []string{"day", "week", "month", "quarter", "year"}
	clockUnits    = []string{"hour", "minute", "second"}
)

var (
	needWeek     = &demand{what: "'week'", words: []string{"week"}}
	needDay      = &demand{what: "'day'", words: []string{"day"}}
	needMonth    = &demand{what: "'month' or 'quarter'", words: []string{"month", "quarter"}}
	needYear     = &demand{what: "'year'", words: []string{"year"}}
	needCalendar = &demand{what: "'day', 'week', 'month', 'quarter' or 'year'", words: calendarUnits}
	needClock    = &demand{what: "'hour', 'minute' or 'second'", words: clockUnits}
	needUnit     = &demand{what: "a unit from 'second' to 'year'", words: slices.Concat(calendarUnits, clockUnits)}

	needText        = &demand{what: "a text", check: func(string) (string, string) { return "", "" }}
	needFilled      = &demand{what: "a text that is not empty", check: checkFilled}
	needLength      = &demand{what: "a number from 0 to 10000", check: between(0, 10_000)}
	needPart        = &demand{what: "a number from 1 on", check: between(1, 10_000)}
	needDigits      = &demand{what: "a number from 0 to 9", check: between(0, 9)}
	needZone        = &demand{what: "a time zone like 'Europe/London'", check: checkZone}
	needPattern     = &demand{what: "a pattern", check: checkPattern}
	needMatching    = &demand{what: "a pattern that matches no empty text", check: checkMatching}
	needReplacement = &demand{what: "a text", check: checkReplacement}
	needPath        = &demand{what: "a path like 'plan.names[0]'", check: checkPath}
)

// admits tells whether a demand's words hold a value; a demand without words
// admits all and looks at the value later.
func (d *demand) admits(value string) bool {
	return len(d.words) == 0 || slices.Contains(d.words, value)
}

// refuse says what is wrong with a value; "" = nothing.
func (d *demand) refuse(value string) (message, hint string) {
	if d.check != nil {
		return d.check(value)
	}
	if slices.Contains(d.words, value) {
		return "", ""
	}
	hint = "write " + d.what
	if near, ok := diag.Nearest(value, d.words); ok {
		hint = fmt.Sprintf("did you mean '%s'?", near)
	}
	return fmt.Sprintf("%q is none of its units", value), hint
}

func checkFilled(value string) (message, hint string) {
	if value == "" {
		return "the text is empty", "write at least one character"
	}
	return "", ""
}

// between is a check of a whole number.
func between(lo, hi int) func(string) (string, string) {
	return func(value string) (string, string) {
		n, err := strconv.Atoi(value)
		if err != nil || n < lo || n > hi {
			return fmt.Sprintf("%s is not a number from %d to %d", value, lo, hi), ""
		}
		return "", ""
	}
}

var zoneName = regexp.MustCompile(`^(UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z0-9_+-]+)+)$`)

// checkZone takes names of places: abbreviations mean different things to
// different engines.
func checkZone(value string) (message, hint string) {
	hint = "write a name like 'Europe/London', or 'UTC'"
	if !zoneName.MatchString(value) || strings.HasPrefix(value, "Etc/") {
		return fmt.Sprintf("%q is not the name of a time zone", value), hint
	}
	if _, err := time.LoadLocation(value); err != nil {
		return fmt.Sprintf("there is no time zone %q", value), hint
	}
	return "", ""
}
