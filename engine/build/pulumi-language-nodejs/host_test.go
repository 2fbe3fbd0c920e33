package main

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

func TestProgramArgumentsAreThoseOfPulumisRunCommand(t *testing.T) {
	host := newHost("127.0.0.1:1", "")
	got := host.programArguments(&pulumirpc.RunRequest{
		MonitorAddress: "127.0.0.1:2",
		Organization:   "organization",
		Project:        "auth",
		Stack:          "dev",
		DryRun:         true,
		Parallel:       16,
		Args:           []string{"extra"},
		Info: &pulumirpc.ProgramInfo{
			RootDirectory: "/repo", ProgramDirectory: "/repo/infra", EntryPoint: ".",
		},
	})
	want := strings.Fields("--monitor 127.0.0.1:2 --engine 127.0.0.1:1 --organization organization --project auth " +
		"--root-directory /repo --stack dev --pwd /repo/infra --dry-run --parallel 16 . extra")
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnUpdateIsNoDryRun(t *testing.T) {
	got := newHost("", "").programArguments(&pulumirpc.RunRequest{Info: &pulumirpc.ProgramInfo{EntryPoint: "."}})
	if slices.Contains(got, "--dry-run") || slices.Contains(got, "--engine") {
		t.Errorf("got %q", got)
	}
}

func TestConfigurationAndSecretKeysReachTheProgramAsJson(t *testing.T) {
	got, err := configEnv(map[string]string{"auth:poolMax": "3"}, []string{"auth:token"})
	want := []string{`PULUMI_CONFIG={"auth:poolMax":"3"}`, `PULUMI_CONFIG_SECRET_KEYS=["auth:token"]`}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	empty, err := configEnv(nil, nil)
	if err != nil || !slices.Equal(empty, []string{"PULUMI_CONFIG={}", "PULUMI_CONFIG_SECRET_KEYS=[]"}) {
		t.Errorf("got %q, %v", empty, err)
	}
}

func TestPolicyPackSeesTheStackAndItsConfiguration(t *testing.T) {
	got, err := policyPackEnv(&pulumirpc.AnalyzerStackConfigureRequest{
		Organization: "organization", Project: "auth", Stack: "dev", DryRun: true,
		Config: map[string]string{"auth:poolMax": "3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`PULUMI_CONFIG={"auth:poolMax":"3"}`, "PULUMI_NODEJS_PROJECT=auth", "PULUMI_NODEJS_STACK=dev",
		"PULUMI_NODEJS_ORGANIZATION=organization", "PULUMI_NODEJS_DRY_RUN=true",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is missing from %q", want, got)
		}
	}
	if none, err := policyPackEnv(nil); none != nil || err != nil {
		t.Errorf("without a stack: got %q, %v", none, err)
	}
}

func TestRuntimeOptionsFollowPulumisDefaults(t *testing.T) {
	options, err := optionsOf(info(t, nil))
	if err != nil || !slices.Equal(options.env, []string{"PULUMI_NODEJS_TYPESCRIPT=true"}) {
		t.Errorf("got %q, %v", options.env, err)
	}
	options, err = optionsOf(info(t, map[string]any{"typescript": false, "nodeargs": "--import=tsx --trace-gc"}))
	if err != nil || len(options.env) != 0 || !slices.Equal(options.nodeArgs, []string{"--import=tsx", "--trace-gc"}) {
		t.Errorf("got %+v, %v", options, err)
	}
}

func TestRuntimeOptionsThatCannotBeReadAreNamed(t *testing.T) {
	for _, given := range []map[string]any{{"typescript": "no"}, {"nodeargs": 3.0}, {"nodeargs": `--title="a b"`}} {
		_, err := optionsOf(info(t, given))
		if err == nil || !strings.Contains(err.Error(), "runtime option ") {
			t.Errorf("%v: got %v", given, err)
		}
	}
}

func TestProvidersAreReadFromTheSdksPackageJson(t *testing.T) {
	got := providerOf([]byte(`{"name":"@pulumi/aws","version":"7.48.0","pulumi":{"resource":true}}`))
	if got.GetName() != "aws" || got.GetVersion() != "v7.48.0" || got.GetKind() != "resource" {
		t.Errorf("got %v", got)
	}
	for _, other := range []string{`{"name":"zod","version":"4.0.0"}`, `{"pulumi":{"resource":true}}`, `not json`} {
		if got := providerOf([]byte(other)); got != nil {
			t.Errorf("%s: got %v", other, got)
		}
	}
}

func TestExitCodesAreKept(t *testing.T) {
	err := describeExit("Program", exec.Command("sh", "-c", "exit 7").Run())
	if err.Error() != "Program exited with non-zero exit code: 7" {
		t.Error(err)
	}
	if err := describeExit("Program", errors.New("no such file")); !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}

func TestCancelEndsAChildAtOnce(t *testing.T) {
	host := newHost("", "")
	ctx, release := host.bind(context.Background())
	defer release()
	cmd := command(ctx, "sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if _, err := host.Cancel(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || time.Since(started) > killDelay {
		t.Errorf("ended with %v after %s", err, time.Since(started))
	}
}

func TestOtherPluginsAreRefusedByName(t *testing.T) {
	err := newHost("", "").RunPlugin(&pulumirpc.RunPluginRequest{Kind: "resource", Name: "random"}, nil)
	if err == nil || !strings.Contains(err.Error(), `resource plugin "random"`) {
		t.Errorf("got %v", err)
	}
}

func info(t *testing.T, options map[string]any) *pulumirpc.ProgramInfo {
	t.Helper()
	given, err := structpb.NewStruct(options)
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.ProgramInfo{Options: given}
}
