package config

import (
	"fmt"
	"strings"
)

// kindNames says what each kind is called in the reference.
var kindNames = map[Kind]string{String: "text", Int: "whole number", Bool: "true or false", Duration: "time", Share: "share", Scalar: "single value", Any: "any value", Object: "keys", List: "list", Map: "names"}

// none is what the reference says where there is no default.
const none = "—"

// Reference is a Markdown table of fields: key, kind, default, what it is.
// Keys inside a key are rows of their own, with its name in front.
func Reference(fields []Field) string {
	var b strings.Builder
	b.WriteString("| key | kind | default | what it is |\n| --- | --- | --- | --- |\n")
	rowsOf(&b, "", fields)
	return b.String()
}

func rowsOf(b *strings.Builder, prefix string, fields []Field) {
	for i := range fields {
		f := &fields[i]
		if f.NotYet != "" {
			fmt.Fprintf(b, "| `%s%s` | not built | %s | %s |\n", prefix, f.Name, none, cell(f.Doc))
			continue
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", prefix, f.Name, kindName(f), cell(defaultText(f)), cell(docText(f)))
		in, below := f, prefix+f.Name+"."
		for in.Kind == List || in.Kind == Map {
			if in.Kind == List {
				below = strings.TrimSuffix(below, ".") + "[]."
			} else {
				below += "<name>."
			}
			in = in.Of
		}
		if in.Kind == Object {
			rowsOf(b, below, in.Fields)
		}
	}
}

func kindName(f *Field) string {
	switch f.Kind {
	case List:
		return "list of " + kindName(f.Of)
	case Map:
		return "name → " + kindName(f.Of)
	case Object:
		if short := fieldNamed(f.Fields, f.Short); short != nil {
			return kindName(short) + ", or keys"
		}
	}
	if f.Raw {
		return "see below"
	}
	if len(f.Enum) > 0 {
		return "one of " + strings.Join(f.Enum, ", ")
	}
	return kindNames[f.Kind]
}

func defaultText(f *Field) string {
	switch {
	case f.Required:
		return "required"
	case f.Default == "":
		return none
	}
	return "`" + f.Default + "`"
}

func docText(f *Field) string {
	doc := f.Doc
	if f.Example != "" {
		doc += fmt.Sprintf(" Example: `%s: %s`.", f.Name, f.Example)
	}
	if f.Secret {
		doc += " Secret: never shown."
	}
	if f.Vars {
		doc += " Reads `${…}`."
	}
	return doc
}

// cell is text that may stand between the bars of a table.
func cell(s string) string {
	return strings.NewReplacer("\r", "", "\n", " ", "|", `\|`).Replace(s)
}
