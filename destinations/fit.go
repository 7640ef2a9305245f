package destinations

// Fitter tells whether the mapping of a sync is one that the destination's
// settings can send; the error says what does not fit, and the way out. Only
// names are known to it: it is asked before there is a connection.
type Fitter interface {
	Fits(s *Sync) error
}
