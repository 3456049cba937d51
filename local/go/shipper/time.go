package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// checkTimeFormat returns an error for a part of a format that the stand-in cannot read or write.
func checkTimeFormat(format, known string) error {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		if i == len(format) || !strings.Contains(known, format[i:i+1]) {
			return fmt.Errorf("the stand-in does not know %q in a time format; it knows %s", format[i-1:min(i+1, len(format))], known)
		}
	}
	return nil
}

const (
	readable  = "YmdHMSLZ" // what parseTime supports
	writeable = "YmdHMS"   // what formatTime supports
)

// formatTime writes a time in UTC.
func formatTime(format string, seconds int64) string {
	moment := time.Unix(seconds, 0).UTC()
	layouts := strings.NewReplacer("%Y", "2006", "%m", "01", "%d", "02", "%H", "15", "%M", "04", "%S", "05")
	if !strings.Contains(format, "%") {
		return format
	}
	var result strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] == '%' {
			result.WriteString(moment.Format(layouts.Replace(format[i : i+2])))
			i++
		} else {
			result.WriteByte(format[i])
		}
	}
	return result.String()
}

// zones are the names that %Z takes. PostgreSQL writes UTC, because the stack sets log_timezone.
var zones = []string{"UTC", "GMT"}

// timeParser reads one time.
type timeParser struct {
	text  string
	parts [6]int // year, month, day, hour, minute, second
	nanos int64
}

// parseTime reads a time as Fluent Bit does, with its rounding of fractions of a second. If the time cannot be read, only
// the fraction may be set.
func parseTime(format, text string) (seconds, nanoseconds int64, ok bool) {
	p := &timeParser{text: text, parts: [6]int{1970, 1, 1}}
	for i := 0; i < len(format); i++ {
		switch {
		case format[i] == ' ':
			p.text = strings.TrimLeft(p.text, " \t\n\v\f\r")
		case format[i] != '%':
			if !strings.HasPrefix(p.text, format[i:i+1]) {
				return 0, p.nanos, false
			}
			p.text = p.text[1:]
		default:
			i++
			if !p.part(format[i]) {
				return 0, p.nanos, false
			}
		}
	}
	moment := time.Date(p.parts[0], time.Month(p.parts[1]), p.parts[2], p.parts[3], p.parts[4], p.parts[5], 0, time.UTC)
	return moment.Unix(), p.nanos, true
}

func (p *timeParser) part(conversion byte) bool {
	switch conversion {
	case 'Y':
		return p.number(&p.parts[0], 4, 0, 9999)
	case 'm':
		return p.number(&p.parts[1], 2, 1, 12)
	case 'd':
		return p.number(&p.parts[2], 2, 1, 31)
	case 'H':
		return p.number(&p.parts[3], 2, 0, 23)
	case 'M':
		return p.number(&p.parts[4], 2, 0, 59)
	case 'S':
		return p.number(&p.parts[5], 2, 0, 60)
	case 'L':
		return p.fraction()
	default:
		return p.zone()
	}
}

func leadingDigits(text string, most int) int {
	count := 0
	for count < min(len(text), most) && text[count] >= '0' && text[count] <= '9' {
		count++
	}
	return count
}

func (p *timeParser) number(to *int, digits, least, most int) bool {
	count := leadingDigits(p.text, digits)
	number, err := strconv.Atoi(p.text[:count])
	if err != nil || number < least || number > most {
		return false
	}
	*to, p.text = number, p.text[count:]
	return true
}

func (p *timeParser) fraction() bool {
	count := leadingDigits(p.text, 9)
	if count == 0 {
		return false
	}
	fraction, _ := strconv.ParseFloat("0."+p.text[:count], 64)
	p.nanos, p.text = int64(fraction*1000000000), p.text[count:]
	return true
}

func (p *timeParser) zone() bool {
	for _, zone := range zones {
		if len(p.text) >= 3 && strings.EqualFold(p.text[:3], zone) && (len(p.text) == 3 || !isAlphanumeric(p.text[3])) {
			p.text = p.text[3:]
			return true
		}
	}
	return false
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
