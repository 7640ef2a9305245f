package expr

import (
	"fmt"
	"slices"
	"strings"
)

// Reference is the page of the language for people, in Markdown.
func Reference() []byte {
	var b strings.Builder
	b.WriteString(referenceHead)
	group := ""
	for i := range Functions {
		f := &Functions[i]
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n### %s\n\n%s| function | what it gives | NULL | example |\n| --- | --- | --- | --- |\n", group, groupNotes[group])
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", usageCell(f), cell(f.Doc), cell(f.null()), cell(f.example()))
	}
	b.WriteString(referenceSpelling)
	for i := range Functions {
		spellings(&b, &Functions[i])
	}
	return []byte(b.String())
}

// null is what NULL does, in words.
func (f *Function) null() string {
	switch {
	case f.Nulls != "":
		return f.Nulls
	case len(f.Forms[0].Params) == 0:
		return "—"
	}
	return "NULL"
}

func (f *Function) example() string {
	switch f.Value {
	case "":
		return "`" + f.Example + "`"
	case "NULL":
		return "`" + f.Example + "` → NULL"
	}
	return "`" + f.Example + "` → `" + f.Value + "`"
}

// usageCell are the ways to call a function, each with its result.
func usageCell(f *Function) string {
	var out []string
	for i := range f.Forms {
		form := &f.Forms[i]
		result := form.Result.String()
		if form.Result == untyped {
			result = "the type of x"
			if !strings.Contains(f.Usage(form), "x ") {
				result = "the type of both"
			}
		}
		if use := "`" + f.Usage(form) + "` → " + result; !slices.Contains(out, use) {
			out = append(out, use)
		}
	}
	return cell(strings.Join(out, "<br>"))
}

// cell makes text fit into a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// spellings writes how each dialect spells a function, where it is more than its name.
func spellings(b *strings.Builder, f *Function) {
	fmt.Fprintf(b, "\n**%s**\n", f.Name)
	for i := range f.Forms {
		form := &f.Forms[i]
		groups := map[string][]string{}
		var order []string
		for _, d := range Dialects {
			s := form.Spell.of(d)
			if groups[s] == nil {
				order = append(order, s)
			}
			groups[s] = append(groups[s], d)
		}
		for _, s := range order {
			who := strings.Join(groups[s], ", ")
			if len(groups[s]) == len(Dialects) {
				who = "all"
			}
			fmt.Fprintf(b, "- `%s` %s: `%s`\n", f.Usage(form), who, s)
		}
	}
}

var groupNotes = map[string]string{
	groupPattern: "A pattern is the part of regular expressions that all engines read alike: characters, `.`, `[sets]`, `\\d \\w \\s` of ASCII and their opposites, `( )`, `|`, `* + ? {2,5}`, `^` and `$`. Of several alternatives PostgreSQL and Snowflake take the longest, the others the first that fits: write the longer one first.\n\n",
	groupTime:    "Units, zones and formats are written out, not computed.\n\n",
}

const referenceHead = `# Expressions

Made from the declarations by the tests of models/expr (` + "`go test ./models/expr -run Reference -update`" + `); not edited by hand.

` + "`value`, `where` and `expr`" + ` in the YAML are one small SQL. Weir parses it, types it against the columns' contract and prints it for the warehouse,
so that it means the same on each of them.

` + "```yaml" + `
value: sum(amount)
where: "status <> 'cancelled' and ordered_at >= date '2026-01-01'"
expr: "case when lifetime_value >= 1000 then 'gold' else 'base' end"
` + "```" + `

## Values

| type | written | what it is |
| --- | --- | --- |
| text | ` + "`'gold'`, `'it''s'`" + ` | Unicode; compared and ordered by its code points |
| bigint | ` + "`42`" + ` | whole, 64 bits |
| decimal | ` + "`12.50`" + ` | 29 digits before the point, 9 behind it |
| double | ` + "`1.5e3`" + ` | binary floating point |
| bool | ` + "`true`, `false`" + ` | |
| date | ` + "`date '2026-01-31'`" + ` | |
| timestamp | ` + "`timestamp '2026-01-31 08:30:00'`, `timestamp '2026-01-31T08:30:00+01:00'`" + ` | a moment to the microsecond; UTC where no offset is written |
| json | a column | read with json_text |

` + "`null`" + ` is of any type. A column is its name, ` + "`amount`" + `, in double quotes where it has other characters or is a word of the language, ` + "`\"Order Total\"`" + `, and behind
its source where several have it: ` + "`orders.amount`" + `. Letters' case matters only between columns that differ in nothing else.

## Operators, the loosest first

| | |
| --- | --- |
| ` + "`or`" + ` | |
| ` + "`and`" + ` | |
| ` + "`not`" + ` | |
| ` + "`= <> < <= > >=`" + `, ` + "`in (…)`, `between … and …`, `like '…'`" + `, each with ` + "`not`" + `; ` + "`is [not] null`, `is [not] distinct from`" + ` | do not chain: ` + "`1 < x and x < 5`" + ` |
| ` + "`\\|\\|`" + ` | joins texts |
| ` + "`+ -`" + ` | |
| ` + "`* / %`" + ` | |
| ` + "`-x`" + ` | |

` + "`case when … then … else … end`, `case x when 1 then … end`, `cast(x as type)`" + ` and functions are values. In a pattern of ` + "`like`, `%`" + ` is any text and ` + "`_`" + ` any character; a ` + "`\\`" + ` before them means the character itself.

## Rules

- **NULL.** Inside an expression logic is SQL's: a comparison with NULL is NULL, ` + "`null and false`" + ` is false, ` + "`null or true`" + ` is true. A function of NULL is NULL unless its line says otherwise. A whole ` + "`where`" + ` is two-valued: what comes out NULL is false. ` + "`x = null`" + ` is refused: say ` + "`x is null`" + `.
- **Numbers.** bigint beside decimal is reckoned as decimal, either beside double as double. ` + "`/`" + ` gives a double, ` + "`div`" + ` a whole number; by 0 both give NULL, and so does ` + "`%`" + `. A sum, difference, product or remainder of decimals has 9 digits behind the point; a product needs its whole part below 10^20.
- **Overflow.** A bigint, a decimal or a date that grows out of its type fails the query: it never wraps and is never cut. A double that does is Infinity in some engines and fails in others. Snowflake's whole numbers and PostgreSQL's decimals are wider: there it fails when the value is stored. Of a double that becomes a decimal the first 15 digits are the same everywhere.
- **Times.** A date beside a timestamp is its midnight in UTC. For another zone take local_date and start_of_day.
- **Casts.** cast gives NULL for a value that has no place in the type: ` + "`cast('x' as bigint)`" + `. Texts must be written as Weir writes values: ` + "`-12`, `12.5`, `1e3`, `true`, `2026-01-31`, `2026-01-31T08:30:00Z`" + `. A fraction is rounded, a half away from zero. A timestamp becomes its date in UTC.
- **No clock.** A generation has one moment, ` + "`as_of()`" + `; now(), current_timestamp and their like are refused.
- **No queries.** An expression is one value over the columns of one relation: no subqueries, windows or joins.
- **Aggregates** stand in the ` + "`value`" + ` of a trait that reads a source; columns stand inside them there. Elsewhere there are none.

## Casts

From bigint to text, decimal, double; from decimal to text, bigint, double; from double to bigint, decimal; from bool to text; from date to text, timestamp; from timestamp to text, date; from text to all of them.

## Functions
`

const referenceSpelling = `
## How each warehouse spells them

{1} is the first argument; what follows a colon guards it or writes it in the warehouse's own way.
`
