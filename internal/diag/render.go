package diag

import (
	"fmt"
	"io"
	"strings"
)

// widest is how much of a line a snippet shows.
const widest = 120

// Render writes findings for people: place, sentence, code, the line with a
// caret under what is meant, and the way out.
func Render(w io.Writer, findings []Finding, color bool) {
	paint := func(code, s string) string {
		if !color {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	for i, f := range findings {
		if i > 0 {
			fmt.Fprintln(w)
		}
		head := f.Message
		if p := f.Place.String(); p != "" {
			head = p + ": " + head
		}
		mark := paint("31", "error")
		if f.Severity == Warning {
			mark = paint("33", "warning")
		}
		fmt.Fprintf(w, "%s: %s [%s]\n", mark, head, f.Code)
		if f.Snippet != "" {
			fmt.Fprintf(w, "\n%s\n", snippet(f, paint))
		}
		for _, r := range f.Related {
			fmt.Fprintf(w, "also at %s\n", r)
		}
		if f.Hint != "" {
			fmt.Fprintf(w, "%s %s\n", paint("36", "hint:"), f.Hint)
		}
	}
}

// String is file:line:col, as far as it is known.
func (p Place) String() string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// snippet is the line and the caret; tabs are copied so that they line up, and
// a long line is cut around the place.
func snippet(f Finding, paint func(code, s string) string) string {
	line := []rune(f.Snippet)
	from, to := max(f.Col-1, 0), max(f.End-1, f.Col)
	from, to = min(from, len(line)), min(to, len(line))
	lead := ""
	if len(line) > widest {
		start := max(0, from-widest/3)
		end := min(len(line), start+widest)
		line = line[start:end]
		from, to = from-start, min(to-start, len(line))
		if start > 0 {
			lead = "…"
		}
	}
	pad := strings.Builder{}
	for _, r := range line[:from] {
		if r == '\t' {
			pad.WriteByte('\t')
		} else {
			pad.WriteByte(' ')
		}
	}
	number := fmt.Sprintf("%4d", f.Line)
	text := fmt.Sprintf("%s | %s%s", number, lead, string(line))
	if f.Col == 0 {
		return text + "\n"
	}
	return text + "\n" + strings.Repeat(" ", len(number)) + " | " + strings.Repeat(" ", len([]rune(lead))) + pad.String() + paint("31", strings.Repeat("^", max(1, to-from))) + "\n"
}
