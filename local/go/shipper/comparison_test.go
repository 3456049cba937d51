package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// realProgram finds a Fluent Bit of the version that this program stands in for.
func realProgram(t *testing.T) string {
	program, err := exec.LookPath("fluent-bit")
	if err != nil {
		program = "/opt/fluent-bit/bin/fluent-bit"
	}
	said, err := exec.Command(program, "--version").Output()
	if err != nil {
		t.Skip("there is no fluent-bit on PATH and none in /opt/fluent-bit/bin to compare with")
	}
	if !bytes.Contains(said, []byte("v"+fluentBitVersion)) {
		t.Skipf("%s is not of version %s", program, fluentBitVersion)
	}
	return program
}

// lineCount is the number of compared lines. SHIPPER_COMPARE_LINES changes it.
func lineCount(t *testing.T) int {
	text := os.Getenv("SHIPPER_COMPARE_LINES")
	if text == "" {
		return 100000
	}
	count, err := strconv.Atoi(text)
	must(t, err)
	return count
}

// writeLines writes the lines that both programs read, and returns the number of files.
func writeLines(p *place, count int, seed uint64) int {
	w := newWriter(seed)
	const files = 4
	var jsonlog, plain [files]strings.Builder
	for n := range count {
		to := &jsonlog[n*files/count]
		switch chance := w.IntN(100); {
		case chance < 94:
			to.WriteString(w.line() + "\n")
		case chance < 97:
			to.WriteString(w.damaged() + "\n")
		default:
			plain[n*files/count].WriteString(strings.ReplaceAll(w.damaged(), "\n", "") + "\n")
		}
	}
	// Lines longer than the buffer, whose end falls in the middle of a character.
	jsonlog[1].WriteString(strings.Replace(w.line(), `"message":"`, `"message":"`+strings.Repeat("é数", 3500000), 1) + "\n" + w.line() + "\n")
	plain[1].WriteString(strings.Repeat("数据", 200000) + "\nafter a long line\n")
	for n := range files {
		last := strings.Replace(w.line(), `"message":"`, `"message":"`+endMark, 1)
		p.log(fmt.Sprintf("postgresql-2026-01-31_12000%d.json", n), jsonlog[n].String()+last+"\n")
		p.log(fmt.Sprintf("postgresql-2026-01-31_12000%d.log", n), plain[n].String()+endMark+"\n")
	}
	return 2 * files
}

// endMark is in the last line of each file.
const endMark = "this is the end of a file"

// documentsOf runs a program until the last line of each file has arrived. Its chunks are sent one after the other.
func documentsOf(t *testing.T, program string, p *place, files int) *fake {
	fake := newFake(t)
	fake.mark = endMark
	running := start(t, program, p.config(fake.URL))
	eventually(t, "the last line of each file is there", 5*time.Minute, func() bool { return fake.markedCount() == files })
	if err := running.signal(syscall.SIGTERM); err != nil {
		t.Errorf("%s: %v", program, err)
	}
	return fake
}

// canonical is a document with sorted keys, unescaped strings, and numbers as written.
func canonical(t *testing.T, source string) (string, map[string]any) {
	decoder := json.NewDecoder(strings.NewReader(source))
	decoder.UseNumber()
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		t.Fatalf("%v: %s", err, source)
	}
	text, err := json.Marshal(document)
	must(t, err)
	return string(text), document
}

var indexDay = regexp.MustCompile(`\d{4}\.\d\d\.\d\d"`)

// withoutNow replaces a time that depends on the run and not on the line.
func withoutNow(t *testing.T, one document, since time.Time) string {
	text, fields := canonical(t, one.source)
	stamp, _ := fields["@timestamp"].(string)
	moment, err := time.Parse("2006-01-02T15:04:05.000Z", stamp)
	if err != nil {
		t.Errorf("@timestamp %q: %v", stamp, err)
	}
	if moment.Before(since.Add(-time.Second)) {
		return one.action + "\n" + text
	}
	return indexDay.ReplaceAllString(one.action, `NOW"`) + "\n" + strings.Replace(text, stamp, "NOW", 1)
}

// positions returns how far each log file was read, as the stack's script records it for the log keeper.
func (p *place) positions() map[string]string {
	read := map[string]string{}
	files, err := filepath.Glob(filepath.Join(p.directory, "queue/state/positions/*"))
	must(p.t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(p.t, err)
		read[filepath.Base(file)] = string(text)
	}
	return read
}

// The order of keys in a document is the order of Lua's tables, which differs between the two virtual machines. So
// documents are compared with sorted keys.
func TestTheDocumentsAreThoseOfTheRealProgram(t *testing.T) {
	program := realProgram(t)
	since := time.Now()
	p := newPlace(t)
	files := writeLines(p, lineCount(t), 1)
	theirs := documentsOf(t, program, p, files)
	theirPositions := p.positions()
	for _, one := range []string{"queue/chunks", "queue/offsets", "queue/state/positions"} {
		must(t, os.RemoveAll(filepath.Join(p.directory, one)))
		must(t, os.MkdirAll(filepath.Join(p.directory, one), 0o755))
	}
	ours := documentsOf(t, self(t), p, files)
	if ourPositions := p.positions(); len(theirPositions) == 0 || !maps.Equal(theirPositions, ourPositions) {
		t.Errorf("positions: real %v, stand-in %v", theirPositions, ourPositions)
	}
	equal, different := 0, 0
	for _, id := range idsOf(theirs, ours) {
		a, inTheirs := theirs.documents[id]
		b, inOurs := ours.documents[id]
		if inTheirs && inOurs && withoutNow(t, a, since) == withoutNow(t, b, since) {
			equal++
			continue
		}
		if different++; different <= 10 {
			t.Errorf("id %s\n real:     %.1500s\n stand-in: %.1500s", id, a, b)
		}
	}
	t.Logf("%d documents are equal, %d differ; repeated operations: %d and %d; without an id: %d and %d",
		equal, different, theirs.again, ours.again, theirs.without, ours.without)
}

func idsOf(of ...*fake) []string {
	var ids []string
	for _, one := range of {
		for id := range one.documents {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
