package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// chunkHead is the first frame of a chunk.
type chunkHead struct {
	Input string `json:"input"`
	Tag   string `json:"tag"`
}

// chunk is a file of events of one input and tag that have yet to be sent.
type chunk struct {
	chunkHead
	path   string
	file   *os.File // nil once nothing more is added
	size   int64
	events int

	mutex   sync.Mutex
	waiting int // the outputs that still have to send it
}

const (
	chunkEnding = ".chunk"
	chunkFull   = 2048000 // size in bytes from which a new chunk is started
)

func createChunk(directory, name string, head chunkHead) (*chunk, error) {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, err
	}
	c := &chunk{chunkHead: head, path: filepath.Join(directory, name+chunkEnding)}
	var err error
	if c.file, err = os.OpenFile(c.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err != nil {
		return nil, err
	}
	content, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	frame, start := beginFrame(nil)
	if err := c.write(endFrame(append(frame, content...), start)); err != nil {
		return nil, errors.Join(err, c.close(), os.Remove(c.path))
	}
	return c, nil
}

// write adds all frames or none.
func (c *chunk) write(frames []byte) error {
	if _, err := c.file.WriteAt(frames, c.size); err != nil {
		return errors.Join(err, c.file.Truncate(c.size))
	}
	c.size += int64(len(frames))
	return nil
}

func (c *chunk) close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}

// openChunk reads the head of a chunk that an earlier process left. It returns false if that process was killed before it
// wrote the head.
func openChunk(path string) (*chunk, bool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, false, err
	}
	c := &chunk{path: path, size: int64(len(data))}
	content, rest, whole := nextFrame(data)
	if !whole {
		return c, false, nil
	}
	for {
		if _, rest, whole = nextFrame(rest); !whole {
			break
		}
		c.events++
	}
	return c, c.events > 0, json.Unmarshal(content, &c.chunkHead)
}

// read returns the complete events, and the number of bytes after them that belong to no complete event.
func (c *chunk) read() ([]storedEvent, int, error) {
	data, err := os.ReadFile(c.path)
	if err != nil {
		return nil, 0, err
	}
	_, rest, _ := nextFrame(data)
	var events []storedEvent
	for {
		content, after, whole := nextFrame(rest)
		if !whole {
			return events, len(rest), nil
		}
		one, ok := storedEventOf(content)
		if !ok {
			return events, len(rest), nil
		}
		events = append(events, one)
		rest = after
	}
}
