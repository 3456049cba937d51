package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// values are lines and the resulting JSON; empty if the line is not valid.
func TestLinesAreReadAsTheRealProgramReadsThem(t *testing.T) {
	for line, want := range map[string]string{
		`{"a":1,"a":2} `:             `{"a":1,"a":2}`,
		`{"a":-9223372036854775808}`: `{"a":-9223372036854775808}`,
		`{"a":18446744073709551615}`: `{"a":18446744073709551615}`,
		`{"a":-0,"b":1.0,"c":0.1}`:   `{"a":0,"b":1.0,"c":0.1}`,
		`{"a":1e22,"b":1e-7}`:        `{"a":1e+22,"b":1e-07}`,
		`{"a":null,"b":[true,{}]}`:   `{"a":null,"b":[true,{}]}`,
		`{"a":"é\n\u0001\/"}`:        `{"a":"\u00e9\n\u0001/"}`,
		`{"a":"🐘\ud83d\udc18"}`:      `{"a":"\ud83d\udc18\ud83d\udc18"}`,
		`{"a":"\ud800x\udc00"}`:      `{"a":"\ufffdx\ufffd"}`,
		"{\"a\":\"\xff\xc3\"}":       `{"a":""}`,
		"{\"a\":\"\xff123456\"}":     "{\"a\":\"\uE0FF123456\"}",
		"{\"a\":\"\xc3(\xe2\x82b\"}": "{\"a\":\"\uE0C3(\uE0E2\uE082b\"}",
		"{\"a\":\"\x01\x7f\"}":       `{"a":"\u0001\u007f"}`,
		`{"a":"\u12"}`:               `{"a":"\\u12"}`,
		`{"a":1} junk`:               `{"a":1}`,
		`{"a":1} {}`:                 "",
		`{"a":01}`:                   "",
		`{"a":1e999}`:                "",
		`{"a":"\x"}`:                 "",
		`{"a":1,}`:                   "",
		`[1]`:                        "",
		``:                           "",
	} {
		got := ""
		if result, err := decodeLine(line); err == nil {
			got = string(appendJSON(nil, result))
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", line, got, want)
		}
	}
}

func TestTimesAreReadAsTheRealProgramReadsThem(t *testing.T) {
	format := "%Y-%m-%d %H:%M:%S.%L %Z"
	for text, want := range map[string][3]int64{
		"2026-01-31 12:00:00.123 UTC": {1769860800, 123, 1},
		"2026-01-31 12:00:00.129 GMT": {1769860800, 129, 1},
		"2026-02-31 12:00:00.0 utc x": {1772539200, 0, 1},
		"2026-01-31 12:00:00.123":     {0, 123, 0},
		"2026-01-31 12:00:00.123 -03": {0, 123, 0},
		"yesterday":                   {0, 0, 0},
	} {
		seconds, nanoseconds, ok := parseTime(format, text)
		if seconds != want[0] || nanoseconds/1000000 != want[1] || ok != (want[2] == 1) {
			t.Errorf("%s: %d %d %v", text, seconds, nanoseconds, ok)
		}
	}
}

func TestTagsAreMatchedWithWildcards(t *testing.T) {
	for pattern, tags := range map[string]string{
		"postgresql.*": "postgresql.jsonlog postgresql. !postgresql !xpostgresql.a",
		"*":            "a a.b", "a*b*c": "abc axbxbc !ab !abcd", "a": "a !aa",
	} {
		for tag := range strings.FieldsSeq(tags) {
			name, not := strings.CutPrefix(tag, "!")
			if wildcard(pattern, name) == not {
				t.Errorf("%s and %s", pattern, name)
			}
		}
	}
}

func TestALineThatIsTooLongIsCutAtACharacterAndTheRestLeftOut(t *testing.T) {
	input := &tail{inputConfig: &inputConfig{tail: &tailConfig{most: 11, chunk: 4, truncate: true, key: "log", offsetKey: "_offset"}}}
	name := filepath.Join(t.TempDir(), "a")
	must(t, os.WriteFile(name, []byte("short\n12345678é and more\nlast\n123456789\n"), 0o644))
	file, err := os.Open(name)
	must(t, err)
	one := &tailFile{file: file, name: name, position: &position{}}
	var got []string
	var buffer []byte
	for {
		piece, err := one.piece(&buffer, input.tail.chunk, input.tail.most)
		must(t, err)
		result := input.cut(one, piece)
		if result.consumed == 0 {
			break
		}
		for _, event := range result.events {
			got = append(got, string(appendJSON(nil, event.record)))
		}
		one.position.Offset, one.position.Skip = one.position.Offset+int64(result.consumed), result.skip
	}
	want := `{"_offset":0,"log":"short"} {"_offset":6,"log":"12345678\u00e9"} {"_offset":26,"log":"last"} {"_offset":31,"log":"123456789"}`
	if text := strings.Join(got, " "); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

const nestedScript = `
local seen = 0
function document(tag, time, r)
  seen = seen + 1
  if r.message == "drop" then return -1, time, r end
  return 1, time + 0.5, { event = setmetatable({ id = "id-" .. r.line_num }, { type = 2 }), list = { 1, "a" },
    none = setmetatable({}, { type = 1 }), text = r.number_text, whole = 2 ^ 31, half = math.floor(3.7) / 2, query = r.query_id_text }
end
function tick(tag, time, r)
  local file = assert(io.open("DIRECTORY/count.tmp", "w"))
  file:write(string.format("%d %s", seen, r.message))
  file:close()
  assert(os.rename("DIRECTORY/count.tmp", "DIRECTORY/count"))
  return -1, 0, r
end
`

func TestNestedDocumentsAndATickThatWritesAFile(t *testing.T) {
	fake := newFake(t)
	p := newPlace(t)
	config := p.config(fake.URL, "  filters:\n", "    - name: dummy\n      tag: tick\n      interval_sec: 1\n      dummy: '{\"message\":\"ticks\"}'\n  filters:\n    - {name: lua, match: tick, script: tick.lua, call: tick}\n")
	script := strings.ReplaceAll(nestedScript, "DIRECTORY", p.directory)
	p.write("etc/pglog/document.lua", script)
	p.write("tick.lua", script)
	p.log("postgresql-a.json", `{"timestamp":"2026-01-31 12:00:00.250 UTC","line_num":1,"message":"keep","query_id":-1234567890123456784}`+"\n"+`{"line_num":2,"message":"drop"}`+"\n")
	running := start(t, self(t), config)
	eventually(t, "the tick's file is there", 5*time.Second, func() bool {
		text, err := os.ReadFile(filepath.Join(p.directory, "count"))
		return err == nil && string(text) == "0 ticks"
	})
	eventually(t, "the document is there", 5*time.Second, func() bool { return fake.count() == 1 })
	must(t, running.signal(syscall.SIGTERM))
	one := fake.documents["id-1"]
	text, _ := canonical(t, one.source)
	if want := `{"@timestamp":"2026-01-31T12:00:00.750Z","event":{"id":"id-1"},"half":1.5,"list":[1,"a"],"none":[],"query":"-1234567890123456784","whole":2147483648}`; text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if want := `{"create":{"_index":"postgresql-logs-dev-2026.01.31","_id":"id-1"}}`; one.action != want {
		t.Errorf("got %s", one.action)
	}
}
