package main

import (
	"os"
	"regexp"
	"testing"
)

// What is released is built by the Go release that go.mod names as safe, wherever it is
// built, and make check asks whether it still is.
func TestReleasesNameOneSafeGo(t *testing.T) {
	read := func(name, pattern string) string {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindSubmatch(text)
		if found == nil {
			t.Fatalf("%s has nothing like %s", name, pattern)
		}
		return string(found[1])
	}
	safe := read("go.mod", `(?m)^toolchain go([0-9.]+)$`)
	if got := read("Dockerfile", `FROM golang:([0-9.]+)-`); got != safe {
		t.Errorf("the container is built by Go %s, go.mod names %s", got, safe)
	}
	read("Makefile", `(?m)^release:[^\n]*\n(?:\t[^\n]*\n)*?\t[^\n]*(GOTOOLCHAIN=\$\(SAFEGO\) go build)`)
	read("Makefile", `(?m)^(check: advisories)`)
	read("Makefile", `(?m)^(test(?:-long)?: tools build check)`)
}
