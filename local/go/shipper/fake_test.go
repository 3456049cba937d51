package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// document is what the fake Elasticsearch got under one id.
type document struct{ action, source string }

// fake is the part of Elasticsearch that a bulk request needs.
type fake struct {
	*httptest.Server
	mutex     sync.Mutex
	documents map[string]document
	order     []string // ids in the order of their first copies
	again     int      // operations for a document that was already there
	without   int      // operations without an id
	requests  []http.Header
	mark      string // a text
	marked    int    // documents with that text

	refuse  func() bool // the whole request, with 503
	partial func() bool // one operation, with 429
}

func newFake(t *testing.T) *fake {
	f := &fake{documents: map[string]document{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func never() bool { return false }

func oneIn(n int) func() bool { return func() bool { return rand.IntN(n) == 0 } }

func (f *fake) ServeHTTP(to http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err == nil && request.Header.Get("Content-Encoding") == "gzip" {
		var unpacked *gzip.Reader
		if unpacked, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(unpacked)
		}
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.requests = append(f.requests, request.Header.Clone())
	if err != nil || request.URL.Path != "/_bulk" || f.refuse != nil && f.refuse() {
		to.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	items, failed := f.store(body)
	to.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(to, `{"took":1,"errors":%t,"items":[%s]}`, failed, strings.Join(items, ","))
}

func (f *fake) store(body []byte) (items []string, failed bool) {
	lines := bufio.NewReader(bytes.NewReader(body))
	for {
		action, err := lines.ReadString('\n')
		if err != nil {
			return items, failed
		}
		source, _ := lines.ReadString('\n')
		var operations map[string]struct {
			ID string `json:"_id"`
		}
		if err := json.Unmarshal([]byte(action), &operations); err != nil {
			panic(err)
		}
		for operation, about := range operations {
			_, there := f.documents[about.ID]
			status := http.StatusCreated
			switch {
			case f.partial != nil && f.partial():
				status = http.StatusTooManyRequests
			case there && operation == "create":
				status, f.again = http.StatusConflict, f.again+1
			default:
				if about.ID == "" {
					f.without++
				}
				f.documents[about.ID] = document{strings.TrimSuffix(action, "\n"), strings.TrimSuffix(source, "\n")}
				f.order = append(f.order, about.ID)
				if f.mark != "" && strings.Contains(source, f.mark) {
					f.marked++
				}
			}
			failed = failed || status != http.StatusCreated
			items = append(items, fmt.Sprintf(`{%q:{"_id":%q,"status":%d}}`, operation, about.ID, status))
		}
	}
}

func (f *fake) count() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return len(f.documents)
}

func (f *fake) markedCount() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.marked
}

func (f *fake) set(change func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	change()
}
