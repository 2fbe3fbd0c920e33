package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// exitAlreadyReported is the code with which Pulumi's Node.js SDK says that the user has seen the error already
// (`nodeJSProcessExitedAfterLoggingUserActionableMessage` in @pulumi/pulumi/cmd/run).
const exitAlreadyReported = 32

// Run executes a Pulumi program. A program that fails is an answer; only what keeps it from starting is an error.
func (h *nodeHost) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, release := h.bind(ctx)
	defer release()
	cmd, err := h.programCommand(ctx, req)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	err = cmd.Run()
	// It ended well and left a child of its own behind that still holds its output: not the program's failure.
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == exitAlreadyReported {
		return &pulumirpc.RunResponse{Bail: true}, nil
	}
	if err != nil {
		return &pulumirpc.RunResponse{Error: describeExit("Program", err).Error()}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

func (h *nodeHost) programCommand(ctx context.Context, req *pulumirpc.RunRequest) (*exec.Cmd, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	options, err := optionsOf(req.GetInfo())
	if err != nil {
		return nil, err
	}
	entry, err := resolveModule(ctx, node, "@pulumi/pulumi/cmd/run", req.GetInfo().GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	config, err := configEnv(req.GetConfig(), req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	cmd := command(ctx, node, append(append(options.nodeArgs, entry), h.programArguments(req)...)...)
	cmd.Env = append(append(os.Environ(), config...), options.env...)
	// Copied rather than inherited: Node.js may make a shared descriptor non-blocking for this process too.
	cmd.Stdout, cmd.Stderr = struct{ io.Writer }{os.Stdout}, struct{ io.Writer }{os.Stderr}
	return cmd, nil
}

// programArguments are the flags of @pulumi/pulumi/cmd/run, then the program and its own arguments.
func (h *nodeHost) programArguments(req *pulumirpc.RunRequest) []string {
	args := []string{}
	flag := func(name, value string) {
		if value != "" {
			args = append(args, "--"+name, value)
		}
	}
	flag("monitor", req.GetMonitorAddress())
	flag("engine", h.engine())
	flag("organization", req.GetOrganization())
	flag("project", req.GetProject())
	flag("root-directory", req.GetInfo().GetRootDirectory())
	flag("stack", req.GetStack())
	flag("pwd", req.GetInfo().GetProgramDirectory())
	if req.GetDryRun() {
		args = append(args, "--dry-run")
	}
	flag("parallel", strconv.Itoa(int(req.GetParallel())))
	flag("tracing", h.tracing)
	args = append(args, req.GetInfo().GetEntryPoint())
	return append(args, req.GetArgs()...)
}

// configEnv is how the Node.js SDK is handed the stack configuration, and which of it is secret.
func configEnv(config map[string]string, secretKeys []string) ([]string, error) {
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	values, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(values), "PULUMI_CONFIG_SECRET_KEYS=" + string(secrets)}, nil
}
