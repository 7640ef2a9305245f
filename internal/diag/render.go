package diag

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// widest is how much of a line a snippet shows, in characters.
const widest = 120

// painter puts a colour's code around a text, or leaves it as it is.
type painter func(code, s string) string

// The colours, as terminals number them.
const (
	red    = "31"
	yellow = "33"
	cyan   = "36"
)

// Render writes findings for people: place, sentence, code, the line with a
// caret under what is meant, and the way out.
func Render(w io.Writer, findings []Finding, color bool) {
	paint := func(_, s string) string { return s }
	if color {
		paint = func(code, s string) string { return "\x1b[" + code + "m" + s + "\x1b[0m" }
	}
	for i := range findings {
		if i > 0 && !endsBlank(&findings[i-1]) {
			fmt.Fprintln(w)
		}
		render(w, &findings[i], paint)
	}
}

// endsBlank tells whether a finding ends with the blank line below its snippet.
func endsBlank(f *Finding) bool { return f.Snippet != "" && f.Hint == "" && len(f.Related) == 0 }

func render(w io.Writer, f *Finding, paint painter) {
	place := f.Place.String()
	switch {
	case f.Severity == Warning && place != "":
		fmt.Fprintf(w, "%s: %s ", place, paint(yellow, "warning:"))
	case f.Severity == Warning:
		fmt.Fprintf(w, "%s ", paint(yellow, "warning:"))
	case place != "":
		fmt.Fprintf(w, "%s: ", paint(red, place))
	default:
		fmt.Fprintf(w, "%s ", paint(red, "error:"))
	}
	fmt.Fprintf(w, "%s [%s]\n", printable(f.Message), f.Code)
	if f.Snippet != "" {
		fmt.Fprintf(w, "\n%s\n", snippet(f, paint))
	}
	for _, r := range f.Related {
		fmt.Fprintf(w, "also at %s\n", r)
	}
	if f.Hint != "" {
		fmt.Fprintf(w, "%s %s\n", paint(cyan, "hint:"), printable(f.Hint))
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

// snippet is the line and the carets below it, each with an end of line; a
// long line is cut around the place.
func snippet(f *Finding, paint painter) string {
	line := []rune(printable(f.Snippet))
	from := min(max(f.Col-1, 0), len(line))
	to := min(max(f.End-1, from+1), len(line))
	lead, tail := "", ""
	if len(line) > widest {
		start := max(0, min(from-widest/3, len(line)-widest))
		if start > 0 {
			lead = "…"
		}
		if start+widest < len(line) {
			tail = "…"
		}
		line = line[start:min(len(line), start+widest)]
		from, to = from-start, min(to-start, len(line))
	}
	number := fmt.Sprintf("%4d", f.Line)
	text := number + " | " + lead + string(line) + tail + "\n"
	if f.Col == 0 {
		return text
	}
	under := strings.Repeat(" ", len(number)) + " | " + blank([]rune(lead)) + blank(line[:from])
	return text + under + paint(red, strings.Repeat("^", max(1, width(line[from:max(from, to)])))) + "\n"
}

// blank is as wide on a terminal as the text is: tabs stay tabs.
func blank(text []rune) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\t' {
			b.WriteByte('\t')
			continue
		}
		b.WriteString(strings.Repeat(" ", cells.RuneWidth(r)))
	}
	return b.String()
}

func width(text []rune) int {
	n := 0
	for _, r := range text {
		n += cells.RuneWidth(r)
	}
	return n
}

// cells counts a terminal's cells the same on every machine, whatever its locale.
var cells = &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}

// printable shows what a terminal would obey as a mark: a file may hold anything.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && r != '\n' && unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
