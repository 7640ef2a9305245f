// Package all lists every destination: the one line that adding one changes.
package all

import (
	"github.com/weir-data/weir/destinations"
	"github.com/weir-data/weir/destinations/hubspot"
	"github.com/weir-data/weir/destinations/webhook"
)

// Specs are the destinations of this binary.
var Specs = []destinations.Spec{webhook.Spec, hubspot.Spec}
