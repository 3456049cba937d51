package main

// A value of a record is nil, bool, int64, uint64, float64, string, []any or record.

// record is a map that keeps the order of its keys. As in the original JSON, a key may occur twice.
type record []pair

type pair struct {
	key   string
	value any
}

// get returns the first value of a key.
func (r record) get(key string) (any, bool) {
	for _, one := range r {
		if one.key == key {
			return one.value, true
		}
	}
	return nil, false
}

// event is a record with its time.
type event struct {
	seconds     int64
	nanoseconds int64
	record      record
}
