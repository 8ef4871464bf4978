package state

import (
	"context"
	"fmt"
	"testing"

	"careshed/data/pgtest"
)

// Servers that share a database take a job, and list them, beside 10,000 that wait.
func BenchmarkShared(b *testing.B) {
	ctx := context.Background()
	s, err := Open(ctx, pgtest.Start(b).Address, echo, Options{Runs: 1, Waiting: 1 << 20})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close(ctx)
	if _, _, err := s.Add(ctx, Job{ID: "busy", Input: []byte("wait")}); err != nil {
		b.Fatal(err)
	}
	for j, err := s.Get(ctx, "busy"); j.Status != Running; j, err = s.Get(ctx, "busy") {
		if err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	add := func() {
		n++
		if _, _, err := s.Add(ctx, Job{ID: fmt.Sprint("j", n), Process: "study", Title: "A study", Input: make([]byte, 1000)}); err != nil {
			b.Fatal(err)
		}
	}
	for n < 10_000 {
		add()
	}
	b.Run("take", func(b *testing.B) {
		for b.Loop() {
			add()
		}
	})
	for _, most := range []int{100, 1000} {
		b.Run(fmt.Sprint("list", most), func(b *testing.B) {
			for b.Loop() {
				if list, err := s.List(ctx, "", "", most); err != nil || len(list) != most {
					b.Fatal(len(list), err)
				}
			}
		})
	}
}
