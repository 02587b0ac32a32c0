package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// child is a program of ours that runs as a process of its own, as in
// production: it can be killed and started again.
type child struct {
	name string
	path string
	args []string
	env  []string
	log  *os.File

	mu     sync.Mutex
	cmd    *exec.Cmd
	exited chan struct{}
}

// start runs the child; firstLine, when not nil, is given its first line on stdout.
func (c *child) start(firstLine func(string) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	cmd := exec.Command(c.path, c.args...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stderr = c.log
	// A process group of its own: Ctrl-C reaches the sandbox alone, which then
	// ends its children in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", c.name, err)
	}
	exited := make(chan struct{})
	c.cmd, c.exited = cmd, exited
	out := bufio.NewReader(stdout)
	var lineErr error
	if firstLine != nil {
		line, err := out.ReadString('\n')
		if err == nil {
			err = firstLine(line)
		}
		if err != nil {
			lineErr = fmt.Errorf("%s did not start: %w; see %s", c.name, err, c.log.Name())
		}
	}
	go func() {
		_, _ = io.Copy(c.log, out)
		_ = cmd.Wait()
		close(exited)
	}()
	return lineErr
}

// kill ends the child with SIGKILL, as a power cut would.
func (c *child) kill() {
	c.signal(syscall.SIGKILL)
	c.wait(10 * time.Second)
}

// stop asks the child to end, and insists after a while.
func (c *child) stop() {
	c.signal(syscall.SIGTERM)
	if !c.wait(30 * time.Second) {
		c.kill()
	}
}

func (c *child) signal(s syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd != nil && c.cmd.Process != nil {
		_ = c.cmd.Process.Signal(s)
	}
}

func (c *child) wait(patience time.Duration) bool {
	c.mu.Lock()
	exited := c.exited
	c.mu.Unlock()
	if exited == nil {
		return true
	}
	select {
	case <-exited:
		return true
	case <-time.After(patience):
		return false
	}
}

// running reports whether the child has not ended.
func (c *child) running() bool { return !c.wait(0) }

// moduleRoot is the folder of the project's source, which the sandbox builds from.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("asking go for the module: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(out)))
	if _, err := os.Stat(filepath.Join(root, "sandbox", "temporal", "go.mod")); err != nil {
		return "", errors.New("the sandbox builds the project's programs: run it inside a checkout, with `go run ./sandbox`")
	}
	return root, nil
}

// build compiles the programs that the sandbox runs. The Temporal server takes
// some minutes the first time, and nothing afterwards.
func build(ctx context.Context, root, bin string, withTemporal bool, say func(string)) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	if err := goBuild(ctx, root, bin, "./workers", "./starter", "./console"); err != nil {
		return err
	}
	if !withTemporal {
		return nil
	}
	slow := time.AfterFunc(3*time.Second, func() {
		say("building the Temporal server: some minutes the first time, nothing afterwards ...")
	})
	defer slow.Stop()
	started := time.Now()
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	done := make(chan error, 1)
	go func() {
		done <- goBuild(ctx, filepath.Join(root, "sandbox", "temporal"), filepath.Join(bin, "temporal"), ".")
	}()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			say(fmt.Sprintf("still building the Temporal server (%s) ...", time.Since(started).Round(time.Second)))
		}
	}
}

func goBuild(ctx context.Context, dir, out string, packages ...string) error {
	args := append([]string{"build", "-C", dir, "-o", out}, packages...)
	if output, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return nil
}

// temporalAt is where the Temporal server that was started listens.
type temporalAt struct {
	Address   string `json:"address"`
	UI        string `json:"ui"`
	Namespace string `json:"namespace"`
}

func parseReady(line string) (at temporalAt, err error) {
	if err = json.Unmarshal([]byte(line), &at); err != nil || at.Address == "" {
		return at, fmt.Errorf("it printed %q instead of its address", strings.TrimSpace(line))
	}
	return at, nil
}

// awaitReady waits until a service of ours can work.
func awaitReady(ctx context.Context, address string, log *slog.Logger) error {
	client := http.Client{Timeout: 2 * time.Second}
	for {
		resp, err := client.Get("http://" + address + "/readyz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not become ready: %w", address, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
