package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// writer makes lines as PostgreSQL 17 writes them. The same seed gives the same lines.
type writer struct {
	*rand.Rand
	number int
	time   time.Time
}

func newWriter(seed uint64) *writer {
	return &writer{Rand: rand.New(rand.NewPCG(seed, seed)), time: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
}

func (w *writer) pick(from ...string) string { return from[w.IntN(len(from))] }

var words = []string{"select", "from", "où", "żółć", "数据库", "🐘", "\n  ", "\t", `"quoted"`, `back\slash`, "it's", "\x01", "\x7f", "/*c*/", "$1", "пользователь"}

func (w *writer) words(most int) string {
	var text strings.Builder
	for range 1 + w.IntN(most) {
		text.WriteString(w.pick(words...) + " ")
	}
	return text.String()
}

// escaped is a JSON string as PostgreSQL writes it: UTF-8 is not escaped.
func escaped(text string) string {
	var to strings.Builder
	to.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case strings.IndexByte("\"\\", c) >= 0:
			to.WriteString("\\" + string(c))
		case c < 0x20:
			if at := strings.IndexByte("\b\f\n\r\t", c); at >= 0 {
				to.WriteString("\\" + "bfnrt"[at:at+1])
			} else {
				fmt.Fprintf(&to, "\\u%04x", c)
			}
		default:
			to.WriteByte(c)
		}
	}
	to.WriteByte('"')
	return to.String()
}

// line is a line of jsonlog. Each optional key is in some of the lines.
func (w *writer) line() string {
	w.number++
	w.time = w.time.Add(time.Duration(w.IntN(900)) * time.Millisecond)
	parts := []string{fmt.Sprintf(`"timestamp":"%s"`, w.time.Format("2006-01-02 15:04:05.000 MST"))}
	add := func(chance int, key, value string) {
		if w.IntN(100) < chance {
			parts = append(parts, fmt.Sprintf(`%q:%s`, key, value))
		}
	}
	number := func(most int) string { return fmt.Sprint(w.IntN(most)) }
	add(80, "user", escaped(w.pick("app", "postgres", "żółć")))
	add(80, "dbname", escaped(w.pick("app", "postgres", `we"ird`)))
	add(100, "pid", number(4194304))
	add(70, "remote_host", escaped(w.pick("[local]", "10.1.2.3", "fe80::1")))
	add(60, "remote_port", number(65536))
	add(100, "session_id", fmt.Sprintf(`"%x.%x"`, 0x65b9f000+w.number/50, 100+w.number%7))
	add(100, "line_num", fmt.Sprint(w.number))
	add(70, "ps", escaped(w.pick("SELECT", "idle", "INSERT", "startup")))
	add(95, "session_start", escaped(w.time.Format("2006-01-02 15:04:05 MST")))
	add(60, "vxid", escaped(fmt.Sprintf("%d/%d", w.IntN(100), w.IntN(100000))))
	add(90, "txid", w.pick("0", number(1<<31)))
	add(99, "error_severity", escaped(w.pick("LOG", "ERROR", "FATAL", "WARNING", "DEBUG1")))
	add(50, "state_code", escaped(w.pick("00000", "01000", "02000", "42P01", "57014", "XX000")))
	add(97, "message", escaped(w.message()))
	add(20, "detail", escaped(w.words(10)))
	add(20, "hint", escaped(w.words(5)))
	add(10, "internal_query", escaped(w.words(10)))
	add(10, "internal_position", number(1000))
	add(20, "context", escaped("PL/pgSQL function f() line 3 at "+w.words(5)))
	add(20, "statement", escaped(w.words(30)))
	add(20, "cursor_position", number(1000))
	add(20, "func_name", escaped("exec_simple_query"))
	add(20, "file_name", escaped("postgres.c"))
	add(20, "file_line_num", number(5000))
	add(80, "application_name", escaped(w.words(2)))
	add(99, "backend_type", escaped(w.pick("client backend", "checkpointer", "not initialized")))
	add(10, "leader_pid", number(4194304))
	add(90, "query_id", w.pick("0", fmt.Sprint(int64(w.Uint64())), fmt.Sprint(w.Int64())))
	return "{" + strings.Join(parts, ",") + "}"
}

