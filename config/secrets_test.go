package config_test

import (
	"strings"
	"testing"

	"github.com/weir-data/weir/config"
)

func TestSecretVariables(t *testing.T) {
	fields := []config.Field{
		{Name: "url", Kind: config.String, Vars: true},
		{Name: "headers", Kind: config.Map, Of: &config.Field{Name: "header", Kind: config.String, Vars: true, Secret: true}},
		{Name: "auth", Kind: config.Object, Fields: []config.Field{{Name: "token", Kind: config.String, Vars: true, Secret: true}}},
		{Name: "secret", Kind: config.String, Vars: true, Secret: true, Default: "none"},
	}
	s, _, _ := decode(t, "secret: written out\nheaders: {A: \"Bearer ${A_TOKEN:-x}\", B: \"${B}${file:c.txt}\"}\nurl: ${NOT_THIS}\nauth: {token: \"${D}\"}\n", fields, nil)
	if got := strings.Join(s.SecretVariables(), " "); got != "A_TOKEN B file:c.txt D" {
		t.Errorf("got %q", got)
	}
	if (*config.Section)(nil).SecretVariables() != nil {
		t.Error("a section that is not there has secrets")
	}
}
