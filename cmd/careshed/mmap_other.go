//go:build !unix

package main

import "os"

// mapFile reads a file: systems without mmap have it in memory as a whole.
func mapFile(path string) ([]byte, error) { return os.ReadFile(path) }

func peakMemory() string { return "" }
