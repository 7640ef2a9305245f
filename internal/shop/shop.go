// Package shop invents a shop: customers and orders for demos, examples and
// tests. Everything follows from a fixed seed and one moment, so the same
// shop comes out each time, and what a second day changes is known exactly.
//
// The rows are as awkward as real ones: values are missing, keys and e-mail
// addresses occur twice, names hold quotes, line breaks, emoji and right-to-left
// text. No row is about a real person: addresses end in .example, and phone
// numbers come from ranges that countries keep for fiction.
package shop

import (
	"iter"
	"time"
)

// What a shop holds on its first day. Every customer is in at most one of the
// odd groups, so the counts add up.
const (
	Customers    = 20_000 // rows of the customers file
	NoKey        = 3      // rows without a customer_id
	NoEmail      = 120    // rows without an e-mail address
	SharedKeys   = 4      // customer_ids that two rows have
	SharedEmails = 6      // e-mail addresses that two rows have
	OddNames     = 120    // rows with characters that break careless code

	Orders       = 120_000 // rows of the orders file
	GuestOrders  = 400     // orders without a customer_id
	StrayOrders  = 10      // orders of a customer_id that no row has
	SharedOrders = 5       // order_ids that two rows have
)

// What the second day does, and only to customers in none of the groups above.
const (
	Renamed     = 120 // another last name
	Replanned   = 150 // another plan
	Readdressed = 30  // another e-mail address
	Changed     = Renamed + Replanned + Readdressed

	Gone       = 25  // rows that are no longer there
	Joined     = 40  // rows that are new
	NewOrders  = 500 // orders that are new
	Reordering = 400 // customers who placed them; none of them is Changed or Gone
)

// Clean is how many customers have a key and an e-mail address that no other
// row has, on the first day.
const Clean = Customers - NoKey - NoEmail - 2*SharedKeys - 2*SharedEmails

// Shop is the state of the shop's tables on one day. The zero value is of no
// use: start with New.
type Shop struct {
	now    time.Time
	second bool
	roles  []role
	odd    map[int]int // the partner or number that a role needs, by customer
}

// New is the shop on its first day. All its times lie before now, which is
// taken to whole seconds, in UTC.
func New(now time.Time) *Shop {
	s := &Shop{now: now.UTC().Truncate(time.Second)}
	s.cast()
	return s
}

// NextDay is the same shop after the second day's changes.
func (s *Shop) NextDay() *Shop {
	next := *s
	next.second = true
	return &next
}

// Customers gives the customers' rows in the order of the file.
func (s *Shop) Customers() iter.Seq[Customer] {
	return func(yield func(Customer) bool) {
		for i := range Customers {
			if s.second && s.roles[i] == gone {
				continue
			}
			if !yield(s.customer(i)) {
				return
			}
		}
		for i := range Joined {
			if s.second && !yield(s.customer(Customers+i)) {
				return
			}
		}
	}
}

// Orders gives the orders' rows in the order of the file, oldest first.
func (s *Shop) Orders() iter.Seq[Order] {
	return func(yield func(Order) bool) {
		for i := range Orders {
			if !yield(s.order(i)) {
				return
			}
		}
		if !s.second {
			return
		}
		buyers := s.withRole(reordering)
		for i := range NewOrders {
			if !yield(s.newOrder(i, buyers[i%len(buyers)])) {
				return
			}
		}
	}
}
