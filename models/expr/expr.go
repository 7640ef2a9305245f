// Package expr is the small SQL of a project's YAML: `value`, `where` and
// `expr`. A text is parsed once, typed against the columns it may read, and
// printed for each warehouse. Names and literals reach SQL only through the
// dialect's quoting, every implicit step (a cast, a guard against zero) is
// written out, and what engines understand differently is spelled so that they
// agree or is refused. The package holds no connection and reads no clock.
//
// The way of a text: Parse → Check → Printer.Value or Printer.Condition.
package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
)

// Type is one of Weir's types; untyped is that of a bare null.
type Type = rows.Type

const (
	untyped Type = 0   // null, which takes any type
	broken  Type = 255 // told already: nothing more is said of what is built on it
)

// Limits of one expression. They keep what is printed inside what engines parse.
const (
	maxBytes = 64 << 10 // of the text
	maxDepth = 150      // of the tree
	maxSize  = 20_000   // parts of the SQL that it becomes, in any dialect
	maxSQL   = 1 << 18  // bytes of any part of that SQL
)

// Expr is a parsed expression.
type Expr struct {
	Text string // as it was written; of one that was built, as Format gives it
	Root Node
}

// Build makes an expression of a tree that was put together in code.
func Build(root Node) *Expr {
	e := &Expr{Root: root}
	e.Text = Format(e)
	return e
}

// Error is one thing wrong with an expression. Offset and Length are bytes of
// its text.
type Error struct {
	Offset, Length int
	Code           string // "expr.type": stable
	Message        string // one sentence, no final dot
	Hint           string // what to do; may be empty
}

// Error is the message with its hint in parentheses.
func (e Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + " (" + e.Hint + ")"
}

// Place is where the error stands in a file, when the first character of the
// text stands at `at`. A text over several lines is taken to be indented alike.
func (e Error) Place(text string, at diag.Place) diag.Place {
	if at.Line == 0 {
		return at
	}
	offset := min(max(e.Offset, 0), len(text))
	before := text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	at.Line += strings.Count(before, "\n")
	if at.Col > 0 {
		at.Col += utf8.RuneCountInString(before[start:])
		marked := text[offset:min(len(text), offset+max(e.Length, 0))]
		marked, _, _ = strings.Cut(marked, "\n")
		at.End = at.Col + max(1, utf8.RuneCountInString(marked))
	}
	return at
}

// Findings are errors as findings of a file, the text's first character at
// `at`. Subject is what they belong to ("trait lifetime_value").
func Findings(errs []Error, text string, at diag.Place, subject string) []diag.Finding {
	var fs diag.Findings
	for _, e := range errs {
		fs.Add(diag.Finding{Code: e.Code, Place: e.Place(text, at), Message: e.Message, Hint: e.Hint, Subject: subject})
	}
	return fs.Sorted()
}
