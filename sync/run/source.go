package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/warehouse"
)

// SourceError is the warehouse's complaint about a source's query.
type SourceError struct {
	Source string
	Place  diag.Place
	Err    error
	Hint   string // what was probably meant; "" = not known
}

func (e *SourceError) text() string {
	return fmt.Sprintf("source %s cannot be read: %s", e.Source, e.Err)
}

func (e *SourceError) Error() string {
	text := e.text()
	if at := e.Place.String(); at != "" {
		text = at + ": " + text
	}
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}
func (e *SourceError) Unwrap() error { return e.Err }

// Finding is the complaint as one of the project's findings.
func (e *SourceError) Finding() diag.Finding {
	return diag.Finding{Code: "source.unreadable", Severity: diag.Error, Place: e.Place, Subject: "source " + e.Source, Message: e.text(), Hint: e.Hint}
}

// Describe asks the warehouse for the columns of a source, and of the sources
// it reads.
func (e *Env) Describe(ctx context.Context, src *models.Source) (models.Schema, error) {
	d, ok := e.Conn.(warehouse.Describer)
	if !ok {
		return nil, errors.New("this warehouse cannot describe a query")
	}
	sql, findings := models.SourceSQL(e.Project, src, e.Conn.Dialect())
	if diag.HasErrors(findings) {
		return nil, &FindingsError{findings}
	}
	if err := e.seal(ctx, src); err != nil {
		return nil, err
	}
	cols, err := d.Describe(ctx, warehouse.Stmt{SQL: sql, Label: "describe " + src.Name})
	if err != nil {
		if missing := e.missingColumns(ctx, d, src); len(missing) > 0 {
			return nil, &FindingsError{missing}
		}
		return nil, e.sourceError(ctx, src, sql, err)
	}
	return models.Schema{src.Name: schemaColumns(cols)}, nil
}

func schemaColumns(cols []warehouse.NativeColumn) []models.SchemaColumn {
	out := make([]models.SchemaColumn, len(cols))
	for i, c := range cols {
		out[i] = models.SchemaColumn{Name: c.Name, Native: c.Native, Type: c.Type.String()}
	}
	return out
}

// missingColumns looks for what the contracts of files name and the files have
// not. The reader is told the types of those columns and refuses the files as a
// whole, but what is wrong is a line of the contract.
func (e *Env) missingColumns(ctx context.Context, d warehouse.Describer, src *models.Source) []diag.Finding {
	var out []diag.Finding
	for _, f := range models.FilesOf(e.Project, src, e.Conn.Dialect()) {
		bare := *f
		bare.Columns = nil
		sql, _ := models.SourceSQL(e.Project, &bare, e.Conn.Dialect())
		cols, err := d.Describe(ctx, warehouse.Stmt{SQL: sql, Label: "describe " + f.Name})
		if err != nil {
			return nil // the files themselves cannot be read: that is told
		}
		for _, found := range models.CheckContract(f, schemaColumns(cols)) {
			if found.Code == "contract.missing_column" {
				out = append(out, found)
			}
		}
	}
	return out
}

// seal looks at the customer's own SQL: it may read tables and nothing else.
func (e *Env) seal(ctx context.Context, src *models.Source) error {
	sealer, ok := e.Conn.(warehouse.Sealer)
	if !ok {
		return nil
	}
	for _, own := range models.OwnSQLs(e.Project, src, e.Conn.Dialect()) {
		if err := sealer.Seal(ctx, own.SQL); err != nil {
			return e.sourceError(ctx, own.Source, own.SQL, err)
		}
	}
	return nil
}

// sourceError places a complaint about a source's SQL in the project's files.
func (e *Env) sourceError(ctx context.Context, src *models.Source, sql string, err error) error {
	out := &SourceError{Source: src.Name, Place: src.Place, Err: err}
	var we *warehouse.Error
	if errors.As(err, &we) && we.Line > 0 {
		if at, of, ok := models.PlaceOf(models.OwnSQLs(e.Project, src, e.Conn.Dialect()), sql, we.Line, we.Col); ok {
			out.Source, out.Place = of.Name, at
		}
	}
	if errors.Is(err, warehouse.ErrNoTable) && we != nil {
		name := we.Missing
		if src.Table != "" { // with its schema, which engines leave out
			full := *we
			full.Text = "table " + src.Table + " does not exist"
			name, out.Err = src.Table, &full
		}
		out.Hint = e.nearTable(ctx, name)
	}
	return out
}

// nearTable suggests a table of the warehouse for one that is not there: never
// one of the engine's own, nor of Weir's; "" where none is like it.
func (e *Env) nearTable(ctx context.Context, name string) string {
	recs, err := e.Store.All(ctx, "SELECT table_schema, table_name, current_schema() AS here FROM information_schema.tables")
	if err != nil || name == "" {
		return ""
	}
	schema, bare := "", name
	if at := strings.LastIndexByte(name, '.'); at >= 0 {
		schema, bare = name[:at], name[at+1:]
	}
	var full, short []string
	at := map[string]string{}
	for _, r := range recs {
		in, table := r["table_schema"], r["table_name"]
		if in == "information_schema" || in == "pg_catalog" || strings.HasPrefix(table, ledger.Prefix) {
			continue
		}
		whole := in + "." + table
		full, short = append(full, whole), append(short, table)
		if at[table] == "" || in == schema || in == r["here"] {
			at[table] = whole
		}
		if in == r["here"] && schema == "" {
			at[table] = table
		}
	}
	near, ok := diag.Nearest(name, full)
	if !ok {
		if near, ok = diag.Nearest(bare, short); ok {
			near = at[near]
		}
	}
	if !ok {
		return ""
	}
	return "did you mean " + near + "?"
}
