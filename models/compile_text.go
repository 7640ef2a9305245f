package models

import (
	"strings"
	"unicode/utf8"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/warehouse"
)

// Reference is one {name} in a query: its bytes, braces included.
type Reference struct {
	Name     string
	From, To int
}

// References finds the {name}s of a query, outside its strings and comments.
func References(sql string) []Reference {
	var out []Reference
	for i := 0; i < len(sql); {
		if next := skipOpaque(sql, i); next > i {
			i = next
			continue
		}
		if sql[i] == '{' {
			end := strings.IndexByte(sql[i:], '}')
			if end > 0 && IsName(sql[i+1:i+end]) {
				out = append(out, Reference{Name: sql[i+1 : i+end], From: i, To: i + end + 1})
				i += end
			}
		}
		i++
	}
	return out
}

// replaceReferences writes another text for each {name}.
func replaceReferences(sql string, with func(Reference) string) string {
	var out strings.Builder
	last := 0
	for _, r := range References(sql) {
		out.WriteString(sql[last:r.From])
		out.WriteString(with(r))
		last = r.To
	}
	out.WriteString(sql[last:])
	return out.String()
}

// ownText is the customer's SQL for a dialect, without a last semicolon: it
// becomes part of a statement. "" where there is none.
func ownText(src *Source, dialect string) string {
	text, ok := src.SQL[dialect]
	if !ok {
		text = src.SQL["default"]
	}
	for {
		end := lastSemicolon(text)
		if end < 0 {
			return strings.TrimRight(text, " \t\r\n")
		}
		text = text[:end] + " " + text[end+1:]
	}
}

// lastSemicolon is the place of a semicolon with nothing but comments and
// blanks behind it; -1 where there is none.
func lastSemicolon(sql string) int {
	at := -1
	for i := 0; i < len(sql); {
		next := skipOpaque(sql, i)
		switch {
		case next > i:
			if c := sql[i]; c != '-' && c != '/' {
				at = -1 // a string or a quoted name
			}
			i = next
			continue
		case sql[i] == ';':
			at = i
		case !strings.ContainsRune(" \t\r\n", rune(sql[i])):
			at = -1
		}
		i++
	}
	return at
}

// skipOpaque is the place behind a string, a quoted name or a comment that
// starts at i; i itself where none does.
func skipOpaque(s string, i int) int {
	switch {
	case s[i] == '\'' || s[i] == '"' || s[i] == '`':
		return min(skipQuoted(s, i)+1, len(s))
	case strings.HasPrefix(s[i:], "--"):
		return behind(s, i+2, "\n")
	case strings.HasPrefix(s[i:], "/*"):
		return behind(s, i+2, "*/")
	case s[i] == '$':
		if tag, ok := dollarTag(s[i:]); ok {
			return behind(s, i+len(tag), tag)
		}
	}
	return i
}

// dollarTag is the $…$ that opens a string of that kind.
func dollarTag(s string) (string, bool) {
	end := strings.IndexByte(s[1:], '$')
	if end < 0 || end > 0 && !IsName(strings.ToLower(s[1:1+end])) {
		return "", false
	}
	return s[:end+2], true
}

// skipQuoted is the place of the closing quote; a doubled quote stays inside.
func skipQuoted(s string, i int) int {
	q := s[i]
	for i++; i < len(s); i++ {
		if s[i] != q {
			continue
		}
		if i+1 >= len(s) || s[i+1] != q {
			return i
		}
		i++
	}
	return i
}

// behind is the place behind the next such text, or the end.
func behind(s string, i int, text string) int {
	if at := strings.Index(s[i:], text); at >= 0 {
		return i + at + len(text)
	}
	return len(s)
}

// IsName tells whether a text may name a thing: a lower-case letter, then
// letters, digits and underscores.
func IsName(s string) bool {
	for i, c := range s {
		if (c < 'a' || c > 'z') && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// placeIn is the place of a byte of a text that starts at the given place and
// whose lines all start in the same column, as in a YAML block.
func placeIn(start diag.Place, text string, at int) diag.Place {
	if start.Line == 0 {
		return start
	}
	before := text[:min(at, len(text))]
	start.Line += strings.Count(before, "\n")
	line := before[strings.LastIndexByte(before, '\n')+1:]
	start.Col = max(start.Col, 1) + utf8.RuneCountInString(line)
	start.End = 0
	return start
}

// OwnSQL is the customer's own text behind a source.
type OwnSQL struct {
	Source *Source
	// SQL is the text as it stands in a statement: each {other} is the name of that source's step.
	SQL  string
	from string // as it was written
}

// OwnSQLs are the customer's own texts that a source is made of: its own and
// those of the sources it names. A warehouse.Sealer looks at each before it
// becomes part of a statement.
func OwnSQLs(p *Project, src *Source, d *warehouse.Dialect) []OwnSQL {
	w := newSourceWalk(p, d)
	w.visit(src)
	return w.own
}

// PlaceOf is where in the project's files a complaint about a statement
// belongs: line and column count from 1, columns in characters. False where
// that line is not the customer's own text.
func PlaceOf(own []OwnSQL, statement string, line, col int) (diag.Place, *Source, bool) {
	for _, o := range own {
		at := strings.Index(statement, o.SQL)
		if at < 0 {
			continue
		}
		inText := line - strings.Count(statement[:at], "\n")
		if inText < 1 || inText > strings.Count(o.SQL, "\n")+1 {
			continue
		}
		return placeIn(o.Source.SQLPlace, o.from, o.written(offset(o.SQL, inText, col))), o.Source, true
	}
	return diag.Place{}, nil, false
}

// offset is the byte of a line and column.
func offset(text string, line, col int) int {
	at := 0
	for ; line > 1; line-- {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	for range max(col, 1) - 1 {
		if at >= len(text) || text[at] == '\n' {
			break
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// written is the byte of the text as it was written behind a byte of SQL.
func (o OwnSQL) written(at int) int {
	last, out := 0, 0 // behind the last {name}, in the written text and in SQL
	for _, r := range References(o.from) {
		start := out + r.From - last
		if at < start {
			break
		}
		length := stepLength(o.SQL[start:])
		if at < start+length {
			return r.From
		}
		last, out = r.To, start+length
	}
	return last + at - out
}

// stepLength is how many bytes of a text are the name of a step.
func stepLength(s string) int {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}
