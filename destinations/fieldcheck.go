package destinations

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
)

// FieldFault is why a sync does not fit the object that it writes to.
type FieldFault struct {
	Field   string // the destination's field; "" where the object itself is at fault
	InMatch bool   // it is a field of the match
	Code    string // stable: "fields.unknown"
	Message string
	Hint    string
}

// FieldCheck compares what a sync maps with what the destination's account has,
// so that a fault is told before anything is sent.
type FieldCheck struct {
	Vendor string // as people call it
	Sync   *Sync
	Mode   Mode
	// Constants are fields that are always the same value.
	Constants map[string]string
	// Has is the object as the account describes it; nil where there is none.
	Has *ObjectInfo
}

// Faults are all faults, those of the match first.
func (c *FieldCheck) Faults() []FieldFault {
	if c.Has == nil {
		return []FieldFault{{Code: "fields.object", Message: fmt.Sprintf("%s has no object %s in this account", c.Vendor, c.Sync.Object), Hint: "`weir fields` lists those it has"}}
	}
	var out []FieldFault
	for _, m := range c.Sync.Match {
		if f := c.matchFault(m); f != nil {
			f.Field, f.InMatch = m.Name, true
			out = append(out, *f)
		}
	}
	if c.Mode == Remove {
		return out
	}
	for _, m := range c.Sync.Fields {
		if f := c.fieldFault(m); f != nil {
			f.Field = m.Name
			out = append(out, *f)
		}
	}
	return append(out, c.lacking()...)
}

func (c *FieldCheck) matchFault(m FieldInfo) *FieldFault {
	has := c.Has.Field(m.Name)
	switch {
	case has == nil:
		return c.unknown(m.Name)
	case !has.Unique && c.Mode != Insert:
		return &FieldFault{Code: "fields.not_unique", Message: fmt.Sprintf("%s of %s is not unique in %s, so no record can be found by it", m.Name, c.Sync.Object, c.Vendor), Hint: c.uniqueOnes()}
	}
	return c.typeFault(m, has)
}

func (c *FieldCheck) fieldFault(m FieldInfo) *FieldFault {
	has := c.Has.Field(m.Name)
	switch {
	case has == nil:
		return c.unknown(m.Name)
	case has.ReadOnly && !c.matched(m.Name):
		return &FieldFault{Code: "fields.read_only", Message: fmt.Sprintf("%s of %s is read-only in %s", m.Name, c.Sync.Object, c.Vendor), Hint: "take it out of fields"}
	}
	if v, is := c.Constants[m.Name]; is {
		return c.optionFault(m.Name, v, has)
	}
	return c.typeFault(m, has)
}

func (c *FieldCheck) matched(name string) bool {
	return slices.ContainsFunc(c.Sync.Match, func(m FieldInfo) bool { return m.Name == name })
}

func (c *FieldCheck) unknown(name string) *FieldFault {
	f := &FieldFault{Code: "fields.unknown", Message: fmt.Sprintf("%s has no field %s on %s", c.Vendor, name, c.Sync.Object), Hint: "`weir fields` lists those it has"}
	known := make([]string, len(c.Has.Fields))
	for i := range c.Has.Fields {
		known[i] = c.Has.Fields[i].Name
	}
	if near, ok := diag.Nearest(name, known); ok {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return f
}

func (c *FieldCheck) typeFault(m FieldInfo, has *ObjectField) *FieldFault {
	if has.Takes == nil || m.Type == 0 || slices.Contains(has.Takes, m.Type) {
		return nil
	}
	return &FieldFault{Code: "fields.type", Message: fmt.Sprintf("%s of %s is of type %s in %s, and what is mapped to it is of type %s", m.Name, c.Sync.Object, has.Type, c.Vendor, m.Type), Hint: "cast it to " + typesOf(has.Takes) + " in the source"}
}

func typesOf(list []rows.Type) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.String()
	}
	return strings.Join(out, " or ")
}

func (c *FieldCheck) optionFault(name, value string, has *ObjectField) *FieldFault {
	if len(has.Options) == 0 || value == "" || slices.Contains(has.Options, value) {
		return nil
	}
	f := &FieldFault{Code: "fields.option", Message: fmt.Sprintf("%q is none of the values that %s of %s can have in %s", value, name, c.Sync.Object, c.Vendor), Hint: "they are " + some(has.Options)}
	if near, ok := diag.Nearest(value, has.Options); ok {
		f.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return f
}

func (c *FieldCheck) uniqueOnes() string {
	var names []string
	for i := range c.Has.Fields {
		if c.Has.Fields[i].Unique {
			names = append(names, c.Has.Fields[i].Name)
		}
	}
	if len(names) == 0 {
		return "make a field there whose values are unique, and match by it"
	}
	return "those that are: " + some(names)
}

// lacking are the fields without which a record cannot be made.
func (c *FieldCheck) lacking() []FieldFault {
	if c.Mode == Update {
		return nil
	}
	var out []FieldFault
	for i := range c.Has.Fields {
		f := &c.Has.Fields[i]
		if f.Required && !c.matched(f.Name) && !slices.ContainsFunc(c.Sync.Fields, func(m FieldInfo) bool { return m.Name == f.Name }) {
			out = append(out, FieldFault{Field: f.Name, Code: "fields.required", Message: fmt.Sprintf("%s makes no record of %s without %s, and it is not mapped", c.Vendor, c.Sync.Object, f.Name), Hint: "map it, or say `mode: update`"})
		}
	}
	return out
}

// some is the first names of a list.
func some(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
