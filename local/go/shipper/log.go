package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

type level int

const (
	levelError level = iota
	levelWarn
	levelInfo
	levelDebug
	levelTrace
)

var levelNames = []string{"error", "warn", "info", "debug", "trace"}

// logger writes lines in Fluent Bit's own format.
type logger struct {
	mutex sync.Mutex
	to    io.Writer
	most  level
}

func (l *logger) print(of level, format string, values ...any) {
	if of > l.most {
		return
	}
	now := time.Now().UTC().Format("2006/01/02 15:04:05.000")
	text := strings.TrimRight(fmt.Sprintf(format, values...), "\n")
	l.mutex.Lock()
	defer l.mutex.Unlock()
	fmt.Fprintf(l.to, "[%s] [%5s] %s\n", now, levelNames[of], text)
}
