package warehouse

import "strings"

// Writer is the one way SQL leaves: lines, indented, names quoted by the
// dialect. The SQL is read by people in their warehouse's history.
type Writer struct {
	D      *Dialect
	b      strings.Builder
	indent int
}

// NewWriter writes SQL of a dialect.
func NewWriter(d *Dialect) *Writer { return &Writer{D: d} }

// Line writes one line of the parts, joined as they are, at the current indent.
// A part that spans lines is indented whole.
func (w *Writer) Line(parts ...string) *Writer {
	for line := range strings.SplitSeq(strings.Join(parts, ""), "\n") {
		if line != "" {
			w.b.WriteString(strings.Repeat("  ", w.indent))
			w.b.WriteString(line)
		}
		w.b.WriteByte('\n')
	}
	return w
}

// Comment writes a comment line; a line break inside it starts another one.
func (w *Writer) Comment(text string) *Writer {
	for line := range strings.SplitSeq(text, "\n") {
		w.Line("-- ", strings.TrimSpace(line))
	}
	return w
}

// In indents what body writes.
func (w *Writer) In(body func()) *Writer {
	w.indent++
	body()
	w.indent--
	return w
}

// List writes one line an item, with commas between.
func (w *Writer) List(items []string) *Writer {
	for i, it := range items {
		if i < len(items)-1 {
			it += ","
		}
		w.Line(it)
	}
	return w
}

// CTE is one named step of a WITH.
type CTE struct {
	Name    string
	Comment string
	SQL     string
	// Verbatim: the SQL is the customer's own text. It is not indented, so that
	// its strings stay as they are and a complaint's line and column can be found in it.
	Verbatim bool
}

// With writes steps as "WITH name AS (…)"; nothing for no steps.
func (w *Writer) With(steps []CTE) *Writer {
	for i, s := range steps {
		head := "WITH "
		if i > 0 {
			head = ""
		}
		if s.Comment != "" {
			w.Comment(s.Comment)
		}
		w.Line(head, s.Name, " AS (")
		if s.Verbatim {
			w.b.WriteString(strings.TrimRight(s.SQL, "\n") + "\n")
		} else {
			w.In(func() { w.Line(strings.TrimRight(s.SQL, "\n")) })
		}
		if i < len(steps)-1 {
			w.Line("),")
		} else {
			w.Line(")")
		}
	}
	return w
}

// String is the SQL so far.
func (w *Writer) String() string { return w.b.String() }
