// Command shipper stands in for Fluent Bit in the local environment, on machines without the real one. It runs the same
// configuration and the same Lua. If the configuration asks for anything that it does not do, it ends at once.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// fluentBitVersion is the version that it stands in for. Tests compare it with that version.
const fluentBitVersion = "5.1.1"

func main() {
	file := flag.String("config", "", "the configuration, in YAML")
	version := flag.Bool("version", false, "print the version")
	flag.StringVar(file, "c", "", "the same as -config")
	flag.Parse()
	if *version {
		fmt.Println("stand-in for Fluent Bit " + fluentBitVersion)
		return
	}
	if *file == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: shipper --config <file>")
		os.Exit(2)
	}
	// The container's limit is 256 MiB, and a line may have 16 MB. So the garbage collector must run more often than by
	// default.
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(96 << 20)
	stop, release := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer release()
	log := &logger{to: os.Stderr, most: levelInfo}
	log.print(levelInfo, "[stand-in] this is a stand-in for Fluent Bit %s, and not the real one", fluentBitVersion)
	if err := run(*file, log, stop); err != nil {
		log.print(levelError, "[stand-in] it ends")
		fmt.Fprintln(os.Stderr, "shipper:", err)
		os.Exit(1)
	}
}

func run(file string, log *logger, stop context.Context) error {
	config, err := load(file, log)
	if err != nil {
		return err
	}
	for i, name := range levelNames {
		if name == config.service.level {
			log.most = level(i)
		}
	}
	e, err := newEngine(config, log)
	if err != nil {
		return err
	}
	serving, end := context.WithCancel(context.Background())
	defer end()
	if config.service.server {
		if err := serve(config.service, e.metrics, log, serving); err != nil {
			return err
		}
	}
	return e.run(stop)
}
