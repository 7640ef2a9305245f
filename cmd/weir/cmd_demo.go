package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/weir-data/weir/internal/diag"
	"github.com/weir-data/weir/internal/shop"
	"github.com/weir-data/weir/models"
	"github.com/weir-data/weir/sync/run"
)

// demoMark makes a folder one that the demo may start afresh.
const demoMark = ".weir/demo"

func (a *app) demoCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "demo [DIR]",
		Short: "See all of it at work: an invented shop, the sandbox, two days; offline",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "weir-demo"
			if len(args) == 1 {
				dir = args[0]
			}
			return a.demo(cmd.Context(), dir)
		},
	}
}

// demo plays two days of an invented shop and proves what was sent.
func (a *app) demo(ctx context.Context, dir string) error {
	if err := freshDemo(dir); err != nil {
		return err
	}
	day := shop.New(time.Now())
	if err := writeDemo(dir, day); err != nil {
		return err
	}
	a.dir = dir
	a.printf("%s\n", a.paint(bold, "An invented shop: 20,000 customers and 120,000 orders, in "+dir+"/data"))
	first, err := a.demoRun(ctx, "Day one: everything is new", false)
	if err != nil {
		return err
	}
	again, err := a.demoRun(ctx, "Again, and nothing has changed", false)
	if err != nil {
		return err
	}
	next := day.NextDay()
	if err := next.Write(filepath.Join(dir, "data")); err != nil {
		return fmt.Errorf("write the second day: %w", err)
	}
	if _, err := a.demoRun(ctx, "Day two: some customers changed, some came, some left. What would be sent?", true); err != nil {
		return err
	}
	second, err := a.demoRun(ctx, "And sent", false)
	if err != nil {
		return err
	}
	a.result = map[string]any{"first": first, "again": again, "second": second}
	return a.demoProof(shop.Compare(day, next), again, second, dir)
}

// demoProof compares what was sent with what the shop says has changed.
func (a *app) demoProof(want shop.Difference, again, second []*run.Report, dir string) error {
	for _, r := range again {
		if r.Requests != 0 {
			return fmt.Errorf("%s made %s with nothing changed", r.Sync, diag.Count(r.Requests, "request"))
		}
	}
	changed := int64(want.Added + want.Changed + want.Removed)
	got := second[0].Counts.Accepted
	if got != changed {
		return fmt.Errorf("the shop changed %d customers, and %d were sent", changed, got)
	}
	a.printf("\n%s the shop changed %d customers (%d new, %d edited, %d gone), and exactly these %d were sent\n", a.paint(green, "✓"), changed, want.Added, want.Changed, want.Removed, got)
	a.printf("look around: cd %s && weir plan, weir runs, weir rejects, weir sandbox (a page of what arrived)\n", dir)
	return nil
}

func (a *app) demoRun(ctx context.Context, title string, planOnly bool) ([]*run.Report, error) {
	a.printf("\n%s\n", a.paint(blue, "── "+title))
	opt := run.Options{PlanOnly: planOnly}
	if planOnly {
		opt.Samples = 4
	}
	err := a.eachSync(ctx, "", func(run.Options, *models.Sync) run.Options { return opt })
	if err != nil {
		return nil, err
	}
	return a.result.(map[string]any)["runs"].([]*run.Report), nil
}

// freshDemo empties a folder that an earlier demo made, and no other.
func freshDemo(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	if _, err := os.Stat(filepath.Join(dir, demoMark)); err != nil {
		return usageError{fmt.Errorf("%s is not empty and was not made by `weir demo`: give another folder", dir)}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("start the demo afresh: %w", err)
	}
	return nil
}

func writeDemo(dir string, day *shop.Shop) error {
	for _, f := range append(demoFiles(), file{demoMark, "made by weir demo\n"}) {
		path := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the demo: %w", err)
		}
		if err := os.WriteFile(path, []byte(f.text), 0o644); err != nil {
			return fmt.Errorf("make the demo: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o755); err != nil {
		return fmt.Errorf("make the demo: %w", err)
	}
	if err := day.Write(filepath.Join(dir, "data")); err != nil {
		return fmt.Errorf("write the shop: %w", err)
	}
	return nil
}

// demoFiles is the demo's project.
func demoFiles() []file {
	return []file{
		{"weir.yml", `version: 1
name: demo
timezone: Europe/London
target: dev
targets:
  dev: {warehouse: {type: duckdb, path: demo.duckdb}, schema: weir, live: false}
purposes: [service]
`},
		{"models/shop.yml", `sources:
  - name: customer_file
    files: data/customers.csv
    primary_key: customer_id
  - name: orders
    files: data/orders.csv
    primary_key: order_id
    occurred_at: ordered_at
  - name: customers
    description: Customers with their balance as a decimal
    sql: |
      SELECT customer_id, email, first_name, last_name, city, country, plan,
             CAST(balance AS DECIMAL(18, 2)) AS balance
      FROM {customer_file}
    primary_key: customer_id
    columns:
      - {name: email, pii: email}
      - {name: first_name, pii: name}
  - name: sales
    sql: |
      SELECT order_id, customer_id, status, category, CAST(amount AS DECIMAL(18, 2)) AS amount, currency, ordered_at
      FROM {orders}
    primary_key: order_id
    occurred_at: ordered_at
`},
		{"destinations/hooks.yml", `destinations:
  - {name: crm, type: webhook, url: "${CRM_URL:-https://crm.example/hook}"}
  - {name: analytics, type: webhook, url: "${ANALYTICS_URL:-https://analytics.example/hook}"}
`},
		{"syncs/shop.yml", `syncs:
  - name: customers_to_crm
    from: customers
    to: crm
    object: contacts
    mode: mirror                  # upsert, and remove who left
    match: {email: email}
    fields:
      first_name: first_name
      last_name: last_name
      city: city
      country: country
      plan: plan
      balance: balance
    purposes: [service]
    consent: {exempt: invented people}
  - name: sales_to_analytics
    from: sales
    to: analytics
    object: orders
    mode: append                  # each order once
    event: {at: ordered_at, start: all}
    fields: {customer: customer_id, status: status, category: category, amount: amount, currency: currency, at: ordered_at}
`},
		{".weir/.gitignore", "*\n"},
	}
}
