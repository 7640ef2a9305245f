package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// shown is the text of the screen, line by line.
func shown(text string) string {
	var lines []string
	for _, l := range newScreen(text).lines() {
		var b strings.Builder
		for _, c := range l {
			b.WriteString(c.text)
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return strings.Join(lines, "\n")
}

func TestScreen(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"plain", "a\nb\n", "a\nb"},
		{"lines of a terminal", "a\r\nb\r\n", "a\nb"},
		{"progress on one line", "10 %\r20 %\r\x1b[Kdone\n", "done"},
		{"progress on two lines", "x 1\ny 1\n\x1b[2A\x1b[Jx 2\ny 2\n", "x 2\ny 2"},
		{"a line cleared whole", "abc\x1b[2K\rd\n", "d"},
		{"back and over", "abc\b\bX\n", "aXc"},
		{"columns", "a\x1b[3Cb\x1b[1Gc\n", "c   b"},
		{"a tab", "a\tb\n", "a       b"},
		{"a link", "\x1b]8;;https://x.example\x1b\\here\x1b]8;;\x1b\\\n", "here"},
		{"a title", "\x1b]0;weir\aok\n", "ok"},
		{"wide", "東京x\n", "東京x"},
		{"half of a wide one is overwritten", "東x\rab\n", "abx"},
		{"a mark", "Zoe\u0308\n", "Zoe\u0308"},
		{"a mark on a wide one", "か\u3099\n", "か\u3099"},
		{"a mark on nothing", "\u0308a\n", "a"},
		{"cut short", "ok\x1b[", "ok"},
		{"cut shorter", "ok\x1b", "ok"},
		{"a far jump stays near", "a\x1b[999999999Bb\x1b[999999999Cc", "a" + strings.Repeat("\n", maxJump) + " b" + strings.Repeat(" ", maxJump) + "c"},
		{"blank lines around", "\n\n  \na\n\n", "a"},
		{"not text", "\xff\x00a\n", "\ufffda"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := shown(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestStyle(t *testing.T) {
	cases := map[string]style{
		"":                     {},
		"0":                    {},
		"1;31":                 {bold: true, color: palette[1]},
		"2":                    {dim: true},
		"3;4":                  {italic: true, underline: true},
		"1;2;3;4;22;23;24":     {},
		"91;39":                {},
		"94":                   {color: palette[12]},
		"44;49":                {},
		"104":                  {behind: palette[12]},
		"38;5;208":             {color: "#ff8700"},
		"38;5;244":             {color: "#808080"},
		"38;5;3":               {color: palette[3]},
		"48;2;1;2;300":         {behind: "#0102ff"},
		"38;2;16;32;48;1":      {color: "#102030", bold: true},
		"38":                   {},
		"38;5":                 {color: palette[0]},
		"31;0":                 {},
		"99999999999999999;32": {color: palette[2]},
	}
	for args, want := range cases {
		if got := (style{}).with(args); got != want {
			t.Errorf("%q: got %+v, want %+v", args, got, want)
		}
	}
}

// TestPicture draws awkward text and reads the result as XML.
func TestPicture(t *testing.T) {
	text := "\x1b[1mBold\x1b[0m <b> & \"q\"  \x1b[32mgreen\x1b[0m\n\x1b[44m東京\x1b[0m \x01\xff\ufffe 🦊\n" + strings.Repeat("x", 120) + "\n"
	var out strings.Builder
	if err := run([]string{"-command", "weir demo <x>", "-title", "a & b"}, strings.NewReader(text), &out); err != nil {
		t.Fatal(err)
	}
	svg := out.String()
	d := xml.NewDecoder(strings.NewReader(svg))
	var words strings.Builder
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, svg)
		}
		if c, ok := tok.(xml.CharData); ok {
			words.Write(c)
		}
	}
	for _, want := range []string{"weir demo <x>", "a & b", "Bold", `<b> & "q"`, "green", "東", "🦊"} {
		if !strings.Contains(words.String(), want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	if !strings.Contains(svg, `font-weight="bold">Bold<`) || !strings.Contains(svg, palette[2]+`">green<`) {
		t.Errorf("the styles are lost:\n%s", svg)
	}
}

func TestNothingToDraw(t *testing.T) {
	if err := run(nil, strings.NewReader("\n \n"), io.Discard); err == nil {
		t.Error("no text: want an error")
	}
	if err := run([]string{"-columns", "x"}, strings.NewReader("a"), io.Discard); err == nil {
		t.Error("a flag that is no number: want an error")
	}
}

func FuzzPicture(f *testing.F) {
	f.Add("\x1b[1mBold\x1b[0m\n")
	f.Add("東\rx\x1b[31my\x1b[3D\u0308\x1b[2K")
	f.Fuzz(func(t *testing.T, text string) {
		p := picture{lines: newScreen(text).lines()}
		if err := xml.Unmarshal([]byte(p.svg()), new(struct{})); err != nil {
			t.Errorf("%q: not XML: %v", text, err)
		}
	})
}
