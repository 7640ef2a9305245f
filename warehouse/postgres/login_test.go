package postgres

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/pgserver"
)

// opened opens a warehouse from its settings as YAML.
func opened(t *testing.T, yaml string) error {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, config.MainFile), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	files, found := config.Load(dir)
	if len(found) > 0 {
		t.Fatal(found)
	}
	d := &config.Decoder{File: files.List[0], Dir: dir, Found: &diag.Findings{}}
	s := d.Section(files.List[0].Root, Spec.Fields, "it")
	if fs := d.Found.Sorted(); len(fs) > 0 {
		t.Fatal(fs)
	}
	c, err := Spec.Open(t.Context(), s, dir)
	if err == nil {
		err = c.Close()
	}
	return err
}

// secret must be in no error.
const secret = "hunter2'\\ @/x"

// refusal is settings, and what must be in the one sentence that refuses them.
type refusal struct {
	name, yaml string
	want       []string
}

func (r refusal) check(t *testing.T) {
	t.Helper()
	err := opened(t, r.yaml)
	if err == nil {
		t.Errorf("%s: no error", r.name)
		return
	}
	for _, w := range r.want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %v, want %q in it", r.name, err, w)
		}
	}
	if text := err.Error(); strings.Contains(text, "\n") || strings.Contains(text, "hunter2") || !strings.Contains(text, "(") {
		t.Errorf("%s: %q, want one sentence with a way out and no secret", r.name, text)
	}
}

func settings(host string, port int, database, user, more string) string {
	return fmt.Sprintf("host: %s\nport: %d\ndatabase: %s\nuser: %s\npassword: %q\n%s\n", host, port, database, user, secret, more)
}

// TestSettings: what is missing, said twice or not to be read.
func TestSettings(t *testing.T) {
	t.Setenv("PGHOST", "elsewhere")
	for _, r := range []refusal{
		{"nothing", "{}", []string{"needs its host", "warehouse.host"}},
		{"no database", "host: h", []string{"needs its database"}},
		{"no user", "host: h\ndatabase: d", []string{"needs its user"}},
		{"twice", "url: postgres://h/d\nhost: h", []string{"both url and host"}},
		{"no URL", "url: mysql://u:hunter2@h/d", []string{"postgres://"}},
		{"a URL that cannot be read", "url: postgres://u:hunter2/%zz@h:x/d", []string{"warehouse.url"}},
		{"no certificates", settings("h", 1, "d", "u", "sslmode: verify-full\nsslrootcert: none.pem"), []string{"sslrootcert"}},
		{"sslmode in a URL", "url: postgres://u:hunter2@h/d?sslmode=maybe", []string{"sslmode", "warehouse.url"}},
	} {
		r.check(t)
	}
}

// TestUnreachable: wrong hosts and ports.
func TestUnreachable(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := silent.Addr().(*net.TCPAddr).Port
	if err := silent.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []refusal{
		{"no such host", settings("nosuch.invalid", 5432, "d", "u", ""), []string{"nosuch.invalid", "cannot be found", "warehouse.host"}},
		{"nobody there", settings("127.0.0.1", port, "d", "u", ""), []string{fmt.Sprint(port), "nothing listens"}},
		{"no socket", settings("/nosuch/folder", 5432, "d", "u", ""), []string{"/nosuch/folder/.s.PGSQL.5432", "no PostgreSQL socket"}},
	} {
		r.check(t)
	}
}

// TestOtherServer: something answers, and it is no PostgreSQL, or speaks no TLS.
func TestOtherServer(t *testing.T) {
	for name, c := range map[string]struct {
		answer, more string
		want         []string
	}{
		"no TLS":        {"N", "sslmode: require", []string{"speaks no TLS", "sslmode"}},
		"another":       {"HTTP/1.1 400 Bad Request\r\n\r\n", "sslmode: disable", []string{"cannot be reached"}},
		"closes":        {"", "sslmode: disable", []string{"closed"}},
		"answers S, no": {"Sxxxxxxxxxxxxxxxxxxxxxx", "sslmode: require", []string{"TLS"}},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 512))
				_, _ = conn.Write([]byte(c.answer))
				_ = conn.Close()
			}
		}()
		refusal{name, settings("127.0.0.1", l.Addr().(*net.TCPAddr).Port, "d", "u", c.more), c.want}.check(t)
		_ = l.Close()
	}
}

