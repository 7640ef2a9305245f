package config

import (
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

// reach is how many lines before the one that was named are tried.
const reach = 200

// culprit finds the line that breaks the file: the text above it is YAML, and
// with it no more. The parser names the line where it gave up, or where the
// thing began that it was reading.
func (f *File) culprit(near int) int {
	last := min(near+2, len(f.Lines))
	for n := last - 1; n >= max(0, last-reach); n-- {
		if _, _, err := documents(strings.Join(f.Lines[:n], "\n")); err == nil {
			for n < last-1 && strings.TrimSpace(f.Lines[n]) == "" {
				n++
			}
			return n + 1
		}
	}
	return max(1, min(near, len(f.Lines)))
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
