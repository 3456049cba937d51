package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings has a function for the value of each key of a section. A key without one ends the program, so that it never
// silently behaves differently from Fluent Bit.
type settings map[string]func(text string) error

// entry is a key of the configuration with its value, in which variables are replaced.
type entry struct{ key, text string }

func (s settings) apply(where string, entries []entry) error {
	for _, one := range entries {
		set, known := s[strings.ToLower(one.key)]
		if !known {
			return fmt.Errorf("%s: the stand-in does not know the key %q", where, one.key)
		}
		if err := set(one.text); err != nil {
			return fmt.Errorf("%s: %s: %w", where, one.key, err)
		}
	}
	return nil
}

// and merges two sets of keys: those of all plugins of a kind, and those of one plugin.
func (s settings) and(more settings) settings {
	both := maps.Clone(s)
	maps.Copy(both, more)
	return both
}

// ignored are keys that make no difference to the stand-in.
func ignored(keys ...string) settings {
	result := settings{}
	for _, key := range keys {
		result[key] = func(string) error { return nil }
	}
	return result
}

func text(to *string) func(string) error {
	return func(text string) error {
		*to = text
		return nil
	}
}

// oneOf accepts certain words only, and stores the given one.
func oneOf(to *string, words ...string) func(string) error {
	return func(text string) error {
		if !slices.Contains(words, strings.ToLower(text)) {
			return fmt.Errorf("the stand-in takes %s only, not %q", strings.Join(words, " or "), text)
		}
		*to = strings.ToLower(text)
		return nil
	}
}

// only accepts the values for which the stand-in does what Fluent Bit does.
func only(words ...string) func(string) error {
	return oneOf(new(string), words...)
}

func toggle(to *bool) func(string) error {
	return func(text string) error {
		switch strings.ToLower(text) {
		case "true", "on", "yes":
			*to = true
		case "false", "off", "no":
			*to = false
		default:
			return fmt.Errorf("must be true or false, not %q", text)
		}
		return nil
	}
}

func number(to *int, least int) func(string) error {
	return func(text string) error {
		number, err := strconv.Atoi(text)
		if err != nil || number < least {
			return fmt.Errorf("must be a whole number of at least %d, not %q", least, text)
		}
		*to = number
		return nil
	}
}

func seconds(to *time.Duration) func(string) error {
	return func(text string) error {
		number, err := strconv.ParseFloat(strings.TrimSuffix(text, "s"), 64)
		if err != nil || number < 0 {
			return fmt.Errorf("must be a number of seconds, not %q", text)
		}
		*to = time.Duration(number * float64(time.Second))
		return nil
	}
}

// size reads a number of bytes. As in Fluent Bit, K, M and G are powers of 1000.
func size(to *int) func(string) error {
	return func(text string) error {
		units := map[string]int{"": 1, "k": 1000, "m": 1000 * 1000, "g": 1000 * 1000 * 1000}
		digits := leadingDigits(text, len(text))
		unit, known := units[strings.TrimSuffix(strings.ToLower(text[digits:]), "b")]
		number, err := strconv.Atoi(text[:digits])
		if err != nil || !known {
			return fmt.Errorf("must be a size such as 256k, not %q", text)
		}
		*to = number * unit
		return nil
	}
}

func timeFormat(to *string, known string) func(string) error {
	return func(text string) error {
		*to = text
		return checkTimeFormat(text, known)
	}
}
