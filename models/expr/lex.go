package expr

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type kind uint8

const (
	end kind = iota
	word
	quoted // "name"
	number
	text // 'text'
	sign
	faulty // told already
)

// token is one word of an expression. Value is a name or text without its
// quotes, else what is written.
type token struct {
	kind  kind
	at    Span
	value string
}

// lexer cuts a text into tokens and keeps what is wrong with single ones.
type lexer struct {
	src    string
	pos    int
	tokens []token
	errs   []Error
}

// signs are the operators and brackets, the longer ones first.
var signs = []string{"||", "<>", "!=", "<=", ">=", "(", ")", ",", ".", "+", "-", "*", "/", "%", "=", "<", ">"}

// foreign are signs of other languages, and what to write instead.
// All up to the end, where there is one, belongs to them.
var foreign = []struct{ sign, end, what, hint string }{
	{"--", "\n", "a comment", "expressions take no comments: write them in the YAML, behind #"},
	{"/*", "*/", "a comment", "expressions take no comments: write them in the YAML, behind #"},
	{";", "", "a semicolon", "an expression is one value, without an end mark"},
	{"::", "", "a cast", "write cast(x as bigint)"},
	{"->", "", "a JSON operator", "write json_text(x, 'path')"},
	{"==", "", "an operator", "equality is one ="},
	{"&&", "", "an operator", "write and"},
	{"`", "`", "a backtick", `a name with odd characters is written in double quotes: "my column"`},
	{"{{", "}}", "a template", "expressions are not templates: name the column as it is"},
	{"{", "}", "a brace", "name the column as it is, without braces"},
	{"$", "", "a variable", "variables are read in targets and destinations only"},
	{"~", "", "a pattern operator", "write regexp_contains(x, 'pattern')"},
	{"[", "]", "a bracket", "write json_text(x, 'list[0]') for a part of a JSON value"},
}

// lex gives all tokens, the last of which is the end.
func lex(src string) ([]token, []Error) {
	l := &lexer{src: src}
	for l.next() {
	}
	l.emit(end, len(src), "")
	return l.tokens, l.errs
}

func (l *lexer) emit(k kind, from int, value string) {
	l.tokens = append(l.tokens, token{k, Span{from, l.pos - from}, value})
}

func (l *lexer) fail(from int, message, hint string) {
	l.errs = append(l.errs, Error{from, l.pos - from, "expr.syntax", message, hint})
	l.emit(faulty, from, l.src[from:l.pos])
}

// next takes one token; false at the end.
func (l *lexer) next() bool {
	for l.pos < len(l.src) && strings.IndexByte(" \t\r\n", l.src[l.pos]) >= 0 {
		l.pos++
	}
	if l.pos >= len(l.src) {
		return false
	}
	c, size := utf8.DecodeRuneInString(l.src[l.pos:])
	switch {
	case c == '\'':
		l.quotes('\'', text)
	case c == '"':
		l.quotes('"', quoted)
	case c >= '0' && c <= '9', c == '.' && l.digitAt(l.pos+1):
		l.number()
	case startName(l.src[l.pos:]):
		from := l.pos
		l.skipName()
		l.emit(word, from, l.src[from:l.pos])
	default:
		l.sign(c, size)
	}
	return true
}

func (l *lexer) digitAt(i int) bool { return i < len(l.src) && l.src[i] >= '0' && l.src[i] <= '9' }

// skipName goes past letters, marks, digits and underscores.
func (l *lexer) skipName() {
	for l.pos < len(l.src) {
		c, size := utf8.DecodeRuneInString(l.src[l.pos:])
		if !nameRune(c) {
			return
		}
		l.pos += size
	}
}

func nameRune(c rune) bool {
	return c == '_' || c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c))
}

// startName tells whether a name may start so.
func startName(name string) bool {
	c, _ := utf8.DecodeRuneInString(name)
	return c == '_' || unicode.IsLetter(c)
}

// quotes takes a text or a quoted name; its own quote is written twice inside.
func (l *lexer) quotes(q byte, k kind) {
	from := l.pos
	var b strings.Builder
	for l.pos++; l.pos < len(l.src); l.pos++ {
		c := l.src[l.pos]
		if c == q {
			if l.pos+1 == len(l.src) || l.src[l.pos+1] != q {
				l.pos++
				l.whole(k, from, b.String())
				return
			}
			l.pos++
		}
		b.WriteByte(c)
	}
	l.fail(from, fmt.Sprintf("the %c that opens here is never closed", q), fmt.Sprintf("close it; inside, %c is written twice", q))
}

func (l *lexer) whole(k kind, from int, value string) {
	switch {
	case k == quoted && value == "":
		l.fail(from, "a name is empty", "a text is written in single quotes: ''")
	case strings.IndexByte(value, 0) >= 0 || !utf8.ValidString(value):
		l.fail(from, "what stands in the quotes is not text", "take out NUL and bytes that are not UTF-8")
	default:
		l.emit(k, from, value)
	}
}

// number takes digits, a fraction and an exponent.
func (l *lexer) number() {
	from := l.pos
	l.digits()
	if l.pos < len(l.src) && l.src[l.pos] == '.' {
		l.pos++
		l.digits()
	}
	if l.pos < len(l.src) && l.src[l.pos]|0x20 == 'e' {
		at := l.pos + 1
		if at < len(l.src) && (l.src[at] == '+' || l.src[at] == '-') {
			at++
		}
		if l.digitAt(at) {
			l.pos = at
			l.digits()
		}
	}
	before := l.pos
	if l.skipName(); l.pos > before {
		l.fail(from, fmt.Sprintf("%q is neither a number nor a name", l.src[from:l.pos]), `a name that starts with a digit is written in double quotes`)
		return
	}
	l.emit(number, from, l.src[from:l.pos])
}

func (l *lexer) digits() {
	for l.digitAt(l.pos) {
		l.pos++
	}
}

func (l *lexer) sign(c rune, size int) {
	from, rest := l.pos, l.src[l.pos:]
	for _, f := range foreign {
		if strings.HasPrefix(rest, f.sign) {
			l.pos += len(f.sign)
			if at := strings.Index(l.src[l.pos:], f.end); at > 0 {
				l.pos += at + len(f.end)
			}
			l.fail(from, fmt.Sprintf("%s is %s, which expressions do not have", f.sign, f.what), f.hint)
			return
		}
	}
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			l.pos += len(s)
			if s == "!=" {
				s = "<>"
			}
			l.emit(sign, from, s)
			return
		}
	}
	l.pos += size
	if c == '‘' || c == '’' || c == '“' || c == '”' {
		l.fail(from, fmt.Sprintf("%c is a typographic quote", c), "texts are written in straight single quotes: 'gold'")
		return
	}
	l.fail(from, fmt.Sprintf("%q has no meaning here", c), "")
}
