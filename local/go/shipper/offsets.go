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
	// Marker is a checksum of the bytes before the offset. If it does not match, the file is a new one.
	Marker uint32 `json:"marker"`
	// Skip is true if the offset is inside a line that was cut off. The rest of the line is left out.
	Skip bool `json:"skip,omitempty"`
}

// offsets is the file that keeps the positions of an input after the process ends.
type offsets struct {
	path      string
	lock      *os.File
	positions []*position
}

// ownEnding distinguishes the stand-in's files from the real Fluent Bit's, which have different formats. After a change
// from one to the other, the log files are read from the beginning. Elasticsearch still stores each line once, because of
// the ids.
const ownEnding = "-stand-in"

// openOffsets reads the positions. Without a path they are lost when the process ends.
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
			return nil, fmt.Errorf("%s is already in use by a process: %w", path, err)
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

// save replaces the file in one step. If the process is killed meanwhile, the old file or the new one is there.
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

// find returns the position of a file. A new file starts at 0.
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

// keep drops all positions except those for which a function returns true.
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
