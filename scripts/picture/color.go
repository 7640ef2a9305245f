package main

import (
	"fmt"
	"strconv"
	"strings"
)

// The window's colours: a night sky, and text that stays readable on it.
const (
	paper    = "#0e1420"
	bar      = "#172031"
	edge     = "#2a3750"
	ink      = "#d5deed"
	inkDim   = "#7f8ea8"
	inkBold  = "#ffffff"
	barInk   = "#93a3bf"
	promptFg = "#5fd3bc"
)

// palette is the sixteen colours of a terminal.
var palette = [16]string{
	"#3b4860", "#ff7a85", "#7ddb90", "#f3c969", "#6fb1ff", "#c9a3f7", "#5fd0e0", "#d5deed",
	"#7f8ea8", "#ff9aa2", "#9be8aa", "#ffdb8a", "#95c6ff", "#dcc0ff", "#86e3ee", "#ffffff",
}

// with is the style after one SGR sequence: "1;32", "38;5;208", "0".
func (st style) with(args string) style {
	codes := strings.FieldsFunc(args, func(r rune) bool { return r == ';' || r == ':' })
	if len(codes) == 0 {
		return style{}
	}
	for i := 0; i < len(codes); i++ {
		n, err := strconv.Atoi(codes[i])
		if err != nil {
			continue
		}
		if n == 38 || n == 48 {
			color, used := extended(codes[i+1:])
			i += used
			if n == 38 {
				st.color = color
			} else {
				st.behind = color
			}
			continue
		}
		st = st.code(n)
	}
	return st
}

// code applies one simple code.
func (st style) code(n int) style {
	switch {
	case n == 0:
		return style{}
	case n == 1:
		st.bold = true
	case n == 2:
		st.dim = true
	case n == 3:
		st.italic = true
	case n == 4:
		st.underline = true
	case n == 22:
		st.bold, st.dim = false, false
	case n == 23:
		st.italic = false
	case n == 24:
		st.underline = false
	case n >= 30 && n <= 37:
		st.color = palette[n-30]
	case n >= 90 && n <= 97:
		st.color = palette[n-90+8]
	case n >= 40 && n <= 47:
		st.behind = palette[n-40]
	case n >= 100 && n <= 107:
		st.behind = palette[n-100+8]
	case n == 39:
		st.color = ""
	case n == 49:
		st.behind = ""
	}
	return st
}

// extended reads a colour of 256 ("5", n) or of all ("2", r, g, b), and how
// many codes it took.
func extended(codes []string) (string, int) {
	value := func(i int) int {
		if i >= len(codes) {
			return 0
		}
		n, err := strconv.Atoi(codes[i])
		if err != nil {
			return 0
		}
		return min(max(n, 0), 255)
	}
	switch value(0) {
	case 5:
		return indexed(value(1)), min(2, len(codes))
	case 2:
		return fmt.Sprintf("#%02x%02x%02x", value(1), value(2), value(3)), min(4, len(codes))
	}
	return "", min(1, len(codes))
}

// indexed is one of the 256 colours.
func indexed(n int) string {
	switch {
	case n < 16:
		return palette[n]
	case n >= 232:
		v := 8 + 10*(n-232)
		return fmt.Sprintf("#%02x%02x%02x", v, v, v)
	}
	level := func(n int) int {
		if n == 0 {
			return 0
		}
		return 55 + 40*n
	}
	n -= 16
	return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
}

// fill is the colour a cell's text has in the end.
func (st style) fill() string {
	switch {
	case st.color != "":
		return st.color
	case st.dim:
		return inkDim
	case st.bold:
		return inkBold
	}
	return ink
}
