package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// killDelay is how long an interrupted child may take to leave before it is killed.
const killDelay = 5 * time.Second

// bind derives a context that ends with the request or with the host, whichever is first.
func (h *nodeHost) bind(request context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(h.alive)
	stop := context.AfterFunc(request, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// command prepares a child that is interrupted, then killed, when its context ends. It stays in the host's own
// process group, which the engine kills as a whole when it gives up on the host.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill()
		}
		return nil
	}
	cmd.WaitDelay = killDelay
	return cmd
}

// resolveModule asks Node.js itself where a module is, seen from a directory.
func resolveModule(ctx context.Context, node, module, directory string) (string, error) {
	cmd := exec.CommandContext(ctx, node, "--print", fmt.Sprintf("require.resolve(%q)", module))
	cmd.Dir = directory
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return "", fmt.Errorf("%s cannot be found from %s: run `npm install` there", module, directory)
		}
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

// describeExit says in one sentence why a child did not end well.
func describeExit(what string, err error) error {
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() > 0 {
		return fmt.Errorf("%s exited with non-zero exit code: %d", what, failed.ExitCode())
	}
	return fmt.Errorf("%s did not run to its end: %w", what, err)
}
