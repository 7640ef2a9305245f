package postgres

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/weir-data/weir/config"
)

// login is what is needed to connect, and how it is spoken of.
type login struct {
	config *pgxpool.Config
	url    bool // it was given as one URL
}

// separate are the settings that a URL holds already.
var separate = []string{"host", "port", "database", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey"}

// checkSettings tells what is missing or said twice, with the way out.
func checkSettings(s *config.Section) error {
	if s.IsSet("url") {
		for _, name := range separate {
			if s.IsSet(name) {
				return fmt.Errorf("the PostgreSQL warehouse says both url and %s: say one of them (warehouse.url holds it already)", name)
			}
		}
		return nil
	}
	for _, name := range []string{"host", "database", "user"} {
		if !s.IsSet(name) {
			return fmt.Errorf("the PostgreSQL warehouse needs its %s (set warehouse.%s, or everything as warehouse.url)", name, name)
		}
	}
	return nil
}

// loginOf reads the settings of a target; what is wrong with them is an error
// with the way out.
func loginOf(s *config.Section, dir string) (*login, error) {
	if err := checkSettings(s); err != nil {
		return nil, err
	}
	if s.IsSet("url") {
		return parse(s.Text("url"), true)
	}
	for _, name := range []string{"host", "database", "user"} {
		if s.Text(name) == "" {
			return nil, fmt.Errorf("the %s of the PostgreSQL warehouse is empty (set warehouse.%s)", name, name)
		}
	}
	words := []string{word("host", s.Text("host")), word("port", fmt.Sprint(s.Int("port"))), word("dbname", s.Text("database")), word("user", s.Text("user")), word("sslmode", s.Text("sslmode"))}
	if s.Text("password") != "" {
		words = append(words, word("password", s.Text("password")))
	}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey"} {
		path := s.Text(name)
		if path == "" {
			continue
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		words = append(words, word(name, path))
	}
	return parse(strings.Join(words, " "), false)
}

// word is one setting of a connection string.
func word(name, value string) string {
	return name + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// The pool grows when it is asked and shrinks when it is idle; a stream of
// rows holds a connection while its reader writes through others.
const (
	mostConnections = 32
	idleFor         = time.Minute
	connectFor      = 10 * time.Second
)

// sessionSettings make times and dates read and look the same everywhere.
var sessionSettings = map[string]string{"application_name": "weir", "timezone": "UTC", "datestyle": "ISO, YMD", "client_encoding": "UTF8"}

func parse(text string, url bool) (*login, error) {
	if url && !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		return nil, errors.New("warehouse.url is no PostgreSQL URL (it begins with postgres://)")
	}
	c, err := pgxpool.ParseConfig(text)
	if err != nil {
		return nil, parseError(err, url)
	}
	for name, value := range sessionSettings {
		delete(c.ConnConfig.RuntimeParams, name)
		c.ConnConfig.RuntimeParams[name] = value
	}
	c.MaxConns, c.MinConns, c.MaxConnIdleTime = mostConnections, 0, idleFor
	if c.ConnConfig.ConnectTimeout == 0 {
		c.ConnConfig.ConnectTimeout = connectFor
	}
	c.ConnConfig.BuildContextWatcherHandler = newCanceller
	return &login{config: c, url: url}, nil
}

// faults are words in the parser's complaint, and the setting that each is about.
var faults = [][2]string{{"CA file", "sslrootcert"}, {"CA to cert pool", "sslrootcert"}, {"both \"sslcert\"", "sslcert and sslkey"}, {"sslkey", "sslkey"}, {"decrypt key", "sslkey"}, {"cert", "sslcert"}, {"sslmode", "sslmode"},
	{"port", "port"}, {"connect_timeout", "connect_timeout"}, {"service", "service"}, {"target_session_attrs", "target_session_attrs"}, {"channel_binding", "channel_binding"}, {"require_auth", "require_auth"}}

// parseError says which setting cannot be used. The text that it stood in,
// which the parser repeats, stays out.
func parseError(err error, url bool) error {
	said := err.Error()
	said = said[strings.LastIndex(said, "`: ")+1:]
	for _, f := range faults {
		if strings.Contains(said, f[0]) {
			return fmt.Errorf("the PostgreSQL login cannot be used: its %s cannot be read or is not right (%s)", f[1], setting(f[1], url))
		}
	}
	if url {
		return errors.New("warehouse.url cannot be read (write it as postgres://user:password@host:5432/database; characters like @ and / in a password are written %40 and %2F)")
	}
	return errors.New("the PostgreSQL login cannot be used: one of its settings is not right (look at warehouse)")
}

// setting names the place where something is set.
func setting(name string, url bool) string {
	if url {
		return "mend " + name + " in warehouse.url"
	}
	return "mend warehouse." + name
}
