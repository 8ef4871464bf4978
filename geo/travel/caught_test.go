package travel

import (
	"errors"
	"strings"
	"testing"
)

func TestCaught(t *testing.T) {
	if v, err := Caught(func() (int, error) { return 3, nil }); v != 3 || err != nil {
		t.Error(v, err)
	}
	cause := errors.New("cause")
	if _, err := Caught(func() (int, error) { return 0, cause }); err != cause {
		t.Error(err)
	}
	var bug *PanicError
	if _, err := Caught(func() (int, error) { panic(cause) }); !errors.As(err, &bug) || !errors.Is(err, cause) || !strings.Contains(err.Error(), "caught_test.go") {
		t.Error(err)
	}
	if _, err := Caught(func() (int, error) { return []int{}[len(t.Name())], nil }); !errors.As(err, &bug) {
		t.Error(err)
	}
}
