package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

// Personal tells whether the contract marks a column as personal data.
func (s *Source) Personal(column string) bool {
	for _, c := range s.Columns {
		if c.PII != "" && strings.EqualFold(c.Name, column) {
			return true
		}
	}
	return false
}

// CheckContract compares a source's contract with its columns as they are:
// what is missing, and what has another type.
func CheckContract(src *Source, have []SchemaColumn) []diag.Finding {
	var fs diag.Findings
	types, names := map[string]SchemaColumn{}, []string{}
	for _, c := range have {
		types[strings.ToLower(c.Name)] = c
		names = append(names, c.Name)
	}
	for _, rule := range src.Columns {
		c, ok := types[strings.ToLower(rule.Name)]
		if !ok {
			f := diag.Finding{Code: "contract.missing_column", Place: rule.Place, Subject: "source " + src.Name, Message: fmt.Sprintf("source %s has no column %q, which its contract asks for", src.Name, rule.Name)}
			if near, ok := diag.Nearest(rule.Name, names); ok {
				f.Hint = fmt.Sprintf("did you mean %q?", near)
			} else {
				f.Hint = "its columns are " + strings.Join(names, ", ")
			}
			fs.Add(f)
			continue
		}
		if rule.Type != 0 && !fits(c.Type, rule.Type) {
			fs.Add(diag.Finding{Code: "contract.type", Place: rule.Place, Subject: "source " + src.Name,
				Message: fmt.Sprintf("column %q of source %s is %s (%s), and its contract says %s", rule.Name, src.Name, c.Type, c.Native, rule.Type),
				Hint:    "mend the source, or the contract; nothing is sent until they agree"})
		}
	}
	return fs.Sorted()
}

// Spelled is the source with its columns named as the warehouse has them: it
// may tell ID from id, and people write either.
func (s *Source) Spelled(have []SchemaColumn) *Source {
	there := func(name string) string {
		out := name
		for _, c := range have {
			if c.Name == name {
				return name
			}
			if strings.EqualFold(c.Name, name) {
				out = c.Name
			}
		}
		return out
	}
	out := *s
	out.PrimaryKey, out.Columns = slices.Clone(s.PrimaryKey), slices.Clone(s.Columns)
	for i := range out.PrimaryKey {
		out.PrimaryKey[i] = there(out.PrimaryKey[i])
	}
	for i := range out.Columns {
		out.Columns[i].Name = there(out.Columns[i].Name)
	}
	if s.Freshness != nil {
		f := *s.Freshness
		f.Column = there(f.Column)
		out.Freshness = &f
	}
	return &out
}

// fits: "number" (decimal) takes every kind of number.
func fits(have string, want rows.Type) bool {
	if want == rows.Decimal {
		return have == rows.Int.String() || have == rows.Double.String() || have == rows.Decimal.String()
	}
	return have == want.String()
}

// breach is one rule of a contract that rows can break: an aggregate that
// counts how often, and which rows do, as a condition over a relation.
type breach struct {
	name, count, sentence string
	where                 func(rel string) string
	rule                  ColumnRule
}

func breaches(src *Source, d *warehouse.Dialect) []breach {
	var out []breach
	for i, r := range src.Columns {
		col := d.Quote(r.Name)
		add := func(kind, count, sentence string, where func(string) string) {
			out = append(out, breach{fmt.Sprintf("%s_%d", kind, i+1), count, sentence, where, r})
		}
		rows := func(kind, where, sentence string) {
			add(kind, "COALESCE(SUM(CASE WHEN "+where+" THEN 1 ELSE 0 END), 0)", sentence, func(string) string { return where })
		}
		if r.NotNull {
			rows("not_null", col+" IS NULL", "is NULL")
		}
		if r.Unique {
			add("unique", "COUNT("+col+") - COUNT(DISTINCT "+col+")", "repeats a value that must be unique", func(rel string) string {
				return col + " IN (SELECT " + col + " FROM " + rel + " GROUP BY " + col + " HAVING COUNT(*) > 1)"
			})
		}
		if len(r.Values) > 0 {
			vals := make([]string, len(r.Values))
			for j, v := range r.Values {
				vals[j] = d.String(v)
			}
			rows("values", ruleText(src, r, d)+" NOT IN ("+strings.Join(vals, ", ")+")", "is none of "+strings.Join(r.Values, ", "))
		}
	}
	return out
}

