package retail

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The columns of the file, in order.
const (
	colInvoice = iota
	colStock
	colDescription
	colQuantity
	colDate
	colPrice
	colCustomer
	colCountry
)

// line is one row of the file. Empty texts are absent values.
type line struct {
	invoice, stock, description, customer, country string

	quantity, price int64     // the price in thousandths of a pound
	at              time.Time // as the shop's clock showed it
}

// realFile finds the year's lines. Where they are not at hand the test is
// skipped; on a machine that tests for everybody that is a failure.
func realFile(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("WEIR_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(dir, "data", "online_retail.csv.gz")
	if _, err := os.Stat(path); err != nil {
		why := fmt.Sprintf("%s is not there: WEIR_SHARED names the folder that holds data/online_retail.csv.gz", path)
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	return path
}

// readRecords gives the rows of a file as they stand there, the header first.
func readRecords(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// writeRecords puts rows in the place of a file, all at once.
func writeRecords(t *testing.T, path string, records [][]string) {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(z)
	if err := w.WriteAll(records); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".new", b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// parse reads the rows behind the header.
func parse(t *testing.T, records [][]string) []line {
	t.Helper()
	out := make([]line, len(records)-1)
	for i, r := range records[1:] {
		quantity, err := strconv.ParseInt(r[colQuantity], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.DateTime, r[colDate])
		if err != nil {
			t.Fatal(err)
		}
		out[i] = line{invoice: r[colInvoice], stock: r[colStock], description: r[colDescription], country: r[colCountry],
			customer: strings.TrimSuffix(r[colCustomer], ".0"), quantity: quantity, price: thousandths(t, r[colPrice]), at: at}
	}
	return out
}

// thousandths is a decimal number without rounding.
func thousandths(t *testing.T, text string) int64 {
	t.Helper()
	digits, minus := strings.CutPrefix(text, "-")
	whole, part, _ := strings.Cut(digits, ".")
	n, err := strconv.ParseInt(whole+(part + "000")[:3], 10, 64)
	if err != nil || len(part) > 3 {
		t.Fatalf("price %q: %v", text, err)
	}
	if minus {
		return -n
	}
	return n
}
