package models

import (
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

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

// fits: "number" (decimal) takes every kind of number.
func fits(have string, want rows.Type) bool {
	if want == rows.Decimal {
		return have == rows.Int.String() || have == rows.Double.String() || have == rows.Decimal.String()
	}
	return have == want.String()
}

// breach is one rule of a contract that rows can break, as an aggregate.
type breach struct {
	name, expr, sentence string
	rule                 ColumnRule
}

func breaches(src *Source, d *warehouse.Dialect) []breach {
	var out []breach
	for i, r := range src.Columns {
		col := d.Quote(r.Name)
		add := func(kind, expr, sentence string) {
			out = append(out, breach{fmt.Sprintf("%s_%d", kind, i+1), expr, sentence, r})
		}
		if r.NotNull {
			add("not_null", "COALESCE(SUM(CASE WHEN "+col+" IS NULL THEN 1 ELSE 0 END), 0)", "is NULL")
		}
		if r.Unique {
			add("unique", "COUNT("+col+") - COUNT(DISTINCT "+col+")", "repeats a value that must be unique")
		}
		if len(r.Values) > 0 {
			vals := make([]string, len(r.Values))
			for j, v := range r.Values {
				vals[j] = d.String(v)
			}
			add("values", "COALESCE(SUM(CASE WHEN "+ruleText(src, r, d)+" NOT IN ("+strings.Join(vals, ", ")+") THEN 1 ELSE 0 END), 0)", "is none of "+strings.Join(r.Values, ", "))
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
		exprs[i] = b.expr + " AS " + b.name
	}
	steps, rel, _ := sourceSteps(p, src, d)
	return selectFrom(d, steps, strings.Join(exprs, ",\n  "), rel)
}

// ContractFindings turns the counts of ContractSQL into findings.
func ContractFindings(src *Source, d *warehouse.Dialect, count func(name string) int64) []diag.Finding {
	var fs diag.Findings
	for _, b := range breaches(src, d) {
		if n := count(b.name); n > 0 {
			fs.Add(diag.Finding{Code: "contract.breach", Place: b.rule.Place, Subject: "source " + src.Name,
				Message: fmt.Sprintf("source %s breaks its contract: in %s %s %s", src.Name, diag.Count(n, "row"), b.rule.Name, b.sentence),
				Hint:    "mend the source, or the contract; nothing is sent until they agree"})
		}
	}
	return fs.Sorted()
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
