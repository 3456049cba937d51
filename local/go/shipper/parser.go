package main

import "strings"

// parser is an entry of the configuration's parsers.
type parser struct {
	name       string
	timeKey    string
	timeFormat string
	timeKeep   bool
}

// parse reads a line as a map. If the line has no time, the event's time is 0. If the time cannot be read, it is in the
// first second of 1970, as in Fluent Bit.
func (p *parser) parse(line string, log *logger) (event, bool) {
	result, err := decodeLine(line)
	if err != nil {
		return event{}, false
	}
	one := event{record: result}
	if p.timeFormat == "" {
		return one, true
	}
	for i, entry := range result {
		if entry.key != p.timeKey {
			continue
		}
		text, isText := entry.value.(string)
		if !isText {
			break
		}
		text, _, _ = strings.Cut(text, "\x00")
		seconds, nanoseconds, ok := parseTime(p.timeFormat, text)
		if !ok {
			log.print(levelWarn, "[parser:%s] invalid time format %s for '%s'", p.name, p.timeFormat, text)
		}
		one.seconds, one.nanoseconds = seconds, nanoseconds
		if ok && !p.timeKeep {
			one.record = append(result[:i:i], result[i+1:]...)
		}
		break
	}
	return one, true
}
