package main

import (
	"math"
	"strconv"
)

// appendJSON writes a value as Fluent Bit's outputs do: non-ASCII characters as \u escapes, whole floats with one
// decimal.
func appendJSON(to []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(to, "null"...)
	case bool:
		return strconv.AppendBool(to, value)
	case int64:
		return strconv.AppendInt(to, value, 10)
	case uint64:
		return strconv.AppendUint(to, value, 10)
	case float64:
		return appendFloat(to, value)
	case string:
		return appendString(to, value)
	case []any:
		to = append(to, '[')
		for i, one := range value {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendJSON(to, one)
		}
		return append(to, ']')
	case record:
		to = append(to, '{')
		for i, one := range value {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(appendString(to, one.key), ':')
			to = appendJSON(to, one.value)
		}
		return append(to, '}')
	}
	panic("a value of no known type")
}

// isWhole reports whether a 64-bit integer can hold a number.
func isWhole(number float64) bool {
	return number == math.Trunc(number) && number >= -1<<63 && number < 1<<63
}

func appendFloat(to []byte, number float64) []byte {
	if isWhole(number) {
		return strconv.AppendFloat(to, number, 'f', 1, 64)
	}
	return strconv.AppendFloat(to, number, 'g', 16, 64)
}

const hexDigits = "0123456789abcdef"

func appendEscape(to []byte, unit uint32) []byte {
	return append(to, '\\', 'u', hexDigits[unit>>12&15], hexDigits[unit>>8&15], hexDigits[unit>>4&15], hexDigits[unit&15])
}

var shortEscapes = [128]byte{'"': '"', '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f'}

func appendString(to []byte, text string) []byte {
	to = append(to, '"')
	plain := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= 0x20 && c < 0x7F && c != '"' && c != '\\' {
			i++
			continue
		}
		to = append(to, text[plain:i]...)
		switch {
		case c >= 0x80:
			to, i = appendSequence(to, text, i)
		case shortEscapes[c] != 0:
			to = append(to, '\\', shortEscapes[c])
			i++
		default:
			to = appendEscape(to, uint32(c))
			i++
		}
		plain = i
	}
	return append(append(to, text[plain:]...), '"')
}

// appendSequence writes the UTF-8 sequence that begins at i and returns the start of the next one. An invalid byte
// becomes U+E000 plus the byte. A sequence that the end of the text cuts off loses its first byte.
func appendSequence(to []byte, text string, i int) ([]byte, int) {
	length := sequenceLength(text[i])
	if i+length > len(text) {
		return to, i + 1
	}
	if text[i] < 0xC0 || text[i] >= 0xF8 {
		return appendFragment(to, text[i]), i + 1
	}
	code := uint32(text[i]) & (0x7F >> length)
	for n := 1; n < length; n++ {
		if text[i+n]&0xC0 == 0x80 {
			code = code<<6 | uint32(text[i+n]&0x3F)
		}
		if text[i+n]&0xC0 != 0x80 || n == length-1 && (code >= 0xD800 && code <= 0xDFFF || code > 0x10FFFF) {
			for _, c := range []byte(text[i : i+n]) {
				to = appendFragment(to, c)
			}
			return to, i + n
		}
	}
	if code > 0xFFFF {
		to = appendEscape(to, 0xD800+(code-0x10000)>>10)
		return appendEscape(to, 0xDC00+(code-0x10000)&0x3FF), i + length
	}
	return appendEscape(to, code), i + length
}

func sequenceLength(first byte) int {
	switch {
	case first < 0xC0:
		return 1
	case first < 0xE0:
		return 2
	case first < 0xF0:
		return 3
	case first < 0xF8:
		return 4
	case first < 0xFC:
		return 5
	}
	return 6
}

func appendFragment(to []byte, c byte) []byte {
	return append(to, string(rune(0xE000)+rune(c))...)
}
