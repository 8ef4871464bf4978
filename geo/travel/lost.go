package travel

// LostError says that what an engine answers from has changed since it was opened, or
// cannot be read any more: no answer of it can be trusted.
type LostError struct{ Err error }

func (e *LostError) Error() string { return e.Err.Error() }

func (e *LostError) Unwrap() error { return e.Err }
