package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// inputConfig is an entry of the pipeline's inputs, of the plugin tail or dummy.
type inputConfig struct {
	plugin, alias, tag string
	directory          string // name of its chunks, as in Fluent Bit
	pause              bool
	tail               *tailConfig
	dummy              *dummyConfig
}

type tailConfig struct {
	paths               []string
	offsets             string
	locked              bool
	compareName         bool
	parser              *parser
	fromHead            bool
	refresh, rotateWait time.Duration
	chunk, most         int
	truncate            bool
	skipEmpty           bool
	key                 string
	pathKey, offsetKey  string
}

type dummyConfig struct {
	record   record
	interval time.Duration
}

func (l *loader) input(where, plugin string, entries []entry) error {
	one := &inputConfig{plugin: plugin, directory: fmt.Sprintf("%s.%d", plugin, len(l.config.inputs))}
	one.alias = one.directory
	shared := ignored("storage.type").and(settings{ // every chunk is a file
		"alias":                             text(&one.alias),
		"tag":                               text(&one.tag),
		"storage.pause_on_chunks_overlimit": toggle(&one.pause),
		"threaded":                          only("off", "false"),
	})
	l.config.inputs = append(l.config.inputs, one)
	switch plugin {
	case "tail":
		return l.tail(where, one, shared, entries)
	case "dummy":
		return dummy(where, one, shared, entries)
	}
	return fmt.Errorf("%s: the stand-in does not know this plugin", where)
}

func (l *loader) tail(where string, one *inputConfig, shared settings, entries []entry) error {
	t := &tailConfig{refresh: 60 * time.Second, rotateWait: 5 * time.Second, chunk: 32768, most: 32768, key: "log"}
	one.tail = t
	err := shared.and(settings{
		"path": func(text string) error {
			for path := range strings.SplitSeq(text, ",") {
				t.paths = append(t.paths, strings.TrimSpace(path))
			}
			return nil
		},
		"db":                  text(&t.offsets),
		"db.locking":          toggle(&t.locked),
		"db.compare_filename": toggle(&t.compareName),
		"db.sync":             only("normal", "off", "full", "extra"),
		"parser": func(name string) error {
			if t.parser = l.config.parsers[name]; t.parser == nil {
				return fmt.Errorf("there is no parser %q", name)
			}
			return nil
		},
		"key":                 text(&t.key),
		"read_from_head":      toggle(&t.fromHead),
		"refresh_interval":    seconds(&t.refresh),
		"rotate_wait":         seconds(&t.rotateWait),
		"buffer_chunk_size":   size(&t.chunk),
		"buffer_max_size":     size(&t.most),
		"truncate_long_lines": toggle(&t.truncate),
		"skip_empty_lines":    toggle(&t.skipEmpty),
		"path_key":            text(&t.pathKey),
		"offset_key":          text(&t.offsetKey),
	}).apply(where, entries)
	if err != nil {
		return err
	}
	if len(t.paths) == 0 || one.tag == "" {
		return fmt.Errorf("%s: path and tag must be set", where)
	}
	for _, path := range t.paths {
		if _, err := filepath.Match(path, ""); err != nil {
			return fmt.Errorf("%s: path: %w", where, err)
		}
	}
	if t.chunk < 2 || t.most < t.chunk {
		return fmt.Errorf("%s: buffer_max_size must not be less than buffer_chunk_size", where)
	}
	if strings.Contains(one.tag, "*") {
		return fmt.Errorf("%s: the stand-in does not know a tag with *", where)
	}
	return nil
}

func dummy(where string, one *inputConfig, shared settings, entries []entry) error {
	d := &dummyConfig{record: record{{"message", "dummy"}}, interval: time.Second}
	one.dummy = d
	if one.tag == "" {
		one.tag = one.alias
	}
	return shared.and(settings{
		"dummy": func(text string) (err error) {
			d.record, err = decodeLine(text)
			return err
		},
		"interval_sec": seconds(&d.interval),
		"rate":         only("1"),
	}).apply(where, entries)
}
