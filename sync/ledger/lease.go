package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/weir-data/weir/warehouse"
)

// ErrLeaseLost says that the lease ran out: the holder was frozen or cut off
// for longer than it, and starts nothing more.
var ErrLeaseLost = errors.New("the lease ran out (the process was frozen, or the warehouse could not be reached, for longer than it lasts): run it again")

// HeldError says who has the lease.
type HeldError struct {
	Name, Holder, Host string
	PID                int64
	Since, Until       time.Time
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("process %d on %s has been running it since %s (run %s; its lease runs out at %s unless renewed; `weir ledger unlock` frees it)",
		e.PID, hostName(e.Host), e.Since.Format(time.DateTime), e.Holder, e.Until.Format(time.TimeOnly))
}

func hostName(host string) string {
	name, _, _ := strings.Cut(host, "/")
	return name
}

// Lease is the right to write for one name. Its deadline is counted by the
// holder's own monotonic clock, from when it asked.
type Lease struct {
	Name    string
	Holder  string
	Fence   int64
	TTL     time.Duration
	TakenAt time.Time

	store    *Store
	deadline atomic.Pointer[time.Time]
	lost     atomic.Bool
}

// HostID names this host and this boot of it.
func HostID() string {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return name
	}
	return name + "/" + strings.TrimSpace(string(boot))
}

// Take takes the lease of a name for a run, or says who has it (*HeldError). A
// lease is ours when it is the same run's, when the engine's file lock proves
// that no other holder lives, or when its process on this host is dead.
func (s *Store) Take(ctx context.Context, name, holder string, ttl time.Duration) (*Lease, error) {
	asked := time.Now()
	t := s.table("lease")
	if err := s.exec(ctx, fmt.Sprintf("INSERT INTO %s (name, fence) SELECT %s, 0 WHERE NOT EXISTS (SELECT 1 FROM %s WHERE name = %s)%s", t, s.d.String(name), t, s.d.String(name), s.d.Once.OrNothing)); err != nil {
		return nil, err
	}
	row, err := s.one(ctx, "SELECT holder, host, pid, taken_at, expires_at, fence FROM "+t+" WHERE name = "+s.d.String(name))
	if err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	free := []string{"holder IS NULL", "expires_at < " + s.d.Now, "holder = " + s.d.String(holder)}
	if s.ours(row) {
		free = append(free, "fence = "+row["fence"])
	}
	w := warehouse.NewWriter(s.d)
	w.Line("UPDATE ", t, " SET holder = ", s.d.String(holder), ", fence = fence + 1, host = ", s.d.String(HostID()), ", pid = ", fmt.Sprint(os.Getpid()), ",")
	w.Line("  taken_at = ", s.d.Now, ", expires_at = ", s.d.AddSeconds(s.d.Now, int64(ttl/time.Second)))
	w.Line("WHERE name = ", s.d.String(name), " AND (", strings.Join(free, " OR "), ")")
	n, err := s.Conn.Exec(ctx, warehouse.Stmt{SQL: w.String(), Label: s.Label})
	if err != nil {
		return nil, fmt.Errorf("lease %s: %w", name, err)
	}
	if n != 1 {
		return nil, &HeldError{Name: name, Holder: row["holder"], Host: row["host"], PID: row.Int("pid"), Since: row.Time("taken_at"), Until: row.Time("expires_at")}
	}
	now, err := s.one(ctx, "SELECT fence, taken_at FROM "+t+" WHERE name = "+s.d.String(name))
	if err != nil {
		return nil, err
	}
	l := &Lease{Name: name, Holder: holder, Fence: now.Int("fence"), TTL: ttl, TakenAt: now.Time("taken_at"), store: s}
	l.until(asked)
	return l, nil
}

// ours tells whether the holder in the table cannot be alive.
func (s *Store) ours(row Record) bool {
	if x, ok := s.Conn.(warehouse.Exclusive); ok && x.HoldsLock() {
		return row.Int("pid") != int64(os.Getpid()) || row["host"] != HostID()
	}
	if row["host"] != HostID() || row.Int("pid") == 0 {
		return false
	}
	return errors.Is(syscall.Kill(int(row.Int("pid")), 0), syscall.ESRCH)
}

