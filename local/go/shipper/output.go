package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// output is an entry of the pipeline's outputs.
type output struct {
	selector
	plugin, alias string
	target        *elasticsearch // nil for the plugin null
	metrics       *outputMetrics
	log           *logger
	queue         *queue
	base, longest time.Duration
	turns         chan struct{} // limits the chunks that are sent at the same time
}

func (l *loader) output(where, plugin string, entries []entry) error {
	o := &output{plugin: plugin, alias: fmt.Sprintf("%s.%d", plugin, len(l.config.outputs))}
	l.config.outputs = append(l.config.outputs, o)
	shared := o.settings().and(settings{
		"alias":       text(&o.alias),
		"retry_limit": only("no_limits", "false"),
	}).and(ignored("workers", "log_level"))
	switch plugin {
	case "null":
		return shared.and(ignored("format")).apply(where, entries)
	case "opensearch", "es":
		o.target = newElasticsearch(plugin)
		if err := shared.and(o.target.settings()).apply(where, entries); err != nil {
			return err
		}
		if err := o.target.check(); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		return nil
	}
	return fmt.Errorf("%s: the stand-in does not know this plugin", where)
}

func (o *output) prepare(e *engine) error {
	o.metrics, o.log, o.queue = e.metrics.output(o.alias), e.log, e.queue
	o.base, o.longest = e.config.service.base, e.config.service.longest
	o.turns = make(chan struct{}, e.config.service.chunks)
	if o.target == nil {
		return nil
	}
	return o.target.prepare(e.log)
}

// deliver sends a chunk until the output accepts it or the context ends.
func (o *output) deliver(until context.Context, one *chunk) {
	for attempt := 0; ; attempt++ {
		select {
		case o.turns <- struct{}{}:
		case <-until.Done():
			return
		}
		sent, err := o.send(until, one)
		<-o.turns
		if err == nil {
			o.metrics.records.Add(int64(sent))
			o.metrics.bytes.Add(one.size)
			o.queue.delivered(one)
			return
		}
		if until.Err() != nil {
			return
		}
		wait := backoff(o.base, o.longest, attempt)
		o.metrics.retries.Add(1)
		o.metrics.retriedRecords.Add(int64(one.events))
		o.log.print(levelWarn, "[output:%s:%s] %v", o.plugin, o.alias, err)
		o.log.print(levelWarn, "[engine] failed to flush chunk '%s', retry in %d seconds: input=%s > output=%s",
			one.path, int(wait.Seconds()), one.Input, o.alias)
		select {
		case <-time.After(wait):
		case <-until.Done():
			return
		}
	}
}

func (o *output) send(until context.Context, one *chunk) (int, error) {
	if o.target == nil {
		return one.events, nil
	}
	events, torn, err := one.read()
	if err != nil {
		return 0, err
	}
	if torn > 0 {
		o.log.print(levelWarn, "[storage] %s ends with %d bytes of an incomplete event: those lines are read again", one.path, torn)
	}
	return len(events), o.target.send(until, events)
}

// backoff is a random time that grows with the attempts, plus a second, as in Fluent Bit.
func backoff(base, longest time.Duration, attempt int) time.Duration {
	most := min(base<<min(attempt, 20), longest)
	if most > base {
		base += rand.N(most - base)
	}
	return base + time.Second
}
