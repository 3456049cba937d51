package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Measures lines per second on one core. Runs only with SHIPPER_BENCHMARK=1.
func TestThroughput(t *testing.T) {
	if os.Getenv("SHIPPER_BENCHMARK") == "" {
		t.Skip("it measures, and takes a while: set SHIPPER_BENCHMARK=1")
	}
	t.Setenv("GOMAXPROCS", "1")
	const lines = 200000
	fake := newFake(t)
	p := newPlace(t)
	w := newWriter(1)
	for name := range strings.FieldsSeq("postgresql-a.json postgresql-b.json") {
		p.log(name, numbered(w, lines/2))
	}
	began := time.Now()
	running := start(t, self(t), p.config(fake.URL))
	eventually(t, "all lines are there", 5*time.Minute, func() bool { return fake.count() == lines })
	took := time.Since(began)
	status, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(running.Process.Pid), "status"))
	must(t, err)
	must(t, running.signal(syscall.SIGTERM))
	used := running.ProcessState.UserTime() + running.ProcessState.SystemTime()
	t.Logf("%d lines in %v: %.0f a second; %v of processor time, %v a line; %s", lines, took, lines/took.Seconds(), used, used/lines,
		regexp.MustCompile(`VmHWM:\s*(.*)`).FindStringSubmatch(string(status))[1])
}