// TestRefused: each way that a server lets nobody in has its sentence.
func TestRefused(t *testing.T) {
	s := pgserver.Need(t)
	db := s.Database(t)
	s.Run(t, db, "CREATE ROLE weir LOGIN PASSWORD 'right'", "CREATE ROLE nologin", "CREATE ROLE busy LOGIN CONNECTION LIMIT 0", "CREATE DATABASE closed", "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
		"CREATE DATABASE old ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
	s.Rule(t, "host "+db+" weir 127.0.0.1/32 scram-sha-256", "hostnossl "+db+" tlsonly all reject", "hostssl "+db+" tlsonly all trust", "host "+db+" nobody all reject")
	for _, r := range []refusal{
		{"password", settings("127.0.0.1", s.Port, db, "weir", ""), []string{"password of role weir", "warehouse.password"}},
		{"password in the URL", fmt.Sprintf("url: postgres://weir:hunter2@127.0.0.1:%d/%s", s.Port, db), []string{"password of role weir", "warehouse.url"}},
		{"no password", fmt.Sprintf("host: 127.0.0.1\nport: %d\ndatabase: %s\nuser: weir", s.Port, db), []string{"wants a password"}},
		{"role", settings("127.0.0.1", s.Port, db, "nosuch", ""), []string{"no role nosuch", "CREATE ROLE nosuch LOGIN"}},
		{"a role that may not log in", settings("127.0.0.1", s.Port, db, "nologin", ""), []string{"ALTER ROLE nologin LOGIN"}},
		{"database", settings("127.0.0.1", s.Port, "Nosuch", "postgres", ""), []string{`no database "Nosuch"`, "warehouse.database"}},
		{"the right to connect", settings("127.0.0.1", s.Port, "closed", "weir", ""), []string{"GRANT CONNECT ON DATABASE closed TO weir"}},
		{"no connection left", settings("127.0.0.1", s.Port, db, "busy", ""), []string{"no connection left"}},
		{"encoding", settings("127.0.0.1", s.Port, "old", "postgres", ""), []string{"LATIN1", "UTF8"}},
		{"TLS asked for", settings("127.0.0.1", s.Port, db, "tlsonly", "sslmode: disable"), []string{"only over TLS", "sslmode"}},
		{"TLS not spoken", settings("127.0.0.1", s.Port, db, "postgres", "sslmode: require"), []string{"speaks no TLS", "sslmode"}},
		{"kept out", settings("127.0.0.1", s.Port, db, "nobody", "sslmode: disable"), []string{"pg_hba.conf"}},
	} {
		r.check(t)
	}
	right := fmt.Sprintf("url: postgres://weir:right@127.0.0.1:%d/%s?sslmode=disable&application_name=mine", s.Port, db)
	if err := opened(t, right); err != nil {
		t.Error(err)
	}
	if err := opened(t, fmt.Sprintf("host: %s\nport: %d\ndatabase: %s\nuser: postgres", s.Dir, s.Port, db)); err != nil {
		t.Errorf("by the socket: %v", err)
	}
}

// TestTLS: a certificate is looked at as sslmode says.
func TestTLS(t *testing.T) {
	s := pgserver.Need(t)
	cert := certificate(t, s, "db.example")
	s.Run(t, "postgres", "ALTER SYSTEM SET ssl_cert_file = '"+cert+"'", "ALTER SYSTEM SET ssl_key_file = '"+cert+".key'", "ALTER SYSTEM SET ssl = on")
	s.Reload(t)
	defer func() {
		s.Run(t, "postgres", "ALTER SYSTEM RESET ssl")
		s.Reload(t)
	}()
	at := func(more string) string { return settings("127.0.0.1", s.Port, "postgres", "postgres", more) }
	for _, r := range []refusal{
		{"signer", at("sslmode: verify-ca"), []string{"signed by nobody known", "sslrootcert"}},
		{"name", at("sslmode: verify-full\nsslrootcert: " + cert), []string{"not for the name 127.0.0.1", "verify-ca"}},
	} {
		r.check(t)
	}
	for _, more := range []string{"sslmode: require", "sslmode: prefer", "sslmode: verify-ca\nsslrootcert: " + cert} {
		if err := opened(t, at(more)); err != nil {
			t.Errorf("%s: %v", more, err)
		}
	}
}

// certificate makes a certificate that signs itself, and its key beside it,
// where the server may read them.
func certificate(t *testing.T, s *pgserver.Server, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir, "cert.pem")
	for file, block := range map[string]*pem.Block{path: {Type: "CERTIFICATE", Bytes: der}, path + ".key": {Type: "EC PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(s.Dir); err == nil && os.Geteuid() == 0 {
			own := st.Sys().(*syscall.Stat_t)
			if err := os.Chown(file, int(own.Uid), int(own.Gid)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return path
}
