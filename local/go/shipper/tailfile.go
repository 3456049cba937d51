package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"syscall"
	"time"
)

// tailFile is an open file that an input follows.
type tailFile struct {
	file     *os.File
	name     string
	device   uint64
	position *position
	seen     int64     // size when the file ended in half a line
	gone     time.Time // time when it was first seen to be removed or renamed
	failed   bool
}

func (f *tailFile) size() (int64, error) {
	info, err := f.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// checkPosition starts at 0 if the position belongs to a different file.
func (f *tailFile) checkPosition(size int64) {
	if f.position.Offset == 0 {
		return
	}
	sum, err := marker(f.file, f.position.Offset)
	if f.position.Offset > size || err != nil || sum != f.position.Marker {
		f.position.Offset, f.position.Skip = 0, false
	}
}

// isGone reports whether the name now belongs to a different file, or to none.
func (f *tailFile) isGone() bool {
	info, err := os.Stat(f.name)
	if errors.Is(err, os.ErrNotExist) {
		return true
	}
	if err != nil {
		return false
	}
	status := info.Sys().(*syscall.Stat_t)
	return uint64(status.Dev) != f.device || status.Ino != f.position.Inode
}

// piece reads from the position until it has the end of a line, or has reached the maximum size.
func (f *tailFile) piece(buffer *[]byte, chunk, most int) ([]byte, error) {
	have := 0
	for size := chunk - 1; ; size = min(size+chunk, most-1) { // one byte less than the sizes say, as in Fluent Bit
		if len(*buffer) < size {
			larger := make([]byte, min(max(size, 2*len(*buffer)), most-1))
			copy(larger, (*buffer)[:have])
			*buffer = larger
		}
		added := (*buffer)[have:size]
		got, err := f.file.ReadAt(added, f.position.Offset+int64(have))
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		have += got
		if got < len(added) || size == most-1 || bytes.IndexByte(added, '\n') >= 0 || f.position.Skip {
			return (*buffer)[:have], nil
		}
	}
}

// lines is the result of cutting a piece of a file.
type lines struct {
	events   []event
	consumed int  // bytes
	tooLong  bool // the first line is longer than a line may be
	skip     bool // the rest of a line that was cut off follows
}

// cut makes an event from each complete line.
func (t *tail) cut(f *tailFile, piece []byte) lines {
	result := lines{skip: f.position.Skip}
	for result.consumed < len(piece) && piece[result.consumed] == 0 {
		result.consumed++ // truncating a file while a process writes to it leaves zero bytes at its beginning
	}
	if rest := piece[result.consumed:]; !result.skip && len(rest) >= t.tail.most-1 && bytes.IndexByte(rest, '\n') < 0 {
		return t.cutLong(f, rest, result)
	}
	for {
		line, _, whole := bytes.Cut(piece[result.consumed:], []byte("\n"))
		if !whole {
			break
		}
		if start := result.consumed; result.skip {
			result.skip = false
		} else if one, wanted := t.event(line, f, int64(start)); wanted {
			result.events = append(result.events, one)
		}
		result.consumed += len(line) + 1
	}
	if result.skip {
		result.consumed = len(piece)
	}
	return result
}

// cutLong makes an event from the beginning of a line that is too long. It ends at a whole character.
func (t *tail) cutLong(f *tailFile, rest []byte, result lines) lines {
	most := t.tail.most - 1
	end := min(most, len(rest))
	for end < len(rest) && end > 0 && rest[end]&0xC0 == 0x80 {
		end--
	}
	result.events = []event{t.raw(rest[:end], f, int64(result.consumed))}
	result.consumed += len(rest)
	result.tooLong, result.skip = true, true
	return result
}

// event makes an event from a line. It returns false for an empty line that is left out.
func (t *tail) event(line []byte, f *tailFile, at int64) (event, bool) {
	text := line
	if t.tail.skipEmpty && (len(line) == 0 || len(line) == 1 && line[0] == '\r') {
		return event{}, false
	}
	if len(line) >= 2 && line[len(line)-1] == '\r' {
		text = line[:len(line)-1]
	}
	if t.tail.parser == nil {
		return t.raw(text, f, at), true
	}
	one, parsed := t.tail.parser.parse(string(text), t.log)
	if !parsed {
		return t.raw(line, f, at), true
	}
	if one.seconds == 0 && one.nanoseconds == 0 {
		one.seconds, one.nanoseconds = clock()
	}
	one.record = append(one.record, t.place(f, at)...)
	return one, true
}

// raw is the event for a line that no parser can read.
func (t *tail) raw(line []byte, f *tailFile, at int64) event {
	one := event{record: append(t.place(f, at), pair{t.tail.key, string(line)})}
	one.seconds, one.nanoseconds = clock()
	return one
}

// place identifies a line: the file's name, and the line's offset in the file.
func (t *tail) place(f *tailFile, at int64) record {
	result := make(record, 0, 3)
	if t.tail.pathKey != "" {
		result = append(result, pair{t.tail.pathKey, f.name})
	}
	if t.tail.offsetKey != "" {
		result = append(result, pair{t.tail.offsetKey, uint64(f.position.Offset + at)})
	}
	return result
}

func clock() (seconds, nanoseconds int64) {
	now := time.Now()
	return now.Unix(), int64(now.Nanosecond())
}
