package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// position is how far a file was read.
type position struct {
	Name   string `json:"name"`
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
	// Marker is a checksum of the bytes before the offset: a file with other bytes there is a new one.
	Marker uint32 `json:"marker"`
	// Skip says that the offset is in a line that was cut off, whose rest is left out.
	Skip bool `json:"skip,omitempty"`
}

// offsets is the file in which the positions of an input outlive it.
type offsets struct {
	path      string
	lock      *os.File
	positions []*position
}

// ownEnding tells the stand-in's files from those of the real Fluent Bit, which has other formats. Whoever takes over from
// the other one reads the log files from their beginning; the ids of the documents keep lines from being there twice.
const ownEnding = "-stand-in"

// openOffsets reads the positions. Without a path they are forgotten at the end.
func openOffsets(path string, locked bool) (*offsets, error) {
	if path == "" {
		return &offsets{}, nil
	}
	path += ownEnding
	o := &offsets{path: path}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if locked {
		var err error
		if o.lock, err = os.OpenFile(path+"-lock", os.O_RDWR|os.O_CREATE, 0o644); err != nil {
			return nil, err
		}
		if err := syscall.Flock(int(o.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return nil, fmt.Errorf("%s is used by another process: %w", path, err)
		}
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &o.positions); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return o, nil
}

// save replaces the file in one step, so that a process that is killed meanwhile leaves the old one or the new one.
func (o *offsets) save() error {
	if o.path == "" {
		return nil
	}
	data, err := json.Marshal(o.positions)
	if err != nil {
		return err
	}
	if err := os.WriteFile(o.path+"-new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(o.path+"-new", o.path)
}

// find returns the position of a file, or makes one at its beginning.
func (o *offsets) find(name string, status *syscall.Stat_t, compareName bool) (one *position, isNew bool) {
	for _, one := range o.positions {
		if one.Inode == status.Ino && (one.Name == name || !compareName) {
			return one, false
		}
	}
	one = &position{Name: name, Inode: status.Ino}
	o.positions = append(o.positions, one)
	return one, true
}

// keep forgets all positions but those that a function says are needed.
func (o *offsets) keep(needed func(*position) bool) {
	var kept []*position
	for _, one := range o.positions {
		if needed(one) {
			kept = append(kept, one)
		}
	}
	o.positions = kept
}

const markerSize = 32

// marker is the checksum of the bytes before an offset.
func marker(file io.ReaderAt, offset int64) (uint32, error) {
	before := make([]byte, min(offset, markerSize))
	if _, err := file.ReadAt(before, offset-int64(len(before))); err != nil {
		return 0, err
	}
	return crc32.Checksum(before, castagnoli), nil
}
