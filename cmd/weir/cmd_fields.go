package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/run"
)

func (a *app) fieldsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "fields DEST [OBJECT]",
		Short: "List what can be mapped: the objects of a destination, or the fields of one",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			object := ""
			if len(args) == 2 {
				object = args[1]
			}
			return a.fields(cmd.Context(), args[0], object)
		},
	}
}

// fields asks a destination; neither the warehouse nor a ledger is opened.
func (a *app) fields(ctx context.Context, name, object string) error {
	m, err := a.parseStore()
	if err != nil {
		return err
	}
	d, err := destinationNamed(m, name)
	if err != nil {
		return err
	}
	p := &project{Project: m, outlets: map[string]*run.Outlet{}, env: &run.Env{Project: m, Target: m.Active()}}
	defer p.close()
	a.onTarget = p.env.Target.Name
	o, err := p.outlet(ctx, d)
	if err != nil {
		return err
	}
	asks, ok := o.Destination().(destinations.Describer)
	if !ok {
		return usageError{fmt.Errorf("%s is a %s, which cannot tell what it takes: any field can be mapped, and it says itself what it refuses", name, d.Type)}
	}
	if object != "" {
		if err := readyObject(ctx, o, d, object); err != nil {
			return err
		}
	}
	infos, err := asks.Describe(ctx, object)
	if err != nil {
		return fmt.Errorf("destination %s: %w", name, err)
	}
	if len(infos) == 0 {
		return usageError{fmt.Errorf("%s has no object %s (`weir fields %s` lists those it has)", name, object, name)}
	}
	a.result = map[string]any{"destination": name, "objects": infos}
	a.printf("%s\n", a.targetLine(p))
	if object == "" {
		a.showObjects(name, infos)
		return nil
	}
	a.showFields(&infos[0])
	return nil
}

// destinationNamed is a destination of the project.
func destinationNamed(m *models.Project, name string) (*models.Destination, error) {
	var known []string
	for _, d := range m.Destinations {
		if d.Name == name && d.Spec != nil {
			return d, nil
		}
		known = append(known, d.Name)
	}
	if near, ok := diag.Nearest(name, known); ok {
		return nil, usageError{fmt.Errorf("there is no destination %s (did you mean %q?)", name, near)}
	}
	return nil, usageError{fmt.Errorf("there is no destination %s (the project has: %s)", name, strings.Join(known, ", "))}
}

// readyObject checks the name of an object and makes it ready, as a run does.
func readyObject(ctx context.Context, o *run.Outlet, d *models.Destination, object string) error {
	if !slices.ContainsFunc(d.Spec.Objects, func(s destinations.Object) bool { return s.Takes(object) }) {
		return usageError{fmt.Errorf("%s has no object %s (`weir fields %s` lists those it has)", d.Name, object, d.Name)}
	}
	if p, ok := o.Destination().(destinations.Preparer); ok {
		if err := p.Prepare(ctx, object); err != nil {
			return fmt.Errorf("destination %s: %w", d.Name, err)
		}
	}
	return nil
}

func (a *app) showObjects(name string, infos []destinations.ObjectInfo) {
	for i := range infos {
		a.printf("%-24s %s\n", infos[i].Name, infos[i].Label)
	}
	a.printf("%s\n", a.paint(dim, "the fields of one: weir fields "+name+" "+infos[0].Name))
}

// showFields prints a line for each field, those that find records first.
func (a *app) showFields(o *destinations.ObjectInfo) {
	list := slices.Clone(o.Fields)
	slices.SortStableFunc(list, func(x, y destinations.ObjectField) int {
		if x.Unique != y.Unique {
			if x.Unique {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Name, y.Name)
	})
	a.printf("%s  %s\n", a.paint(bold, o.Name), diag.Count(len(list), "field"))
	for i := range list {
		f := &list[i]
		a.printf("  %s\n", strings.TrimRight(fmt.Sprintf("%-28s %-12s %s", f.Name, f.Type, fieldWords(f)), " "))
	}
}

// fieldWords is what else there is to say of a field.
func fieldWords(f *destinations.ObjectField) string {
	var out []string
	if f.Unique {
		out = append(out, "finds records")
	}
	if f.Required {
		out = append(out, "required")
	}
	if f.ReadOnly {
		out = append(out, "read-only")
	}
	if n := len(f.Options); n > 0 {
		const most = 8
		text := strings.Join(f.Options[:min(n, most)], ", ")
		if n > most {
			text += fmt.Sprintf(" and %d more", n-most)
		}
		out = append(out, "one of: "+text)
	}
	if f.Label != "" && f.Label != f.Name {
		out = append(out, "("+f.Label+")")
	}
	return strings.Join(out, ", ")
}
