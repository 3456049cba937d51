package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// serve answers requests for health and metrics until the context ends.
func serve(of service, metrics *metrics, log *logger, until context.Context) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(of.listen, strconv.Itoa(of.port)))
	if err != nil {
		return fmt.Errorf("http_server: %w", err)
	}
	mux := http.NewServeMux()
	answer := func(path, kind string, text func() string) {
		mux.HandleFunc("GET "+path, func(to http.ResponseWriter, _ *http.Request) {
			to.Header().Set("Content-Type", kind)
			fmt.Fprint(to, text()) // the caller may be gone
		})
	}
	answer("/{$}", "application/json", func() string {
		return fmt.Sprintf(`{"fluent-bit":{"version":"%s-stand-in","edition":"stand-in","flags":[]}}`, fluentBitVersion)
	})
	answer("/api/v1/health", "text/plain", func() string { return "ok\n" })
	answer("/api/v2/metrics/prometheus", "text/plain; version=0.0.4", metrics.text)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.print(levelInfo, "[http_server] listen iface=%s tcp_port=%d", of.listen, of.port)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.print(levelError, "[http_server] %v", err)
		}
	}()
	context.AfterFunc(until, func() { _ = server.Close() })
	return nil
}
