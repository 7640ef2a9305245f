package config

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// Decoder decodes nodes of one file by declared fields; it gathers every
// finding and goes on. Values are read as their field's kind from the text
// that is written: what YAML itself would take `yes`, `010` or a date for does
// not matter.
type Decoder struct {
	File    *File
	Dir     string // what ${file:…} is relative to
	Subject string // of the findings
	Lookup  func(name string) (string, bool)
	Found   *diag.Findings
	// Unset are variables without a value, for the caller to judge.
	Unset []UnsetVar
	// Secrets are values never to be shown: see Redact.
	Secrets []string
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func (d *Decoder) add(code string, p diag.Place, message, hint string) {
	d.Found.Add(d.File.WithLine(diag.Finding{Code: code, Place: p, Message: message, Hint: hint, Subject: d.Subject}))
}

// Section decodes a mapping by its fields; what names it in messages. It
// always gives a section, so that what is right in it can be looked at too.
func (d *Decoder) Section(n *yaml.Node, fields []Field, what string) *Section {
	n = resolve(n)
	s := &Section{Fields: fields, Place: d.File.PlaceOf(n), values: map[string]*Value{}}
	if n.Kind != yaml.MappingNode {
		d.add("config.wrong_type", s.Place, fmt.Sprintf("%s must be keys and values, and this is %s", what, kindOf(n)), "")
		d.defaults(s)
		return s
	}
	d.keysOnce(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		d.entry(s, n.Content[i], n.Content[i+1], what)
	}
	for i := range fields {
		if f := &fields[i]; f.Required && s.values[f.Name] == nil {
			d.add("config.missing", s.Place, fmt.Sprintf("%s has no %q, which it needs", what, f.Name), example(f))
		}
	}
	d.defaults(s)
	return s
}

// defaults fills in what is not written.
func (d *Decoder) defaults(s *Section) {
	for i := range s.Fields {
		f := &s.Fields[i]
		if s.values[f.Name] != nil || f.Default == "" || f.NotYet != "" {
			continue
		}
		quiet := &Decoder{File: d.File, Dir: d.Dir, Found: &diag.Findings{}, Lookup: d.Lookup}
		v := quiet.value(f, f.Name, &yaml.Node{Kind: yaml.ScalarNode, Value: f.Default, Tag: "!!str"})
		v.Place, v.Key, v.Set = s.Place, s.Place, false
		s.values[f.Name] = v
	}
}

// keysOnce finds what yaml.v3 lets pass: a key twice, a merge key.
func (d *Decoder) keysOnce(n *yaml.Node) {
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode {
			continue
		}
		if first := seen[k.Value]; first != nil {
			d.Found.Add(d.File.WithLine(diag.Finding{Code: "config.duplicate_key", Place: d.File.PlaceOf(k), Subject: d.Subject,
				Message: fmt.Sprintf("the key %q stands here twice", k.Value), Hint: "keep one of them", Related: []diag.Place{d.File.PlaceOf(first)}}))
			continue
		}
		seen[k.Value] = k
		if k.Tag == "!!merge" {
			d.add("config.merge_key", d.File.PlaceOf(k), "merge keys (<<) are not read", "write the keys out, or use an alias for a whole value")
		}
	}
}

// keysBelow looks for keys that stand twice anywhere in a value.
func (d *Decoder) keysBelow(n *yaml.Node) {
	n = resolve(n)
	if n.Kind == yaml.MappingNode {
		d.keysOnce(n)
	}
	for _, c := range n.Content {
		d.keysBelow(c)
	}
}

func example(f *Field) string {
	if f.Example == "" {
		return ""
	}
	return fmt.Sprintf("like `%s: %s`", f.Name, f.Example)
}

// entry decodes one key and its value into a section. Of a key that stands
// twice the first counts; it is a finding already.
func (d *Decoder) entry(s *Section, key, val *yaml.Node, what string) {
	if key.Tag == "!!merge" || key.Kind == yaml.ScalarNode && s.values[key.Value] != nil {
		return
	}
	f := fieldNamed(s.Fields, key.Value)
	switch {
	case f == nil || key.Kind != yaml.ScalarNode:
		d.unknownKey(s, key, val, what)
	case f.NotYet != "":
		d.add("not_built", d.File.PlaceOf(key), fmt.Sprintf("%q is not built yet: %s", f.Name, f.NotYet), "take it out")
		s.values[f.Name] = &Value{Field: f, Place: d.File.PlaceOf(val), Key: d.File.PlaceOf(key), Node: val, Set: true}
	default:
		unset, found := len(d.Unset), d.Found.Len()
		v := d.value(f, f.Name, val)
		v.Key, v.Set = d.File.PlaceOf(key), true
		s.values[f.Name] = v
		if f.Required && v.empty() && len(d.Unset) == unset && d.Found.Len() == found {
			d.add("config.missing", v.Place, fmt.Sprintf("%q of %s is empty, and it is needed", f.Name, what), example(f))
		}
	}
}

