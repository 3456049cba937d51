package main

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

type inputMetrics struct {
	alias                 string
	records, bytes, files atomic.Int64
	paused                atomic.Int64
}

// setPaused stores whether the input pauses, and returns it.
func (m *inputMetrics) setPaused(paused bool) bool {
	var value int64
	if paused {
		value = 1
	}
	m.paused.Store(value)
	return paused
}

type outputMetrics struct {
	alias                                   string
	records, bytes, retries, retriedRecords atomic.Int64
}

// metrics has the counters that Fluent Bit has under the same names, as far as they make sense here.
type metrics struct {
	inputs  []*inputMetrics
	outputs []*outputMetrics
	queue   *queue
	start   time.Time
}

func newMetrics(of *config, queue *queue) *metrics {
	m := &metrics{queue: queue, start: time.Now()}
	for _, one := range of.inputs {
		m.inputs = append(m.inputs, &inputMetrics{alias: one.alias})
	}
	for _, one := range of.outputs {
		m.outputs = append(m.outputs, &outputMetrics{alias: one.alias})
	}
	return m
}

func (m *metrics) input(alias string) *inputMetrics {
	for _, one := range m.inputs {
		if one.alias == alias {
			return one
		}
	}
	panic("no input " + alias)
}

func (m *metrics) output(alias string) *outputMetrics {
	for _, one := range m.outputs {
		if one.alias == alias {
			return one
		}
	}
	panic("no output " + alias)
}

type sample struct {
	labels string
	value  int64
}

func family(to *strings.Builder, name, kind, help string, samples ...sample) {
	fmt.Fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	for _, one := range samples {
		fmt.Fprintf(to, "%s%s %d\n", name, one.labels, one.value)
	}
}

func label(key, value string) string {
	return fmt.Sprintf("{%s=%q}", key, value)
}

// text is the answer for Prometheus.
func (m *metrics) text() string {
	var to strings.Builder
	host, _ := os.Hostname()
	uptime := int64(time.Since(m.start).Seconds())
	family(&to, "fluentbit_uptime", "counter", "Number of seconds that this stand-in for Fluent Bit has been running.",
		sample{label("hostname", host), uptime})
	m.inputText(&to)
	m.outputText(&to)
	chunks, _ := m.queue.count()
	for _, one := range []struct {
		name, help string
		value      int
	}{
		{"chunks", "Total number of chunks in the storage layer.", chunks},
		{"mem_chunks", "Total number of memory chunks.", 0},
		{"fs_chunks", "Total number of filesystem chunks.", chunks},
		{"fs_chunks_up", "Total number of filesystem chunks up in memory.", chunks},
		{"fs_chunks_down", "Total number of filesystem chunks down.", 0},
	} {
		family(&to, "fluentbit_storage_"+one.name, "gauge", one.help, sample{value: int64(one.value)})
	}
	return to.String()
}

func (m *metrics) inputText(to *strings.Builder) {
	_, chunks := m.queue.count()
	for _, one := range []struct {
		name, kind, help string
		value            func(*inputMetrics) int64
	}{
		{"bytes_total", "counter", "Number of input bytes.", func(i *inputMetrics) int64 { return i.bytes.Load() }},
		{"records_total", "counter", "Number of input records.", func(i *inputMetrics) int64 { return i.records.Load() }},
		{"files_opened_total", "counter", "Total number of opened files", func(i *inputMetrics) int64 { return i.files.Load() }},
		{"ingestion_paused", "gauge", "Is the input paused or not?", func(i *inputMetrics) int64 { return i.paused.Load() }},
		{"storage_overlimit", "gauge", "Is the input memory usage overlimit ?.", func(i *inputMetrics) int64 { return i.paused.Load() }},
		{"storage_chunks", "gauge", "Total number of chunks.", func(i *inputMetrics) int64 { return int64(chunks[i.alias]) }},
		{"storage_chunks_up", "gauge", "Total number of chunks up.", func(i *inputMetrics) int64 { return int64(chunks[i.alias]) }},
	} {
		var samples []sample
		for _, input := range m.inputs {
			samples = append(samples, sample{label("name", input.alias), one.value(input)})
		}
		family(to, "fluentbit_input_"+one.name, one.kind, one.help, samples...)
	}
}

func (m *metrics) outputText(to *strings.Builder) {
	none := func(*outputMetrics) int64 { return 0 } // nothing is ever given up
	for _, one := range []struct {
		name, help string
		value      func(*outputMetrics) int64
	}{
		{"proc_records_total", "Number of processed output records.", func(o *outputMetrics) int64 { return o.records.Load() }},
		{"proc_bytes_total", "Number of processed output bytes.", func(o *outputMetrics) int64 { return o.bytes.Load() }},
		{"errors_total", "Number of output errors.", none},
		{"retries_total", "Number of output retries.", func(o *outputMetrics) int64 { return o.retries.Load() }},
		{"retries_failed_total", "Number of abandoned batches because the maximum number of re-tries was reached.", none},
		{"dropped_records_total", "Number of dropped records.", none},
		{"retried_records_total", "Number of retried records.", func(o *outputMetrics) int64 { return o.retriedRecords.Load() }},
	} {
		var samples []sample
		for _, output := range m.outputs {
			samples = append(samples, sample{label("name", output.alias), one.value(output)})
		}
		family(to, "fluentbit_output_"+one.name, "counter", one.help, samples...)
	}
}
