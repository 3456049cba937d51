package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestWhatItDoesNotKnowEndsItWithTheName(t *testing.T) {
	for _, one := range []struct{ from, to, want string }{
		{"    - name: opensearch\n", "    - name: opensearch\n      foo: 1\n", `outputs[0] (opensearch): the stand-in does not know the key "foo"`},
		{"name: opensearch", "name: kafka", "outputs[0] (kafka): the stand-in does not know this plugin"},
		{"http_user:", "http_api_key: x\n      http_user:", `outputs[0] (opensearch): the stand-in does not know the key "http_api_key"`},
		{"name: type_converter", "name: modify", "filters[0] (modify): the stand-in does not know this plugin"},
		{"rotate_wait: 5", "ignore_older: 5", `inputs[0] (tail): the stand-in does not know the key "ignore_older"`},
		{"  grace: 5", "  streams_file: x", `service: the stand-in does not know the key "streams_file"`},
		{"parsers:\n", "multiline_parsers:\n", `the file: the stand-in does not know the section "multiline_parsers"`},
		{"pipeline:\n", "pipeline:\n  logs: []\n", `pipeline: the stand-in does not know the section "logs"`},
		{"format: json", "format: regex", `parsers[0]: format: the stand-in takes json only, not "regex"`},
		{"%S.%L %Z", "%S.%L %z", `parsers[0]: time_format: the stand-in does not know "%z" in a time format; it knows YmdHMSLZ`},
		{"retry_limit: no_limits", "retry_limit: 3", `outputs[0] (opensearch): retry_limit: the stand-in takes no_limits or false only, not "3"`},
		{"buffer_size: false", "buffer_size: 4M", `outputs[0] (opensearch): buffer_size: the stand-in takes false or off only, not "4M"`},
		{"threaded: false", "threaded: true", `inputs[0] (tail): threaded: the stand-in takes off or false only, not "true"`},
		{"storage.type: filesystem\n", "processors: {logs: []}\n", `inputs[0]: the stand-in does not know the key "processors" with a value that has parts`},
		{"id_key: $event['id']", "id_key: $TAG[1]", `outputs[0] (opensearch): the stand-in does not know the record accessor "$TAG[1]"`},
		{"host: 127.0.0.1", "host: ${NOWHERE}", "outputs[0]: host: the variable NOWHERE is not set"},
		{"credentials/password", "credentials/nothing", "env[1] (ELASTICSEARCH_PASSWORD): open"},
		{"call: document", "call: nothing", `has no function "nothing"`},
		{"type_converter", "lua\n      script: x.lua\n      call: y\n      type_int_key: z", `filters[0] (lua): the stand-in does not know the key "type_int_key"`},
	} {
		p := newPlace(t)
		running := start(t, self(t), p.config("http://127.0.0.1:1", one.from, one.to))
		if err := running.wait(); err == nil {
			t.Errorf("%s: it ended well", one.to)
		}
		text := running.output.text()
		if !strings.Contains(text, "shipper: ") || !strings.Contains(text, one.want) {
			t.Errorf("%s: it said\n%s", one.to, text)
		}
		if first, _, _ := strings.Cut(text, "\n"); !strings.Contains(first, "a stand-in for Fluent Bit 5.1.1, and not the real one") {
			t.Errorf("its first line is %s", first)
		}
	}
}

func TestAnErrorOfTheScriptEndsItWithItsName(t *testing.T) {
	fake := newFake(t)
	p := newPlace(t)
	config := p.config(fake.URL)
	p.write("etc/pglog/document.lua", "function document(tag, time, r)\n  return 2, time, r.message .. nil\nend\n")
	p.log("postgresql-a.json", numbered(newWriter(1), 1))
	running := start(t, self(t), config)
	if err := running.wait(); err == nil {
		t.Error("it ended well")
	}
	if text := running.output.text(); !strings.Contains(text, "shipper: input postgresql_jsonlog: the Lua function document in") || !strings.Contains(text, "document.lua:2") {
		t.Errorf("it said\n%s", text)
	}
}

