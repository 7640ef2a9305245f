package warehousetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weir-data/weir/internal/rows"
	"github.com/weir-data/weir/warehouse"
)

func queryTopic(s *suite) {
	s.run("no rows", func(s *suite) {
		t := s.table(everyType...)
		r, err := s.conn.Query(s.ctx, warehouse.Stmt{SQL: "SELECT * FROM " + s.d.Table(t)})
		if err != nil {
			s.Fatal(err)
		}
		if fmt.Sprint(r.Columns()) != fmt.Sprint(everyType) {
			s.Errorf("columns %v, want %v", r.Columns(), everyType)
		}
		for b, err := range r.Batches() {
			s.Errorf("a batch of %v, %v", b, err)
		}
	})
	s.run("a million rows in little memory", million)
	s.run("left early", leftEarly)
	s.run("read twice", func(s *suite) {
		r := s.begin(s.numbers(10))
		for b, err := range r.Batches() {
			if err != nil {
				s.Fatal(err)
			}
			b.Release()
		}
		for _, err := range r.Batches() {
			if err == nil {
				s.Error("a result can be read once, and gave rows again")
			}
		}
	})
	s.run("never read", func(s *suite) {
		c := s.open(s.T)
		if _, err := c.Query(s.ctx, warehouse.Stmt{SQL: "SELECT 1 AS x"}); err != nil {
			s.Fatal(err)
		}
		if err := c.Close(); err != nil { // does not wait for a reader
			s.Fatal(err)
		}
		if _, err := c.Query(s.ctx, warehouse.Stmt{SQL: "SELECT 1 AS x"}); err == nil {
			s.Error("a closed warehouse answers")
		}
	})
	s.run("batches outlive the query", outlive)
	s.run("cancelled", cancelled)
	s.run("many at once", manyAtOnce)
}

func (s *suite) begin(table string) warehouse.Rows {
	s.Helper()
	r, err := s.conn.Query(s.ctx, warehouse.Stmt{SQL: "SELECT * FROM " + table})
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// memoryRoom is what a reader may hold of a result of 100 MB and more.
const memoryRoom = 64 << 20

// million streams a large result: every value is right and few of them are in
// memory at once.
func million(s *suite) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	t := s.name()
	cols := []rows.Column{{Name: "i", Type: rows.Int}, {Name: "t", Type: rows.Text}, {Name: "d", Type: rows.Double}}
	fill := func(b *rows.Builder, i int) {
		b.Int(0, int64(i))
		if i%10 == 3 {
			b.Null(1)
		} else {
			b.Text(1, fmt.Sprintf("a text of some length, number %d, so that the whole is large", i))
		}
		b.Double(2, float64(i))
	}
	if err := s.conn.Load(s.ctx, t, made{cols: cols, rows: n, fill: fill}); err != nil {
		s.Fatal(err)
	}
	s.dropAfter(t)
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	count, sum, nulls, batches := 0, 0, 0, 0
	for b, err := range s.begin(s.d.Table(t)).Batches() {
		if err != nil {
			s.Fatal(err)
		}
		i, tx := b.Must("i"), b.Must("t")
		for row := range b.Len() {
			sum += int(i.Int(row))
			if tx.Null(row) {
				nulls++
			} else if !strings.Contains(tx.Text(row), fmt.Sprintf("number %d,", i.Int(row))) {
				s.Fatalf("row %d holds %q", i.Int(row), tx.Text(row))
			}
		}
		count += b.Len()
		b.Release()
		if batches++; batches%16 == 0 {
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > before.HeapAlloc+memoryRoom {
				runtime.GC()
				if runtime.ReadMemStats(&now); now.HeapAlloc > before.HeapAlloc+memoryRoom {
					s.Fatalf("%d MB are held after %d rows", (now.HeapAlloc-before.HeapAlloc)>>20, count)
				}
			}
		}
	}
	if count != n || sum != n*(n-1)/2 || nulls != (n+6)/10 {
		s.Errorf("%d rows, sum %d, %d NULLs", count, sum, nulls)
	}
}

// leftEarly: whoever leaves the loop gives the connection back.
func leftEarly(s *suite) {
	t := s.numbers(100_000)
	for range 50 {
		for b, err := range s.begin(t).Batches() {
			if err != nil {
				s.Fatal(err)
			}
			b.Release()
			break
		}
	}
	if got := s.query("SELECT COUNT(*) AS n FROM " + t); got[0][0] != "100000" {
		s.Error(got)
	}
}

