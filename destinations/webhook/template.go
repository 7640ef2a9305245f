package webhook

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/destinations"
	"gopkg.in/yaml.v3"
)

// template is a body in pieces: constant text, and places for values. Values
// stand alone, so that what comes out is always JSON.
type template struct {
	pieces []piece
	each   []piece // repeated for every record, between the pieces before and after
	at     int     // where in pieces the repetition stands
	many   bool
}

// piece is constant text, or the value it names.
type piece struct{ text, value string }

// ownPlaces are the values that every record has besides its fields.
var ownPlaces = []string{"$key", "$id", "$op", "$match", "$fields"}

// newTemplate reads `body:`.
func newTemplate(n *yaml.Node) (*template, error) {
	t := &template{}
	if err := t.node(n, &t.pieces); err != nil {
		return nil, fmt.Errorf("body, line %d: %w", n.Line, err)
	}
	return t, nil
}

func constant(to *[]piece, text string) {
	if n := len(*to); n > 0 && (*to)[n-1].value == "" {
		(*to)[n-1].text += text
		return
	}
	*to = append(*to, piece{text: text})
}

func (t *template) node(n *yaml.Node, to *[]piece) error {
	switch n.Kind {
	case yaml.AliasNode:
		return t.node(n.Alias, to)
	case yaml.MappingNode:
		constant(to, "{")
		for i := 0; i+1 < len(n.Content); i += 2 {
			name, err := json.Marshal(n.Content[i].Value)
			if err != nil {
				return err
			}
			if i > 0 {
				constant(to, ",")
			}
			constant(to, string(name)+":")
			if err := t.node(n.Content[i+1], to); err != nil {
				return err
			}
		}
		constant(to, "}")
		return nil
	case yaml.SequenceNode:
		return t.list(n, to)
	default:
		return t.scalar(n, to)
	}
}

func (t *template) list(n *yaml.Node, to *[]piece) error {
	if len(n.Content) == 2 && n.Content[0].Value == "{{$each}}" {
		if t.many || to != &t.pieces {
			return fmt.Errorf("{{$each}} may stand once")
		}
		constant(to, "[")
		t.many, t.at = true, len(*to)
		*to = append(*to, piece{text: "]"})
		return t.node(n.Content[1], &t.each)
	}
	constant(to, "[")
	for i, c := range n.Content {
		if i > 0 {
			constant(to, ",")
		}
		if err := t.node(c, to); err != nil {
			return err
		}
	}
	constant(to, "]")
	return nil
}

func (t *template) scalar(n *yaml.Node, to *[]piece) error {
	name, ok := strings.CutPrefix(n.Value, "{{")
	if ok && strings.HasSuffix(name, "}}") {
		name = strings.TrimSpace(strings.TrimSuffix(name, "}}"))
		if name == "" || strings.Contains(name, "{{") {
			return fmt.Errorf("%q names no field", n.Value)
		}
		if name[0] == '$' && !slices.Contains(ownPlaces, name) {
			return fmt.Errorf("{{%s}} is not known: there are %s, and {{$each}} to begin a list", name, strings.Join(ownPlaces, ", "))
		}
		*to = append(*to, piece{value: name})
		return nil
	}
	if strings.Contains(n.Value, "{{") {
		return fmt.Errorf("%q mixes text and {{…}}: a place stands alone as a value", n.Value)
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	constant(to, string(text))
	return nil
}

// Fits implements destinations.Fitter: every field that a body of its own names
// is mapped.
func (h *Webhook) Fits(s *destinations.Sync) error {
	if h.body == nil {
		return nil
	}
	return h.body.fits(s)
}

// fits tells whether a sync maps every field that the template names.
func (t *template) fits(s *destinations.Sync) error {
	for _, p := range slices.Concat(t.pieces, t.each) {
		if p.value == "" || p.value[0] == '$' || names(s.Fields, p.value) || names(s.Match, p.value) {
			continue
		}
		return fmt.Errorf("the body names {{%s}}, which sync %s does not map (map it under `fields`, or take it out of `body`)", p.value, s.Name)
	}
	return nil
}

func names(fields []destinations.FieldInfo, name string) bool {
	return slices.ContainsFunc(fields, func(f destinations.FieldInfo) bool { return f.Name == name })
}

// append writes the body of a batch.
func (t *template) append(dst []byte, b *destinations.Batch) []byte {
	for i, p := range t.pieces {
		if t.many && i == t.at {
			for r := range b.Len() {
				if r > 0 {
					dst = append(dst, ',')
				}
				for _, e := range t.each {
					dst = e.append(dst, b, r)
				}
			}
		}
		dst = p.append(dst, b, 0)
	}
	return dst
}

func (p piece) append(dst []byte, b *destinations.Batch, i int) []byte {
	switch p.value {
	case "":
		return append(dst, p.text...)
	case "$key":
		return b.AppendKey(dst, i)
	case "$id":
		return append(b.AppendID(append(dst, '"'), i), '"')
	case "$op":
		return append(append(append(dst, '"'), b.Op(i)...), '"')
	case "$match":
		return append(dst, b.Match(i)...)
	case "$fields":
		return append(dst, b.Whole(i)...)
	}
	if v, ok := b.WholeValue(i, p.value); ok {
		return append(dst, v...)
	}
	if v, ok := b.MatchValue(i, p.value); ok {
		return append(dst, v...)
	}
	return append(dst, "null"...)
}
