package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	destall "github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/run"
	whall "github.com/weir-data/weir/warehouse/all"
)

func (a *app) checkCmd() *cobra.Command {
	var connected bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the project: YAML, references, what destinations can do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.check(cmd.Context(), connected)
		},
	}
	c.Flags().BoolVar(&connected, "connected", false, "ask the warehouse for the columns too")
	return c
}

func (a *app) check(ctx context.Context, connected bool) error {
	m, found, err := a.parse(!connected)
	if err != nil {
		return err
	}
	a.findings = found
	if diag.HasErrors(found) {
		return &run.FindingsError{Findings: found}
	}
	if connected {
		if err := a.checkConnected(ctx); err != nil {
			return err
		}
	}
	if len(found) > 0 && !a.json {
		diag.Render(a.err, found, a.color)
	}
	a.result = map[string]int{"sources": len(m.Sources), "destinations": len(m.Destinations), "syncs": len(m.Syncs)}
	a.printf("%s %s, %s, %s\n", a.paint(green, "✓"), diag.Count(len(m.Sources), "source"), diag.Count(len(m.Destinations), "destination"), diag.Count(len(m.Syncs), "sync"))
	return nil
}

func (a *app) checkConnected(ctx context.Context) error {
	p, err := a.open(ctx, "")
	if err != nil {
		return err
	}
	defer p.close()
	var found []diag.Finding
	schemas := map[string]models.Schema{}
	for _, src := range p.Sources {
		if !src.Enabled {
			continue
		}
		schema, err := p.env.Describe(ctx, src)
		if fe := a.findingsOf(err); fe != nil {
			found = appendNew(found, fe.Findings)
			continue
		}
		if err != nil {
			return err
		}
		schemas[src.Name] = schema
		found = append(found, models.CheckContract(src, schema[src.Name])...)
	}
	for _, y := range p.syncs {
		if schema, ok := schemas[y.From.Name]; ok {
			_, more := models.Compile(p.Project, y, schema, p.env.Conn.Dialect())
			found = append(found, more...)
		}
	}
	if len(found) > 0 {
		return &run.FindingsError{Findings: found}
	}
	return nil
}

// appendNew leaves out what is told already: several sources may read one.
func appendNew(found, more []diag.Finding) []diag.Finding {
	for _, f := range more {
		same := func(o diag.Finding) bool { return o.Place == f.Place && o.Code == f.Code && o.Message == f.Message }
		if !slices.ContainsFunc(found, same) {
			found = append(found, f)
		}
	}
	return found
}

func (a *app) compileCmd() *cobra.Command {
	var sel, dialect string
	c := &cobra.Command{
		Use:   "compile",
		Short: "Print the SQL of syncs; needs no connection",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.compile(sel, dialect)
		},
	}
	a.selectFlag(c, &sel)
	c.Flags().StringVar(&dialect, "dialect", "", "the warehouse's type; the target's otherwise")
	return c
}

func (a *app) compile(sel, dialect string) error {
	m, found, err := a.parse(true)
	if err != nil {
		return err
	}
	if diag.HasErrors(found) {
		return &run.FindingsError{Findings: found}
	}
	syncs, err := models.Select(m, sel)
	if err != nil {
		return usageError{err}
	}
	if dialect == "" && m.Active() != nil {
		dialect = m.Active().Type
	}
	if err := knownDialect(dialect); err != nil {
		return err
	}
	schema, err := readSchema(m.Dir)
	if err != nil {
		return err
	}
	out := map[string]string{}
	for _, y := range syncs {
		if len(schema[y.From.Name]) == 0 {
			return usageError{fmt.Errorf("the columns of source %s are not known: `weir schema pull` asks the warehouse for them", y.From.Name)}
		}
		sql, err := compileOne(m, y, schema, dialect)
		if err != nil {
			return err
		}
		out[y.Name] = sql
		a.printf("%s\n", sql)
	}
	a.result = map[string]any{"sql": out}
	return nil
}

func compileOne(m *models.Project, y *models.Sync, schema models.Schema, dialect string) (string, error) {
	for i := range whall.Specs {
		if whall.Specs[i].Type != dialect {
			continue
		}
		q, found := models.Compile(m, y, schema, whall.Specs[i].Dialect)
		if diag.HasErrors(found) {
			return "", &run.FindingsError{Findings: found}
		}
		return run.WantedSQL(y, q, whall.Specs[i].Dialect), nil
	}
	return "", knownDialect(dialect)
}

// knownDialect refuses a type of warehouse that there is none of.
func knownDialect(name string) error {
	var names []string
	for i := range whall.Specs {
		if names = append(names, whall.Specs[i].Type); names[i] == name {
			return nil
		}
	}
	hint := "there are " + strings.Join(names, ", ")
	if near, ok := diag.Nearest(name, names); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return usageError{fmt.Errorf("there is no warehouse of type %q (%s)", name, hint)}
}

// schemaFile is where the columns of sources are kept, as last pulled.
const schemaFile = ".weir/schema.json"

func readSchema(dir string) (models.Schema, error) {
	text, err := os.ReadFile(filepath.Join(dir, schemaFile))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", schemaFile, err)
	}
	var s models.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("%s is not what `weir schema pull` writes: %w", schemaFile, err)
	}
	return s, nil
}

func (a *app) schemaCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the YAML, for editors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text := models.JSONSchema(destall.Specs, whall.Specs)
			a.result = json.RawMessage(text)
			a.printf("%s\n", text)
			return nil
		},
	}
	c.AddCommand(&cobra.Command{
		Use:   "pull",
		Short: "Keep the columns of all sources in .weir/schema.json, so that check needs no connection",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.pullSchema(cmd.Context())
		},
	}, &cobra.Command{
		Use:   "reference",
		Short: "Print the reference of the YAML, in Markdown",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a.printf("%s", models.ReferencePage(destall.Specs, whall.Specs))
			return nil
		},
	})
	return c
}

func (a *app) pullSchema(ctx context.Context) error {
	p, err := a.open(ctx, "")
	if err != nil {
		return err
	}
	defer p.close()
	all := models.Schema{}
	for _, s := range p.Sources {
		schema, err := p.env.Describe(ctx, s)
		if err != nil {
			return err
		}
		all[s.Name] = schema[s.Name]
		names := make([]string, len(all[s.Name]))
		for i, c := range all[s.Name] {
			names[i] = c.Name + " " + c.Type
		}
		a.printf("%s  %s\n", a.paint(bold, s.Name), strings.Join(names, ", "))
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(p.Dir, schemaFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", schemaFile, err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", schemaFile, err)
	}
	a.result = all
	a.printf("written to %s\n", schemaFile)
	return nil
}
