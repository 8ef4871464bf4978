package blob

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// objects is an object store in memory, before which a test may stand.
func objects(t *testing.T, before func(http.Handler) http.Handler) (Store, gofakes3.Backend) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "tester")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
	backend := s3mem.New()
	if err := backend.CreateBucket("fleet"); err != nil {
		t.Fatal(err)
	}
	h := gofakes3.New(backend).Server()
	if before != nil {
		h = before(h)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	s, err := Open("s3://fleet/runs/2026?region=us-east-1&path-style=true&endpoint=" + server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return s, backend
}

func objectsIn(t *testing.T, b gofakes3.Backend) (names []string) {
	t.Helper()
	list, err := b.ListBucket("fleet", nil, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		names = append(names, o.Key)
	}
	return names
}

// A bucket keeps what a folder does: whole and by its sum, also where it goes in parts.
func TestBucket(t *testing.T) {
	s, backend := objects(t, nil)
	large := strings.Repeat("a matrix of minutes\n", 1<<20)
	for _, text := range []string{"a matrix", large} /* the store in memory takes nothing empty */ {
		key := sum(text)
		if _, err := s.Get(t.Context(), key); !errors.Is(err, ErrNone) {
			t.Errorf("%v", err)
		}
		for range 2 {
			if err := s.Put(t.Context(), key, strings.NewReader(text), int64(len(text))); err != nil {
				t.Fatal(err)
			}
		}
		r, err := s.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != text || r.Close() != nil {
			t.Errorf("%d bytes of %d: %v", len(got), len(text), err)
		}
	}
	names := objectsIn(t, backend)
	if len(names) != 2 || !strings.HasPrefix(names[0], "runs/2026/") {
		t.Errorf("%v", names)
	}
	key := sum("x")
	for _, bad := range []string{"y", strings.Repeat("y", 20<<20)} {
		if err := s.Put(t.Context(), key, strings.NewReader(bad), int64(len(bad))); err == nil {
			t.Error("bytes of another sum were kept")
		}
	}
	if there, err := s.Has(t.Context(), key); there || err != nil || len(objectsIn(t, backend)) != 2 {
		t.Errorf("what is not whole is visible: %v %v %v", there, err, objectsIn(t, backend))
	}
	other, err := Open("s3://none?region=us-east-1&path-style=true&endpoint=" + strings.Replace("http://HOST", "HOST", "127.0.0.1:1", 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := other.(*bucket); !ok {
		t.Errorf("%T", other)
	}
}

// A store that answers 500 and 503 is asked again; one that sends half a body is found
// out; a bucket that is not there is an error, and no empty store.
func TestBucketFails(t *testing.T) {
	var requests, half atomic.Int32
	s, backend := objects(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch n := requests.Add(1); {
			case n%3 == 1:
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			case n%3 == 2:
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			if half.Load() == 0 || r.Method != http.MethodGet {
				h.ServeHTTP(w, r)
				return
			}
			kept := httptest.NewRecorder()
			h.ServeHTTP(kept, r)
			for k, v := range kept.Header() {
				w.Header()[k] = v
			}
			w.WriteHeader(kept.Code)
			w.Write(kept.Body.Bytes()[:kept.Body.Len()/2])
			panic(http.ErrAbortHandler)
		})
	})
	text := "a table of times"
	key := sum(text)
	if err := s.Put(t.Context(), key, bytes.NewReader([]byte(text)), int64(len(text))); err != nil {
		t.Fatal(err)
	}
	r, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != text {
		t.Errorf("%q %v", got, err)
	}
	half.Store(1)
	if r, err = s.Get(t.Context(), key); err == nil {
		if got, err := io.ReadAll(r); err == nil {
			t.Errorf("half a body was taken for all: %q", got)
		}
	}
	half.Store(0)
	if err := errors.Join(backend.ForceDeleteBucket("fleet")); err != nil {
		t.Fatal(err)
	}
	if there, err := s.Has(t.Context(), key); there || err != nil && errors.Is(err, ErrNone) {
		t.Errorf("%v %v", there, err)
	}
	if err := s.Put(t.Context(), key, strings.NewReader(text), int64(len(text))); err == nil {
		t.Error("something was put into a bucket that is not there")
	}
}
