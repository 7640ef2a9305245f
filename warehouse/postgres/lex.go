package postgres

import (
	"strings"
	"unicode/utf8"
)

// token is a word, a quoted name or a single other character of a statement;
// comments, blanks and the insides of strings are none.
type token struct {
	at     int    // the byte it starts at
	text   string // a word in small letters, a name without its quotes, a character
	named  bool   // a word or a name
	quoted bool   // a name in quotes
}

// tokens takes a statement apart, as the server does.
func tokens(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case strings.HasPrefix(sql[i:], "--"):
			i = behind(sql, i, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			i = behindComment(sql, i)
		case c == '\'':
			i = behindQuotes(sql, i, escapes(sql, i))
		case c == '"':
			end := behindQuotes(sql, i, false)
			out = append(out, token{at: i, text: strings.ReplaceAll(strings.Trim(sql[i:end], `"`), `""`, `"`), named: true, quoted: true})
			i = end
		case c == '$' && dollarTag(sql[i:]) != "":
			tag := dollarTag(sql[i:])
			i = behind(sql, i+len(tag), tag)
		case isWord(c):
			end := i
			for end < len(sql) && (isWord(sql[end]) || sql[end] == '$') {
				end++
			}
			out = append(out, token{at: i, text: strings.ToLower(sql[i:end]), named: true})
			i = end
		case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
			i++
		default:
			out = append(out, token{at: i, text: sql[i : i+1]})
			i++
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// escapes tells whether the string at i is an E'…', in which a backslash escapes.
func escapes(sql string, i int) bool {
	return i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E') && (i == 1 || !isWord(sql[i-2]))
}

// behindQuotes is the place behind the quote that closes the one at i; a
// doubled one stays inside.
func behindQuotes(sql string, i int, backslash bool) int {
	q := sql[i]
	for i++; i < len(sql); i++ {
		switch {
		case backslash && sql[i] == '\\':
			i++
		case sql[i] != q:
		case i+1 < len(sql) && sql[i+1] == q:
			i++
		default:
			return i + 1
		}
	}
	return len(sql)
}

// behindComment is the place behind the comment at i; they nest.
func behindComment(sql string, i int) int {
	depth := 0
	for i < len(sql) {
		switch {
		case strings.HasPrefix(sql[i:], "/*"):
			depth, i = depth+1, i+2
		case strings.HasPrefix(sql[i:], "*/"):
			depth, i = depth-1, i+2
		default:
			i++
		}
		if depth == 0 {
			break
		}
	}
	return i
}

// dollarTag is the $…$ that opens a string of that kind; "" where none does.
func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !isWord(s[i]) || i == 1 && s[i] >= '0' && s[i] <= '9':
			return ""
		}
	}
	return ""
}

func behind(s string, i int, text string) int {
	if at := strings.Index(s[i:], text); at >= 0 {
		return i + at + len(text)
	}
	return len(s)
}
