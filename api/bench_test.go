package api

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func BenchmarkNearest(b *testing.B) {
	s := fixture(b, nil)
	if err := s.Warm(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", fmt.Sprintf("/nearest?lon=%v&lat=47", 6+float64(i%1000)/200), nil))
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
