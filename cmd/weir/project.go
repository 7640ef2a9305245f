package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/weir-data/weir/config"
	destall "github.com/weir-data/weir/destinations/all"
	"github.com/weir-data/weir/destinations/sandbox"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
	whall "github.com/weir-data/weir/warehouse/all"
)

// project is an open project on an open target.
type project struct {
	*models.Project
	env     *run.Env
	syncs   []*models.Sync
	outlets map[string]*run.Outlet
	leave   func(context.Context) error // lets go of the sandbox
	at      *url.URL                    // where the sandbox is; nil on a live target
	picked  bool                        // syncs were selected by name
	faulty  bool                        // some file has faults that do not concern what is selected
}

func (p *project) close() {
	if p.env != nil && p.env.Conn != nil {
		_ = p.env.Conn.Close()
	}
	if p.leave != nil {
		_ = p.leave(context.Background())
	}
}

// parse reads the project and gathers every finding. Columns are checked as
// they were last pulled only where nobody asks the warehouse itself: what was
// pulled may be old, and must not stand in the way of a run or of pulling again.
func (a *app) parse(pulled bool) (*models.Project, []diag.Finding, error) {
	dir, err := a.folder()
	if err != nil {
		return nil, nil, err
	}
	target := a.target
	if target == "" {
		target = os.Getenv("WEIR_TARGET")
	}
	files, found := config.Load(dir)
	var schema models.Schema
	if pulled {
		schema, err = readSchema(dir)
	}
	if err != nil {
		found = append(found, diag.Finding{Code: "project.schema", Severity: diag.Warning, Place: diag.Place{File: schemaFile}, Message: err.Error(), Hint: "`weir schema pull` makes it anew"})
	}
	p, more := models.Parse(files, models.Options{Target: target, Specs: destall.Specs, Warehouses: whall.Specs, Lookup: os.LookupEnv, Schema: schema})
	a.files, a.secrets = files, p.Secrets
	if t := p.Active(); t != nil {
		a.onTarget = t.Name
	}
	found = append(found, more...)
	return p, append(found, files.Snippets(openable(p, found), p.Secrets)...), nil
}

// open parses the project, selects syncs and opens the target. Findings that
// concern what is selected stop it; others are told as warnings.
func (a *app) open(ctx context.Context, sel string) (*project, error) {
	m, found, err := a.parse(false)
	if err != nil {
		return nil, err
	}
	syncs, serr := models.Select(m, sel)
	faulty := diag.HasErrors(found)
	if sel != "" && serr == nil {
		found = models.Clean(m, found, syncs)
	}
	switch {
	case serr != nil && diag.HasErrors(found): // perhaps because of them
		found = append(found, diag.Finding{Code: "select.nothing", Severity: diag.Error, Message: serr.Error()})
		fallthrough
	case diag.HasErrors(found):
		return nil, &run.FindingsError{Findings: found}
	case serr != nil:
		return nil, usageError{serr}
	}
	a.findings = found
	if len(found) > 0 && !a.json && !a.quiet {
		diag.Render(a.err, found, a.color)
	}
	p := &project{Project: m, syncs: syncs, outlets: map[string]*run.Outlet{}, picked: sel != "", faulty: faulty}
	return p, a.connect(ctx, p)
}

// openStore opens the target of a project whose syncs do not matter.
func (a *app) openStore(ctx context.Context) (*project, error) {
	m, err := a.parseStore()
	if err != nil {
		return nil, err
	}
	p := &project{Project: m, outlets: map[string]*run.Outlet{}}
	p.syncs, _ = models.Select(m, "")
	return p, a.connect(ctx, p)
}

// connect opens the warehouse and the ledger's tables.
func (a *app) connect(ctx context.Context, p *project) error {
	t := p.Active()
	if t == nil || t.Warehouse == nil {
		return errors.New("the project has no target to work on")
	}
	for i := range whall.Specs {
		if whall.Specs[i].Type != t.Type {
			continue
		}
		conn, err := whall.Specs[i].Open(ctx, t.Warehouse, p.Dir)
		if err != nil {
			return fmt.Errorf("target %s: %w", t.Name, err)
		}
		p.env = &run.Env{Project: p.Project, Target: t, Conn: conn, Cut: a.cut, Crash: crashPoint(), Outlet: p.outlet}
		if p.env.Store, err = ledger.Open(ctx, conn, t.Schema); err != nil {
			p.close()
			return fmt.Errorf("target %s: %w", t.Name, err)
		}
		return nil
	}
	return fmt.Errorf("target %s: no warehouse of type %q", t.Name, t.Type)
}

