package config

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// File is one file: its text by lines and its root.
type File struct {
	Path  string // relative to the project, with slashes
	Lines []string
	Root  *yaml.Node // a mapping; nil where the file cannot be read
}

// breaks ends lines where YAML does.
var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// parse reads a file's text. A file without content is an empty mapping.
func (f *File) parse(text []byte, found *diag.Findings) {
	f.Lines = strings.Split(breaks.Replace(string(text)), "\n")
	if !utf8.Valid(text) {
		found.Add(f.finding("yaml.not_utf8", f.badBytes(), "the file is not UTF-8", "save it as UTF-8"))
		return
	}
	root, more, err := documents(string(text))
	switch {
	case err != nil:
		found.Add(f.syntax(err))
	case more != nil:
		found.Add(f.finding("yaml.documents", diag.Place{Line: more.Line, Col: 1}, "the file holds several YAML documents", "keep one a file: take the `---` out"))
	case root == nil:
		f.Root = &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}
	case root.Kind != yaml.MappingNode:
		found.Add(f.finding("yaml.not_mapping", f.PlaceOf(root), "the file must be keys and values, and it is "+kindOf(root), "like `sources:` and a list below it"))
	default:
		if alias := tooMuch(root); alias != nil {
			found.Add(f.finding("yaml.aliases", f.PlaceOf(alias), fmt.Sprintf("the alias stands for itself, or all aliases for more than %d values", maxAliased), "write the values out"))
			return
		}
		f.Root = root
	}
}

// documents reads the first document's root, nil where it is empty, and the
// second where there is one.
func documents(text string) (root, more *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil { // the library's own fault: said like any other
			err = errors.New("it cannot be read")
		}
	}()
	dec := yaml.NewDecoder(strings.NewReader(text))
	var first, second yaml.Node
	if err := dec.Decode(&first); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil, nil
		}
		return nil, nil, err
	}
	if len(first.Content) == 1 && !isNull(first.Content[0]) {
		root = first.Content[0]
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
		return root, nil, nil
	case err != nil:
		return nil, nil, err
	}
	return root, &second, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// maxAliased is how many values a file's aliases may stand for.
const maxAliased = 10_000

// tooMuch follows aliases and counts what they stand for; it gives the alias
// where that is too much, or is itself.
func tooMuch(root *yaml.Node) *yaml.Node {
	n, open := 0, map[*yaml.Node]bool{}
	var walk func(node, alias *yaml.Node) *yaml.Node
	walk = func(node, alias *yaml.Node) *yaml.Node {
		if alias != nil {
			if n++; n > maxAliased {
				return alias
			}
		}
		if node.Kind == yaml.AliasNode {
			if open[node.Alias] {
				return node
			}
			return walk(node.Alias, node)
		}
		open[node] = true
		defer delete(open, node)
		for _, c := range node.Content {
			if bad := walk(c, alias); bad != nil {
				return bad
			}
		}
		return nil
	}
	return walk(root, nil)
}

func (f *File) badBytes() diag.Place {
	for i, l := range f.Lines {
		if utf8.ValidString(l) {
			continue
		}
		good := 0
		for len(l) > 0 {
			r, size := utf8.DecodeRuneInString(l)
			if r == utf8.RuneError && size == 1 {
				break
			}
			good, l = good+1, l[size:]
		}
		return diag.Place{Line: i + 1, Col: good + 1}
	}
	return diag.Place{}
}

// finding is a finding in this file, with its line.
func (f *File) finding(code string, p diag.Place, message, hint string) diag.Finding {
	p.File = f.Path
	return f.WithLine(diag.Finding{Code: code, Place: p, Message: message, Hint: hint})
}

// WithLine adds the line a finding points to; what looks like a secret there
// is hidden.
func (f *File) WithLine(d diag.Finding) diag.Finding {
	if d.Line > 0 && d.Line <= len(f.Lines) {
		d.Snippet = maskLine(strings.ToValidUTF8(f.Lines[d.Line-1], "\uFFFD"))
	}
	return d
}

// PlaceOf is where a node stands, and how far it goes on its line.
func (f *File) PlaceOf(n *yaml.Node) diag.Place {
	p := diag.Place{File: f.Path, Line: n.Line, Col: n.Column, End: n.Column + 1}
	switch {
	case n.Kind == yaml.AliasNode:
		p.End = n.Column + 1 + utf8.RuneCountInString(n.Value)
	case n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0:
		p.End = f.PlaceOf(n.Content[0]).End
	case n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0:
		width := utf8.RuneCountInString(n.Value)
		if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
			width += 2
		}
		p.End = n.Column + max(width, 1)
	}
	return p
}
