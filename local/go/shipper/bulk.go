package main

import (
	"fmt"
	"strings"
	"time"
	"unsafe"
)

// bulk writes events as the body of a bulk request. Each event is a line with the operation and a line with the
// document.
func (s *elasticsearch) bulk(events []storedEvent) ([]byte, error) {
	size := 0
	for _, one := range events {
		size += len(one.json) + 256
	}
	body := make([]byte, 0, size)
	index, day := "", int64(-1)
	for _, one := range events {
		if !s.daily {
			index = formatTime(s.index, time.Now().Unix())
		} else if date := one.seconds / 86400; date != day || strings.ContainsAny(s.dateFormat, "HMS") {
			day = date
			index = s.prefix + "-" + formatTime(s.dateFormat, one.seconds)
		}
		var err error
		if body, err = s.appendAction(body, index, one.json); err != nil {
			return nil, err
		}
		body = append(body, `{"@timestamp":"`...)
		body = time.Unix(one.seconds, 0).UTC().AppendFormat(body, "2006-01-02T15:04:05")
		body = fmt.Appendf(body, `.%03dZ"`, one.nanoseconds/1000000)
		if len(one.json) > len("{}") {
			body = append(body, ',')
		}
		body = append(append(body, one.json[1:]...), '\n')
	}
	return body, nil
}

func (s *elasticsearch) appendAction(to []byte, index string, document []byte) ([]byte, error) {
	to = append(append(append(append(to, `{"`...), s.operation...), `":{"_index":"`...), index...)
	if !s.noKind {
		to = append(append(to, `","_type":"`...), s.kind...)
	}
	if s.id != nil {
		stored, err := decodeLine(unsafe.String(unsafe.SliceData(document), len(document))) // not copied: it may be large
		if err != nil {
			return nil, fmt.Errorf("a stored record: %w", err)
		}
		id, isText := s.id.get(stored).(string)
		switch {
		case !isText:
			s.log.print(levelWarn, "[output:%s] the value of %s is missing", s.plugin, s.idKey)
		case !isSafe(id):
			s.log.print(levelWarn, "[output:%s] the value of %s has characters that an id may not have", s.plugin, s.idKey)
		default:
			to = append(append(to, `","_id":"`...), id...)
		}
	}
	return append(to, "\"}}\n"...), nil
}

// isSafe reports whether a text can be part of the operation's line without escapes.
func isSafe(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] == '"' || text[i] == '\\' {
			return false
		}
	}
	return true
}

// accessor is the path to a value: the keys of the enclosing maps, and the value's own key.
type accessor []string

// newAccessor reads a plain key, or $key with the keys below it in brackets: $event['id'].
func newAccessor(text string) (accessor, error) {
	rest, isPath := strings.CutPrefix(text, "$")
	if !isPath {
		if text == "" {
			return nil, nil
		}
		return accessor{text}, nil
	}
	first, rest, nested := strings.Cut(rest, "[")
	result := accessor{first}
	for nested {
		var key string
		key, rest, nested = strings.Cut(rest, "]")
		if !nested || len(key) < 3 || key[0] != '\'' || key[len(key)-1] != '\'' {
			return nil, fmt.Errorf("the stand-in does not know the record accessor %q", text)
		}
		result = append(result, key[1:len(key)-1])
		if rest == "" {
			break
		}
		if rest, nested = strings.CutPrefix(rest, "["); !nested {
			return nil, fmt.Errorf("the stand-in does not know the record accessor %q", text)
		}
	}
	for _, key := range result {
		if key == "" || strings.ContainsAny(key, `.'"$[]`) && len(result) > 0 && key == first {
			return nil, fmt.Errorf("the stand-in does not know the record accessor %q", text)
		}
	}
	return result, nil
}

func (a accessor) get(from any) any {
	for _, key := range a {
		inner, isMap := from.(record)
		if !isMap {
			return nil
		}
		from, _ = inner.get(key)
	}
	return from
}
