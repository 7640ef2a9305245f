package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/sync/deliver"
	"github.com/weir-data/weir/sync/ledger"
	"github.com/weir-data/weir/sync/run"
	"github.com/weir-data/weir/warehouse"
	"golang.org/x/term"
)

// Exit codes, a documented function of what went wrong.
const (
	exitOK      = 0
	exitFailed  = 1 // something failed
	exitInput   = 2 // your input is wrong
	exitOutside = 3 // the outside world failed: warehouse, destination, network, disk
	exitHeld    = 4 // held by a guard
	exitChanges = 5 // plan --detailed-exitcode found changes
)

// app is one invocation: where it writes, and the flags every command has.
type app struct {
	out, err io.Writer
	cut      context.Context

	dir, target string
	json, quiet bool
	color       bool

	result   any
	findings []diag.Finding
	faults   []diag.Finding // of syncs that do not matter to the command: a run of theirs would stop
	files    *config.Files  // of the project, for the lines that findings are about
	secrets  []string
	exit     int
	onTarget string
	command  string
}

func newApp(out, errw io.Writer) *app {
	a := &app{out: out, err: errw}
	a.color = os.Getenv("NO_COLOR") == "" && isTerminal(out)
	return a
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// listen turns the first signal into an orderly stop and the second into a cut.
func (a *app) listen(signals <-chan os.Signal, stop context.CancelCauseFunc, cut func()) {
	sig := <-signals
	fmt.Fprintf(a.err, "\nweir: %s: finishing what is under way (once more to cut it off)\n", sig)
	stop(signalError{sig})
	select {
	case <-signals:
	case <-time.After(a.grace()):
	}
	cut()
}

// grace is how long requests under way may take after the first signal.
func (a *app) grace() time.Duration { return 20 * time.Second }

// run runs a command line and gives the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.out)
	root.SetErr(a.err)
	cmd, err := root.ExecuteContextC(ctx)
	if cmd != nil {
		a.command = strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), "weir"), " ")
	}
	if err != nil && slices.Contains(args, "--json") {
		a.json = true // also where a flag before it was not understood
	}
	code := a.exitOf(ctx, err)
	a.report(err, code)
	return code
}

// usageError is a command line that is not understood.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitOf is the exit code of an error.
func (a *app) exitOf(ctx context.Context, err error) int {
	var sig signalError
	if errors.As(context.Cause(ctx), &sig) {
		if s, ok := sig.sig.(syscall.Signal); ok {
			return 128 + int(s)
		}
	}
	if err == nil {
		return a.exit
	}
	if a.exit != 0 && errors.Is(err, errReported) {
		return a.exit
	}
	return codeOf(err)
}

// codeOf sorts errors into whose they are.
func codeOf(err error) int {
	var (
		findings *run.FindingsError
		usage    usageError
		locked   *warehouse.LockedError
		auth     *destinations.AuthError
		down     *destinations.DownError
		lost     *destinations.LostError
		refused  *run.RefusedEdit
		account  *run.AccountError
		dup      *run.DuplicateError
		drift    *run.DriftError
		source   *run.SourceError
		stale    *run.StaleError
		held     *ledger.HeldError
		newer    *ledger.NewerError
		sql      *warehouse.Error
		path     *os.PathError
		network  *net.OpError
		address  *net.AddrError
		dns      *net.DNSError
		refuses  *destinations.AllRefusedError
		trouble  *deliver.TroubleError
	)
	switch {
	case errors.As(err, &findings), errors.As(err, &usage), errors.As(err, &refused), errors.As(err, &account), errors.As(err, &dup), errors.As(err, &drift), errors.As(err, &newer):
		return exitInput
	case errors.As(err, &source), errors.As(err, &address), errors.Is(err, destinations.ErrPrivate):
		return exitInput
	case errors.As(err, &stale):
		return exitHeld
	case errors.As(err, &locked), errors.As(err, &auth), errors.As(err, &down), errors.As(err, &lost), errors.As(err, &refuses), errors.As(err, &trouble), errors.As(err, &held), errors.Is(err, warehouse.ErrDiskFull), errors.Is(err, syscall.ENOSPC), errors.As(err, &sql), errors.As(err, &path), errors.As(err, &network), errors.As(err, &dns), errors.Is(err, syscall.EADDRINUSE):
		return exitOutside
	default:
		return exitFailed
	}
}

