package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// config is the content of the configuration file.
type config struct {
	directory string
	service   service
	parsers   map[string]*parser
	inputs    []*inputConfig
	filters   []filter
	outputs   []*output
}

type service struct {
	flush, grace     time.Duration
	level            string
	server           bool
	listen           string
	port             int
	storage          string
	rejected         string // subdirectory that the stand-in leaves alone
	chunks           int
	base, longest    time.Duration
	unusedBacklogMax int
}

func (s *service) settings() settings {
	return ignored(
		"storage.delete_irrecoverable_chunks",             // the stand-in deletes none
		"storage.keep.rejected", "storage.rejected.limit", // nothing is ever given up
		"storage.metrics", "storage.sync", "storage.checksum", // metrics and checksums are always on
		"hot_reload", "health_check", "hc_errors_count", "hc_retry_failure_count", "hc_period",
	).and(settings{
		"flush":                     seconds(&s.flush),
		"grace":                     seconds(&s.grace),
		"daemon":                    only("off", "false"),
		"log_level":                 oneOf(&s.level, levelNames...),
		"http_server":               toggle(&s.server),
		"http_listen":               text(&s.listen),
		"http_port":                 number(&s.port, 0),
		"storage.path":              text(&s.storage),
		"storage.rejected.path":     text(&s.rejected),
		"storage.max_chunks_up":     number(&s.chunks, 1),
		"storage.backlog.mem_limit": size(&s.unusedBacklogMax), // a chunk is read only while it is sent
		"scheduler.base":            seconds(&s.base),
		"scheduler.cap":             seconds(&s.longest),
	})
}

// loader turns the nodes of the file into settings.
type loader struct {
	variables map[string]string
	config    *config
	log       *logger
}

// load reads a configuration. An unknown key is an error.
func load(file string, log *logger) (*config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	root, err := merged(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(root.Content) == 0 {
		return nil, fmt.Errorf("%s is empty", file)
	}
	l := &loader{variables: map[string]string{}, log: log, config: &config{
		directory: filepath.Dir(file),
		service: service{flush: time.Second, grace: 5 * time.Second, level: "info", listen: "0.0.0.0", port: 2020, chunks: 128,
			base: 5 * time.Second, longest: 2000 * time.Second},
		parsers: map[string]*parser{},
	}}
	return l.config, l.sections(root)
}

// merged reads all YAML documents of a file as one map.
func merged(data []byte) (*yaml.Node, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var document yaml.Node
		if err := decoder.Decode(&document); err == io.EOF {
			return root, nil
		} else if err != nil {
			return nil, err
		}
		if document.Content[0].Kind != yaml.MappingNode {
			return nil, fmt.Errorf("line %d: a document must be a map", document.Content[0].Line)
		}
		root.Content = append(root.Content, document.Content[0].Content...)
	}
}

// sections reads the parts of the file. A part comes after those that it needs.
func (l *loader) sections(root *yaml.Node) error {
	parts, err := children("the file", root, "env", "service", "parsers", "pipeline")
	if err != nil {
		return err
	}
	if err := l.each("env", parts["env"], l.variable); err != nil {
		return err
	}
	if parts["service"] != nil {
		entries, err := l.entries("service", parts["service"])
		if err != nil {
			return err
		}
		if err := l.config.service.settings().apply("service", entries); err != nil {
			return err
		}
	}
	if err := l.each("parsers", parts["parsers"], l.parser); err != nil {
		return err
	}
	if parts["pipeline"] == nil {
		return fmt.Errorf("the file has no pipeline")
	}
	pipeline, err := children("pipeline", parts["pipeline"], "inputs", "filters", "outputs")
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		name string
		add  func(where, plugin string, entries []entry) error
	}{{"inputs", l.input}, {"filters", l.filter}, {"outputs", l.output}} {
		if err := l.each(kind.name, pipeline[kind.name], func(where string, entries []entry) error {
			plugin, rest := named(entries)
			return kind.add(fmt.Sprintf("%s (%s)", where, plugin), plugin, rest)
		}); err != nil {
			return err
		}
	}
	return nil
}

// children returns a map's nodes by key. Any other key is an error.
func children(where string, node *yaml.Node, known ...string) (map[string]*yaml.Node, error) {
	if node.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s must be a map", where)
	}
	result := map[string]*yaml.Node{}
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i].Value
		if !strings.Contains(" "+strings.Join(known, " ")+" ", " "+key+" ") {
			return nil, fmt.Errorf("%s: the stand-in does not know the section %q", where, key)
		}
		result[key] = node.Content[i+1]
	}
	return result, nil
}

// each calls a function with the entries of each item of a list.
func (l *loader) each(list string, node *yaml.Node, add func(where string, entries []entry) error) error {
	if node == nil || node.Tag == "!!null" {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		return fmt.Errorf("%s must be a list", list)
	}
	for i, item := range node.Content {
		where := fmt.Sprintf("%s[%d]", list, i)
		entries, err := l.entries(where, item)
		if err != nil {
			return err
		}
		if err := add(where, entries); err != nil {
			return err
		}
	}
	return nil
}

// entries returns the keys and values of a map. A list of values gives its key several times.
func (l *loader) entries(where string, node *yaml.Node) ([]entry, error) {
	if node.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s must be a map", where)
	}
	var result []entry
	for i := 0; i < len(node.Content); i += 2 {
		key, values := node.Content[i].Value, []*yaml.Node{node.Content[i+1]}
		if values[0].Kind == yaml.SequenceNode {
			values = values[0].Content
		}
		for _, value := range values {
			if value.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("%s: the stand-in does not know the key %q with a value that has parts", where, key)
			}
			text, err := l.expand(value.Value)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", where, key, err)
			}
			result = append(result, entry{key, text})
		}
	}
	return result, nil
}

// named takes the plugin's name out of its entries.
func named(entries []entry) (string, []entry) {
	name, rest := "", []entry{}
	for _, one := range entries {
		if strings.EqualFold(one.key, "name") {
			name = strings.ToLower(one.text)
		} else {
			rest = append(rest, one)
		}
	}
	return name, rest
}

func (l *loader) parser(where string, entries []entry) error {
	one := &parser{timeKey: "time"}
	err := settings{
		"name":        text(&one.name),
		"format":      only("json"),
		"time_key":    text(&one.timeKey),
		"time_format": timeFormat(&one.timeFormat, readable),
		"time_keep":   toggle(&one.timeKeep),
	}.apply(where, entries)
	l.config.parsers[one.name] = one
	return err
}
