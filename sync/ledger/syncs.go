package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weir-data/weir/internal/rows"
)

// SyncRow is what is remembered of a sync between runs.
type SyncRow struct {
	ID, Name            string
	Live                bool
	Kind, Mode          string
	Source              string
	Destination, Type   string
	Account, Resource   string
	PrimaryKey, Match   string // JSON lists
	KeyType             string
	ConfigHash, Mapping string
	Fields              string // a JSON list
	HashScheme          string
	State               string
	Quiet               string
	StartedAt, Complete time.Time
	CreatedAt           time.Time
}

// Key is the type of the ledger's key.
func (r *SyncRow) Key() rows.Type {
	if r.KeyType == rows.Int.String() {
		return rows.Int
	}
	return rows.Text
}

func syncOf(r Record) *SyncRow {
	return &SyncRow{ID: r["sync_id"], Name: r["name"], Live: r.Bool("live"), Kind: r["kind"], Mode: r["mode"], Source: r["source"],
		Destination: r["destination"], Type: r["destination_type"], Account: r["account"], Resource: r["resource"], PrimaryKey: r["primary_key"],
		Match: r["match_fields"], KeyType: r["key_type"], ConfigHash: r["config_hash"], Mapping: r["mapping"], Fields: r["fields"], HashScheme: r["hash_scheme"],
		State: r["state"], Quiet: r["quiet"], StartedAt: r.Time("started_at"), Complete: r.Time("complete_as_of"), CreatedAt: r.Time("created_at")}
}

// Syncs are all syncs that were ever run in this schema.
func (s *Store) Syncs(ctx context.Context) ([]*SyncRow, error) {
	recs, err := s.all(ctx, "SELECT * FROM "+s.table("sync")+" ORDER BY sync_id")
	if err != nil {
		return nil, err
	}
	out := make([]*SyncRow, len(recs))
	for i, r := range recs {
		out[i] = syncOf(r)
	}
	return out, nil
}

// NewSync gives a sync its permanent id and makes its tables. It may be repeated.
func (s *Store) NewSync(ctx context.Context, r SyncRow, holder string, ttl time.Duration) (*SyncRow, error) {
	lease, err := s.Take(ctx, "project", holder, ttl)
	if err != nil {
		return nil, err
	}
	defer func() { _ = lease.Release(context.WithoutCancel(ctx)) }()
	all, err := s.Syncs(ctx)
	if err != nil {
		return nil, err
	}
	last := 0
	for _, o := range all {
		if o.Name == r.Name && o.Live == r.Live && o.State != "retired" {
			return o, s.makeTables(ctx, o)
		}
		var n int
		if _, err := fmt.Sscanf(o.ID, "s%d", &n); err == nil && n > last {
			last = n
		}
	}
	r.ID, r.State, r.CreatedAt = fmt.Sprintf("s%04d", last+1), "active", time.Now()
	if err := s.makeTables(ctx, &r); err != nil {
		return nil, err
	}
	return &r, s.SaveSync(ctx, &r)
}

func (s *Store) makeTables(ctx context.Context, r *SyncRow) error {
	for _, q := range []string{
		LedgerLayout.create(s.d, s.Names.Ledger(r.ID), r.Key()),
		JournalLayout.create(s.d, s.Names.Journal(r.ID), r.Key()),
		InvalidLayout.create(s.d, s.Names.Invalid(r.ID), r.Key()),
	} {
		if err := s.exec(ctx, q); err != nil {
			return fmt.Errorf("make the tables of sync %s: %w", r.Name, err)
		}
	}
	return nil
}

// SaveSync writes a sync's row whole.
func (s *Store) SaveSync(ctx context.Context, r *SyncRow) error {
	d := s.d
	vals := []string{d.String(r.ID), d.String(r.Name), d.Literal(r.Live), d.String(r.Kind), d.String(r.Mode), s.textOrNull(r.Source), s.textOrNull(r.Destination), s.textOrNull(r.Type),
		s.textOrNull(r.Account), s.textOrNull(r.Resource), s.textOrNull(r.PrimaryKey), s.textOrNull(r.Match), s.textOrNull(r.KeyType), s.textOrNull(r.ConfigHash),
		s.textOrNull(r.Mapping), s.textOrNull(r.Fields), s.textOrNull(r.HashScheme), d.String(r.State), s.textOrNull(r.Quiet), s.time(r.StartedAt), s.time(r.Complete), s.time(r.CreatedAt)}
	return s.replace(ctx, "sync", "sync_id", r.ID, vals)
}

// replace writes a row of a shared table whole: the old one is deleted first,
// in one transaction.
func (s *Store) replace(ctx context.Context, table, key, id string, vals []string) error {
	t := s.table(table)
	var names []string
	for _, l := range SharedLayouts {
		if l.Name == table {
			names = l.names(s.d)
		}
	}
	return s.atomically(ctx, []string{
		"DELETE FROM " + t + " WHERE " + key + " = " + s.d.String(id),
		"INSERT INTO " + t + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(vals, ", ") + ")",
	})
}

// Resend makes every acknowledged row differ, so that it is sent again whole;
// removals are still computed from what is there. With keys, only those rows.
func (s *Store) Resend(ctx context.Context, sync string, keys ...string) error {
	return s.atomically(ctx, []string{
		"UPDATE " + s.d.Table(s.Names.Ledger(sync)) + " SET acked_hash = NULL, settled_hash = NULL, fields = NULL WHERE " + s.d.Quote("present") + s.among(keys),
		"UPDATE " + s.table("sync") + " SET quiet = NULL WHERE sync_id = " + s.d.String(sync),
	})
}
