package models

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/warehouse"
)

// JSONSchema is the JSON Schema (2020-12) of a project's files, for editors.
// Every key that parsing takes stands in it, and no other.
func JSONSchema(specs []destinations.Spec, warehouses []warehouse.Spec) []byte {
	var kinds, houses []map[string]any
	for i := range specs {
		s := config.ObjectSchema(destinationFields(specs[i].Fields), specs[i].Doc)
		kinds = append(kinds, ofType(s, specs[i].Type))
	}
	for i := range warehouses {
		s := config.ObjectSchema(warehouseFields(warehouses[i].Fields), warehouses[i].Doc)
		houses = append(houses, ofType(s, warehouses[i].Type))
	}
	root := config.ObjectSchema(rootFields(), "A file of a Weir project.")
	props := root["properties"].(map[string]any)
	props["sources"] = listOf(props["sources"], config.ObjectSchema(sourceFields(), "A source."))
	props["syncs"] = listOf(props["syncs"], config.ObjectSchema(syncFields(), "A sync."))
	props["destinations"] = listOf(props["destinations"], oneOfThese(kinds))
	target := config.ObjectSchema(targetFields(), "One target.")
	house := target["properties"].(map[string]any)["warehouse"].(map[string]any)
	house["oneOf"] = houses
	props["targets"].(map[string]any)["additionalProperties"] = target
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Weir"
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps, lists and texts
	}
	return out
}

// ofType narrows a schema to one value of its `type`.
func ofType(schema map[string]any, typ string) map[string]any {
	props := schema["properties"].(map[string]any)
	props["type"] = map[string]any{"const": typ, "description": "The kind."}
	return schema
}

func oneOfThese(schemas []map[string]any) map[string]any {
	return map[string]any{"oneOf": schemas}
}

func listOf(was any, item map[string]any) map[string]any {
	return map[string]any{"description": was.(map[string]any)["description"], "type": "array", "items": item}
}

// ReferencePage is the reference of a project's files, in Markdown.
func ReferencePage(specs []destinations.Spec, warehouses []warehouse.Spec) []byte {
	var b strings.Builder
	b.WriteString(referenceHead)
	section(&b, "weir.yml", "What holds for the whole project. The lists `sources`, `destinations` and `syncs` may stand in any file; the other keys, `moved` and `retired` excepted, in weir.yml alone.", rootFields())
	section(&b, "A target", "An entry of `targets`, under its name.", targetFields())
	for i := range warehouses {
		section(&b, "Warehouse `"+warehouses[i].Type+"`", warehouses[i].Doc, warehouseFields(warehouses[i].Fields))
	}
	section(&b, "A source", "An entry of `sources`.", sourceFields())
	section(&b, "A destination", "An entry of `destinations`: these keys, and those of its type.", destinationFields(nil))
	for i := range specs {
		section(&b, "Destination `"+specs[i].Type+"`", specs[i].Doc, specs[i].Fields)
		objects(&b, specs[i].Objects)
	}
	section(&b, "A sync", "An entry of `syncs`.", syncFields())
	return []byte(b.String())
}

const referenceHead = `# Reference of the YAML

Made from the declarations by ` + "`weir schema reference`" + `; not edited by hand.

A project is a folder with weir.yml. All .yml and .yaml files under models, destinations, syncs and tests are read too.

- A **time** is written ` + "`90s`, `15m`, `6h`, `1h30m`, `90d` or `2w`" + `.
- A **share** is written ` + "`10%` or `0.1`" + `.
- A key that reads variables takes ` + "`${NAME}`, `${NAME:-default}` and `${file:/run/secrets/x}`" + `; ` + "`$$`" + ` is a dollar sign.
- "—" means that there is no default: the key has no effect unless it is written.
- A name is a lower-case letter, then letters, digits and underscores.
- What is marked "not built" is refused when it is used.
`

func section(b *strings.Builder, title, doc string, fields []config.Field) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n%s", title, doc, config.Reference(fields))
}

// objects tells what a sync may do at a destination.
func objects(b *strings.Builder, list []destinations.Object) {
	b.WriteString("\n| object | kind | modes, the default first | match | what it is |\n| --- | --- | --- | --- | --- |\n")
	for _, o := range list {
		name, modes := "any", make([]string, len(o.Modes))
		if o.Name != "" {
			name = "`" + o.Name + "`"
		}
		for i, m := range o.Modes {
			modes[i] = string(m)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", name, o.Kind, strings.Join(modes, ", "), o.Match, o.Doc)
	}
}
