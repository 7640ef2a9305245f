package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// wanted is what a kind is called where something else was found.
var wanted = map[Kind]string{String: "a text", Int: "a whole number", Bool: "true or false", Duration: "a time like 15m, 6h or 90d", Share: "a share like 10% or 0.1", Scalar: "a single value"}

// kindOf says what a node is, for a sentence.
func kindOf(n *yaml.Node) string {
	n = resolve(n)
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys and values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "empty"
	case len(n.Value) > 60:
		return "a long text"
	}
	return fmt.Sprintf("%q", n.Value)
}

func (d *Decoder) scalar(f *Field, name string, n *yaml.Node, v *Value) {
	if n.Kind != yaml.ScalarNode || isNull(n) && f.Kind != Scalar {
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%s must be %s, and this is %s", name, wanted[f.Kind], kindOf(n)), example(f))
		return
	}
	before, found := len(d.Unset), d.Found.Len()
	v.Text = d.variables(f, n, v.Place)
	if f.Secret {
		d.secret(v.Text)
	}
	if len(d.Unset) > before || d.Found.Len() > found {
		return // nothing is known of the value
	}
	if !v.read(f.Kind) {
		d.add("config.wrong_type", v.Place, fmt.Sprintf("%s must be %s, and this is %s", name, wanted[f.Kind], shown(f, n)), hintFor(f, v.Text))
		return
	}
	d.oneOf(f, name, v)
}

// read takes the text as a kind.
func (v *Value) read(kind Kind) (ok bool) {
	switch kind {
	case Int:
		v.Int, ok = parseInt(v.Text)
	case Bool:
		v.Bool, ok = v.Text == "true", v.Text == "true" || v.Text == "false"
	case Duration:
		v.Dur, ok = ParseDuration(v.Text)
	case Share:
		v.Share, ok = ParseShare(v.Text)
	default:
		ok = true
	}
	return ok
}

// shown is what is said of a value: a secret is not, and of a variable its name.
func shown(f *Field, n *yaml.Node) string {
	if f.Secret {
		return "something else"
	}
	return kindOf(n)
}

func hintFor(f *Field, text string) string {
	switch strings.ToLower(text) {
	case "yes", "on", "y", "true":
		if f.Kind == Bool {
			return "write true"
		}
	case "no", "off", "n", "false":
		if f.Kind == Bool {
			return "write false"
		}
	}
	if n, ok := parseInt(text); ok && n > 0 {
		switch f.Kind {
		case Duration:
			return fmt.Sprintf("say of what: %ds, %dm, %dh or %dd", n, n, n, n)
		case Share:
			return fmt.Sprintf("a share is at most 100%%; %d of a hundred is %d%%", n, n)
		}
	}
	return example(f)
}

func (d *Decoder) oneOf(f *Field, name string, v *Value) {
	if len(f.Enum) == 0 {
		return
	}
	if slices.Contains(f.Enum, v.Text) {
		return
	}
	if slices.Contains(f.Later, v.Text) {
		d.add("not_built", v.Place, fmt.Sprintf("%s: %s is not built yet", name, v.Text), "it can be "+strings.Join(f.Enum, ", "))
		return
	}
	hint := ""
	if near, ok := diag.Nearest(v.Text, f.Enum); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.add("config.wrong_value", v.Place, fmt.Sprintf("%s cannot be %s: it is one of %s", name, shown(f, v.Node), strings.Join(f.Enum, ", ")), hint)
}

func parseInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// ParseDuration reads 15m, 6h, 1h30m, 90d and 2w; false for what is no time,
// is negative, or is longer than 250 years.
func ParseDuration(s string) (time.Duration, bool) {
	for _, u := range []struct {
		unit string
		days int64
	}{{"d", 1}, {"w", 7}} {
		if n, ok := strings.CutSuffix(s, u.unit); ok {
			v, good := parseInt(n)
			if !good || v < 0 || v > 250*365/u.days || n[0] == '+' || n[0] == '-' {
				return 0, false
			}
			return time.Duration(v*u.days) * 24 * time.Hour, true
		}
	}
	if s == "" || s[0] == '+' || s[0] == '-' {
		return 0, false
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}

// ParseShare reads 10% and 0.1: from nothing to all.
func ParseShare(s string) (float64, bool) {
	n, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(n, 64)
	if percent {
		v /= 100
	}
	return v, err == nil && v >= 0 && v <= 1 && !math.IsNaN(v)
}