func TestItSendsTheCredentials(t *testing.T) {
	for _, one := range []struct{ from, to, want string }{
		{"", "", "Basic ZWxhc3RpYzpzZWNyZXQ="},
		{"name: opensearch", "name: es", "Basic ZWxhc3RpYzpzZWNyZXQ="},
		{"name: opensearch\n", "name: es\n      http_api_key: ${ELASTICSEARCH_PASSWORD}\n", "ApiKey secret"},
	} {
		fake := newFake(t)
		p := newPlace(t)
		changes := []string{"write_operation: create", "write_operation: index\n      compress: gzip"}
		if one.from != "" {
			changes = append(changes, one.from, one.to)
		}
		if strings.HasPrefix(one.want, "ApiKey") {
			changes = append(changes, "      http_user: ${ELASTICSEARCH_USERNAME}\n", "", "      http_passwd: ${ELASTICSEARCH_PASSWORD}\n", "")
		}
		p.log("postgresql-a.json", numbered(newWriter(1), 3))
		running := start(t, self(t), p.config(fake.URL, changes...))
		eventually(t, "the lines are there", 5*time.Second, func() bool { return fake.count() == 3 })
		must(t, running.signal(syscall.SIGTERM))
		if got := fake.requests[0].Get("Authorization"); got != one.want {
			t.Errorf("%s: the header is %q", one.to, got)
		}
		if got := fake.requests[0].Get("Content-Type"); got != "application/x-ndjson" {
			t.Errorf("the type is %q", got)
		}
	}
}

// certificate returns a self-signed certificate for a name, also as PEM.
func certificate(t *testing.T, name string) (tls.Certificate, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	data, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: data})
	return tls.Certificate{Certificate: [][]byte{data}, PrivateKey: key}, string(text)
}

func TestItChecksTheServersCertificate(t *testing.T) {
	right, rightText := certificate(t, "elasticsearch.example")
	_, otherText := certificate(t, "elasticsearch.example")
	for _, one := range []struct{ name, authority, keys, refusal string }{
		{"the right one", rightText, "tls.verify_hostname: true\n      tls.vhost: elasticsearch.example", ""},
		{"a different authority", otherText, "tls.verify_hostname: true\n      tls.vhost: elasticsearch.example", "unknown authority"},
		{"a different name", rightText, "tls.verify_hostname: true\n      tls.vhost: other.example", "not other.example"},
		{"a different name that is not checked", rightText, "tls.vhost: other.example", ""},
		{"a different authority, and the name is not checked", otherText, "tls.vhost: other.example", "unknown authority"},
		{"nothing is checked", otherText, "tls.verify: false", ""},
	} {
		fake := newFake(t)
		server := httptest.NewUnstartedServer(fake)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{right}}
		server.StartTLS()
		p := newPlace(t)
		authority := p.write("ca/ca.crt", one.authority)
		p.log("postgresql-a.json", numbered(newWriter(1), 3))
		running := start(t, self(t), p.config(server.URL, "tls: false", "tls: true\n      tls.min_version: TLSv1.2\n      tls.ca_file: "+authority+"\n      "+one.keys, "grace: 5", "grace: 0"))
		if one.refusal == "" {
			eventually(t, one.name, 5*time.Second, func() bool { return fake.count() == 3 })
		} else {
			eventually(t, one.name, 5*time.Second, func() bool { return strings.Contains(running.output.text(), one.refusal) })
		}
		must(t, running.signal(syscall.SIGTERM))
		server.Close()
		if one.refusal != "" && (fake.count() > 0 || len(fake.requests) > 0) {
			t.Errorf("%s: it sent something", one.name)
		}
	}
}

func TestTwoProcessesDoNotShareOffsets(t *testing.T) {
	fake := newFake(t)
	p := newPlace(t)
	config := p.config(fake.URL)
	start(t, self(t), config)
	eventually(t, "it runs", 5*time.Second, func() bool { return strings.HasPrefix(p.get("/"), "200 ") })
	second := start(t, self(t), config)
	if err := second.wait(); err == nil || !strings.Contains(second.output.text(), "is already in use by a process") {
		t.Errorf("%v: %s", err, second.output.text())
	}
}

func TestFilesOfTheRealProgramAreLeftAlone(t *testing.T) {
	p := newPlace(t)
	files := map[string]string{"queue/offsets/jsonlog.db": "SQLite format 3\x00", "queue/chunks/tail.0/b.flb": "x"}
	for name, content := range files {
		p.write(name, content)
	}
	start(t, self(t), p.config("http://127.0.0.1:1"))
	eventually(t, "it runs", 5*time.Second, func() bool { return strings.HasPrefix(p.get("/"), "200 ") })
	for name, content := range files {
		if kept, err := os.ReadFile(filepath.Join(p.directory, name)); err != nil || string(kept) != content {
			t.Errorf("%s was changed", name)
		}
	}
}
