package shop

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func text(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSameShop pins every byte: a demo that states numbers must not drift.
func TestSameShop(t *testing.T) {
	first := New(noon)
	second := first.NextDay()
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
		want  string
	}{
		{"customers", first.WriteCustomers, "db963485c0d7098d"},
		{"orders", first.WriteOrders, "7e778f99953a2e89"},
		{"customers, second day", second.WriteCustomers, "fca8e3442795a598"},
		{"orders, second day", second.WriteOrders, "ef3da56b407f9965"},
	} {
		sum := sha256.Sum256(text(t, c.write))
		if got := hex.EncodeToString(sum[:8]); got != c.want {
			t.Errorf("%s: sum %s, want %s", c.name, got, c.want)
		}
	}
	again := New(noon.In(time.FixedZone("east", 7200)).Add(999 * time.Millisecond))
	if !bytes.Equal(text(t, again.WriteCustomers), text(t, first.WriteCustomers)) {
		t.Error("the zone or the part of a second of now makes another shop")
	}
}

func TestFirstDay(t *testing.T) {
	s := New(noon)
	rows, noKeys, noEmails := 0, 0, 0
	keys, emails := map[int64]int{}, map[string]int{}
	for c := range s.Customers() {
		rows++
		if c.ID == 0 {
			noKeys++
		} else {
			keys[c.ID]++
		}
		if c.Email == "" {
			noEmails++
		} else {
			emails[strings.ToLower(c.Email)]++
		}
		if !utf8.ValidString(c.FirstName+c.LastName+c.Note) || strings.ContainsRune(c.FirstName+c.LastName+c.Note, 0) {
			t.Errorf("customer %d: text that no database takes", c.ID)
		}
		if c.CreatedAt.After(c.UpdatedAt) || c.UpdatedAt.After(noon) {
			t.Errorf("customer %d: created %s, updated %s", c.ID, c.CreatedAt, c.UpdatedAt)
		}
	}

	same(t, "rows", rows, Customers)
	same(t, "rows without a key", noKeys, NoKey)
	same(t, "rows without an address", noEmails, NoEmail)
	same(t, "keys twice", twice(t, keys), SharedKeys)
	same(t, "addresses twice", twice(t, emails), SharedEmails)
	same(t, "odd names", len(s.withRole(oddName)), OddNames)
	same(t, "clean rows", len(s.clean()), Clean)
}

func TestFirstDaysOrders(t *testing.T) {
	s := New(noon)
	known := map[int64]bool{}
	for c := range s.Customers() {
		known[c.ID] = true
	}
	rows, guests, strays := 0, 0, 0
	keys := map[int64]int{}
	last := time.Time{}
	for o := range s.Orders() {
		rows++
		keys[o.ID]++
		switch {
		case o.CustomerID == 0:
			guests++
		case !known[o.CustomerID]:
			strays++
		}
		if o.OrderedAt.Before(last) || o.OrderedAt.After(noon.Add(-time.Hour)) {
			t.Fatalf("order %d: ordered at %s, after %s", o.ID, o.OrderedAt, last)
		}
		if (o.Amount < 0) != (o.Status == "refunded") || o.Amount == 0 {
			t.Fatalf("order %d: %s is %s", o.ID, o.Amount, o.Status)
		}
		last = o.OrderedAt
	}
	same(t, "rows", rows, Orders)
	same(t, "guests", guests, GuestOrders)
	same(t, "strays", strays, StrayOrders)
	same(t, "keys twice", twice(t, keys), SharedOrders)
}

// TestSecondDay counts what changed without looking at how it was made.
func TestSecondDay(t *testing.T) {
	first := New(noon)
	second := first.NextDay()
	want := Difference{Added: Joined, Changed: Changed, Removed: Gone, Unchanged: Clean - Changed - Gone}
	if got := Compare(first, second); got != want {
		t.Errorf("the second day is %+v, want %+v", got, want)
	}
	if got := Compare(first, New(noon)); got != (Difference{Unchanged: Clean}) {
		t.Errorf("the same day again is %+v", got)
	}
	same(t, "clean rows", len(second.clean()), Clean-Gone+Joined)

	fresh, buyers := 0, map[int64]bool{}
	for o := range second.Orders() {
		if o.OrderedAt.After(noon.Add(-time.Hour)) {
			fresh++
			buyers[o.CustomerID] = true
		}
	}
	same(t, "new orders", fresh, NewOrders)
	same(t, "customers who ordered", len(buyers), Reordering)
}

// TestSpent shows that new orders change the sums of just those who placed them.
func TestSpent(t *testing.T) {
	first := New(noon)
	before, after := first.Spent(), first.NextDay().Spent()
	changed := 0
	for id, sum := range after {
		if was, ok := before[id]; !ok || was != sum {
			changed++
		}
	}
	same(t, "sums that changed", changed, Reordering)
}

func TestPence(t *testing.T) {
	for p, want := range map[Pence]string{0: "0.00", 5: "0.05", 1250: "12.50", -1205: "-12.05", -5: "-0.05", 99_999_999: "999999.99"} {
		if p.String() != want {
			t.Errorf("%d pence is %q, want %q", int64(p), p.String(), want)
		}
	}
}

// TestWrite reads the files back as CSV.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "day")
	s := New(noon)
	for range 2 { // the second time it replaces
		if err := s.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatalf("want two files and nothing else, got %v, %v", entries, err)
	}
	for name, rows := range map[string]int{CustomersFile: Customers, OrdersFile: Orders} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		records, err := csv.NewReader(f).ReadAll() // it refuses lines of another length
		if err != nil {
			t.Fatal(err)
		}
		same(t, name, len(records)-1, rows)
	}
}

func TestWriteErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(noon).Write(filepath.Join(file, "below")); err == nil {
		t.Error("a folder below a file: want an error")
	}
	full := errors.New("no space")
	if err := New(noon).WriteOrders(fullDisk{full}); !errors.Is(err, full) {
		t.Errorf("a full disk: got %v", err)
	}
	dir := t.TempDir()
	err := replace(filepath.Join(dir, "a.csv"), func(io.Writer) error { return full })
	if !errors.Is(err, full) || !strings.Contains(err.Error(), "a.csv") {
		t.Errorf("a failed write: got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("half a file was left: %v", left)
	}
}

// TestEarlyEnd stops in the middle of a sequence.
func TestEarlyEnd(t *testing.T) {
	s := New(noon).NextDay()
	n := 0
	for range s.Customers() {
		if n++; n == 3 {
			break
		}
	}
	for range s.Orders() {
		if n++; n == 6 {
			break
		}
	}
	same(t, "rows taken", n, 6)
}

type fullDisk struct{ err error }

func (f fullDisk) Write([]byte) (int, error) { return 0, f.err }

func same(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// twice counts the values that occur two times; more is an error.
func twice[K comparable](t *testing.T, counts map[K]int) int {
	t.Helper()
	n := 0
	for k, c := range counts {
		if c > 2 {
			t.Errorf("%v occurs %d times", k, c)
		}
		if c == 2 {
			n++
		}
	}
	return n
}