// outlive: a batch stays as it is after the next was read and the query ended.
func outlive(s *suite) {
	t := s.numbers(30_000)
	seen := map[int64]bool{}
	var held []*rows.Batch
	for b, err := range s.begin(t).Batches() {
		if err != nil {
			s.Fatal(err)
		}
		held = append(held, b)
	}
	for _, b := range held {
		f := b.Must("i")
		for i := range b.Len() {
			seen[f.Int(i)] = true
		}
		b.Release()
	}
	if len(seen) != 30_000 {
		s.Errorf("%d different rows, want 30000", len(seen))
	}
}

var errEnough = errors.New("enough")

// cancelled: a context ends a query before, during and after its first rows,
// with its own cause; the connection goes on.
func cancelled(s *suite) {
	t := s.numbers(20_000)
	forever := "SELECT COUNT(*) AS n FROM " + t + " AS a, " + t + " AS b, " + t + " AS c WHERE a.i * b.i < c.i + 3"
	s.run("before", func(s *suite) {
		ctx, cancel := context.WithCancelCause(s.ctx)
		cancel(errEnough)
		if _, err := s.conn.Query(ctx, warehouse.Stmt{SQL: forever}); !errors.Is(err, errEnough) {
			s.Errorf("%v, want the context's cause", err)
		}
		if _, err := s.conn.Exec(ctx, warehouse.Stmt{SQL: "DROP TABLE " + t}); !errors.Is(err, errEnough) {
			s.Errorf("%v, want the context's cause", err)
		}
	})
	s.run("while it computes", func(s *suite) {
		ctx, cancel := context.WithTimeoutCause(s.ctx, 30*time.Millisecond, errEnough)
		defer cancel()
		r, err := s.conn.Query(ctx, warehouse.Stmt{SQL: forever})
		if err == nil {
			for _, e := range r.Batches() {
				err = e
			}
		}
		if !errors.Is(err, errEnough) {
			s.Errorf("%v, want the context's cause", err)
		}
	})
	s.run("a statement", func(s *suite) {
		ctx, cancel := context.WithTimeoutCause(s.ctx, 30*time.Millisecond, errEnough)
		defer cancel()
		into := s.table(rows.Column{Name: "n", Type: rows.Int})
		if _, err := s.conn.Exec(ctx, warehouse.Stmt{SQL: "INSERT INTO " + s.d.Table(into) + " " + forever}); !errors.Is(err, errEnough) {
			s.Errorf("%v, want the context's cause", err)
		}
		if got := s.query("SELECT COUNT(*) AS n FROM " + s.d.Table(into)); got[0][0] != "0" {
			s.Errorf("%s rows were written", got[0][0])
		}
	})
	s.run("between batches", func(s *suite) {
		ctx, cancel := context.WithCancelCause(s.ctx)
		defer cancel(nil)
		r, err := s.conn.Query(ctx, warehouse.Stmt{SQL: "SELECT a.i AS i FROM " + t + " AS a, " + t + " AS b"})
		if err != nil {
			s.Fatal(err)
		}
		var last error
		for b, err := range r.Batches() {
			if last = err; err == nil {
				b.Release()
				cancel(errEnough)
			}
		}
		if !errors.Is(last, errEnough) {
			s.Errorf("%v, want the context's cause", last)
		}
	})
	if got := s.query("SELECT COUNT(*) AS n FROM " + t); got[0][0] != "20000" {
		s.Error(got)
	}
}

// manyAtOnce: readers and writers do not disturb one another.
func manyAtOnce(s *suite) {
	t := s.numbers(20_000)
	into := s.table(rows.Column{Name: "i", Type: rows.Int})
	var all sync.WaitGroup
	failed := make(chan error, 16)
	for range 8 {
		all.Go(func() {
			r, err := s.conn.Query(s.ctx, warehouse.Stmt{SQL: "SELECT i FROM " + t + " WHERE i % 2 = 0"})
			if err != nil {
				failed <- err
				return
			}
			for b, err := range r.Batches() {
				if err != nil {
					failed <- err
					return
				}
				b.Release()
			}
		})
		all.Go(func() {
			b := made{cols: []rows.Column{{Name: "i", Type: rows.Int}}, rows: 100, fill: func(b *rows.Builder, i int) { b.Int(0, int64(i)) }}.batch()
			defer b.Release()
			if err := s.conn.Append(s.ctx, into, b); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		s.Error(err)
	}
	if got := s.query("SELECT COUNT(*) AS n FROM " + s.d.Table(into)); got[0][0] != "800" {
		s.Errorf("%s rows, want 800", got[0][0])
	}
}
