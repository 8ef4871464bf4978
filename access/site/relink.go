package site

// relink combines the best plans found.
func (s *search) relink() {}
