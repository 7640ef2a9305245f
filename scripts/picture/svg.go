package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// The grid, in pixels. A character of the usual fixed-width fonts is 0.6 of
// its size wide; textLength holds others to it.
const (
	fontSize = 14.0
	charW    = 8.43
	lineH    = 20.0
	padX     = 22.0
	padY     = 18.0
	barH     = 38.0
)

// picture is a window and what stands in it.
type picture struct {
	title, command string
	columns        int
	lines          [][]cell
}

// svg draws the window.
func (p *picture) svg() string {
	lines := p.lines
	if p.command != "" {
		lines = append([][]cell{prompt(p.command), nil}, lines...)
	}
	columns := p.columns
	for _, l := range lines {
		columns = max(columns, len(l))
	}
	w := 2*padX + float64(columns)*charW
	h := barH + 2*padY + float64(len(lines))*lineH

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="%s">`+"\n",
		w, h, w, h, escape(p.title))
	fmt.Fprintf(&b, "<title>%s</title>\n", escape(p.title))
	p.frame(&b, w, h)
	fmt.Fprintf(&b, `<g font-family="ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', 'Cascadia Mono', Consolas, monospace" font-size="%g" fill="%s" xml:space="preserve">`+"\n",
		fontSize, ink)
	for i, l := range lines {
		drawLine(&b, l, barH+padY+float64(i)*lineH)
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

// frame draws the window itself: paper, bar, three buttons, title.
func (p *picture) frame(b *strings.Builder, w, h float64) {
	fmt.Fprintf(b, `<rect x="0.5" y="0.5" width="%.0f" height="%.0f" rx="10" fill="%s" stroke="%s"/>`+"\n", w-1, h-1, paper, edge)
	fmt.Fprintf(b, `<path d="M1 %g V10.5 A9.5 9.5 0 0 1 10.5 1 H%g A9.5 9.5 0 0 1 %g 10.5 V%g Z" fill="%s"/>`+"\n", barH, w-10.5, w-1, barH, bar)
	fmt.Fprintf(b, `<path d="M1 %g H%g" stroke="%s"/>`+"\n", barH, w-1, edge)
	for i, color := range []string{"#ff6b63", "#f5bf4f", "#61c554"} {
		fmt.Fprintf(b, `<circle cx="%d" cy="%g" r="6" fill="%s"/>`+"\n", 22+20*i, barH/2, color)
	}
	fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle" font-family="ui-sans-serif, system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13" fill="%s">%s</text>`+"\n",
		w/2, barH/2+4.5, barInk, escape(p.title))
}

// prompt is a line as people type it.
func prompt(command string) []cell {
	line := []cell{{"$", style{color: promptFg, bold: true}}, {" ", style{}}}
	for _, r := range command {
		line = append(line, cell{string(r), style{bold: true}})
	}
	return line
}

// drawLine writes one line: words of one look together, each put on the grid
// by itself, so that no font can push the columns apart.
func drawLine(b *strings.Builder, line []cell, top float64) {
	for from := 0; from < len(line); {
		to := from + 1
		for to < len(line) && line[to].style == line[from].style {
			to++
		}
		if bg := line[from].style.behind; bg != "" {
			fmt.Fprintf(b, `<rect x="%.2f" y="%.1f" width="%.2f" height="%g" fill="%s"/>`+"\n",
				padX+float64(from)*charW, top, float64(to-from)*charW, lineH, bg)
		}
		for _, piece := range pieces(line, from, to) {
			drawPiece(b, line[from].style, piece, top)
		}
		from = to
	}
}

// piece is text without wide gaps, and the columns it takes.
type piece struct {
	text      string
	col, cols int
}

// pieces cuts cells of one look where two blanks follow each other and around
// characters whose width a font may see differently.
func pieces(line []cell, from, to int) []piece {
	var out []piece
	open := false
	for i := from; i < to; i++ {
		text := line[i].text
		switch {
		case text == "": // the other half of a wide character
			if len(out) > 0 {
				out[len(out)-1].cols++
			}
			open = false
		case text == " " && (!open || i+1 >= to || line[i+1].text == " "):
			open = false
		case len(text) > 3 || !open:
			out = append(out, piece{text: text, col: i, cols: 1})
			open = len(text) <= 3
		default:
			last := &out[len(out)-1]
			last.text += text
			last.cols++
		}
	}
	return out
}

func drawPiece(b *strings.Builder, st style, p piece, top float64) {
	fmt.Fprintf(b, `<text x="%.2f" y="%.1f"`, padX+float64(p.col)*charW, top+lineH*0.72)
	if p.cols > 1 {
		fmt.Fprintf(b, ` textLength="%.2f"`, float64(p.cols)*charW)
	}
	if fill := st.fill(); fill != ink {
		fmt.Fprintf(b, ` fill="%s"`, fill)
	}
	if st.dim && st.color != "" {
		b.WriteString(` opacity="0.65"`)
	}
	if st.bold {
		b.WriteString(` font-weight="bold"`)
	}
	if st.italic {
		b.WriteString(` font-style="italic"`)
	}
	if st.underline {
		b.WriteString(` text-decoration="underline"`)
	}
	fmt.Fprintf(b, ">%s</text>\n", escape(p.text))
}

// escape is text as XML takes it.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a builder takes everything
	}
	return b.String()
}
