package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/weir-data/weir/internal/rows"
)

// Fact is what was learnt of one record.
type Fact struct {
	Op, Outcome                               string
	Created                                   *bool
	RemoteID, RequestID, Code, Field, Message string
	RetryAt, At                               time.Time
}

// Outcomes that are not an adapter's word.
const (
	Intent     = "intent"     // about to be sent; may not be repeated
	Superseded = "superseded" // planned, no longer true when its turn came
)

// Row is where a fact's record stands in a batch. Hash and Match are nil where
// the run's plan keeps them.
type Row struct {
	Key, Hash, Match *rows.Field
	I                int
}

// Journal appends one run's facts. It is used by one goroutine.
type Journal struct {
	store *Store
	fence int64
	seq   int64
	b     *rows.Builder
	sync  string
}

// NewJournal begins the journal of the run with that fence. Seq starts above what the run wrote before.
func (s *Store) NewJournal(ctx context.Context, sync string, fence int64, key rows.Type) (*Journal, error) {
	last, err := s.one(ctx, "SELECT COALESCE(MAX(seq), 0) AS seq FROM "+s.d.Table(s.Names.Journal(sync))+" WHERE fence = "+fmt.Sprint(fence))
	if err != nil {
		return nil, err
	}
	return &Journal{store: s, fence: fence, seq: last.Int("seq"), sync: sync, b: rows.NewBuilder(JournalLayout.rowColumns(s.d, key))}, nil
}

// Add adds a fact about the record in a row.
func (j *Journal) Add(r Row, f Fact) {
	j.seq++
	b := j.b
	b.Int(0, j.fence)
	b.Int(1, j.seq)
	b.Text(2, f.Op)
	b.Text(3, f.Outcome)
	b.Copy(4, r.Key, r.I)
	copyOrNull(b, 5, r.Hash, r.I)
	copyOrNull(b, 6, r.Match, r.I)
	if f.Created == nil {
		b.Null(7)
	} else {
		b.Bool(7, *f.Created)
	}
	b.TextOrNull(8, f.RemoteID)
	b.TextOrNull(9, f.RequestID)
	b.TextOrNull(10, f.Code)
	b.TextOrNull(11, f.Field)
	b.TextOrNull(12, f.Message)
	b.Time(13, f.RetryAt)
	b.Time(14, f.At)
}

func copyOrNull(b *rows.Builder, column int, f *rows.Field, i int) {
	if f == nil {
		b.Null(column)
		return
	}
	b.Copy(column, f, i)
}

// Len is how many facts wait to be flushed.
func (j *Journal) Len() int { return j.b.Len() }

// Flush makes the facts added so far durable. On an error they are lost to
// this process: sending stops, and the next run sends them again.
func (j *Journal) Flush(ctx context.Context) error {
	if j.b.Len() == 0 {
		return nil
	}
	batch := j.b.Build()
	defer batch.Release()
	return j.store.Conn.Append(ctx, j.store.Names.Journal(j.sync), batch)
}
