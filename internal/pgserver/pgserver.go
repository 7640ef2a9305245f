// Package pgserver gives tests a real PostgreSQL server: one per test binary,
// made from nothing in a temporary folder at the first call, and gone with the
// process, however that ends.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Server is a running server that trusts everybody on this machine.
type Server struct {
	Dir  string // of its socket and its data
	Port int
	User string // its superuser
}

// ErrNone says that there is no PostgreSQL of version 15 or newer here.
var ErrNone = errors.New("there is no PostgreSQL 15 or newer here (initdb is neither in PATH nor below /usr/lib/postgresql)")

var shared = sync.OnceValues(start)

// TB is what is needed of a test.
type TB interface {
	Helper()
	Skip(args ...any)
	Fatal(args ...any)
}

// Need is this test binary's server. Where there is no PostgreSQL the test is
// skipped, or fails where CI is set.
func Need(t TB) *Server {
	t.Helper()
	s, err := shared()
	switch {
	case err == nil:
		return s
	case errors.Is(err, ErrNone) && os.Getenv("CI") == "":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
	return nil
}

// URL is where a database of the server is, for a role.
func (s *Server) URL(database, role string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", role, s.Port, database)
}

var databases atomic.Int64

// Database makes an empty database and gives its name.
func (s *Server) Database(t TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", databases.Add(1))
	s.Run(t, "postgres", "CREATE DATABASE "+name)
	return name
}

// Run runs statements in a database as the superuser.
func (s *Server) Run(t TB, database string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL(database, s.User))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, q := range statements {
		if _, err := conn.PgConn().Exec(ctx, q).ReadAll(); err != nil {
			t.Fatal(fmt.Errorf("%w\n%s", err, q))
		}
	}
}

// Rule lets roles in, or keeps them out, by lines of pg_hba.conf that go before all others.
func (s *Server) Rule(t TB, lines ...string) {
	t.Helper()
	path := filepath.Join(s.Dir, "data", "pg_hba.conf")
	old, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, append([]byte(strings.Join(lines, "\n")+"\n"), old...), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Reload(t)
}

// Reload has the server read its files anew, and waits until new connections
// are let in by them.
func (s *Server) Reload(t TB) {
	t.Helper()
	before := s.one(t, "SELECT CAST(pg_conf_load_time() AS TEXT)")
	s.Run(t, "postgres", "SELECT pg_reload_conf()")
	for range 10_000 {
		if s.one(t, "SELECT CAST(pg_conf_load_time() AS TEXT)") != before {
			return
		}
	}
	t.Fatal("the server did not read its files anew")
}

// one is a text that the server answers on a connection of its own.
func (s *Server) one(t TB, sql string) (out string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL("postgres", s.User))
	if err == nil {
		err = conn.QueryRow(ctx, sql).Scan(&out)
		_ = conn.Close(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// start makes a server and starts it.
func start() (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	who, err := account()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-pg-")
	if err != nil {
		return nil, err
	}
	if who != nil {
		err = os.Chown(dir, int(who.Uid), int(who.Gid))
	}
	s := &Server{Dir: dir, User: "postgres"}
	if err == nil {
		err = run(who, dir, filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", s.User, "-A", "trust", "--no-sync", "--no-instructions", "--locale=C.UTF-8", "-E", "UTF8")
	}
	for tries := 0; err == nil; tries++ {
		if s.Port, err = freePort(); err != nil {
			break
		}
		if err = s.serve(bin, who); err == nil {
			return s, nil
		}
		if tries < 3 {
			err = nil // somebody took the port in between
		}
	}
	_ = os.RemoveAll(dir)
	return nil, fmt.Errorf("start PostgreSQL: %w", err)
}

// settings trade safety for speed: the data is thrown away.
const settings = "-c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB -c autovacuum=off"

func (s *Server) serve(bin string, who *syscall.Credential) error {
	options := fmt.Sprintf("-p %d -k %s -h 127.0.0.1 %s", s.Port, s.Dir, settings)
	ctl, data := filepath.Join(bin, "pg_ctl"), filepath.Join(s.Dir, "data")
	if err := run(who, s.Dir, ctl, "-D", data, "-l", filepath.Join(s.Dir, "log"), "-s", "-w", "-o", options, "start"); err != nil {
		return err
	}
	return s.watch(ctl, data, who)
}

// watch leaves a child behind that stops the server and removes its folder
// when this process is gone: its input ends then.
func (s *Server) watch(ctl, data string, who *syscall.Credential) error {
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", `cat >/dev/null; "$0" -D "$1" -s -m immediate stop; rm -rf "$2"`, ctl, data, s.Dir)
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Credential: who, Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	held = append(held, in)
	return cmd.Start()
}

// held keeps the pipes open as long as the process lives.
var held []any

// run runs a program as the server's account.
func run(who *syscall.Credential, dir, program string, args ...string) error {
	cmd := exec.CommandContext(context.Background(), program, args...)
	cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{Credential: who}
	log := filepath.Join(dir, "said")
	out, err := os.Create(log) // no pipe: a server that goes on would hold it
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log)
		return fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, said)
	}
	return nil
}

// binaries is the folder of the server's programs, of the newest version.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) == 0 || version(found[0]) < 15 {
		return "", ErrNone
	}
	return filepath.Dir(found[0]), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// account is who the server runs as: it refuses to be root.
func account() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is no user postgres to run it as: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func freePort() (int, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	if err := l.Close(); err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}
