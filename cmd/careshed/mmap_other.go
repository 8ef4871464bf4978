//go:build !unix

package main

import "os"

// mapFile reads a file: systems without mmap have it in memory as a whole.
func mapFile(path string) ([]byte, func() error, error) {
	b, err := os.ReadFile(path)
	return b, nil, err
}

func peakMemory() string { return "" }
