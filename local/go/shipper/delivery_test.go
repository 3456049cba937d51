package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// numbered are the writer's next lines.
func numbered(w *writer, count int) string {
	var text strings.Builder
	for range count {
		text.WriteString(w.line() + "\n")
	}
	return text.String()
}

func TestEveryLineIsDeliveredOnceThroughKillsAndFailures(t *testing.T) {
	fake := newFake(t)
	fake.refuse, fake.partial = oneIn(4), oneIn(3000)
	p := newPlace(t)
	config := p.config(fake.URL, "flush: 0.5", "flush: 0.05", "scheduler.cap: 5", "scheduler.cap: 1")
	const parts, each = 300, 50
	written := make(chan bool)
	go func() {
		defer close(written)
		w := newWriter(7)
		for part := range parts {
			p.log(fmt.Sprintf("postgresql-%02d.json", part/40), numbered(w, each))
			p.log(fmt.Sprintf("postgresql-%02d.log", part/100), fmt.Sprintf("plain line %d\n", part))
			time.Sleep(time.Duration(w.IntN(30)) * time.Millisecond)
		}
	}()
	running, kills := start(t, self(t), config), 0
	for writing := true; writing; {
		select {
		case <-written:
			writing = false
		case <-time.After(time.Duration(100+rand.IntN(500)) * time.Millisecond):
			if err := running.signal(syscall.SIGKILL); err == nil {
				t.Fatal("a killed program has ended well")
			}
			running, kills = start(t, self(t), config), kills+1
		}
	}
	before := fake.count()
	fake.set(func() { fake.refuse, fake.partial = never, never })
	const all = parts*each + parts
	eventually(t, "all lines are there", 30*time.Second, func() bool { return fake.count() >= all })
	eventually(t, "the queue is empty", 10*time.Second, func() bool { return len(chunksIn(t, p)) == 0 })
	if err := running.signal(syscall.SIGTERM); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if fake.count() != all || len(fake.order) != all || fake.without != 0 {
		t.Errorf("%d documents, %d stored, %d without an id; there are %d lines", fake.count(), len(fake.order), fake.without, all)
	}
	t.Logf("%d kills; %d documents, %d of them before the last kill; %d operations met their first copy", kills, all, before, fake.again)
}

func chunksIn(t *testing.T, p *place) []string {
	chunks, err := filepath.Glob(filepath.Join(p.directory, "queue/chunks-stand-in/*/*"+chunkEnding))
	must(t, err)
	return chunks
}

func TestARecordThatWasCutOffIsReadAgain(t *testing.T) {
	fake := newFake(t)
	fake.refuse = func() bool { return true }
	p := newPlace(t)
	config := p.config(fake.URL)
	p.log("postgresql-a.json", numbered(newWriter(1), 100))
	offsets, err := os.ReadFile(filepath.Join(p.directory, "queue/offsets/jsonlog.db-stand-in"))
	if err == nil {
		t.Fatalf("there are offsets at the start: %s", offsets)
	}
	running := start(t, self(t), config)
	eventually(t, "the lines are in a chunk", 5*time.Second, func() bool { return len(chunksIn(t, p)) == 1 })
	eventually(t, "the offset is stored", 5*time.Second, func() bool {
		text, err := os.ReadFile(filepath.Join(p.directory, "queue/offsets/jsonlog.db-stand-in"))
		return err == nil && strings.Contains(string(text), `"offset":`) && !strings.Contains(string(text), `"offset":0`)
	})
	_ = running.signal(syscall.SIGKILL)
	// The state after a kill in the middle of a write: half a record, and the offset from before it.
	chunk := chunksIn(t, p)[0]
	info, err := os.Stat(chunk)
	must(t, err)
	must(t, os.Truncate(chunk, info.Size()*2/3))
	must(t, os.Remove(filepath.Join(p.directory, "queue/offsets/jsonlog.db-stand-in")))
	fake.set(func() { fake.refuse = nil })
	start(t, self(t), config)
	eventually(t, "all lines are there", 10*time.Second, func() bool { return fake.count() == 100 })
	if fake.again == 0 {
		t.Error("no line was sent twice: the chunk was not read")
	}
}

