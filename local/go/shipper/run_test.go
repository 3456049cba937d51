package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests start the program as separate processes: this test binary with this variable set.
const asProgram = "SHIPPER_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// place is a directory with the files that the program reads and writes.
type place struct {
	t         *testing.T
	directory string
	logs      string
	port      int // of the program's metrics
}

func newPlace(t *testing.T) *place {
	directory := t.TempDir()
	p := &place{t: t, directory: directory, logs: filepath.Join(directory, "logs"), port: freePort(t)}
	for name, content := range map[string]string{"credentials/username": "elastic\n", "credentials/password": "secret", "credentials/apiKey": "a2V5"} {
		p.write(name, content)
	}
	for _, one := range []string{p.logs, filepath.Join(directory, "queue/offsets"), filepath.Join(directory, "queue/state/positions")} {
		must(t, os.MkdirAll(one, 0o755))
	}
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (p *place) write(name, content string) string {
	file := filepath.Join(p.directory, name)
	must(p.t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(p.t, os.WriteFile(file, []byte(content), 0o644))
	return file
}

// log adds to a log file.
func (p *place) log(name, content string) {
	p.t.Helper()
	file, err := os.OpenFile(filepath.Join(p.logs, name), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	must(p.t, err)
	_, err = file.WriteString(content)
	must(p.t, err)
	must(p.t, file.Close())
}

// config writes the stack's configuration with different paths, addresses and ports, and the given replacements.
// test/local/build/shipperTestdata.test.ts checks that it is what the program renders.
func (p *place) config(target string, changes ...string) string {
	at, err := url.Parse(target)
	must(p.t, err)
	yaml, err := os.ReadFile("testdata/fluent-bit.yaml")
	must(p.t, err)
	script, err := os.ReadFile("testdata/document.lua")
	must(p.t, err)
	p.write("etc/pglog/document.lua", strings.ReplaceAll(string(script), "/fluent-bit/", p.directory+"/"))
	all := append([]string{
		"/fluent-bit/", p.directory + "/", "/var/log/postgresql", p.logs,
		"http_listen: 0.0.0.0", "http_listen: 127.0.0.1", "http_port: 2020", fmt.Sprint("http_port: ", p.port),
		"host: elasticsearch\n", fmt.Sprintf("host: %s\n", at.Hostname()), "port: 9200", "port: " + at.Port(),
	}, changes...)
	text := string(yaml)
	for i := 0; i < len(all); i += 2 {
		if changed := strings.ReplaceAll(text, all[i], all[i+1]); changed != text || all[i] == all[i+1] || i < 12 {
			text = changed
		} else {
			p.t.Fatalf("the configuration has no %q to replace", all[i])
		}
	}
	return p.write("fluent-bit.yaml", text)
}

// process is a running program.
type process struct {
	*exec.Cmd
	t      *testing.T
	output *lockedBuffer
	ended  chan error
}

type lockedBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(data)
}

func (b *lockedBuffer) text() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.String()
}

// start runs a program with a configuration.
func start(t *testing.T, program, config string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(program, "--config", config), t: t, output: &lockedBuffer{}, ended: make(chan error, 1)}
	p.Env = append(os.Environ(), asProgram+"=1", "POD_NAME=postgres-0", "POD_UID=1-2-3", "POD_NAMESPACE=pglog-dev", "NODE_NAME=node",
		"POSITIONS="+filepath.Join(filepath.Dir(config), "queue/state/positions"))
	p.Stdout, p.Stderr = p.output, p.output
	must(t, p.Start())
	go func() { p.ended <- p.Wait() }()
	t.Cleanup(func() {
		_ = p.Process.Kill() // an error here means that the process has already ended
		if t.Failed() {
			text := p.output.text()
			t.Logf("the log of %s ends with:\n%s", program, text[max(0, len(text)-4000):])
		}
	})
	return p
}

// signal sends a signal and waits until the process ends.
func (p *process) signal(one syscall.Signal) error {
	p.t.Helper()
	must(p.t, p.Process.Signal(one))
	return p.wait()
}

func (p *process) wait() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(20 * time.Second):
		p.t.Fatal("the program has not ended")
		return nil
	}
}

// eventually waits until a condition is true.
func eventually(t *testing.T, what string, patience time.Duration, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

func (p *place) get(path string) string {
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", p.port, path))
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return fmt.Sprintf("%d %s", response.StatusCode, text)
}

func self(t *testing.T) string {
	program, err := os.Executable()
	must(t, err)
	return program
}
