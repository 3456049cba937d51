package main

import (
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// decoder reads JSON as Fluent Bit does. Invalid UTF-8 and control characters in strings stay as they are, halves of
// surrogate pairs become U+FFFD, and integers keep all 64 bits.
type decoder struct {
	text string
	at   int
}

var errJSON = errors.New("not JSON")

const replacement = "\uFFFD"

// depth to which maps and arrays may be nested
const deepest = 1000

// decodeLine returns the map in a line. As in Fluent Bit, text after the map is ignored if it is not JSON.
func decodeLine(text string) (record, error) {
	d := &decoder{text: text}
	d.space()
	first, err := d.value(0)
	if err != nil {
		return nil, err
	}
	d.space()
	if d.at < len(d.text) {
		if _, err := d.value(0); err == nil {
			return nil, errJSON // two values: Fluent Bit accepts only one
		}
	}
	result, ok := first.(record)
	if !ok {
		return nil, errJSON
	}
	return result, nil
}

func (d *decoder) space() {
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return
		}
	}
}

func (d *decoder) take(character byte) bool {
	if d.at < len(d.text) && d.text[d.at] == character {
		d.at++
		return true
	}
	return false
}

func (d *decoder) word(word string, value any) (any, error) {
	if len(d.text)-d.at < len(word) || d.text[d.at:d.at+len(word)] != word {
		return nil, errJSON
	}
	d.at += len(word)
	return value, nil
}

func (d *decoder) value(depth int) (any, error) {
	if d.at >= len(d.text) || depth > deepest {
		return nil, errJSON
	}
	switch d.text[d.at] {
	case '{':
		return d.object(depth)
	case '[':
		return d.array(depth)
	case '"':
		return d.string()
	case 't':
		return d.word("true", true)
	case 'f':
		return d.word("false", false)
	case 'n':
		return d.word("null", nil)
	default:
		return d.number()
	}
}

func (d *decoder) object(depth int) (any, error) {
	d.at++
	result := make(record, 0, 32)
	if d.space(); d.take('}') {
		return result, nil
	}
	for {
		d.space()
		if d.at >= len(d.text) || d.text[d.at] != '"' {
			return nil, errJSON
		}
		key, err := d.string()
		if err != nil {
			return nil, err
		}
		if d.space(); !d.take(':') {
			return nil, errJSON
		}
		d.space()
		value, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		result = append(result, pair{key.(string), value})
		if d.space(); d.take('}') {
			return result, nil
		}
		if !d.take(',') {
			return nil, errJSON
		}
	}
}

func (d *decoder) array(depth int) (any, error) {
	d.at++
	result := []any{}
	if d.space(); d.take(']') {
		return result, nil
	}
	for {
		d.space()
		value, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		result = append(result, value)
		if d.space(); d.take(']') {
			return result, nil
		}
		if !d.take(',') {
			return nil, errJSON
		}
	}
}

func (d *decoder) digits() int {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at - start
}

func (d *decoder) number() (any, error) {
	start := d.at
	d.take('-')
	first := d.at
	whole := d.digits()
	if whole == 0 || whole > 1 && d.text[first] == '0' {
		return nil, errJSON
	}
	real := false
	if d.take('.') {
		if real = true; d.digits() == 0 {
			return nil, errJSON
		}
	}
	if d.take('e') || d.take('E') {
		real = true
		if !d.take('+') {
			d.take('-')
		}
		if d.digits() == 0 {
			return nil, errJSON
		}
	}
	return numberOf(d.text[start:d.at], real)
}

func numberOf(text string, real bool) (any, error) {
	if !real {
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			return number, nil
		}
		if number, err := strconv.ParseUint(text, 10, 64); err == nil {
			return number, nil
		}
	}
	number, _ := strconv.ParseFloat(text, 64)
	if math.IsInf(number, 0) {
		return nil, errJSON
	}
	return number, nil
}

func (d *decoder) string() (any, error) {
	d.at++
	start := d.at
	for ; d.at < len(d.text); d.at++ {
		switch d.text[d.at] {
		case '"':
			d.at++
			return d.text[start : d.at-1], nil
		case '\\':
			return d.escaped(start)
		}
	}
	return nil, errJSON
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads the rest of a string, starting at its first backslash.
func (d *decoder) escaped(start int) (any, error) {
	result := append(make([]byte, 0, d.at-start+64), d.text[start:d.at]...)
	for d.at < len(d.text) {
		character := d.text[d.at]
		d.at++
		switch {
		case character == '"':
			return string(result), nil
		case character != '\\':
			result = append(result, character)
		case d.at >= len(d.text):
			return nil, errJSON
		case d.text[d.at] == 'u':
			d.at++
			result = d.unicode(result)
		case escapes[d.text[d.at]] != 0:
			result = append(result, escapes[d.text[d.at]])
			d.at++
		default:
			return nil, errJSON
		}
	}
	return nil, errJSON
}

// unicode reads the text after \u. If that is not four hexadecimal digits, it stays as text, except the character after
// it.
func (d *decoder) unicode(result []byte) []byte {
	count := d.hexDigits()
	if count < 4 {
		result = append(append(result, '\\', 'u'), d.text[d.at:d.at+count]...)
		if d.at += count; d.at < len(d.text) && d.text[d.at] != '"' && d.text[d.at] != '\'' {
			d.at++
		}
		return result
	}
	high := d.hex()
	switch {
	case high&0xF800 != 0xD800:
		return utf8.AppendRune(result, high)
	case high&0xFC00 != 0xD800 || !d.take2('\\', 'u'):
		return append(result, replacement...)
	}
	if count := d.hexDigits(); count < 4 {
		d.at += count
		return append(result, replacement...)
	}
	low := d.hex()
	if low&0xFC00 != 0xDC00 {
		return append(result, replacement...)
	}
	return utf8.AppendRune(result, (high-0xD800)<<10|(low-0xDC00)+0x10000)
}

func (d *decoder) take2(first, second byte) bool {
	if d.at+1 < len(d.text) && d.text[d.at] == first && d.text[d.at+1] == second {
		d.at += 2
		return true
	}
	return false
}

// hexDigits counts the hexadecimal digits that follow, up to four.
func (d *decoder) hexDigits() int {
	count := 0
	for count < 4 && d.at+count < len(d.text) && isHex(d.text[d.at+count]) {
		count++
	}
	return count
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func (d *decoder) hex() rune {
	number, _ := strconv.ParseUint(d.text[d.at:d.at+4], 16, 16)
	d.at += 4
	return rune(number)
}
