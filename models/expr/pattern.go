package expr

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// pattern is a regular expression of the part that all engines understand
// alike: characters, sets, groups, alternatives, greedy repetition and the two
// anchors. Each engine gets it written in its own way.
type pattern struct {
	atoms  []atom
	groups int
}

// atom is one piece of a pattern.
type atom struct {
	kind atomKind
	text string // characters: one, as it is; sets: the inside, escaped; operators: as written
	not  bool   // of a set
}

type atomKind uint8

const (
	atomChar atomKind = iota
	atomAny
	atomSet
	atomOpen
	atomOperator // ) | ^ and repetitions
	atomEnd      // $
)

// patternWay is how one engine writes patterns.
type patternWay struct {
	any, end string
}

var patternWays = map[string]patternWay{"duckdb": {".", "$"}, "postgres": {`[^\n]`, "$"}, "bigquery": {".", "$"}, "snowflake": {".", "$"}, "trino": {".", `\z`}}

// write gives the pattern for a dialect. only is the one group that captures,
// the others are made not to; -1 = all capture.
func (p *pattern) write(dialect string, only int) string {
	way := patternWays[dialect]
	var b strings.Builder
	opened := 0
	for _, a := range p.atoms {
		switch a.kind {
		case atomChar:
			b.WriteString(escapeChar(a.text, `\.+*?()|[]{}^$`))
		case atomAny:
			b.WriteString(way.any)
		case atomSet:
			if a.not {
				b.WriteString("[^" + a.text + "]")
			} else {
				b.WriteString("[" + a.text + "]")
			}
		case atomOpen:
			if opened++; only >= 0 && opened != only {
				b.WriteString("(?:")
			} else {
				b.WriteString("(")
			}
		case atomOperator:
			b.WriteString(a.text)
		case atomEnd:
			b.WriteString(way.end)
		}
	}
	return b.String()
}

// escapes are the control characters that all engines write alike.
var escapes = map[string]string{"\n": `\n`, "\r": `\r`, "\t": `\t`}

