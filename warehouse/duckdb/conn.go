// Package duckdb is the embedded warehouse: a file that one process owns, or
// memory. Queries stream column chunks straight into Weir's batches; nothing
// is read row by row.
package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	bindings "github.com/duckdb/duckdb-go-bindings"
	"github.com/weir-data/weir/warehouse"
)

// Options are how a database is opened. Zero values leave DuckDB's own.
type Options struct {
	Threads     int
	MemoryLimit string // "4GB"
}

// instances makes two openings of one file in this process share it.
var instances = sync.OnceValue(bindings.CreateInstanceCache)

// Conn is an open DuckDB database.
type Conn struct {
	path string
	db   bindings.Database

	mu     sync.Mutex
	free   []bindings.Connection
	unread warehouse.Unread
	closed bool
	inUse  sync.WaitGroup
}

var (
	_ warehouse.Conn      = (*Conn)(nil)
	_ warehouse.Atomic    = (*Conn)(nil)
	_ warehouse.Describer = (*Conn)(nil)
	_ warehouse.Exclusive = (*Conn)(nil)
	_ warehouse.Sealer    = (*Conn)(nil)
)

// Open opens the database file at path, making it where it is not there, or
// ":memory:". A file that another process has is a *warehouse.LockedError.
func Open(_ context.Context, path string, o Options) (*Conn, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	var cfg bindings.Config
	if bindings.CreateConfig(&cfg) == bindings.StateError {
		return nil, errors.New("duckdb: no configuration could be made")
	}
	defer bindings.DestroyConfig(&cfg)
	settings := [][2]string{
		{"autoinstall_known_extensions", "false"}, {"autoload_known_extensions", "false"},
		{"preserve_insertion_order", "false"}, {"checkpoint_threshold", "256MB"},
	}
	if o.Threads > 0 {
		settings = append(settings, [2]string{"threads", fmt.Sprint(o.Threads)})
	}
	if o.MemoryLimit != "" {
		settings = append(settings, [2]string{"memory_limit", o.MemoryLimit})
	}
	for _, kv := range settings {
		if bindings.SetConfig(cfg, kv[0], kv[1]) == bindings.StateError {
			return nil, fmt.Errorf("duckdb: %s cannot be %q", kv[0], kv[1])
		}
	}
	c := &Conn{path: path}
	var msg string
	if path == ":memory:" {
		path = ""
		if bindings.OpenExt(path, &c.db, cfg, &msg) == bindings.StateError {
			return nil, openError(c.path, msg)
		}
	} else if bindings.GetOrCreateFromCache(instances(), path, &c.db, cfg, &msg) == bindings.StateError {
		return nil, openError(path, msg)
	}
	if err := c.start(); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// checkPath says plainly what cannot be a database.
func checkPath(path string) error {
	if path == "" {
		return errors.New("the path of the DuckDB file is empty (set warehouse.path)")
	}
	if path == ":memory:" {
		return nil
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return fmt.Errorf("%s is a folder, not a DuckDB file (set warehouse.path to a file in it)", path)
	}
	dir := filepath.Dir(path)
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return fmt.Errorf("the folder of the DuckDB file %s is not there: make %s", path, dir)
	}
	return nil
}

// start sets what cannot be set before opening.
func (c *Conn) start() error {
	return c.with(func(conn bindings.Connection) error {
		// Times with a zone are shown and read in it, whatever the machine's own is.
		_, err := execute(conn, "SET GLOBAL TimeZone = 'UTC'")
		return err
	})
}

// Dialect implements warehouse.Conn.
func (c *Conn) Dialect() *warehouse.Dialect { return Dialect }

// HoldsLock implements warehouse.Exclusive: DuckDB lets one process open a file.
func (c *Conn) HoldsLock() bool { return true }

// take is a connection of our own until put.
func (c *Conn) take() (bindings.Connection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var conn bindings.Connection
	if c.closed {
		return conn, errors.New("the warehouse is closed")
	}
	c.inUse.Add(1)
	if n := len(c.free); n > 0 {
		conn = c.free[n-1]
		c.free = c.free[:n-1]
		return conn, nil
	}
	if bindings.Connect(c.db, &conn) == bindings.StateError {
		c.inUse.Done()
		return conn, errors.New("duckdb: no connection could be made")
	}
	return conn, nil
}

func (c *Conn) put(conn bindings.Connection) {
	c.mu.Lock()
	c.free = append(c.free, conn)
	c.mu.Unlock()
	c.inUse.Done()
}

func (c *Conn) with(f func(bindings.Connection) error) error {
	conn, err := c.take()
	if err != nil {
		return err
	}
	defer c.put(conn)
	return f(conn)
}

// Close waits for what is running and gives the file back.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.mu.Unlock()
	c.unread.Close()
	c.inUse.Wait()
	for i := range c.free {
		bindings.Disconnect(&c.free[i])
	}
	bindings.Close(&c.db)
	return nil
}