func (l *Lease) until(asked time.Time) {
	t := asked.Add(l.TTL)
	l.deadline.Store(&t)
}

// Alive is nil while the lease is certain to be ours; it is asked before every
// request and every retry.
func (l *Lease) Alive() error {
	if l.lost.Load() || time.Now().After(*l.deadline.Load()) {
		l.lost.Store(true)
		return ErrLeaseLost
	}
	return nil
}

// Renew prolongs the lease. One that ran out is lost for good: another may
// have it.
func (l *Lease) Renew(ctx context.Context) error {
	if err := l.Alive(); err != nil {
		return err
	}
	s, asked := l.store, time.Now()
	n, err := s.Conn.Exec(ctx, warehouse.Stmt{Label: s.Label, SQL: fmt.Sprintf("UPDATE %s SET expires_at = %s WHERE name = %s AND holder = %s AND fence = %d",
		s.table("lease"), s.d.AddSeconds(s.d.Now, int64(l.TTL/time.Second)), s.d.String(l.Name), s.d.String(l.Holder), l.Fence)})
	if err != nil {
		return fmt.Errorf("renew lease %s: %w", l.Name, err)
	}
	if err := l.Alive(); err != nil {
		return err
	}
	if n != 1 {
		l.lost.Store(true)
		return ErrLeaseLost
	}
	l.until(asked)
	return nil
}

// Keep renews the lease every quarter of its life until ctx ends; a renewal
// that fails is tried again while the lease lasts.
func (l *Lease) Keep(ctx context.Context) {
	tick := time.NewTicker(l.TTL / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if errors.Is(l.Renew(ctx), ErrLeaseLost) {
				return
			}
		}
	}
}

// Release gives the lease back.
func (l *Lease) Release(ctx context.Context) error {
	s := l.store
	return s.exec(ctx, fmt.Sprintf("UPDATE %s SET holder = NULL, expires_at = NULL WHERE name = %s AND holder = %s AND fence = %d",
		s.table("lease"), s.d.String(l.Name), s.d.String(l.Holder), l.Fence))
}

// guard is the last statement of a transaction that only the holder may
// commit: it fails where the lease is another's, and keeps it from being taken
// until the commit. None where one process alone can write.
func (l *Lease) guard() []string {
	if l == nil || l.store.d.RowLock == "" {
		return nil
	}
	d := l.store.d
	return []string{fmt.Sprintf("-- only while the lease is ours\nSELECT 1 / COUNT(*) AS ours FROM (SELECT 1 AS x FROM %s WHERE name = %s AND holder = %s AND fence = %d%s) AS held",
		l.store.table("lease"), d.String(l.Name), d.String(l.Holder), l.Fence, d.RowLock)}
}

// orLost is ErrLeaseLost where the lease is another's by now, else err.
func (l *Lease) orLost(ctx context.Context, err error) error {
	if l == nil || l.store.d.RowLock == "" {
		return err
	}
	s := l.store
	r, e := s.one(ctx, fmt.Sprintf("SELECT COUNT(*) AS n FROM %s WHERE name = %s AND holder = %s AND fence = %d", s.table("lease"), s.d.String(l.Name), s.d.String(l.Holder), l.Fence))
	if e == nil && r.Int("n") == 0 {
		l.lost.Store(true)
		return ErrLeaseLost
	}
	return err
}

// Unlock frees the lease of a name, whoever holds it, and says who did.
func (s *Store) Unlock(ctx context.Context, name string) (*HeldError, error) {
	recs, err := s.all(ctx, "SELECT holder, host, pid, taken_at, expires_at FROM "+s.table("lease")+" WHERE name = "+s.d.String(name)+" AND holder IS NOT NULL")
	if err != nil || len(recs) == 0 {
		return nil, err
	}
	r := recs[0]
	was := &HeldError{Name: name, Holder: r["holder"], Host: r["host"], PID: r.Int("pid"), Since: r.Time("taken_at"), Until: r.Time("expires_at")}
	return was, s.exec(ctx, "UPDATE "+s.table("lease")+" SET holder = NULL, expires_at = NULL, fence = fence + 1 WHERE name = "+s.d.String(name))
}