// empty tells whether nothing is said.
func (v *Value) empty() bool {
	switch v.Field.Kind {
	case List:
		return len(v.Items) == 0
	case Map:
		return len(v.Pairs) == 0
	case Object, Any:
		return v.Node != nil && isNull(v.Node)
	}
	return strings.TrimSpace(v.Text) == ""
}

func (d *Decoder) unknownKey(s *Section, key, val *yaml.Node, what string) {
	var names []string
	secret := false
	for i := range s.Fields {
		secret = secret || s.Fields[i].Secret
		if s.Fields[i].NotYet == "" {
			names = append(names, s.Fields[i].Name)
		}
	}
	f := d.File.WithLine(diag.Finding{Code: "config.unknown_key", Place: d.File.PlaceOf(key), Subject: d.Subject,
		Message: fmt.Sprintf("%s has no key %q", what, key.Value), Hint: "its keys are " + strings.Join(names, ", ")})
	if near, ok := diag.Nearest(key.Value, names); ok {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	if key.Kind != yaml.ScalarNode {
		f.Message = fmt.Sprintf("a key of %s must be a word, and this is %s", what, kindOf(key))
	}
	if secret && val.Kind == yaml.ScalarNode { // it may be the secret, under a mistyped key
		f.Snippet = stars(f.Snippet, []string{val.Value})
	}
	d.Found.Add(f)
}

// value decodes one value by its field; name is what it is called in messages.
func (d *Decoder) value(f *Field, name string, n *yaml.Node) *Value {
	at := d.File.PlaceOf(n)
	n = resolve(n)
	v := &Value{Field: f, Place: at, Node: n}
	switch f.Kind {
	case Object:
		v.Section = d.object(f, name, n)
	case List:
		d.list(f, name, n, v)
	case Map:
		d.pairs(f, name, n, v)
	case Any:
		v.Text = n.Value
		if !f.Raw {
			d.keysBelow(n)
			d.noVariables(n, name)
		}
	default:
		d.scalar(f, name, n, v)
	}
	return v
}

func (d *Decoder) object(f *Field, name string, n *yaml.Node) *Section {
	if n.Kind == yaml.ScalarNode && f.Short != "" && !isNull(n) {
		key := &yaml.Node{Kind: yaml.ScalarNode, Value: f.Short, Line: n.Line, Column: n.Column}
		n = &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Line: n.Line, Column: n.Column, Content: []*yaml.Node{key, n}}
	}
	return d.Section(n, f.Fields, name)
}

func (d *Decoder) list(f *Field, name string, n *yaml.Node, v *Value) {
	switch {
	case n.Kind == yaml.SequenceNode:
		for _, c := range n.Content {
			v.Items = append(v.Items, d.value(f.Of, "an item of "+name, c))
		}
	case n.Kind == yaml.ScalarNode && f.Of.Kind == String && !isNull(n):
		v.Items = []*Value{d.value(f.Of, name, n)} // one item may stand alone
	default:
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%s must be a list, and this is %s", name, kindOf(n)), example(f))
	}
}

func (d *Decoder) pairs(f *Field, name string, n *yaml.Node, v *Value) {
	switch {
	case n.Kind == yaml.ScalarNode && f.Short != "" && !isNull(n):
		v.Pairs = []Pair{{Name: f.Short, Place: v.Place, Value: d.value(f.Of, name, n)}}
		return
	case n.Kind != yaml.MappingNode:
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%s must be names and values, and this is %s", name, kindOf(n)), example(f))
		return
	}
	d.keysOnce(n)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Tag == "!!merge" || seen[k.Value]:
			continue
		case k.Kind != yaml.ScalarNode || isNull(k) || k.Value == "":
			d.add("config.bad_name", d.File.PlaceOf(k), fmt.Sprintf("a name in %s must be a word, and this is %s", name, kindOf(k)), "")
			continue
		}
		seen[k.Value] = true
		v.Pairs = append(v.Pairs, Pair{Name: k.Value, Place: d.File.PlaceOf(k), Value: d.value(f.Of, name+"."+k.Value, n.Content[i+1])})
	}
}
