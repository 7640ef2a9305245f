package shop

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The files that Write makes.
const (
	CustomersFile = "customers.csv"
	OrdersFile    = "orders.csv"
)

var (
	customerHeader = []string{"customer_id", "email", "first_name", "last_name", "phone", "city", "country", "plan",
		"birthday", "marketing", "points", "balance", "note", "created_at", "updated_at"}
	orderHeader = []string{"order_id", "customer_id", "status", "category", "amount", "currency", "items", "note", "ordered_at"}
)

// Write writes both files into a folder, which it makes where it is missing.
// A file is replaced whole or not at all.
func (s *Shop) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the shop's folder: %w", err)
	}
	if err := replace(filepath.Join(dir, CustomersFile), s.WriteCustomers); err != nil {
		return err
	}
	return replace(filepath.Join(dir, OrdersFile), s.WriteOrders)
}

// WriteCustomers writes the customers as CSV with a header line. NULL is an
// empty field, times are UTC, "2026-03-01 09:30:00".
func (s *Shop) WriteCustomers(w io.Writer) error {
	return write(w, customerHeader, s.Customers(), Customer.record)
}

// WriteOrders writes the orders as CSV, in the form of WriteCustomers.
func (s *Shop) WriteOrders(w io.Writer) error {
	return write(w, orderHeader, s.Orders(), Order.record)
}

func write[T any](w io.Writer, header []string, rows iter.Seq[T], record func(T) []string) error {
	out := csv.NewWriter(w)
	if err := out.Write(header); err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	for r := range rows {
		if err := out.Write(record(r)); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the rows: %w", err)
	}
	return nil
}

// replace writes a file beside its place and then moves it there.
func replace(path string, fill func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()           // closed already, or of no interest beside the first error
			_ = os.Remove(f.Name()) // half a file is of no use
			err = fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}()
	buf := bufio.NewWriterSize(f, 1<<16)
	if err := fill(buf); err != nil {
		return err
	}
	if err := buf.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func (c Customer) record() []string {
	birthday, marketing := "", ""
	if c.Birthday != nil {
		birthday = c.Birthday.Format(time.DateOnly)
	}
	if c.Marketing != nil {
		marketing = strconv.FormatBool(*c.Marketing)
	}
	return []string{number(c.ID), c.Email, c.FirstName, c.LastName, c.Phone, c.City, c.Country, c.Plan, birthday, marketing,
		strconv.FormatInt(c.Points, 10), c.Balance.String(), c.Note, c.CreatedAt.Format(time.DateTime), c.UpdatedAt.Format(time.DateTime)}
}

func (o Order) record() []string {
	return []string{number(o.ID), number(o.CustomerID), o.Status, o.Category, o.Amount.String(), o.Currency,
		strconv.FormatInt(o.Items, 10), o.Note, o.OrderedAt.Format(time.DateTime)}
}

// number is an id as text; 0 is NULL.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
