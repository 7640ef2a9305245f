package sandbox

import (
	"fmt"

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
		}
	}
	if f.Every > 1 {
		what += fmt.Sprintf(", every %d requests", f.Every)
	}
	if f.After > 0 {
		what += fmt.Sprintf(", after the first %d", f.After)
	}
	if f.Times > 0 {
		what += ", " + diag.Count(f.Times, "time")
	}
	return what
}
