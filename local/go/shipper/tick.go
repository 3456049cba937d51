package main

import "time"

// tick is an input of the plugin dummy: the same record at each interval.
type tick struct {
	*inputConfig
	next time.Time
}

func newTicks(inputs []*inputConfig) []*tick {
	var result []*tick
	for _, one := range inputs {
		if one.dummy != nil {
			result = append(result, &tick{one, time.Now().Add(one.dummy.interval)})
		}
	}
	return result
}

func (t *tick) poll(now time.Time, add func(*inputConfig, []event) error) error {
	if now.Before(t.next) {
		return nil
	}
	t.next = now.Add(t.dummy.interval)
	one := event{seconds: now.Unix(), nanoseconds: int64(now.Nanosecond())}
	one.record = append(one.record, t.dummy.record...) // a copy, since filters may change it
	return add(t.inputConfig, []event{one})
}
