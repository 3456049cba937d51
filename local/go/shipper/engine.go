package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// engine reads, filters and stores in one loop, as Fluent Bit does. Other goroutines send.
type engine struct {
	config  *config
	log     *logger
	metrics *metrics
	queue   *queue
	tails   []*tail
	left    []*chunk  // by an earlier process
	failed  time.Time // time of the last logged error

	sending sync.WaitGroup
	cancel  context.CancelFunc
	context context.Context
}

const pollInterval = 100 * time.Millisecond

func newEngine(config *config, log *logger) (*engine, error) {
	e := &engine{config: config, log: log}
	var err error
	if e.queue, e.left, err = openQueue(config.service, log); err != nil {
		return nil, err
	}
	e.metrics = newMetrics(config, e.queue)
	for _, one := range config.outputs {
		if err := one.prepare(e); err != nil {
			return nil, err
		}
	}
	for _, one := range config.inputs {
		if one.tail == nil {
			continue
		}
		input, err := newTail(one, e)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", one.alias, err)
		}
		e.tails = append(e.tails, input)
	}
	e.context, e.cancel = context.WithCancel(context.Background())
	return e, nil
}

// run works until the context ends. Then it reads and sends what is left, until all is done or the grace time is over.
func (e *engine) run(stop context.Context) error {
	defer e.sending.Wait()
	defer e.cancel()
	if len(e.left) > 0 {
		e.log.print(levelInfo, "[storage] %d chunks of an earlier process", len(e.left))
	}
	for _, one := range e.left {
		e.send(one)
	}
	flush := time.NewTicker(max(e.config.service.flush, 10*time.Millisecond))
	defer flush.Stop()
	poll := time.NewTimer(0)
	ticks := newTicks(e.config.inputs)
	for {
		select {
		case <-stop.Done():
			return e.end()
		default:
		}
		select {
		case <-stop.Done():
			return e.end()
		case <-flush.C:
			e.flush()
		case <-poll.C:
			more, err := e.poll(ticks)
			if err != nil {
				return err
			}
			wait := pollInterval
			if more {
				wait = 0
			}
			poll.Reset(wait)
		}
	}
}

func (e *engine) poll(ticks []*tick) (more bool, err error) {
	now := time.Now()
	for _, one := range ticks {
		if err := e.orLater(one.inputConfig, one.poll(now, e.add)); err != nil {
			return false, err
		}
	}
	for _, one := range e.tails {
		again, err := one.poll(now)
		if err != nil {
			return false, fmt.Errorf("input %s: %w", one.alias, err)
		}
		more = more || again
	}
	return more, nil
}

// add filters the events of an input and stores the result.
func (e *engine) add(of *inputConfig, events []event) error {
	for _, one := range e.config.filters {
		if !one.matches(of.tag) || len(events) == 0 {
			continue
		}
		var err error
		if events, err = one.apply(of.tag, events); err != nil {
			return err
		}
	}
	bytes := 0
	if len(events) > 0 && len(e.outputsOf(of.tag)) > 0 {
		var err error
		if bytes, err = e.queue.add(of.directory, chunkHead{Input: of.alias, Tag: of.tag}, events); err != nil {
			return err
		}
	}
	one := e.metrics.input(of.alias)
	one.records.Add(int64(len(events)))
	one.bytes.Add(int64(bytes))
	return nil
}

// orLater returns an error of the script, which ends the program. It logs all other errors, mostly of a full disk.
func (e *engine) orLater(of *inputConfig, err error) error {
	var script *luaError
	if err == nil || errors.As(err, &script) {
		return err
	}
	if now := time.Now(); now.Sub(e.failed) > time.Second { // several attempts a second would fill the log
		e.failed = now
		e.log.print(levelError, "[input:%s:%s] the lines are read again later: %v", of.plugin, of.alias, err)
	}
	return nil
}

func (e *engine) outputsOf(tag string) []*output {
	var result []*output
	for _, one := range e.config.outputs {
		if one.matches(tag) {
			result = append(result, one)
		}
	}
	return result
}

// flush passes the chunks that were being filled to the outputs.
func (e *engine) flush() {
	for _, one := range e.queue.take() {
		e.send(one)
	}
}

func (e *engine) send(one *chunk) {
	outputs := e.outputsOf(one.Tag)
	one.waiting = len(outputs)
	if len(outputs) == 0 {
		e.log.print(levelWarn, "[engine] no output matches the tag %s of %s, which stays in the queue", one.Tag, one.path)
	}
	for _, to := range outputs {
		e.sending.Go(func() { to.deliver(e.context, one) })
	}
}

// end reads what is left and sends what it can in the grace time. The rest stays in the queue.
func (e *engine) end() error {
	grace := e.config.service.grace
	e.log.print(levelWarn, "[engine] service will shutdown in max %d seconds", int(grace.Seconds()))
	deadline := time.Now().Add(grace)
	for _, one := range e.tails {
		one.scan(false)
	}
	for more := true; more && time.Now().Before(deadline); {
		var err error
		if more, err = e.poll(nil); err != nil {
			return err
		}
		e.flush()
	}
	e.log.print(levelInfo, "[engine] pausing all inputs..")
	e.flush()
	for time.Now().Before(deadline) {
		if count, _ := e.queue.count(); count == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	count, _ := e.queue.count()
	e.log.print(levelInfo, "[engine] service has stopped (%d pending tasks)", count)
	return nil
}
