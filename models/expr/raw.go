package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Raw is SQL that stands where an expression could, written out for each
// warehouse: `raw: {bigquery: "…", duckdb: "…"}`. Nothing is known of it: not
// its columns, not its type, and a test on one warehouse says nothing of another.
type Raw map[string]string

// NewRaw takes the texts by dialect and says what is wrong with them.
func NewRaw(texts map[string]string) (Raw, []Error) {
	var errs []Error
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		switch {
		case !slices.Contains(Dialects, name):
			errs = append(errs, Error{Code: "expr.raw_dialect", Message: fmt.Sprintf("raw has SQL for %q, which is no dialect", name), Hint: suggest(name, Dialects, "the dialects are "+strings.Join(Dialects, ", "))})
		case strings.TrimSpace(texts[name]) == "":
			errs = append(errs, Error{Code: "expr.raw_empty", Message: fmt.Sprintf("raw has no SQL for %s", name), Hint: "write it, or leave the dialect out"})
		}
	}
	if len(texts) == 0 {
		errs = append(errs, Error{Code: "expr.raw_empty", Message: "raw has no SQL", Hint: `like raw: {duckdb: "…"}`})
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return Raw(texts), nil
}

// For is the SQL for a dialect, or the error that there is none.
func (r Raw) For(dialect string) (string, *Error) {
	if sql, ok := r[dialect]; ok {
		return sql, nil
	}
	return "", &Error{Code: "expr.raw_missing", Message: "raw has no SQL for " + dialect, Hint: fmt.Sprintf("add it beside that for %s", strings.Join(slices.Sorted(maps.Keys(r)), ", "))}
}
