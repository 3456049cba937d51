package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// elasticsearch is the target of an output of the plugins opensearch and es.
type elasticsearch struct {
	plugin, host, index    string
	port                   int
	daily                  bool // logstash_format: one index for each day
	prefix, dateFormat     string
	idKey, operation, kind string
	noKind, gzip           bool
	user, password, apiKey string
	tls                    tlsConfig
	connect, answer, idle  time.Duration
	id                     accessor
	url                    string
	client                 *http.Client
	log                    *logger
}

func newElasticsearch(plugin string) *elasticsearch {
	return &elasticsearch{
		plugin: plugin, host: "127.0.0.1", port: 9200, index: "fluent-bit", prefix: "logstash", dateFormat: "%Y.%m.%d",
		operation: "create", kind: "_doc", connect: 10 * time.Second, idle: 30 * time.Second,
		tls: tlsConfig{verify: true},
	}
}

func (s *elasticsearch) settings() settings {
	return s.tls.settings().and(ignored("net.keepalive_max_recycle")).and(settings{
		"host":                       text(&s.host),
		"port":                       number(&s.port, 1),
		"index":                      timeFormat(&s.index, writeable),
		"type":                       text(&s.kind),
		"suppress_type_name":         toggle(&s.noKind),
		"logstash_format":            toggle(&s.daily),
		"logstash_prefix":            text(&s.prefix),
		"logstash_dateformat":        timeFormat(&s.dateFormat, writeable),
		"id_key":                     text(&s.idKey),
		"write_operation":            oneOf(&s.operation, "create", "index"),
		"buffer_size":                only("false", "off"),
		"compress":                   func(text string) error { s.gzip = true; return only("gzip")(text) },
		"http_user":                  text(&s.user),
		"http_passwd":                text(&s.password),
		"net.connect_timeout":        seconds(&s.connect),
		"net.io_timeout":             seconds(&s.answer),
		"net.keepalive":              only("true", "on"),
		"net.keepalive_idle_timeout": seconds(&s.idle),
	}).and(s.apiKeySettings())
}

// apiKeySettings are keys that only the plugin es has.
func (s *elasticsearch) apiKeySettings() settings {
	if s.plugin != "es" {
		return settings{}
	}
	return settings{"http_api_key": text(&s.apiKey)}
}

func (s *elasticsearch) check() error {
	if strings.ContainsAny(s.prefix+s.index+s.kind, "\"\\\n\r") {
		return errors.New("the index must not have quotes, backslashes or ends of lines in it")
	}
	var err error
	s.id, err = newAccessor(s.idKey)
	return err
}

func (s *elasticsearch) prepare(log *logger) error {
	s.log = log
	scheme := "http"
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: s.connect}).DialContext,
		TLSHandshakeTimeout: cmp.Or(s.connect, 10*time.Second),
		IdleConnTimeout:     s.idle,
		MaxIdleConnsPerHost: 16,
		DisableCompression:  true,
	}
	if s.tls.on {
		scheme = "https"
		var err error
		if transport.TLSClientConfig, err = s.tls.client(s.host); err != nil {
			return err
		}
	}
	s.url = scheme + "://" + net.JoinHostPort(s.host, strconv.Itoa(s.port)) + "/_bulk"
	s.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	if s.answer > 0 {
		s.client.Timeout = s.connect + s.answer
	}
	return nil
}

// send returns nil if Elasticsearch has every event afterwards.
func (s *elasticsearch) send(until context.Context, events []storedEvent) error {
	body, err := s.bulk(events)
	if err != nil {
		return err
	}
	request, err := s.request(until, body)
	if err != nil {
		return err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated {
		return fmt.Errorf("HTTP status=%d URI=/_bulk, response:\n%s", response.StatusCode, shortened(answer))
	}
	return s.checkAnswer(answer, len(events))
}

func (s *elasticsearch) request(until context.Context, body []byte) (*http.Request, error) {
	if s.gzip {
		var packed bytes.Buffer
		to := gzip.NewWriter(&packed)
		if _, err := to.Write(body); err != nil {
			return nil, err
		}
		if err := to.Close(); err != nil {
			return nil, err
		}
		body = packed.Bytes()
	}
	request, err := http.NewRequestWithContext(until, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "Fluent-Bit")
	request.Header.Set("Content-Type", "application/x-ndjson")
	if s.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	switch {
	case s.user != "":
		request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(s.user+":"+s.password)))
	case s.apiKey != "":
		request.Header.Set("Authorization", "ApiKey "+s.apiKey)
	}
	return request, nil
}

// bulkAnswer is Elasticsearch's result for each item, in the order of the request.
type bulkAnswer struct {
	Errors *bool                 `json:"errors"`
	Items  []map[string]bulkItem `json:"items"`
}

type bulkItem struct {
	Status int             `json:"status"`
	Error  json.RawMessage `json:"error"`
}

// checkAnswer returns an error unless every item is stored, either now or earlier under the same id.
func (s *elasticsearch) checkAnswer(text []byte, sent int) error {
	var answer bulkAnswer
	if err := json.Unmarshal(text, &answer); err != nil || answer.Errors == nil {
		return fmt.Errorf("the answer to _bulk is not from Elasticsearch: %s", shortened(text))
	}
	if len(answer.Items) != sent {
		return fmt.Errorf("Elasticsearch answered for %d of %d documents", len(answer.Items), sent)
	}
	for _, one := range answer.Items {
		for operation, item := range one {
			there := item.Status >= 200 && item.Status < 300 || item.Status == http.StatusConflict && operation == "create"
			if !there {
				return fmt.Errorf("Elasticsearch refused a document, status %d: %s", item.Status, shortened(item.Error))
			}
		}
	}
	return nil
}

func shortened(text []byte) string {
	if len(text) > 1000 {
		text = text[:1000]
	}
	return strings.TrimSpace(string(text))
}
