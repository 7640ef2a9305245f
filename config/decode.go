package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// Decoder decodes nodes of one file by declared fields; it gathers every
// finding and goes on.
type Decoder struct {
	File    *File
	Dir     string
	Subject string
	Lookup  func(name string) (string, bool)
	Found   *diag.Findings
	// Unset are variables without a value, for the caller to judge.
	Unset []UnsetVar
	// Secrets are the values of secret fields, for redaction.
	Secrets []string
}

// UnsetVar is a ${NAME} that has no value.
type UnsetVar struct {
	Name    string
	Place   diag.Place
	Subject string
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

// Section decodes a mapping by its fields. It always gives a section, so that
// what is right in it can be looked at too.
func (d *Decoder) Section(n *yaml.Node, fields []Field, what string) *Section {
	n = resolve(n)
	s := &Section{Fields: fields, Place: d.File.PlaceOf(n), values: map[string]*Value{}}
	if n.Kind != yaml.MappingNode {
		d.add("config.wrong_type", s.Place, fmt.Sprintf("%s must be keys and values, and this is %s", what, kindOf(n)), "")
		return s
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		d.entry(s, n.Content[i], n.Content[i+1], what)
	}
	for i := range fields {
		f := &fields[i]
		if s.values[f.Name] != nil {
			continue
		}
		if f.Required {
			d.add("config.missing", s.Place, fmt.Sprintf("%s has no %q, which it needs", what, f.Name), example(f))
		}
		if f.Default != "" {
			s.values[f.Name] = d.defaultOf(f, s.Place)
		}
	}
	return s
}

func example(f *Field) string {
	if f.Example == "" {
		return ""
	}
	return fmt.Sprintf("like `%s: %s`", f.Name, f.Example)
}

func (d *Decoder) defaultOf(f *Field, at diag.Place) *Value {
	quiet := &Decoder{File: d.File, Dir: d.Dir, Found: &diag.Findings{}, Lookup: d.Lookup}
	v := quiet.value(f, &yaml.Node{Kind: yaml.ScalarNode, Value: f.Default, Tag: "!!str"})
	v.Place, v.Set = at, false
	return v
}

func (d *Decoder) entry(s *Section, key, val *yaml.Node, what string) {
	var names []string
	for i := range s.Fields {
		f := &s.Fields[i]
		names = append(names, f.Name)
		if f.Name != key.Value {
			continue
		}
		if f.NotYet != "" {
			d.add("not_built", d.File.PlaceOf(key), fmt.Sprintf("%q is not built yet: %s", f.Name, f.NotYet), "take it out for now; nothing that is not built is ignored in silence")
			return
		}
		v := d.value(f, val)
		v.Key, v.Set = d.File.PlaceOf(key), true
		s.values[f.Name] = v
		return
	}
	hint := "its keys are " + strings.Join(names, ", ")
	if near, ok := diag.Nearest(key.Value, names); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.add("config.unknown_key", d.File.PlaceOf(key), fmt.Sprintf("%s has no key %q", what, key.Value), hint)
}

// value decodes one value by its field.
func (d *Decoder) value(f *Field, n *yaml.Node) *Value {
	n = resolve(n)
	v := &Value{Field: f, Place: d.File.PlaceOf(n), Node: n}
	switch f.Kind {
	case Object:
		d.object(f, n, v)
	case List:
		d.list(f, n, v)
	case Map:
		d.pairs(f, n, v)
	case Any:
		v.Text = n.Value
	default:
		d.scalar(f, n, v)
	}
	return v
}

func (d *Decoder) object(f *Field, n *yaml.Node, v *Value) {
	if n.Kind == yaml.ScalarNode && f.Short != "" {
		n = &yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: f.Short, Line: n.Line, Column: n.Column}, n}}
	}
	v.Section = d.Section(n, f.Fields, f.Name)
}

func (d *Decoder) list(f *Field, n *yaml.Node, v *Value) {
	switch {
	case n.Kind == yaml.SequenceNode:
		for _, c := range n.Content {
			v.Items = append(v.Items, d.value(f.Of, c))
		}
	case n.Kind == yaml.ScalarNode && f.Of.Kind == String && n.Value != "":
		v.Items = []*Value{d.value(f.Of, n)} // one item may stand alone
	default:
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%q must be a list, and this is %s", f.Name, kindOf(n)), example(f))
	}
}

func (d *Decoder) pairs(f *Field, n *yaml.Node, v *Value) {
	if n.Kind == yaml.ScalarNode && f.Short != "" {
		v.Pairs = []Pair{{Name: f.Short, Place: v.Place, Value: d.value(f.Of, n)}}
		return
	}
	if n.Kind != yaml.MappingNode {
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%q must be names and values, and this is %s", f.Name, kindOf(n)), example(f))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		v.Pairs = append(v.Pairs, Pair{Name: k.Value, Place: d.File.PlaceOf(k), Value: d.value(f.Of, n.Content[i+1])})
	}
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!null" {
		return "empty"
	}
	return fmt.Sprintf("%q", n.Value)
}

var wanted = map[Kind]string{String: "a text", Int: "a whole number", Bool: "true or false", Duration: "a time like 15m, 6h or 90d", Share: "a share like 10% or 0.1", Scalar: "a single value"}

func (d *Decoder) scalar(f *Field, n *yaml.Node, v *Value) {
	if n.Kind != yaml.ScalarNode || (n.Tag == "!!null" && f.Kind != Scalar) {
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%q must be %s, and this is %s", f.Name, wanted[f.Kind], kindOf(n)), example(f))
		return
	}
	v.Text = d.variables(f, n, v.Place)
	if f.Secret && len(v.Text) >= 4 {
		d.Secrets = append(d.Secrets, v.Text)
	}
	ok := true
	switch f.Kind {
	case Int:
		v.Int, ok = parseInt(v.Text)
	case Bool:
		v.Bool, ok = v.Text == "true", v.Text == "true" || v.Text == "false"
	case Duration:
		v.Dur, ok = ParseDuration(v.Text)
	case Share:
		v.Share, ok = parseShare(v.Text)
	}
	if !ok && !(f.Vars && v.Text == "") {
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%q must be %s, and this is %s", f.Name, wanted[f.Kind], kindOf(n)), example(f))
	}
	d.oneOf(f, v)
}

func (d *Decoder) oneOf(f *Field, v *Value) {
	if len(f.Enum) == 0 {
		return
	}
	for _, e := range f.Enum {
		if e == v.Text {
			return
		}
	}
	hint := ""
	if near, ok := diag.Nearest(v.Text, f.Enum); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.add("config.wrong_value", v.Place, fmt.Sprintf("%q cannot be %q: it is one of %s", f.Name, v.Text, strings.Join(f.Enum, ", ")), hint)
}

func parseInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// ParseDuration reads 15m, 6h, 1h30m, 90d and 2w.
func ParseDuration(s string) (time.Duration, bool) {
	for unit, days := range map[string]int64{"d": 1, "w": 7} {
		if n, ok := strings.CutSuffix(s, unit); ok {
			v, err := strconv.ParseInt(n, 10, 32)
			return time.Duration(v*days) * 24 * time.Hour, err == nil && v >= 0
		}
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}

func parseShare(s string) (float64, bool) {
	n, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(n, 64)
	if percent {
		v /= 100
	}
	return v, err == nil && v >= 0 && !math.IsInf(v, 0) && !math.IsNaN(v)
}
