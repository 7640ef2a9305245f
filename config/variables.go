package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

var varName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// variables fills ${NAME}, ${NAME:-default} and ${file:path} in; $$ is a
// dollar. Where a field takes none, "${" is told.
func (d *Decoder) variables(f *Field, n *yaml.Node, at diag.Place) string {
	text := n.Value
	if !strings.Contains(text, "$") {
		return text
	}
	if !f.Vars {
		if strings.Contains(text, "${") {
			d.add("config.no_variables", at, fmt.Sprintf("variables are not read in %q", f.Name), "they are read in targets, destinations and `files:`")
		}
		return text
	}
	var out strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 || i+1 >= len(text) {
			return out.String() + text
		}
		out.WriteString(text[:i])
		switch text[i+1] {
		case '$':
			out.WriteByte('$')
			text = text[i+2:]
		case '{':
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				d.add("config.bad_variable", at, "a ${ is not closed", "close it with }, or write $$ for a dollar")
				return out.String()
			}
			out.WriteString(d.variable(text[i+2:i+end], at))
			text = text[i+end+1:]
		default:
			out.WriteByte('$')
			text = text[i+1:]
		}
	}
}

func (d *Decoder) variable(inner string, at diag.Place) string {
	if path, ok := strings.CutPrefix(inner, "file:"); ok {
		return d.secretFile(path, at)
	}
	name, def, hasDefault := strings.Cut(inner, ":-")
	if !varName.MatchString(name) {
		d.add("config.bad_variable", at, fmt.Sprintf("${%s} is not a variable", inner), "write ${NAME}, ${NAME:-default} or ${file:/path}")
		return ""
	}
	if v, ok := d.Lookup(name); ok && v != "" {
		return v
	}
	if !hasDefault {
		d.Unset = append(d.Unset, UnsetVar{Name: name, Place: at, Subject: d.Subject})
	}
	return def
}

func (d *Decoder) secretFile(path string, at diag.Place) string {
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(d.Dir, full)
	}
	text, err := os.ReadFile(full)
	if err != nil {
		d.Unset = append(d.Unset, UnsetVar{Name: "file:" + path, Place: at, Subject: d.Subject})
		return ""
	}
	return strings.TrimRight(string(text), "\r\n")
}
