package retail

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fields are a record's values, each as JSON. One that is absent has none.
type fields map[string]string

func (f fields) text(name, value string) {
	if value != "" {
		f[name] = quote(value)
	}
}

func (f fields) number(name string, n int64) { f[name] = strconv.FormatInt(n, 10) }

func (f fields) money(name string, n int64) { f[name] = decimal(n) }

func (f fields) moment(name string, at time.Time, zone *time.Location) {
	if !at.IsZero() {
		f[name] = moment(at, zone)
	}
}

// json is an object with its names in order.
func (f fields) json() string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(f)) {
		b.WriteString([]string{"{", ","}[min(i, 1)])
		b.WriteString(quote(name) + ":" + f[name])
	}
	return b.String() + "}"
}

// moment is a time of the shop's clock, as UTC.
func moment(at time.Time, zone *time.Location) string {
	y, m, d := at.Date()
	return time.Date(y, m, d, at.Hour(), at.Minute(), at.Second(), 0, zone).UTC().Format(`"2006-01-02T15:04:05.000000Z"`)
}

// quote is a text as JSON.
func quote(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == '"' || c == '\\' }) {
		return `"` + s + `"`
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a text always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// decimal is thousandths of a pound, without trailing zeros.
func decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	thousandths := strconv.FormatInt(1000+n%1000, 10)[1:]
	return sign + strings.TrimRight(strings.TrimRight(strconv.FormatInt(n/1000, 10)+"."+thousandths, "0"), ".")
}

// customer is what the lines of one customer come to.
type customer struct {
	orders, cancellations map[string]bool
	country               string
	seen, first, last     time.Time
	items, returned       int64
	spent, refunded       int64
}

// customers works out every customer from the lines, by customer id.
func customers(t *testing.T, lines []line) map[string]fields {
	t.Helper()
	all := map[string]*customer{}
	for _, l := range lines {
		if l.customer == "" {
			continue // a guest
		}
		c := all[l.customer]
		if c == nil {
			c = &customer{orders: map[string]bool{}, cancellations: map[string]bool{}}
			all[l.customer] = c
		}
		c.add(l)
	}
	zone := london(t)
	out := make(map[string]fields, len(all))
	for id, c := range all {
		f := fields{}
		f.text("country", c.country)
		f.number("orders", int64(len(c.orders)))
		f.number("cancellations", int64(len(c.cancellations)))
		f.number("items", c.items)
		f.number("items_returned", c.returned)
		f.money("spent", c.spent)
		f.money("refunded", c.refunded)
		f.money("net", c.spent-c.refunded)
		f.moment("first_order_at", c.first, zone)
		f.moment("last_order_at", c.last, zone)
		out[id] = f
	}
	return out
}

func (c *customer) add(l line) {
	if c.country == "" || l.at.After(c.seen) || l.at.Equal(c.seen) && l.country > c.country {
		c.country, c.seen = l.country, l.at
	}
	if strings.HasPrefix(l.invoice, "C") {
		c.cancellations[l.invoice] = true
		c.returned -= l.quantity
		c.refunded -= l.quantity * l.price
		return
	}
	c.orders[l.invoice] = true
	c.items += l.quantity
	c.spent += l.quantity * l.price
	if c.first.IsZero() || l.at.Before(c.first) {
		c.first = l.at
	}
	if l.at.After(c.last) {
		c.last = l.at
	}
}

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// orderLines works out every event from the lines, as JSON with its names in
// order, by its key: invoice, stock code and the place among their like.
func orderLines(t *testing.T, lines []line) map[string]string {
	t.Helper()
	zone := london(t)
	sorted := slices.Clone(lines)
	slices.SortFunc(sorted, compare)
	out := make(map[string]string, len(sorted))
	n := 0
	for i, l := range sorted {
		if n++; i == 0 || sorted[i-1].invoice != l.invoice || sorted[i-1].stock != l.stock {
			n = 1
		}
		key := fmt.Sprintf("[%s,%s,%d]", quote(l.invoice), quote(l.stock), n)
		out[key] = l.event(n, zone)
	}
	return out
}

// event is a line as the event it is sent as.
func (l line) event(n int, zone *time.Location) string {
	var b strings.Builder
	member := func(name, value string) {
		if value != "" {
			b.WriteString(`,"` + name + `":` + value)
		}
	}
	text := func(name, value string) {
		if value != "" {
			member(name, quote(value))
		}
	}
	member("amount", decimal(l.quantity*l.price))
	member("cancellation", strconv.FormatBool(strings.HasPrefix(l.invoice, "C")))
	text("country", l.country)
	member("customer_id", l.customer)
	text("description", l.description)
	text("invoice", l.invoice)
	member("line", strconv.Itoa(n))
	member("quantity", strconv.FormatInt(l.quantity, 10))
	member("sold_at", moment(l.at, zone))
	text("stock_code", l.stock)
	member("unit_price", decimal(l.price))
	return "{" + b.String()[1:] + "}"
}

// compare orders lines by invoice and stock code, then by every other column;
// an absent value comes last.
func compare(a, b line) int {
	return cmp.Or(strings.Compare(a.invoice, b.invoice), strings.Compare(a.stock, b.stock),
		absentLast(a.description, b.description), cmp.Compare(a.quantity, b.quantity), a.at.Compare(b.at), cmp.Compare(a.price, b.price),
		absentLast(a.customer, b.customer), strings.Compare(a.country, b.country))
}

func absentLast(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(b, a) // only "" is less than another
	}
	return cmp.Compare(a, b)
}
