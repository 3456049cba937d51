package main

import (
	"encoding/binary"
	"hash/crc32"
)

// A chunk file is a sequence of frames: length and checksum, then the content. If a process is killed while it writes,
// the last frame is cut off. Its length or checksum then shows it.

const frameHead = 8

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// beginFrame reserves space for the head of a frame. endFrame fills it in when the content is complete.
func beginFrame(to []byte) ([]byte, int) {
	return append(to, make([]byte, frameHead)...), len(to)
}

func endFrame(to []byte, start int) []byte {
	content := to[start+frameHead:]
	binary.LittleEndian.PutUint32(to[start:], uint32(len(content)))
	binary.LittleEndian.PutUint32(to[start+4:], crc32.Checksum(content, castagnoli))
	return to
}

// nextFrame returns the content of the first frame and the bytes after it, or false if there is no complete frame.
func nextFrame(data []byte) (content, rest []byte, whole bool) {
	if len(data) < frameHead {
		return nil, data, false
	}
	length := int64(binary.LittleEndian.Uint32(data))
	if length == 0 || length > int64(len(data)-frameHead) {
		return nil, data, false
	}
	content = data[frameHead : frameHead+length]
	if crc32.Checksum(content, castagnoli) != binary.LittleEndian.Uint32(data[4:]) {
		return nil, data, false
	}
	return content, data[frameHead+length:], true
}

const timeSize = 12

// appendEvent writes an event as a frame: its time, and its record as JSON.
func appendEvent(to []byte, one event) []byte {
	to, start := beginFrame(to)
	to = binary.LittleEndian.AppendUint64(to, uint64(one.seconds))
	to = binary.LittleEndian.AppendUint32(to, uint32(one.nanoseconds))
	to = appendJSON(to, one.record)
	return endFrame(to, start)
}

// storedEvent is an event in a chunk.
type storedEvent struct {
	seconds, nanoseconds int64
	json                 []byte
}

func storedEventOf(content []byte) (storedEvent, bool) {
	if len(content) < timeSize {
		return storedEvent{}, false
	}
	return storedEvent{
		seconds:     int64(binary.LittleEndian.Uint64(content)),
		nanoseconds: int64(binary.LittleEndian.Uint32(content[8:])),
		json:        content[timeSize:],
	}, true
}