// ruleText is a column's canonical text, as `values:` of its rule are written.
func ruleText(src *Source, r ColumnRule, d *warehouse.Dialect) string {
	col, t := d.Quote(r.Name), r.Type
	if t == 0 {
		t = rows.Text
	}
	return d.Text(d.TryCast(col, warehouse.NativeColumn{Name: r.Name}, t, src.Zone), t)
}

// ContractSQL counts in one row how many rows break each rule; "" where no
// rule is about rows.
func ContractSQL(p *Project, src *Source, d *warehouse.Dialect) string {
	bs := breaches(src, d)
	if len(bs) == 0 {
		return ""
	}
	exprs := make([]string, len(bs))
	for i, b := range bs {
		exprs[i] = b.count + " AS " + b.name
	}
	steps, rel, _ := sourceSteps(p, src, d)
	return selectFrom(d, steps, strings.Join(exprs, ",\n  "), rel)
}

// breachKeys is how many keys of rows that break a rule are named.
const breachKeys = 3

// BreachSQL is the keys of the first rows that break the rule of that name, as
// text: k1, k2, … for each column of the primary key.
func BreachSQL(p *Project, src *Source, d *warehouse.Dialect, name string) string {
	var keys, order []string
	for i, c := range src.PrimaryKey {
		col := d.Quote(c)
		keys = append(keys, fmt.Sprintf("%s AS k%d", d.TryCast(col, warehouse.NativeColumn{Name: c}, rows.Text, src.Zone), i+1))
		order = append(order, col)
	}
	steps, rel, _ := sourceSteps(p, src, d)
	for _, b := range breaches(src, d) {
		if b.name == name {
			return selectFrom(d, steps, strings.Join(keys, ", "), rel) + "\nWHERE " + b.where(rel) + "\nORDER BY " + strings.Join(order, ", ") + fmt.Sprintf("\nLIMIT %d", breachKeys)
		}
	}
	return ""
}

// ContractFindings turns the counts of ContractSQL into findings. Keys gives
// the keys of BreachSQL for a rule that is broken; it may be nil.
func ContractFindings(src *Source, d *warehouse.Dialect, count func(name string) int64, keys func(name string) []string) []diag.Finding {
	var fs diag.Findings
	for _, b := range breaches(src, d) {
		n := count(b.name)
		if n == 0 {
			continue
		}
		text := fmt.Sprintf("source %s breaks its contract: in %s %s %s", src.Name, diag.Count(n, "row"), b.rule.Name, b.sentence)
		if keys != nil {
			text += keysText(keys(b.name), n)
		}
		fs.Add(diag.Finding{Code: "contract.breach", Place: b.rule.Place, Subject: "source " + src.Name, Message: text,
			Hint: "mend the source, or the contract; nothing is sent until they agree"})
	}
	return fs.Sorted()
}

func keysText(keys []string, of int64) string {
	if len(keys) == 0 {
		return ""
	}
	text := ": " + diag.Word(len(keys), "key ", "keys ") + strings.Join(keys, ", ")
	if of > int64(len(keys)) {
		text += ", …"
	}
	return text
}

// FreshnessSQL is one row, newest: the latest moment of the freshness column;
// "" where the source has no such rule.
func FreshnessSQL(p *Project, src *Source, d *warehouse.Dialect, schema Schema) string {
	if src.Freshness == nil {
		return ""
	}
	col := warehouse.NativeColumn{Name: src.Freshness.Column, Native: "TIMESTAMP", Type: rows.Timestamp}
	for _, c := range schema[src.Name] {
		if strings.EqualFold(c.Name, col.Name) {
			col.Native = c.Native
		}
	}
	steps, rel, _ := sourceSteps(p, src, d)
	return selectFrom(d, steps, "MAX("+d.Cast(d.Quote(src.Freshness.Column), col, rows.Timestamp, src.Zone)+") AS newest", rel)
}