func escapeChar(c, special string) string {
	if e, ok := escapes[c]; ok {
		return e
	}
	if strings.Contains(special, c) {
		return `\` + c
	}
	return c
}

// classes are the sets that a letter stands for; only ASCII, in all engines.
var classes = map[byte]string{'d': "0-9", 'w': "A-Za-z0-9_", 's': ` \t\n\r\f`}

// patternReader takes a pattern apart.
type patternReader struct {
	src     string
	pos     int
	out     pattern
	depth   int
	operand bool // what stands before may be repeated
	empty   bool // nothing stands in this branch yet
}

// patternError is what is wrong with a pattern.
type patternError struct{ message, hint string }

func (e *patternError) Error() string { return e.message }

func refusePattern(hint, format string, args ...any) error {
	return &patternError{fmt.Sprintf(format, args...), hint}
}

// parsePattern reads a pattern, or says what is wrong with it.
func parsePattern(src string) (*pattern, error) {
	r := &patternReader{src: src, empty: true}
	for r.pos < len(src) {
		if err := r.next(); err != nil {
			return nil, err
		}
	}
	switch {
	case r.depth > 0:
		return nil, refusePattern("close it with ), or write \\( for the character", "the pattern has a ( that is never closed")
	case r.empty:
		return nil, refusePattern("leave the empty alternative out, and repeat with ? instead", "the pattern, or one of its alternatives, is empty")
	}
	if _, err := regexp.Compile(src); err != nil {
		return nil, refusePattern("", "%q is not a pattern", src)
	}
	return &r.out, nil
}

func (r *patternReader) add(kind atomKind, text string) {
	r.out.atoms = append(r.out.atoms, atom{kind: kind, text: text})
	r.operand, r.empty = true, false
}

func (r *patternReader) next() error {
	c, size := utf8.DecodeRuneInString(r.src[r.pos:])
	switch c {
	case '\\':
		return r.escape()
	case '[':
		return r.set()
	case '(':
		if strings.HasPrefix(r.src[r.pos:], "(?") {
			return refusePattern("a group is ( ); for any case write lower(x)", "the pattern holds (?, which engines understand differently")
		}
		r.depth++
		r.out.groups++
		r.add(atomOpen, "(")
		r.operand, r.empty = false, true
	case ')', '|':
		if r.empty {
			return refusePattern("leave the empty alternative out, and repeat with ? instead", "the pattern, or one of its alternatives, is empty")
		}
		if c == ')' {
			if r.depth--; r.depth < 0 {
				return refusePattern(`write \) for the character`, "the pattern has a ) that closes nothing")
			}
		}
		r.add(atomOperator, string(c))
		r.operand, r.empty = c == ')', c == '|'
	case '*', '+', '?', '{':
		return r.repeat()
	case '^':
		r.add(atomOperator, "^")
		r.operand = false
	case '$':
		r.add(atomEnd, "")
		r.operand = false
	case '.':
		r.add(atomAny, "")
	default:
		r.add(atomChar, string(c))
	}
	r.pos += size
	return nil
}

func (r *patternReader) escape() error {
	c, ok := r.escaped()
	switch {
	case ok:
		r.add(atomChar, c)
	case c != "" && classes[c[0]] != "":
		r.add(atomSet, classes[c[0]])
	case c != "" && classes[c[0]|0x20] != "" && c[0] < 'a':
		r.add(atomSet, classes[c[0]|0x20])
		r.out.atoms[len(r.out.atoms)-1].not = true
	default:
		return refusePattern(`write characters, [sets], \d, \w and \s`, `the pattern holds \%s, which engines understand differently`, c)
	}
	return nil
}

// escaped reads what follows a backslash: true with the character it stands
// for, false with what is written.
func (r *patternReader) escaped() (string, bool) {
	r.pos++
	c, size := utf8.DecodeRuneInString(r.src[r.pos:])
	if size == 0 {
		return "", false
	}
	r.pos += size
	switch {
	case c == 'n':
		return "\n", true
	case c == 'r':
		return "\r", true
	case c == 't':
		return "\t", true
	case c < utf8.RuneSelf && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ", c):
		return string(c), true
	}
	return string(c), false
}

var counted = regexp.MustCompile(`^\{([0-9]+)(,([0-9]*))?\}`)

func (r *patternReader) repeat() error {
	rest := r.src[r.pos:]
	length := 1
	if rest[0] == '{' {
		m := counted.FindStringSubmatch(rest)
		if m == nil {
			return refusePattern(`write x{2} or x{2,5}, and \{ for the character`, "the pattern holds a { that starts no repetition")
		}
		for _, n := range []string{m[1], m[3]} {
			if v, err := strconv.Atoi(n); n != "" && (err != nil || v > 255) {
				return refusePattern("255 is the most that all engines take", "the pattern repeats more than 255 times")
			}
		}
		length = len(m[0])
	}
	if !r.operand {
		return refusePattern(`write a backslash before it for the character`, "the pattern repeats nothing with %s", rest[:length])
	}
	if after := rest[length:]; after != "" && strings.IndexByte("?+*{", after[0]) >= 0 {
		return refusePattern("repetition takes as much as it can: narrow what is repeated, like [^,]* for .*?", "the pattern holds %s, which engines understand differently", rest[:length+1])
	}
	r.add(atomOperator, rest[:length])
	r.operand = false
	r.pos += length
	return nil
}

// set reads [ ].
func (r *patternReader) set() error {
	r.pos++
	not := strings.HasPrefix(r.src[r.pos:], "^")
	if not {
		r.pos++
	}
	var b strings.Builder
	for start := r.pos; r.pos < len(r.src); {
		if r.src[r.pos] == ']' && r.pos > start {
			r.pos++
			r.add(atomSet, b.String())
			r.out.atoms[len(r.out.atoms)-1].not = not
			return nil
		}
		item, err := r.setItem()
		if err != nil {
			return err
		}
		b.WriteString(item)
	}
	return refusePattern(`close it with ], or write \[ for the character`, "the pattern has a [ that is never closed")
}

// setItem reads one character or range of a set; a dash between two is a range.
func (r *patternReader) setItem() (string, error) {
	lo, class, err := r.setChar()
	if err != nil || class {
		return lo, err
	}
	rest := r.src[r.pos:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		return lo, nil
	}
	r.pos++
	hi, class, err := r.setChar()
	if err == nil && class {
		err = refusePattern(`write \- for the character`, "a range in the pattern ends in a set")
	}
	return lo + "-" + hi, err
}

// setChar reads one character of a set, escaped for all engines; true where it
// stands for a whole class.
func (r *patternReader) setChar() (string, bool, error) {
	const special = `\[]^-&~|`
	c, size := utf8.DecodeRuneInString(r.src[r.pos:])
	switch c {
	case ']':
		return "", false, refusePattern(`write \] for the character`, "a set in the pattern starts with ]")
	case '[':
		return "", false, refusePattern(`write \[ for the character, and sets like [a-z]`, "a set in the pattern holds [")
	case '\\':
		e, ok := r.escaped()
		if ok {
			return escapeChar(e, special), false, nil
		}
		if e != "" && classes[e[0]] != "" {
			return classes[e[0]], true, nil
		}
		return "", false, refusePattern(`write characters, ranges, \d, \w and \s`, `a set in the pattern holds \%s, which engines understand differently`, e)
	}
	r.pos += size
	return escapeChar(string(c), special), false, nil
}

func checkPattern(value string) (message, hint string) {
	_, err := parsePattern(value)
	return told(err)
}

func told(err error) (message, hint string) {
	if e, ok := err.(*patternError); ok { //nolint:errorlint // made right here, never wrapped
		return e.message, e.hint
	}
	return "", ""
}

// checkMatching refuses patterns that match the empty text: where such matches
// lie, engines do not agree on.
func checkMatching(value string) (message, hint string) {
	if _, err := parsePattern(value); err != nil {
		return told(err)
	}
	if regexp.MustCompile(value).MatchString("") {
		return "the pattern matches the empty text", "write + for *, so that there is something to replace"
	}
	return "", ""
}

// replacement are the pieces of a replacement: texts, and groups by number.
type replacement struct {
	text  string
	group int // 0 = text
}

// parseReplacement reads a replacement: \1 is a group, \\ a backslash.
func parseReplacement(src string) ([]replacement, error) {
	var out []replacement
	for len(src) > 0 {
		at := strings.IndexByte(src, '\\')
		if at < 0 {
			return append(out, replacement{text: src}), nil
		}
		if at > 0 {
			out = append(out, replacement{text: src[:at]})
		}
		switch rest := src[at+1:]; {
		case rest == "" || rest[0] != '\\' && (rest[0] < '1' || rest[0] > '9'):
			return nil, refusePattern(`write \1 to \9 for a group, and \\ for a backslash`, `the replacement holds a \ without meaning`)
		case rest[0] == '\\':
			out = append(out, replacement{text: `\`})
		default:
			out = append(out, replacement{group: int(rest[0] - '0')})
		}
		src = src[at+2:]
	}
	return out, nil
}

func checkReplacement(value string) (message, hint string) {
	_, err := parseReplacement(value)
	return told(err)
}

// writeReplacement gives a replacement for a dialect: Trino writes groups as
// $1, all others as \1.
func writeReplacement(parts []replacement, dialect string) string {
	var b strings.Builder
	grouped := false
	for _, p := range parts {
		switch {
		case p.group > 0 && dialect == "trino":
			fmt.Fprintf(&b, "$%d", p.group)
		case p.group > 0:
			fmt.Fprintf(&b, `\%d`, p.group)
		case dialect == "trino":
			t := strings.NewReplacer(`\`, `\\`, `$`, `\$`).Replace(p.text)
			if grouped && t[0] >= '0' && t[0] <= '9' {
				t = `\` + t // else it would be a digit of the group's number
			}
			b.WriteString(t)
		default:
			b.WriteString(strings.ReplaceAll(p.text, `\`, `\\`))
		}
		grouped = p.group > 0
	}
	return b.String()
}