func TestItPausesAtTheMostChunksAndGoesOnLater(t *testing.T) {
	fake := newFake(t)
	fake.refuse = func() bool { return true }
	p := newPlace(t)
	running := start(t, self(t), p.config(fake.URL, "max_chunks_up: 8", "max_chunks_up: 3", "flush: 0.5", "flush: 0.05", "scheduler.cap: 5", "scheduler.cap: 1"))
	metric := `fluentbit_input_ingestion_paused{name="postgresql_jsonlog"} `
	w, written := newWriter(2), 0
	eventually(t, "it pauses", 20*time.Second, func() bool {
		p.log("postgresql-a.json", numbered(w, 10))
		written += 10
		time.Sleep(60 * time.Millisecond)
		return strings.Contains(p.get("/api/v2/metrics/prometheus"), metric+"1")
	})
	if chunks := len(chunksIn(t, p)); chunks > 3 {
		t.Errorf("there are %d chunks", chunks)
	}
	p.log("postgresql-a.json", numbered(w, 10))
	fake.set(func() { fake.refuse = nil })
	eventually(t, "all lines are there", 10*time.Second, func() bool { return fake.count() == written+10 })
	eventually(t, "it says that it reads", 2*time.Second, func() bool {
		return strings.Contains(p.get("/api/v2/metrics/prometheus"), metric+"0")
	})
	must(t, running.signal(syscall.SIGTERM))
}

func TestTheEndReadsWhatIsThereAndKeepsWhatIsNotDelivered(t *testing.T) {
	fake := newFake(t)
	fake.refuse = func() bool { return true }
	p := newPlace(t)
	config := p.config(fake.URL, "grace: 5", "grace: 1")
	running := start(t, self(t), config)
	eventually(t, "it runs", 5*time.Second, func() bool { return strings.HasPrefix(p.get("/"), "200 ") })
	p.log("postgresql-a.json", numbered(newWriter(3), 50))
	before := time.Now()
	if err := running.signal(syscall.SIGTERM); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if took := time.Since(before); took > 3*time.Second {
		t.Errorf("the end took %v", took)
	}
	must(t, os.Remove(filepath.Join(p.logs, "postgresql-a.json")))
	fake.set(func() { fake.refuse = nil })
	running = start(t, self(t), config)
	eventually(t, "all lines are there", 10*time.Second, func() bool { return fake.count() == 50 })
	must(t, running.signal(syscall.SIGTERM))
	if left := chunksIn(t, p); len(left) > 0 {
		t.Errorf("chunks are left: %v", left)
	}
}

func TestItFollowsFilesThatAreTruncatedRenamedAndRemoved(t *testing.T) {
	fake := newFake(t)
	p := newPlace(t)
	running := start(t, self(t), p.config(fake.URL, "rotate_wait: 5", "rotate_wait: 0.5"))
	w := newWriter(5)
	// A whole line has an id of its own. A cut-off line's id is made from its place, which exists in a new file too.
	add := func(name, text string, count int) {
		t.Helper()
		p.log(name, text)
		eventually(t, text, 10*time.Second, func() bool { return fake.count() == count })
	}
	add("postgresql-a.json", numbered(w, 2), 2)
	must(t, os.Truncate(filepath.Join(p.logs, "postgresql-a.json"), 0))
	time.Sleep(500 * time.Millisecond)
	add("postgresql-a.json", numbered(w, 1), 3)
	must(t, os.Rename(filepath.Join(p.logs, "postgresql-a.json"), filepath.Join(p.logs, "old")))
	p.log("old", numbered(w, 1))
	add("postgresql-a.json", numbered(w, 1), 5)
	must(t, os.Remove(filepath.Join(p.logs, "postgresql-a.json")))
	eventually(t, "the removed file is closed", 5*time.Second, func() bool {
		files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", running.Process.Pid))
		must(t, err)
		for _, one := range files {
			if to, _ := os.Readlink(one); strings.HasPrefix(to, p.logs) {
				return false
			}
		}
		return true
	})
	line := numbered(w, 1)
	add("postgresql-b.json", line[:20], 5)
	add("postgresql-b.json", line[20:], 6)
	must(t, running.signal(syscall.SIGTERM))
}
