package state

import "context"

// start notes that a job is under way, and how to end it.
func (s *Store) start(j Job, cancel context.CancelFunc) {
	s.mu.Lock()
	s.now[j.ID] = j
	s.cancels[j.ID] = cancel
	s.mu.Unlock()
	s.tell(j)
}

func (s *Store) stop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.cancels[id]; cancel != nil {
		cancel()
	}
	delete(s.now, id)
	delete(s.cancels, id)
}

func (s *Store) report(id, stage string, done, total int) {
	s.mu.Lock()
	j, ok := s.now[id]
	if ok {
		j.Stage, j.Done, j.Total = stage, done, total
		s.now[id] = j
	}
	s.mu.Unlock()
	if ok {
		s.e.report(j)
		s.tell(j)
	}
}

// tell gives the latest state to those who watch: who is slow misses those in
// between, never the last.
func (s *Store) tell(j Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watchers[j.ID] {
		select {
		case <-w: // an older one that nobody has taken
		default:
		}
		w <- j
	}
}

// Watch gives the states of a job as they come, until end is called. The first is
// that of now; after one that is done none follows.
func (s *Store) Watch(ctx context.Context, id string) (states <-chan Job, end func(), err error) {
	w := make(chan Job, 1)
	s.mu.Lock()
	if s.watchers[id] == nil {
		s.watchers[id] = map[chan Job]struct{}{}
	}
	s.watchers[id][w] = struct{}{}
	s.mu.Unlock()
	end = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers[id], w)
		if len(s.watchers[id]) == 0 {
			delete(s.watchers, id)
		}
	}
	j, err := s.Get(ctx, id)
	if err != nil {
		end()
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case w <- j:
	default: // a newer one is there
	}
	return w, end, nil
}
