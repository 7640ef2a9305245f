package sandbox

import (
	"fmt"
	"strconv"

	"github.com/weir-data/weir/internal/diag"
)

// words is a fault as a sentence.
func (f *Fault) words() string {
	var what string
	switch {
	case f.Hang:
		what = "never answers"
	case f.Drop != "":
		what = "closes the connection " + f.Drop + " the request is looked at"
	case f.Slow != "":
		what = "waits " + f.Slow
	case f.NotJSON:
		what = "answers with a page instead of JSON"
	case f.Record != nil && f.Record.Whole:
		return fmt.Sprintf("refuses every request that holds record %s", f.Record.Key)
	case f.Record != nil:
		return fmt.Sprintf("refuses record %s", f.Record.Key)
	default:
		what = fmt.Sprintf("answers %d", f.Status)
		if f.RetryAfter != "" {
			what += ", try again after " + f.RetryAfter
			if _, err := strconv.Atoi(f.RetryAfter); err == nil {
				what += " s"
			}
		}
	}
	if f.Every > 1 {
		what += fmt.Sprintf(", every %s request", ordinal(f.Every))
	}
	if f.After > 0 {
		what += fmt.Sprintf(", after the first %s", diag.Count(f.After, "request"))
	}
	switch {
	case f.Times == 1:
		what += ", once"
	case f.Times > 1:
		what += ", " + diag.Count(f.Times, "time")
	}
	return what
}

// ordinal is a number as people count: 2nd, 3rd, 11th.
func ordinal(n int) string {
	end := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return strconv.Itoa(n) + end
}
