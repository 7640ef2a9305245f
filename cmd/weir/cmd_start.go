package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/destinations"
)

func (a *app) initCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a project that runs: a DuckDB file, 20 customers, one sync",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := a.dir
			if len(args) == 1 {
				dir = args[0]
			}
			return a.init(dir)
		},
	}
}

// init writes the files of a new project; it never overwrites.
func (a *app) init(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("find the folder: %w", err)
	}
	wrote, kept := []string{}, []string{}
	for _, f := range starter(projectName(filepath.Base(abs))) {
		path := filepath.Join(dir, f.name)
		if _, err := os.Lstat(path); err == nil {
			kept = append(kept, f.name)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the project: %w", err)
		}
		if err := os.WriteFile(path, []byte(f.text), 0o644); err != nil {
			return fmt.Errorf("make the project: %w", err)
		}
		wrote = append(wrote, f.name)
	}
	a.result = map[string]any{"dir": dir, "wrote": wrote, "kept": kept}
	for _, f := range wrote {
		a.printf("  %s %s\n", a.paint(green, "wrote"), filepath.Join(dir, f))
	}
	for _, f := range kept {
		a.printf("  %s  %s\n", a.paint(dim, "kept"), filepath.Join(dir, f))
	}
	cd := ""
	if dir != "." {
		cd = "cd " + dir + " && "
	}
	a.printf("next: %sweir run\n", cd)
	return nil
}

// projectName makes a folder's name fit to name a project.
func projectName(base string) string {
	out := []rune{}
	for _, r := range base {
		switch {
		case r >= 'a' && r <= 'z', len(out) > 0 && (r >= '0' && r <= '9' || r == '_'):
			out = append(out, r)
		case r >= 'A' && r <= 'Z':
			out = append(out, r+'a'-'A')
		case len(out) > 0:
			out = append(out, '_')
		}
	}
	if len(out) == 0 {
		return "acme"
	}
	return string(out)
}

func (a *app) doctorCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Try everything a run needs, and say what is missing",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context()) },
	}
}

func (a *app) doctor(ctx context.Context) error {
	type line struct {
		OK   bool   `json:"ok"`
		What string `json:"what"`
		Why  string `json:"why,omitempty"`
	}
	var lines []line
	worst := exitOK
	tell := func(what string, err error) bool {
		l := line{OK: err == nil, What: what}
		mark := a.paint(green, "✓")
		if err != nil {
			l.Why, mark = err.Error(), a.paint(red, "✗")
			worst = max(worst, codeOf(err))
		}
		lines = append(lines, l)
		a.printf("%s %s", mark, what)
		if l.Why != "" {
			a.printf(": %s", l.Why)
		}
		a.printf("\n")
		return err == nil
	}
	p, err := a.open(ctx, "")
	if tell("the project is clean and its target opens", err) {
		defer p.close()
		a.doctorProject(ctx, p, func(what string, err error) { tell(what, err) })
	}
	a.result = map[string]any{"checks": lines}
	if worst != exitOK {
		a.exit = worst
		return errReported
	}
	return nil
}

func (a *app) doctorProject(ctx context.Context, p *project, tell func(string, error)) {
	for _, s := range p.Sources {
		_, err := p.env.Describe(ctx, s)
		tell("source "+s.Name+" can be read", err)
	}
	for _, d := range p.Destinations {
		o, err := p.outlet(ctx, d)
		if err == nil {
			if c, ok := any(o.Sender).(interface {
				Destination() destinations.Destination
			}); ok {
				if check, ok := c.Destination().(destinations.Checker); ok {
					err = check.Check(ctx)
				}
			}
			tell(fmt.Sprintf("destination %s opens (account %s)", d.Name, o.Account), err)
			continue
		}
		tell("destination "+d.Name+" opens", err)
	}
	for _, y := range p.syncs {
		if y.Exempt != "" {
			tell(fmt.Sprintf("sync %s is exempt from consent: %s", y.Name, y.Exempt), nil)
		}
	}
	tell("every ledger has a sync", a.showOrphans(ctx, p))
}

func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which Weir this is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a.result = map[string]string{"version": version, "go": runtime.Version()}
			a.printf("weir %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
