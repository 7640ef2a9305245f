package main

import (
	"fmt"
	"strings"
)

// file is one file of a new project.
type file struct{ name, text string }

// starter is the files that `weir init` writes.
func starter(name string) []file {
	return []file{
		{"weir.yml", fmt.Sprintf(`version: 1
name: %s
timezone: UTC
target: dev
targets:
  dev: {warehouse: {type: duckdb, path: %s.duckdb}, schema: weir, live: false}   # live: false reaches only the sandbox
`, name, name)},
		{"models/customers.yml", `sources:
  - name: customers
    files: data/customers.csv      # or table: shop.customers, or sql: |
    primary_key: id
    columns:
      - {name: id, type: bigint, not_null: true}
      - {name: email, type: text}
`},
		{"destinations/hook.yml", `destinations:
  - {name: hook, type: webhook, url: "${HOOK_URL:-https://example.com/hook}"}
`},
		{"syncs/customers_to_hook.yml", `syncs:
  - name: customers_to_hook
    from: customers
    to: hook
    mode: mirror                   # upsert, and remove what left
    match: {email: email}          # how the record is found there
    fields:
      name: name
      plan: plan
      spent: spent
`},
		{"data/customers.csv", customersCSV()},
		{".weir/.gitignore", "*\n!.gitignore\n!schema.json\n"},
		{".gitignore", "*.duckdb\n*.duckdb.wal\n"},
	}
}

// customersCSV is twenty invented people.
func customersCSV() string {
	names := strings.Fields("Ada Ben Cleo Dan Eve Finn Gia Hugo Ines Jon Kaia Leo Mia Ned Ola Pia Quin Rosa Sam Tess")
	var b strings.Builder
	b.WriteString("id,email,name,plan,spent\n")
	for i, n := range names {
		plan := "base"
		if i%3 == 0 {
			plan = "gold"
		}
		fmt.Fprintf(&b, "%d,%s@shop.example,%s,%s,%d.%02d\n", i+1, strings.ToLower(n), n, plan, 10*(i+1), i*7%100)
	}
	return b.String()
}
