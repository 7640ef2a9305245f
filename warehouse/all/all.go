// Package all lists every warehouse: the one line that adding one changes.
package all

import (
	"github.com/weir-data/weir/warehouse"
	"github.com/weir-data/weir/warehouse/duckdb"
	"github.com/weir-data/weir/warehouse/postgres"
)

// Specs are the warehouses of this binary.
var Specs = []warehouse.Spec{duckdb.Spec, postgres.Spec}
