package main

import (
	"os/exec"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunPlugin starts a policy pack and stays until it ends. The engine configures the pack over gRPC, the Node.js
// policy SDK reads its configuration from the environment: Pulumi's PolicyProxy stands between the two.
func (h *nodeHost) RunPlugin(
	req *pulumirpc.RunPluginRequest, stream pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if req.GetKind() != string(apitype.AnalyzerPlugin) {
		return status.Errorf(codes.Unimplemented,
			"this language host starts programs and policy packs only, not the %s plugin %q: "+
				"install Pulumi (https://www.pulumi.com/docs/install/)", req.GetKind(), req.GetName())
	}
	ctx, release := h.bind(stream.Context())
	defer release()
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	defer closer.Close()

	directory := req.GetInfo().GetProgramDirectory()
	node, err := exec.LookPath("node")
	if err != nil {
		return err
	}
	options, err := optionsOf(req.GetInfo())
	if err != nil {
		return err
	}
	entry, err := resolveModule(ctx, node, "@pulumi/pulumi/cmd/run-policy-pack", directory)
	if err != nil {
		return err
	}
	proxy, stdout, err := sdk.NewPolicyProxy(ctx, stdout)
	if err != nil {
		return err
	}
	configuration, err := proxy.AwaitConfiguration(ctx)
	if err != nil {
		return err
	}
	stackEnv, err := policyPackEnv(configuration)
	if err != nil {
		return err
	}

	// The pack's directory comes last: before it the runner expects the engine's address, which is req.Args.
	args := append(append(append(options.nodeArgs, entry), req.GetArgs()...), directory)
	cmd := command(ctx, node, args...)
	cmd.Dir = directory
	cmd.Env = append(append(req.GetEnv(), options.env...), stackEnv...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := proxy.Attach(ctx, cmd); err != nil && ctx.Err() == nil {
		return describeExit("Policy pack", err)
	}
	return closer.Close()
}

// policyPackEnv is the stack in the words of @pulumi/pulumi's runtime settings; nil means that there is no stack.
func policyPackEnv(stack *pulumirpc.AnalyzerStackConfigureRequest) ([]string, error) {
	if stack == nil {
		return nil, nil
	}
	config, err := configEnv(stack.GetConfig(), stack.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	return append(config,
		"PULUMI_NODEJS_ORGANIZATION="+stack.GetOrganization(),
		"PULUMI_NODEJS_PROJECT="+stack.GetProject(),
		"PULUMI_NODEJS_STACK="+stack.GetStack(),
		"PULUMI_NODEJS_DRY_RUN="+strconv.FormatBool(stack.GetDryRun()),
	), nil
}
