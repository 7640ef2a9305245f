package warehouse

import "sync"

// Unread holds a driver's results that were answered and that nobody has begun
// to read: closing the warehouse closes them. The zero value is ready, and may
// be used by several goroutines.
type Unread struct {
	mu      sync.Mutex
	results map[any]func()
}

// Add keeps a result until somebody begins to read it.
func (u *Unread) Add(result any, closing func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.results == nil {
		u.results = map[any]func(){}
	}
	u.results[result] = closing
}

// Begin says that a result's reader begins; false where it has begun before,
// or the result was closed.
func (u *Unread) Begin(result any) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, waits := u.results[result]
	delete(u.results, result)
	return waits
}

// Close closes the results that still wait.
func (u *Unread) Close() {
	u.mu.Lock()
	results := u.results
	u.results = nil
	u.mu.Unlock()
	for _, closing := range results {
		closing()
	}
}
