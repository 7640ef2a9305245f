package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/weir-data/weir/internal/diag"
	"gopkg.in/yaml.v3"
)

// UnsetVar is a variable without a value. Whether that is a fault is for the
// caller to say: only it knows whether the field is in force.
type UnsetVar struct {
	Name    string // or file:path
	Reason  string // why a file cannot be read; "" for a variable
	Place   diag.Place
	Subject string
}

var varName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// variables fills ${NAME}, ${NAME:-default} and ${file:path} in; $$ is a
// dollar. Where a field takes none, "${" is told.
func (d *Decoder) variables(f *Field, n *yaml.Node, at diag.Place) string {
	text := n.Value
	if !strings.Contains(text, "$") {
		return text
	}
	if !f.Vars {
		d.noVariables(n, f.Name)
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
			whole := text[i : i+end+1]
			out.WriteString(d.variable(whole[2:end], d.within(at, whole)))
			text = text[i+end+1:]
		default:
			out.WriteByte('$')
			text = text[i+1:]
		}
	}
}

// noVariables tells of a variable where none is read, and goes on below.
func (d *Decoder) noVariables(n *yaml.Node, name string) {
	n = resolve(n)
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "${") {
		d.add("config.no_variables", d.within(d.File.PlaceOf(n), "${"), fmt.Sprintf("variables are not read in %q", name), "they are read in targets, destinations and `files:`")
	}
	for _, c := range n.Content {
		d.noVariables(c, name)
	}
}

// within is the place of a piece of a value, where it stands on the value's
// own line; else the value's.
func (d *Decoder) within(at diag.Place, piece string) diag.Place {
	if at.Line < 1 || at.Line > len(d.File.Lines) || at.Col < 1 {
		return at
	}
	line := []rune(d.File.Lines[at.Line-1])
	if at.Col > len(line) {
		return at
	}
	rest := string(line[at.Col-1:])
	i := strings.Index(rest, piece)
	if i < 0 {
		return at
	}
	at.Col += utf8.RuneCountInString(rest[:i])
	at.End = at.Col + utf8.RuneCountInString(piece)
	return at
}

func (d *Decoder) variable(inner string, at diag.Place) string {
	if path, ok := strings.CutPrefix(inner, "file:"); ok {
		return d.secretFile(path, at)
	}
	name, def, hasDefault := strings.Cut(inner, ":-")
	if !varName.MatchString(name) || strings.Contains(def, "${") {
		d.add("config.bad_variable", at, "this is not a variable", "write ${NAME}, ${NAME:-default} or ${file:/path}; one does not stand inside another")
		return ""
	}
	if d.Lookup != nil {
		if v, ok := d.Lookup(name); ok && v != "" {
			if secretName.MatchString(name) {
				d.secret(v)
			}
			return v
		}
	}
	if !hasDefault {
		d.Unset = append(d.Unset, UnsetVar{Name: name, Place: at, Subject: d.Subject})
	}
	return def
}

// maxSecret is how large a secret's file may be, in bytes.
const maxSecret = 64 << 10

// secretFile is a file's text without its last line's end. What comes from a
// file is a secret.
func (d *Decoder) secretFile(path string, at diag.Place) string {
	full := path
	if !filepath.IsAbs(full) {
		full = filepath.Join(d.Dir, full)
	}
	text, err := readSecret(full)
	if err != nil {
		d.Unset = append(d.Unset, UnsetVar{Name: "file:" + path, Reason: reason(err), Place: at, Subject: d.Subject})
		return ""
	}
	d.secret(text)
	return text
}

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", errors.New("it is not a file")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > maxSecret:
		return "", fmt.Errorf("it is larger than %d bytes", maxSecret)
	case !utf8.Valid(text):
		return "", errors.New("it is not text")
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// secret remembers a value that may not be shown.
func (d *Decoder) secret(value string) {
	if utf8.RuneCountInString(value) >= shortest {
		d.Secrets = append(d.Secrets, value)
	}
}
