package arch

// Rule is what one package, or one kind of package, may import of this module.
type Rule struct {
	Of  string   // a folder, or "folder/*" for any folder right below it
	May []string // the same patterns; a trailing "/..." means the folder and all below
}

// foundations is what everything from the warehouse upwards may lean on.
var foundations = []string{"config", "internal/diag", "internal/rows"}

// middle is what the parts of a run are made of.
var middle = with(foundations, "models", "models/*", "warehouse", "destinations", "destinations/pii")

// parts is what a run is made of, for those that sit above it.
var parts = with(middle, "sync/plan", "sync/ledger", "sync/deliver", "sync/build")

// rules is the one way that imports run. The more exact of two patterns counts.
// A package without a line may not exist: say here where it belongs.
var rules = []Rule{
	{Of: "internal/diag"},
	{Of: "internal/rows"},
	{Of: "internal/arch"},
	{Of: "internal/shop"},
	{Of: "internal/testsum"},
	{Of: "internal/pgserver"},
	{Of: "internal/engines", May: []string{"internal/pgserver", "warehouse", "warehouse/*"}},
	{Of: "config", May: []string{"internal/diag"}},

	{Of: "warehouse", May: foundations},
	{Of: "warehouse/*", May: with(foundations, "warehouse")},
	{Of: "warehouse/all", May: []string{"warehouse", "warehouse/*"}},
	{Of: "warehouse/warehousetest", May: with(middle, "sync/plan", "sync/ledger")},

	{Of: "destinations", May: foundations},
	{Of: "destinations/*", May: with(foundations, "destinations", "destinations/pii")},
	{Of: "destinations/all", May: []string{"destinations", "destinations/*"}},
	{Of: "destinations/destinationstest", May: with(foundations, "destinations", "destinations/sandbox")},

	{Of: "models", May: with(foundations, "models/*", "warehouse", "destinations", "destinations/pii")},
	{Of: "models/*", May: with(foundations, "models/*", "warehouse", "destinations", "destinations/pii")},

	// The parts of a run do not know each other, and what delivers never sees SQL.
	{Of: "sync/plan", May: middle},
	{Of: "sync/ledger", May: middle},
	{Of: "sync/build", May: middle},
	{Of: "sync/deliver", May: with(foundations, "destinations")},
	{Of: "sync/run", May: parts},
	{Of: "sync/schedule"},
	{Of: "privacy", May: parts},

	{Of: "server", May: with(parts, "sync/run", "sync/schedule", "privacy", "server/*")},
	{Of: "server/*", May: with(parts, "sync/run", "sync/schedule", "privacy", "server/*")},
	{Of: "cmd/*", May: []string{"..."}},
	{Of: "bench", May: []string{"..."}},
	{Of: "bench/*", May: []string{"..."}},
	{Of: "examples", May: []string{"..."}},
	{Of: "examples/*", May: []string{"..."}},
	{Of: "scripts/*", May: []string{"internal/shop"}},
}

// drivers are the engines: only a command, a benchmark or a test brings them in.
var drivers = []string{"warehouse/*"}

// loaders may import drivers.
var loaders = []string{"cmd/*", "bench/...", "examples/...", "warehouse/all", "internal/engines"}

// onlyForTests are packages that no binary may hold: only their like and test files import them.
var onlyForTests = []string{"warehouse/warehousetest", "destinations/destinationstest", "internal/pgserver", "internal/engines"}

// Foreign keeps other people's code in its place.
type Foreign struct {
	Prefix string   // of the import path
	Only   []string // the folders whose files may import it
	Why    string   // said when another does
	Tests  bool     // test files are held to it as well
}

// foreigners are the libraries that belong to one place.
var foreigners = []Foreign{
	{Prefix: "github.com/apache/arrow-go", Only: []string{"internal/rows", "warehouse/..."},
		Why: "Arrow stays inside rows and the drivers: use rows.Batch"},
	{Prefix: "github.com/duckdb", Only: []string{"warehouse/duckdb", "bench/..."},
		Why: "an engine is reached through warehouse.Conn"},
	{Prefix: "github.com/jackc", Only: []string{"warehouse/postgres", "internal/pgserver", "bench/..."},
		Why: "an engine is reached through warehouse.Conn"},
	{Prefix: "database/sql", Only: []string{"warehouse/*", "bench/..."},
		Why: "an engine is reached through warehouse.Conn"},
	{Prefix: "gopkg.in/yaml.v3", Only: []string{"config", "models", "models/*", "destinations/...", "cmd/*", "bench/..."},
		Why: "a project's files are read by config alone"},
	{Prefix: "github.com/getkin/kin-openapi", Only: []string{"destinations/destinationstest"},
		Why: "it is two megabytes of the binary: check vendors' documents in tests"},
	{Prefix: "testing", Only: []string{"warehouse/warehousetest", "destinations/destinationstest", "internal/engines"},
		Why: "it adds test flags to the binary: move the code to a test file"},
}

// Naming forbids some names of a package to some folders.
type Naming struct {
	In    string // a pattern
	Of    string // the package whose names are meant
	Never []string
	Why   string
}

// namings hold what an import rule cannot: part of a package.
var namings = []Naming{
	{In: "models/...", Of: "warehouse", Why: "models writes SQL and never holds a connection",
		Never: []string{"Conn", "Rows", "Atomic", "Describer", "Exclusive", "Estimator", "Modified"}},
}

// badNames are package names that say nothing of what is inside.
var badNames = []string{"util", "utils", "common", "helpers", "helper", "types", "misc", "base", "shared"}

// with is a list with some more on top; the lists above are never changed in place.
func with(list []string, more ...string) []string {
	return append(append([]string(nil), list...), more...)
}
