package main

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// style is how a cell looks. Colours are as SVG says them; "" is the window's own.
type style struct {
	color, behind                string
	bold, dim, italic, underline bool
}

// cell is one column of a line. The second column of a wide character is empty text.
type cell struct {
	text  string
	style style
}

// screen is a terminal without an edge: it understands what command-line tools
// print when they draw progress, and nothing more.
type screen struct {
	rows     [][]cell
	row, col int
	style    style
}

func newScreen(text string) *screen {
	s := &screen{}
	for len(text) > 0 {
		text = s.take(text)
	}
	return s
}

// take works off one character or one control sequence and gives the rest.
func (s *screen) take(text string) string {
	switch c := text[0]; {
	case c == '\n':
		s.row, s.col = s.row+1, 0
	case c == '\r':
		s.col = 0
	case c == '\b':
		s.col = max(0, s.col-1)
	case c == '\t':
		s.col += 8 - s.col%8
	case c == 0x1b:
		return s.escape(text[1:])
	case c < ' ' || c == 0x7f:
	default:
		r, n := utf8.DecodeRuneInString(text)
		s.put(r)
		return text[n:]
	}
	return text[1:]
}

// escape works off a sequence, its ESC already taken.
func (s *screen) escape(text string) string {
	switch {
	case strings.HasPrefix(text, "["):
		end := strings.IndexFunc(text[1:], func(r rune) bool { return r >= '@' && r <= '~' })
		if end < 0 {
			return ""
		}
		s.control(text[1:1+end], text[1+end])
		return text[2+end:]
	case strings.HasPrefix(text, "]"): // a title or a link: up to BEL or ESC \
		end := strings.IndexAny(text, "\a\x1b")
		if end < 0 {
			return ""
		}
		return strings.TrimPrefix(text[end+1:], `\`)
	case text == "":
		return ""
	}
	_, n := utf8.DecodeRuneInString(text)
	return text[n:]
}

// control does one CSI sequence.
func (s *screen) control(args string, verb byte) {
	n := 1
	if v, err := strconv.Atoi(args); err == nil {
		n = v
	}
	switch verb {
	case 'm':
		s.style = s.style.with(args)
	case 'A':
		s.row = max(0, s.row-n)
	case 'B':
		s.row += min(n, maxJump)
	case 'C':
		s.col += min(n, maxJump)
	case 'D':
		s.col = max(0, s.col-n)
	case 'G':
		s.col = min(max(0, n-1), maxJump)
	case 'K':
		s.erase(args)
	case 'J':
		s.erase("")
		if s.row+1 < len(s.rows) {
			s.rows = s.rows[:s.row+1]
		}
	}
}

// maxJump is the furthest a sequence moves the cursor, so that no text makes a giant picture.
const maxJump = 500

// erase clears to the end of the line, or with "2" all of it.
func (s *screen) erase(args string) {
	if s.row >= len(s.rows) {
		return
	}
	from := s.col
	if args == "2" {
		from = 0
	}
	if from < len(s.rows[s.row]) {
		s.rows[s.row] = s.rows[s.row][:from]
	}
}

// put writes one character at the cursor.
func (s *screen) put(r rune) {
	for s.row >= len(s.rows) {
		s.rows = append(s.rows, nil)
	}
	line := s.rows[s.row]
	width := runewidth.RuneWidth(r)
	if width == 0 {
		mark(line, s.col-1, r)
		return
	}
	for len(line) < s.col+width {
		line = append(line, cell{text: " "})
	}
	line[s.col] = cell{text: string(r), style: s.style}
	if width == 2 {
		line[s.col+1] = cell{style: s.style}
	}
	s.rows[s.row] = line
	s.col += width
}

// mark puts a combining character on the one before it.
func mark(line []cell, at int, r rune) {
	if at > 0 && at < len(line) && line[at].text == "" {
		at-- // that one is wide
	}
	if at >= 0 && at < len(line) {
		line[at].text += string(r)
	}
}

// lines is what stands on the screen, without blank lines around it.
func (s *screen) lines() [][]cell {
	rows := s.rows
	for len(rows) > 0 && blank(rows[len(rows)-1]) {
		rows = rows[:len(rows)-1]
	}
	for len(rows) > 0 && blank(rows[0]) {
		rows = rows[1:]
	}
	return rows
}

func blank(line []cell) bool {
	for _, c := range line {
		if strings.TrimSpace(c.text) != "" {
			return false
		}
	}
	return true
}
