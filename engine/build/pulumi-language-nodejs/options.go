package main

import (
	"fmt"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// runtimeOptions are the `runtime.options` of Pulumi.yaml and PulumiPolicy.yaml that reach Node.js.
// https://www.pulumi.com/docs/iac/concepts/projects/project-file/#runtime-options
type runtimeOptions struct {
	// env tells Pulumi's entry points whether to load ts-node (Pulumi's default) and with which tsconfig.
	env []string
	// nodeArgs are arguments of node itself. They are split at spaces; quotes are refused rather than misread.
	nodeArgs []string
}

func optionsOf(info *pulumirpc.ProgramInfo) (runtimeOptions, error) {
	options := runtimeOptions{}
	given := info.GetOptions().AsMap()
	typescript, err := option(given, "typescript", true)
	if err != nil {
		return options, err
	}
	if typescript {
		options.env = append(options.env, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	tsconfig, err := option(given, "tsconfig", "")
	if err != nil {
		return options, err
	}
	if tsconfig != "" {
		options.env = append(options.env, "PULUMI_NODEJS_TSCONFIG_PATH="+tsconfig)
	}
	nodeArgs, err := option(given, "nodeargs", "")
	if err != nil {
		return options, err
	}
	if strings.ContainsAny(nodeArgs, `"'\`) {
		return options, fmt.Errorf("runtime option nodeargs is %s: quoting is not supported by this language host",
			nodeArgs)
	}
	options.nodeArgs = strings.Fields(nodeArgs)
	return options, nil
}

// option reads one option, or its default where it is absent; a value of another type is an error that names it.
func option[T any](given map[string]any, name string, absent T) (T, error) {
	value, present := given[name]
	if !present {
		return absent, nil
	}
	typed, ok := value.(T)
	if !ok {
		return absent, fmt.Errorf("runtime option %s is %v: must be a %T", name, value, absent)
	}
	return typed, nil
}
