package config

import (
	"regexp"

	"gopkg.in/yaml.v3"
)

// written is ${NAME}, ${NAME:-default} or ${file:path} in a value.
var written = regexp.MustCompile(`\$\{(file:[^}]+|[A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}`)

// SecretVariables are what the secret values of a section are read from: names
// of variables, and file:path for files, in the order written.
func (s *Section) SecretVariables() []string {
	if s == nil {
		return nil
	}
	var out []string
	for i := range s.Fields {
		f := &s.Fields[i]
		v := s.values[f.Name]
		switch {
		case v == nil || !v.Set:
		case f.Secret || f.Of != nil && f.Of.Secret:
			out = append(out, variablesIn(v.Node)...)
		case v.Section != nil:
			out = append(out, v.Section.SecretVariables()...)
		}
	}
	return out
}

func variablesIn(n *yaml.Node) []string {
	if n == nil {
		return nil
	}
	n = resolve(n)
	var out []string
	if n.Kind == yaml.ScalarNode {
		for _, m := range written.FindAllStringSubmatch(n.Value, -1) {
			out = append(out, m[1])
		}
	}
	for _, c := range n.Content {
		out = append(out, variablesIn(c)...)
	}
	return out
}
