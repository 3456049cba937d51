package main

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// tail reads the lines that are added to files. It checks all files several times a second.
type tail struct {
	*inputConfig
	metrics  *inputMetrics
	log      *logger
	offsets  *offsets
	files    []*tailFile
	scanned  time.Time
	append   func(events []event) error // filters and stores the lines
	isFull   func() bool
	orLater  func(error) error
	buffer   []byte
	lastFail string
}

// newTail returns the input with the positions that the last process stored.
func newTail(of *inputConfig, e *engine) (*tail, error) {
	positions, err := openOffsets(of.tail.offsets, of.tail.locked)
	if err != nil {
		return nil, err
	}
	head := chunkHead{Input: of.alias, Tag: of.tag}
	return &tail{
		inputConfig: of,
		metrics:     e.metrics.input(of.alias),
		log:         e.log,
		offsets:     positions,
		append:      func(events []event) error { return e.add(of, events) },
		orLater:     func(err error) error { return e.orLater(of, err) },
		isFull:      func() bool { return of.pause && e.queue.isFull(head) },
	}, nil
}

// poll reads one piece of each file that has grown. It reports whether more can be read at once.
func (t *tail) poll(now time.Time) (more bool, err error) {
	if now.Sub(t.scanned) >= t.tail.refresh {
		t.scan(t.scanned.IsZero())
		t.scanned = now
	}
	for _, file := range t.files {
		if t.metrics.setPaused(t.isFull()) {
			break
		}
		again, err := t.read(file)
		if err := t.orLater(err); err != nil {
			return false, err
		}
		more = more || again
	}
	t.closeOld(now)
	return more, nil
}

// scan opens new files.
func (t *tail) scan(first bool) {
	for _, pattern := range t.tail.paths {
		names, _ := filepath.Glob(pattern) // the only error is a bad pattern, which the loader has already refused
		for _, name := range names {
			t.find(name, first)
		}
	}
	if first {
		t.offsets.keep(func(one *position) bool {
			_, err := os.Stat(one.Name)
			return err == nil
		})
		t.save()
	}
}

// find opens a file, unless it is already open or not a regular file.
func (t *tail) find(name string, first bool) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	status := info.Sys().(*syscall.Stat_t)
	for _, one := range t.files {
		if one.device == uint64(status.Dev) && one.position.Inode == status.Ino {
			return
		}
	}
	file, err := os.Open(name)
	if err != nil {
		if text := err.Error(); text != t.lastFail {
			t.lastFail = text
			t.log.print(levelError, "[input:tail:%s] %v", t.alias, err)
		}
		return
	}
	position, isNew := t.offsets.find(name, status, t.tail.compareName)
	one := &tailFile{file: file, name: name, device: uint64(status.Dev), position: position, seen: -1}
	if isNew && first && !t.tail.fromHead {
		position.Offset = info.Size()
	}
	if !isNew {
		one.checkPosition(info.Size())
	}
	t.files = append(t.files, one)
	t.metrics.files.Add(1)
	t.log.print(levelInfo, "[input:tail:%s] inode=%d read from %d: %s", t.alias, status.Ino, position.Offset, name)
}

// closeOld closes files that were removed or renamed longer ago than rotate_wait.
func (t *tail) closeOld(now time.Time) {
	var kept []*tailFile
	for _, one := range t.files {
		if !one.isGone() {
			one.gone = time.Time{}
			kept = append(kept, one)
			continue
		}
		if one.gone.IsZero() {
			one.gone = now
		}
		if now.Sub(one.gone) < t.tail.rotateWait {
			kept = append(kept, one)
			continue
		}
		if size, err := one.size(); err == nil && size > one.position.Offset {
			t.log.print(levelWarn, "[input:tail:%s] purged rotated file with %d bytes that were not read: %s",
				t.alias, size-one.position.Offset, one.name)
		}
		if err := one.file.Close(); err != nil {
			t.log.print(levelError, "[input:tail:%s] %v", t.alias, err)
		}
	}
	if len(kept) == len(t.files) {
		return
	}
	t.files = kept
	t.offsets.keep(func(position *position) bool {
		for _, one := range kept {
			if one.position == position {
				return true
			}
		}
		_, err := os.Stat(position.Name)
		return err == nil
	})
	t.save()
}

// read reads one piece of a file, stores its events, and only then stores its position.
func (t *tail) read(one *tailFile) (more bool, err error) {
	size, err := one.size()
	if err != nil {
		return false, err
	}
	if size < one.position.Offset {
		t.log.print(levelInfo, "[input:tail:%s] truncated, so read from its beginning: %s", t.alias, one.name)
		one.position.Offset, one.position.Skip, one.seen = 0, false, -1
	}
	if size == one.position.Offset || size == one.seen || one.failed {
		return false, nil
	}
	piece, err := one.piece(&t.buffer, t.tail.chunk, t.tail.most)
	if err != nil {
		return false, err
	}
	result := t.cut(one, piece)
	if result.consumed == 0 && !result.tooLong {
		one.seen = size // half a line: wait for the rest
		return false, nil
	}
	if result.tooLong && !t.tail.truncate {
		one.failed = true
		t.log.print(levelError, "[input:tail:%s] file=%s requires a larger buffer size, lines are too long. Skipping file.",
			t.alias, one.name)
		return false, nil
	}
	if len(result.events) > 0 {
		if err := t.append(result.events); err != nil {
			return false, err // and its lines are read again later
		}
	}
	t.advance(one, result)
	return true, nil
}

func (t *tail) advance(one *tailFile, result lines) {
	one.position.Offset += int64(result.consumed)
	one.position.Skip = result.skip
	var err error
	if one.position.Marker, err = marker(one.file, one.position.Offset); err != nil {
		t.log.print(levelError, "[input:tail:%s] %v", t.alias, err)
	}
	t.save()
}

// save stores the positions. If that fails, lines are read twice after the next start; Elasticsearch already has them.
func (t *tail) save() {
	if err := t.offsets.save(); err != nil {
		t.log.print(levelError, "[input:tail:%s] %v", t.alias, err)
	}
}
