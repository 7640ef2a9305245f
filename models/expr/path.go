package expr

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// step is one step into a JSON value: a member by name, or an element by index.
type step struct {
	name  string
	index int // -1 = by name
}

var pathStep = regexp.MustCompile(`^(?:\.?([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]{1,9})\]|\["([^"\\\x00-\x1f]+)"\])`)

// parsePath reads a path like plan.names[0] or ["odd name"].x.
func parsePath(src string) ([]step, error) {
	var out []step
	for rest := src; rest != ""; {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil || out == nil && rest[0] == '.' || out != nil && m[1] != "" && rest[0] != '.' {
			return nil, refusePattern(`write plan.names[0], or ["odd name"].x`, "%q is not a path", src)
		}
		switch {
		case m[2] != "":
			n, _ := strconv.Atoi(m[2]) // nine digits
			out = append(out, step{index: n})
		case m[1] != "":
			out = append(out, step{m[1], -1})
		default:
			out = append(out, step{m[3], -1})
		}
		rest = rest[len(m[0]):]
	}
	if out == nil {
		return nil, refusePattern("write plan.name", "the path is empty")
	}
	return out, nil
}

func checkPath(value string) (message, hint string) {
	_, err := parsePath(value)
	return told(err)
}

// writePath gives a path for a dialect, as SQL.
func writePath(steps []step, d *dialect) string {
	var b strings.Builder
	switch d.name {
	case "postgres":
		parts := make([]string, len(steps))
		for i, s := range steps {
			if parts[i] = d.str(s.name); s.index >= 0 {
				parts[i] = d.str(strconv.Itoa(s.index))
			}
		}
		return "ARRAY[" + strings.Join(parts, ", ") + "]"
	case "snowflake":
		for _, s := range steps {
			if s.index >= 0 {
				fmt.Fprintf(&b, "[%d]", s.index)
			} else {
				b.WriteString("[" + d.str(s.name) + "]")
			}
		}
		return b.String()
	case "duckdb": // a pointer: in a path with $, some names would be wildcards
		for _, s := range steps {
			if s.index >= 0 {
				fmt.Fprintf(&b, "/%d", s.index)
			} else {
				b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(s.name))
			}
		}
		return d.str(b.String())
	}
	b.WriteByte('$')
	for _, s := range steps {
		switch {
		case s.index >= 0:
			fmt.Fprintf(&b, "[%d]", s.index)
		case d.name == "bigquery":
			fmt.Fprintf(&b, `."%s"`, s.name)
		default:
			fmt.Fprintf(&b, `["%s"]`, s.name)
		}
	}
	return d.str(b.String())
}
