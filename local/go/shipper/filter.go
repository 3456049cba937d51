package main

import (
	"fmt"
	"regexp"
	"strings"
)

// filter changes the events whose tags it matches.
type filter interface {
	matches(tag string) bool
	apply(tag string, events []event) ([]event, error)
}

// selector decides which tags a filter or an output matches.
type selector struct {
	match string
	regex *regexp.Regexp
}

func (s *selector) settings() settings {
	return settings{
		"match": text(&s.match),
		"match_regex": func(text string) (err error) {
			s.regex, err = regexp.Compile("^(?:" + text + ")")
			return err
		},
	}
}

func (s *selector) matches(tag string) bool {
	return s.regex != nil && s.regex.FindString(tag) != "" || s.match != "" && wildcard(s.match, tag)
}

// wildcard compares a tag with a pattern in which * matches any text.
func wildcard(pattern, tag string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == tag
	}
	if !strings.HasPrefix(tag, parts[0]) {
		return false
	}
	tag = tag[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(tag, part)
		if !found {
			return false
		}
		tag = after
	}
	return strings.HasSuffix(tag, parts[len(parts)-1])
}

func (l *loader) filter(where, plugin string, entries []entry) error {
	switch plugin {
	case "lua":
		return l.lua(where, entries)
	case "type_converter":
		return l.typeConverter(where, entries)
	}
	return fmt.Errorf("%s: the stand-in does not know this plugin", where)
}

// typeConverter adds a key with the integer of an existing key as text.
type typeConverter struct {
	selector
	from, to []string
	log      *logger
}

func (l *loader) typeConverter(where string, entries []entry) error {
	t := &typeConverter{log: l.log}
	l.config.filters = append(l.config.filters, t)
	err := t.settings().and(ignored("alias")).and(settings{
		"int_key": func(text string) error {
			words := strings.Fields(text)
			if len(words) != 3 || !strings.EqualFold(words[2], "string") || strings.HasPrefix(words[0], "$") {
				return fmt.Errorf(`the stand-in takes "from to string" only, not %q`, text)
			}
			t.from, t.to = append(t.from, words[0]), append(t.to, words[1])
			return nil
		},
	}).apply(where, entries)
	if err == nil && len(t.from) == 0 {
		err = fmt.Errorf("%s: int_key must be set", where)
	}
	return err
}

func (t *typeConverter) apply(_ string, events []event) ([]event, error) {
	for i := range events {
		for n, from := range t.from {
			value, found := events[i].record.get(from)
			if !found {
				continue
			}
			switch number := value.(type) {
			case int64:
				value = fmt.Sprint(number)
			case uint64:
				value = fmt.Sprint(int64(number)) // as Fluent Bit does
			default:
				t.log.print(levelError, "[filter:type_converter] failed to convert. key=%s", from)
			}
			events[i].record = append(events[i].record, pair{t.to[n], value})
		}
	}
	return events, nil
}