// errReported is an error whose text has been shown already.
var errReported = errors.New("already reported")

// envelope is what every command prints with --json.
type envelope struct {
	Version  int            `json:"version"`
	Command  string         `json:"command"`
	OK       bool           `json:"ok"`
	Exit     int            `json:"exit"`
	Target   string         `json:"target,omitempty"`
	Error    string         `json:"error,omitempty"`
	Findings []diag.Finding `json:"findings"`
	Result   any            `json:"result"`
}

// report shows the error, or all of it as JSON.
func (a *app) report(err error, code int) {
	fe := a.findingsOf(err)
	if fe != nil && len(a.findings) == 0 {
		a.findings = fe.Findings
	}
	if a.json {
		e := envelope{Version: 1, Command: a.command, OK: code == 0 || code == exitChanges, Exit: code, Target: a.onTarget, Findings: a.findings, Result: a.result}
		if e.Result == nil {
			e.Result = struct{}{}
		}
		if e.Findings == nil {
			e.Findings = []diag.Finding{}
		}
		if err != nil && !errors.Is(err, errReported) {
			e.Error = err.Error()
		}
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if werr := enc.Encode(e); werr != nil {
			fmt.Fprintln(a.err, "weir:", werr)
		}
		return
	}
	switch {
	case err == nil || errors.Is(err, errReported):
	case fe != nil:
		diag.Render(a.err, fe.Findings, a.color)
	default:
		fmt.Fprintln(a.err, a.paint(red, "error:"), err)
	}
}

// findingsOf is an error that is about the project's files as findings, with
// the lines that they are about; nil for any other error.
func (a *app) findingsOf(err error) *run.FindingsError {
	var fe *run.FindingsError
	var source *run.SourceError
	switch {
	case errors.As(err, &fe):
	case errors.As(err, &source):
		fe = &run.FindingsError{Findings: []diag.Finding{source.Finding()}}
	default:
		return nil
	}
	if a.files != nil {
		fe.Findings = a.files.Snippets(fe.Findings, a.secrets)
	}
	return fe
}

// printf writes for people; with --json it writes nothing.
func (a *app) printf(format string, args ...any) {
	if !a.json {
		fmt.Fprintf(a.out, format, args...)
	}
}

// folder is the project's folder, absolute.
func (a *app) folder() (string, error) {
	dir, err := filepath.Abs(a.dir)
	if err != nil {
		return "", fmt.Errorf("find the project: %w", err)
	}
	return dir, nil
}

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "weir",
		Short:         "Keep your tools equal to your warehouse: only changed rows flow out",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version,
	}
	root.PersistentFlags().StringVarP(&a.dir, "dir", "C", ".", "the project's folder")
	root.PersistentFlags().StringVar(&a.target, "target", "", "the target to work on (also WEIR_TARGET)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print one JSON document")
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "no progress")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCmd())
	root.CompletionOptions.HiddenDefaultCmd = false
	root.AddGroup(&cobra.Group{ID: "start", Title: "Start:"}, &cobra.Group{ID: "work", Title: "Work:"}, &cobra.Group{ID: "look", Title: "Look:"}, &cobra.Group{ID: "mend", Title: "Mend:"})
	for group, cmds := range map[string][]*cobra.Command{
		"start": {a.initCmd(), a.demoCmd(), a.sandboxCmd(), a.doctorCmd()},
		"work":  {a.checkCmd(), a.compileCmd(), a.planCmd(), a.applyCmd(), a.runCmd(), a.approveCmd(), a.rejectCmd(), a.sendCmd()},
		"look":  {a.runsCmd(), a.rejectsCmd(), a.ledgerCmd(), a.fieldsCmd(), a.schemaCmd()},
		"mend":  {a.retryCmd(), a.resyncCmd(), a.cleanCmd()},
	} {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	root.AddCommand(a.versionCmd())
	root.InitDefaultCompletionCmd()
	plainArgs(root)
	return root
}
