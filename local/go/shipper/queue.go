package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// queue holds the chunks: those that are being filled, and those that wait for an output.
type queue struct {
	directory string
	most      int // number of chunks at which the inputs pause
	log       *logger

	mutex    sync.Mutex
	filling  map[chunkHead]*chunk
	full     []*chunk // until the next flush
	chunks   map[*chunk]bool
	sequence int
}

// openQueue returns the queue with the chunks that an earlier process left, oldest first.
func openQueue(of service, log *logger) (*queue, []*chunk, error) {
	directory := of.storage + ownEnding
	q := &queue{directory: directory, most: of.chunks, log: log, filling: map[chunkHead]*chunk{}, chunks: map[*chunk]bool{}}
	if of.storage == "" {
		return nil, nil, errors.New("service: storage.path must be set: the stand-in keeps its chunks in files only")
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, nil, err
	}
	var left []*chunk
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && of.rejected != "" && path == filepath.Join(directory, of.rejected) {
			return fs.SkipDir
		}
		if err != nil || entry.IsDir() {
			return err
		}
		if filepath.Ext(path) != chunkEnding {
			return nil
		}
		one, whole, err := openChunk(path)
		if err != nil {
			return err
		}
		if !whole {
			return os.Remove(path)
		}
		q.chunks[one] = true
		left = append(left, one)
		return nil
	})
	return q, left, err
}

// isFull reports whether an event with this head would exceed the number of chunks.
func (q *queue) isFull(head chunkHead) bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	one := q.filling[head]
	return len(q.chunks) >= q.most && (one == nil || one.size >= chunkFull)
}

// add stores events in a chunk of a directory. When it returns they are in the file and survive the end of this
// process.
func (q *queue) add(directory string, head chunkHead, events []event) (int, error) {
	var frames []byte
	for _, one := range events {
		frames = appendEvent(frames, one)
	}
	q.mutex.Lock()
	defer q.mutex.Unlock()
	one := q.filling[head]
	if one == nil || one.size >= chunkFull {
		var err error
		q.sequence++
		name := fmt.Sprintf("%019d-%06d", time.Now().UnixNano(), q.sequence)
		full := one
		if one, err = createChunk(filepath.Join(q.directory, directory), name, head); err != nil {
			return 0, err
		}
		if full != nil {
			q.full = append(q.full, full)
		}
		q.filling[head] = one
		q.chunks[one] = true
	}
	if err := one.write(frames); err != nil {
		return 0, err
	}
	one.events += len(events)
	return len(frames), nil
}

// take returns the chunks that were being filled. Nothing more is added to them.
func (q *queue) take() []*chunk {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	taken := q.full
	for _, one := range q.filling {
		taken = append(taken, one)
	}
	q.full, q.filling = nil, map[chunkHead]*chunk{}
	for _, one := range taken {
		if err := one.close(); err != nil {
			q.log.print(levelError, "[storage] %v", err)
		}
	}
	return taken
}

// delivered records that an output has sent the chunk. After the last output the chunk is deleted.
func (q *queue) delivered(one *chunk) {
	one.mutex.Lock()
	one.waiting--
	last := one.waiting <= 0
	one.mutex.Unlock()
	if last {
		q.remove(one)
	}
}

func (q *queue) remove(one *chunk) {
	if err := os.Remove(one.path); err != nil {
		q.log.print(levelError, "[storage] %v", err)
	}
	q.mutex.Lock()
	delete(q.chunks, one)
	q.mutex.Unlock()
}

// count returns the number of chunks, in total and for each input.
func (q *queue) count() (int, map[string]int) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	of := map[string]int{}
	for one := range q.chunks {
		of[one.Input]++
	}
	return len(q.chunks), of
}
