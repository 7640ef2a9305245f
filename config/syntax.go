package config

import (
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weir-data/weir/internal/diag"
)

// yamlLine is where the library says a fault is: near, at times a line off.
var yamlLine = regexp.MustCompile(`line (\d+): ?`)

// wordings say in our words what the library means.
var wordings = []struct{ has, say, hint string }{
	{"mapping values are not allowed", "a value holds a colon, or the line above is not finished", "put the value in quotes, or look at the indentation"},
	{"could not find expected ':'", "a key without a colon", "write `key: value`"},
	{"found unexpected end of stream", "a quote is opened and never closed", "close it"},
	{"expected ',' or ']'", "a list in [ ] is not closed, or a comma is missing", "write `[a, b]`"},
	{"expected ',' or '}'", "keys in { } are not closed, or a comma is missing", "write `{a: 1, b: 2}`"},
	{"expected '-' indicator", "an item of a list does not begin with a dash, or is indented differently from the others", "let all items begin in one column"},
	{"block sequence entries are not allowed", "a list begins where a value stands already", "begin the list on a line of its own"},
	{"expected node content", "a value is missing, or what is opened here is not closed", "write the value, or close the bracket"},
	{"expected key", "the line is indented differently from its neighbours", "let keys of one level begin in one column"},
	{"cannot start any token", "a value begins with a character that YAML keeps for itself", "put the value in quotes"},
	{"unknown anchor", "an alias (*name) without an anchor (&name) before it", "write the value out"},
	{"escape", "an escape in double quotes that YAML does not know", "use single quotes, or write \\\\ for a backslash"},
	{"control characters", "a control character", "take it out"},
	{"max depth", "nested too deeply", "write it flatter"},
	{"tag", "a tag (!name) that is not known", "take it out"},
	{"comment", "a # right after a value", "put a blank before #"},
}

// syntax says what the YAML parser could not read, and where.
func (f *File) syntax(err error) diag.Finding {
	text, near := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		near, _ = strconv.Atoi(m[1])
	}
	line := f.culprit(near)
	raw := f.Lines[line-1]
	indent := raw[:len(raw)-len(strings.TrimLeft(raw, " \t"))]
	if at := strings.IndexByte(indent, '\t'); at >= 0 {
		return f.finding("yaml.tab", diag.Place{Line: line, Col: at + 1, End: at + 2}, "the line is indented with a tab, which YAML does not allow", "use spaces")
	}
	say, hint := "it cannot be read here", "look at this line and the one before: indentation, a missing colon, an open quote"
	for _, w := range wordings {
		if strings.Contains(text, w.has) {
			say, hint = w.say, w.hint
			break
		}
	}
	at := culpritIn(raw, say, len(indent))
	return f.finding("yaml.syntax", diag.Place{Line: line, Col: utf8.RuneCountInString(raw[:at]) + 1}, "this is not YAML: "+say, hint)
}

// reach is how many lines above the one where the parser gave up are tried:
// each costs reading the file up to there.
const reach = 60

// culprit finds the line that breaks the file: the text above it is YAML, and
// with it no more. The parser names the line where the thing began that it was
// reading; where it gave up is told by how much it had read.
func (f *File) culprit(near int) int {
	for _, window := range [][2]int{{f.gaveUp() + 1, reach}, {near + 2, 5}} {
		last := min(window[0], len(f.Lines))
		for n := last - 1; n >= max(0, last-window[1]); n-- {
			if _, _, err := documents(strings.NewReader(strings.Join(f.Lines[:n], "\n"))); err == nil {
				return f.notBlank(n, last)
			}
		}
	}
	return max(1, min(near, len(f.Lines)))
}

// notBlank is the first line from n on, counted from 0, that says something;
// counted from 1.
func (f *File) notBlank(n, last int) int {
	for n < last-1 && strings.TrimSpace(f.Lines[n]) == "" {
		n++
	}
	return n + 1
}

// gaveUp is the line up to which the parser read, give or take a character.
func (f *File) gaveUp() int {
	r := &slowly{text: strings.Join(f.Lines, "\n")}
	if _, _, err := documents(r); err == nil {
		return len(f.Lines)
	}
	return strings.Count(r.text[:r.read], "\n") + 1
}

// slowly gives a text byte by byte, so that no more is read than is needed.
type slowly struct {
	text string
	read int
}

// Read gives one byte.
func (r *slowly) Read(p []byte) (int, error) {
	if r.read == len(r.text) {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	p[0] = r.text[r.read]
	r.read++
	return 1, nil
}

// secondColon finds the colon of a value, after that of its key.
var secondColon = regexp.MustCompile(`^[^:#]*:\s[^#]*?(:)(?:\s|$)`)

// culpritIn finds the byte of a line that is meant.
func culpritIn(line, say string, indent int) int {
	switch {
	case strings.Contains(say, "colon, or"):
		if m := secondColon.FindStringSubmatchIndex(line); m != nil {
			return m[2]
		}
	case strings.Contains(say, "quote is opened"):
		if at := strings.IndexAny(line, `"'`); at >= 0 {
			return at
		}
	case strings.Contains(say, "in [ ]"):
		if at := strings.LastIndexByte(line, '['); at >= 0 {
			return at
		}
	case strings.Contains(say, "in { }"):
		if at := strings.LastIndexByte(line, '{'); at >= 0 {
			return at
		}
	case strings.Contains(say, "keeps for itself"):
		if at := strings.IndexAny(line, "@`%"); at >= 0 {
			return at
		}
	}
	return indent
}
