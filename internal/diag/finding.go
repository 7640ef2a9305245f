// Package diag is what Weir tells people about their input: findings, each
// with a stable code, a place, one sentence and a way out.
package diag

import "sort"

// Severity of a finding.
type Severity string

// The severities. A warning never stops a command.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Place is a position in a file: lines and columns count from 1, columns in
// characters. Zero values mean "not known". End is the column after the last
// character to point at.
type Place struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
	End  int    `json:"end,omitempty"`
}

// Finding is one thing to tell.
type Finding struct {
	Code     string   `json:"code"` // "config.unknown_key": stable, documented
	Severity Severity `json:"severity"`
	Place
	Message string  `json:"message"`           // one sentence, no final dot
	Hint    string  `json:"hint,omitempty"`    // what to do
	Snippet string  `json:"snippet,omitempty"` // the line, without its end
	Related []Place `json:"related,omitempty"` // the other place, of two that clash
	// Subject names what the finding belongs to ("sync orders_to_crm"), so that
	// a fault of one thing does not stop another.
	Subject string `json:"subject,omitempty"`
}

// Findings is a list of findings; the zero value is ready.
type Findings struct{ list []Finding }

// Add adds a finding; one without severity is an error.
func (fs *Findings) Add(f Finding) {
	if f.Severity == "" {
		f.Severity = Error
	}
	fs.list = append(fs.list, f)
}

// Append adds all of another list.
func (fs *Findings) Append(other []Finding) {
	for _, f := range other {
		fs.Add(f)
	}
}

// Len is how many findings there are.
func (fs *Findings) Len() int { return len(fs.list) }

// Sorted is all findings by place, then code.
func (fs *Findings) Sorted() []Finding {
	out := append([]Finding(nil), fs.list...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		switch {
		case a.File != b.File:
			return a.File < b.File
		case a.Line != b.Line:
			return a.Line < b.Line
		case a.Col != b.Col:
			return a.Col < b.Col
		default:
			return a.Code < b.Code
		}
	})
	return out
}

// HasErrors tells whether any finding is an error.
func (fs *Findings) HasErrors() bool { return HasErrors(fs.list) }

// HasErrors tells whether any of the findings is an error.
func HasErrors(list []Finding) bool {
	for _, f := range list {
		if f.Severity == Error {
			return true
		}
	}
	return false
}
