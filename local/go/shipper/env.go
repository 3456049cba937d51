package main

import (
	"fmt"
	"os"
	"strings"
)

// variable reads an entry of the section env: a name with a value, or with a file that contains the value.
func (l *loader) variable(where string, entries []entry) error {
	var name, value, uri string
	if err := (settings{"name": text(&name), "value": text(&value), "uri": text(&uri)}).apply(where, entries); err != nil {
		return err
	}
	if uri == "" {
		uri = value
	}
	file, isFile := strings.CutPrefix(uri, "file://")
	if !isFile {
		l.variables[name] = uri
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s (%s): %w", where, name, err)
	}
	content := string(data)
	if content != "" && strings.ContainsAny(content[len(content)-1:], "\r\n") {
		content = content[:len(content)-1]
	}
	if content == "" {
		return fmt.Errorf("%s (%s): %s is empty", where, name, file)
	}
	l.variables[name] = content
	return nil
}

// expand replaces ${NAME}. In Fluent Bit an unknown variable is empty; here it is an error.
func (l *loader) expand(text string) (string, error) {
	var result strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		result.WriteString(before)
		if !found {
			return result.String(), nil
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return "", fmt.Errorf("${%s is not closed", name)
		}
		value, known := l.variables[name]
		if !known {
			if value, known = os.LookupEnv(name); !known {
				return "", fmt.Errorf("the variable %s is not set", name)
			}
		}
		result.WriteString(value)
		text = rest
	}
}