// outlet opens the way to a destination, once.
func (p *project) outlet(ctx context.Context, d *models.Destination) (*run.Outlet, error) {
	if o := p.outlets[d.Name]; o != nil {
		return o, nil
	}
	var at *url.URL
	if !p.env.Target.Live {
		if err := p.findSandbox(ctx); err != nil {
			return nil, err
		}
		at = p.at
	}
	o, err := run.OpenOutlet(d, at)
	if err != nil {
		return nil, err
	}
	if err := o.Identify(ctx); err != nil {
		return nil, fmt.Errorf("destination %s: %w", d.Name, err)
	}
	p.outlets[d.Name] = o
	return o, nil
}

// findSandbox finds the running sandbox of the project, or starts one.
func (p *project) findSandbox(ctx context.Context) error {
	if p.at != nil {
		return nil
	}
	found, leave, err := sandbox.Reach(ctx, sandbox.Options{ProjectDir: p.Dir, Destinations: sandboxes(p.Project)})
	if err != nil {
		return fmt.Errorf("reach the sandbox: %w", err)
	}
	p.leave, p.at = leave, found.URL()
	return nil
}

// sandboxes are the stand-ins of the project's destinations.
func sandboxes(p *models.Project) []sandbox.Destination {
	var out []sandbox.Destination
	for _, d := range p.Destinations {
		if d.Spec != nil && d.Spec.Sandbox != nil {
			out = append(out, sandbox.Destination{Name: d.Name, Spec: d.Spec})
		}
	}
	return out
}

// targetLine says where things happen, and that nothing real is reached.
func (a *app) targetLine(p *project) string {
	t := p.env.Target
	if t.Live {
		return a.paint(yellow, fmt.Sprintf("target %s (%s), live: real accounts are reached", t.Name, t.Type))
	}
	where := "the sandbox"
	if err := p.findSandbox(context.Background()); err == nil {
		where = "the sandbox at " + p.at.Host
	}
	return a.paint(dim, fmt.Sprintf("target %s (%s), not live: every destination is %s", t.Name, t.Type, where))
}

// showOrphans tells of ledgers without a sync: a plan stops until it is said
// what becomes of them. That must not stop what was selected: unless one of
// those never ran, and so may be the missing one under another name.
func (a *app) showOrphans(ctx context.Context, p *project) error {
	all, err := p.env.Store.Syncs(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, y := range p.Syncs {
		known[y.Name] = true
	}
	for _, m := range p.Moved {
		known[m.From] = true
	}
	for _, r := range p.Retired {
		known[r.Sync] = true
	}
	var lost, names []string
	for _, s := range all {
		if known[s.Name] || s.Live != p.env.Target.Live || s.State == "retired" {
			continue
		}
		_, n, err := p.env.Store.Held(ctx, s.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		lost = append(lost, fmt.Sprintf("the ledger of %s has %s and no sync", s.Name, diag.Count(n, "row")))
		names = append(names, s.Name)
	}
	switch {
	case len(lost) > 0 && p.faulty:
		a.printf("%s\n", a.paint(yellow, strings.Join(lost, "; ")+": perhaps it stands where the faults are"))
	case len(lost) > 0 && p.picked && p.haveRun(all):
		a.printf("%s\n", a.paint(yellow, strings.Join(lost, "; ")+": weir.yml must say what became of it (`moved:` or `retired:`) before all is run again"))
	case len(lost) > 0:
		return &run.RefusedEdit{Text: strings.Join(lost, "; ") + fmt.Sprintf(": was it renamed (`moved: [{sync: %[1]s, to: …}]`) or deleted (`retired: [{sync: %[1]s, then: keep}]`)? Say so in weir.yml", names[0])}
	}
	return nil
}

// haveRun tells whether every selected sync has a ledger.
func (p *project) haveRun(all []*ledger.SyncRow) bool {
	for _, y := range p.syncs {
		if !slices.ContainsFunc(all, func(s *ledger.SyncRow) bool {
			return s.Name == y.Name && s.Live == p.env.Target.Live && s.State != "retired"
		}) {
			return false
		}
	}
	return true
}