func (w *writer) message() string {
	if w.IntN(10) == 0 {
		return w.pick("statement: ALTER ROLE a PASSWORD ", "SET password TO ", "password=", "É PassWord ", "postgresql://a:b", "UPDATE a SET password = $1 ") +
			w.pick("'secret'", "$$secret$$", "\n\"secret\"", "secret é İ", "$1", "NULL", "@host/a", "/* a */ 'secret'", "' || 'secret'", "%L', 'secret'")
	}
	duration := fmt.Sprintf("duration: %d.%03d ms", w.IntN(100000), w.IntN(1000))
	switch w.IntN(8) {
	case 0:
		return duration
	case 1, 2:
		return duration + "  statement: " + w.words(20)
	case 3:
		return duration + "  execute <unnamed>: " + w.words(20)
	case 4:
		return duration + "  parse S_1: " + w.words(5)
	case 5:
		return "duration: 1.2.3 ms  strange: " + w.words(3)
	}
	return w.words(20)
}

// damaged is a line that is not jsonlog, or one with an error in it.
func (w *writer) damaged() string {
	whole := w.line()
	switch w.IntN(18) {
	case 0:
		return whole[:w.IntN(len(whole))]
	case 1:
		return w.pick("{}", "[1,2]", "null", `"text"`, "12", "{\"a\":}", "", " ", "\r", "x", "{", "\x00\x00")
	case 2:
		return whole + w.pick(" ", "junk", "{}", " {", "\x00", "]")
	case 3: // broken UTF-8
		at := len(whole) - 1 - w.IntN(len(whole)/2)
		return whole[:at] + w.pick("\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x90", "\xed\xa0\x80", "\xc0\xaf", "\xf8\x88\x80\x80\x80", "\xbf") + whole[at:]
	case 4:
		return strings.Replace(whole, `"message":"`, `"message":"`+w.pick("\xff", "a\xc3", "\xe2\x82 ", "\x02", `\ud800`, `\udc00x`, `\ud83d\ude00`, `\u12`, `\u12G4`, `\ud800\u0041`, `\ud800\u00`, `\x`, `\/`, "\xed\xa0\x80", `\u0000`), 1)
	case 5:
		return strings.Replace(whole, `"pid":`, `"pid":`+w.pick("1.5,\"a\":", "1e3,\"a\":", "-0,\"a\":", "0.1e-7,\"a\":", "123456789012345678901234567890,\"a\":", "18446744073709551615,\"a\":", "01,\"a\":", "+1,\"a\":", "1e999,\"a\":", "1.,\"a\":", "true,\"a\":", "null,\"a\":", "[],\"a\":", "{\"x\":[1,{}]},\"a\":", "[1,\"é\"],\"a\":"), 1)
	case 6:
		return strings.Replace(whole, `"query_id":`, `"query_id":`+w.pick("18446744073709551615,\"a\":", "9223372036854775807,\"a\":", "-9223372036854775808,\"a\":"), 1)
	case 7:
		return strings.Replace(whole, `{"timestamp":"2026-01-31`, `{"timestamp":"`+w.pick("2026-02-31", "yesterday"), 1)
	case 8:
		return strings.Replace(whole, " UTC", w.pick(" GMT", " utc", "", " -03", "  UTC x"), 1)
	case 9:
		return strings.Replace(whole, `"session_id":"`, `"session_id":`+w.pick(`1,"a":"`, `null,"a":"`, `"","session_id":"`), 1)
	case 10:
		return strings.Replace(whole, `"line_num":`, `"line_num":`+w.pick(`"1","a":`, `1.5,"a":`, `1e13,"a":`, `[1],"a":`), 1)
	case 11:
		return strings.Replace(whole, `"message":`, `"message":`+w.pick(`1,"a":`, `null,"a":`, `{"m":1},"a":`, `"first","message":`), 1)
	case 12:
		return whole + "\r"
	case 13:
		return " \t" + whole + " "
	case 14:
		return strings.Replace(whole, ",", " ,\t", 3)
	}
	return fmt.Sprintf("2026-01-31 12:00:00.123 UTC [%d] %s:  %s", w.number, w.pick("LOG", "FATAL", "WARNING"), strings.ReplaceAll(w.words(10), "\n", " "))
}
