package postgres

import (
	"context"

	"github.com/weir-data/weir/config"
	"github.com/weir-data/weir/warehouse"
)

// Spec is PostgreSQL as a warehouse.
var Spec = warehouse.Spec{
	Type: "postgres",
	Doc:  "PostgreSQL 15 or newer, over the network or a local socket.",
	Fields: []config.Field{
		{Name: "url", Kind: config.String, Vars: true, Secret: true, Example: `"${DATABASE_URL}"`, Doc: "Everything at once, as `postgres://user:password@host:5432/database?sslmode=verify-full`; instead of the other settings."},
		{Name: "host", Kind: config.String, Vars: true, Example: "db.example", Doc: "The server's name or address, or the folder of its local socket."},
		{Name: "port", Kind: config.Int, Vars: true, Default: "5432", Doc: "The server's port."},
		{Name: "database", Kind: config.String, Vars: true, Example: "acme", Doc: "The database."},
		{Name: "user", Kind: config.String, Vars: true, Example: "weir", Doc: "The role to log in as."},
		{Name: "password", Kind: config.String, Vars: true, Secret: true, Example: `"${PGPASSWORD}"`, Doc: "The role's password. Without it PGPASSWORD and ~/.pgpass count, as with PostgreSQL's own programs."},
		{Name: "sslmode", Kind: config.String, Vars: true, Default: "prefer", Enum: []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}, Doc: "How TLS is used, as PostgreSQL's own programs mean it. Over a network that is not your own: `verify-full`."},
		{Name: "sslrootcert", Kind: config.String, Vars: true, Example: "certs/ca.pem", Doc: "The certificates that the server's must be signed by, relative to the project's folder; the system's own where it is not said."},
		{Name: "sslcert", Kind: config.String, Vars: true, Doc: "The client's certificate, where the server asks for one."},
		{Name: "sslkey", Kind: config.String, Vars: true, Doc: "The key of the client's certificate."},
	},
	Dialect: Dialect,
	Check:   checkSettings,
	Open: func(ctx context.Context, s *config.Section, dir string) (warehouse.Conn, error) {
		l, err := loginOf(s, dir)
		if err != nil {
			return nil, err
		}
		return open(ctx, l)
	},
}
