package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/weir-data/weir/warehouse"
)

func (l *login) user() string { return l.config.ConnConfig.User }

// address is where the server is, without any secret.
func (l *login) address() string {
	host, port := l.config.ConnConfig.Host, fmt.Sprint(l.config.ConnConfig.Port)
	if filepath.IsAbs(host) {
		return filepath.Join(host, ".s.PGSQL."+port)
	}
	return net.JoinHostPort(host, port)
}

// set names the setting to mend, as the target has it.
func (l *login) set(name string) string {
	if l.url {
		return "mend the " + name + " in warehouse.url"
	}
	return "set warehouse." + name
}

// error says in one sentence why nobody could log in, and what to do. The
// password is in none of them.
func (l *login) error(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return l.refused(pg)
	}
	if text := l.tlsProblem(err); text != "" {
		return &warehouse.Error{Text: text}
	}
	return &warehouse.Error{Text: l.unreachable(err)}
}

// refused is what the server says of a login.
func (l *login) refused(pg *pgconn.PgError) error {
	role, db, at := quoteRole(l.user()), quoteRole(l.config.ConnConfig.Database), l.address()
	switch pg.Code {
	case "28P01":
		if l.config.ConnConfig.Password == "" {
			return sayf("PostgreSQL at %s wants a password for role %s, and there is none (%s)", at, role, l.set("password"))
		}
		return sayf("PostgreSQL at %s refused the password of role %s (%s)", at, role, l.set("password"))
	case "28000":
		return l.notLetIn(pg.Message)
	case "3D000":
		return sayf("PostgreSQL at %s has no database %s (%s, or CREATE DATABASE %s)", at, db, l.set("database"), db)
	case "42501":
		return sayf("role %s may not connect to database %s at %s (GRANT CONNECT ON DATABASE %s TO %s)", role, db, at, db, role)
	case "53300":
		return sayf("PostgreSQL at %s has no connection left for role %s (raise max_connections, or end other programs' connections)", at, role)
	case "57P03":
		return sayf("PostgreSQL at %s lets nobody in yet: %s (try again in a moment)", at, oneLine(pg.Message))
	}
	return sayf("PostgreSQL at %s refused the login of role %s: %s (look at the settings of warehouse)", at, role, oneLine(pg.Message))
}

func (l *login) notLetIn(message string) error {
	role, db, at := quoteRole(l.user()), quoteRole(l.config.ConnConfig.Database), l.address()
	switch {
	case strings.Contains(message, "does not exist"):
		return sayf("PostgreSQL at %s has no role %s (%s, or CREATE ROLE %s LOGIN)", at, role, l.set("user"), role)
	case strings.Contains(message, "not permitted to log in"):
		return sayf("role %s at %s may not log in (ALTER ROLE %s LOGIN, or %s)", role, at, role, l.set("user"))
	case strings.Contains(message, "no encryption"):
		return sayf("PostgreSQL at %s lets role %s into database %s only over TLS, if at all (%s to require, or add a line for it to the server's pg_hba.conf)", at, role, db, l.set("sslmode"))
	}
	return sayf("PostgreSQL at %s does not let role %s into database %s from here (add a line for it to the server's pg_hba.conf, or mend user and database)", at, role, db)
}

func sayf(format string, args ...any) error {
	return &warehouse.Error{Text: fmt.Sprintf(format, args...)}
}

// tlsProblem is what is wrong with TLS; "" where it is something else.
func (l *login) tlsProblem(err error) string {
	var (
		signer   x509.UnknownAuthorityError
		name     x509.HostnameError
		invalid  x509.CertificateInvalidError
		verify   *tls.CertificateVerificationError
		at, host = l.address(), l.config.ConnConfig.Host
	)
	switch {
	case strings.Contains(err.Error(), "server refused TLS"):
		return fmt.Sprintf("PostgreSQL at %s speaks no TLS, and sslmode asks for it (%s to disable, or switch ssl on at the server)", at, l.set("sslmode"))
	case errors.As(err, &signer):
		return fmt.Sprintf("the certificate of PostgreSQL at %s is signed by nobody known here (%s to the certificate of its signer)", at, l.set("sslrootcert"))
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate of PostgreSQL at %s is not for the name %s (%s to the name in it, or sslmode to verify-ca)", at, host, l.set("host"))
	case errors.As(err, &invalid):
		return fmt.Sprintf("the certificate of PostgreSQL at %s is not valid: %s (the server needs another)", at, oneLine(invalid.Error()))
	case errors.As(err, &verify):
		return fmt.Sprintf("the certificate of PostgreSQL at %s cannot be verified: %s (%s to the certificate of its signer)", at, oneLine(verify.Err.Error()), l.set("sslrootcert"))
	case strings.Contains(err.Error(), "tls:"):
		return fmt.Sprintf("PostgreSQL at %s and Weir do not agree on TLS: %s (look at sslmode and the certificates)", at, reason(err))
	}
	return ""
}

// unreachable is why no server answers.
func (l *login) unreachable(err error) string {
	var dns *net.DNSError
	at, host := l.address(), l.config.ConnConfig.Host
	switch {
	case errors.As(err, &dns):
		return fmt.Sprintf("the host %s of the PostgreSQL warehouse cannot be found (%s)", host, l.set("host"))
	case errors.Is(err, syscall.ENOENT):
		return fmt.Sprintf("there is no PostgreSQL socket %s (%s to the folder of the socket, or start the server)", at, l.set("host"))
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("nothing listens at %s (start PostgreSQL there, or %s and port)", at, l.set("host"))
	case pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("PostgreSQL at %s did not answer in time (%s and port, or let this machine through its firewall)", at, l.set("host"))
	}
	return fmt.Sprintf("PostgreSQL at %s cannot be reached: %s (%s and port)", at, reason(err), l.set("host"))
}

// reason is the innermost cause, which names neither the settings nor their values.
func reason(err error) string {
	var op *net.OpError
	switch {
	case errors.As(err, &op):
		return oneLine(op.Err.Error())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the other side closed it"
	}
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return oneLine(err.Error())
		}
		err = next
	}
}
