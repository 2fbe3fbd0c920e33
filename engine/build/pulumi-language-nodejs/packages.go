package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// GetRequiredPackages names the providers whose SDKs are installed under the program's own directory, so that the
// engine can fetch them before the program starts. It is a convenience: where node_modules lies elsewhere (above
// the program, as in a workspace) the engine fetches a provider when the program first asks for it, with the
// version and address that the SDK states.
func (h *nodeHost) GetRequiredPackages(
	_ context.Context, req *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	modules := filepath.Join(req.GetInfo().GetProgramDirectory(), "node_modules")
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, pattern := range []string{"*", "@*/*"} {
		found, err := filepath.Glob(filepath.Join(modules, pattern, "package.json"))
		if err != nil {
			return nil, err
		}
		for _, file := range found {
			if content, err := os.ReadFile(file); err == nil {
				if dependency := providerOf(content); dependency != nil {
					response.Packages = append(response.Packages, dependency)
				}
			}
		}
	}
	return response, nil
}

// providerOf reads the `pulumi` block of an SDK's package.json; nil for a package that is no provider's SDK.
// https://www.pulumi.com/docs/iac/packages-and-automation/pulumi-packages/authoring/#package-json
func providerOf(content []byte) *pulumirpc.PackageDependency {
	var manifest struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Pulumi  struct {
			Resource bool   `json:"resource"`
			Name     string `json:"name"`
			Version  string `json:"version"`
			Server   string `json:"server"`
			// Parameterization marks an SDK whose plugin has another name: left to the engine's own look-up.
			Parameterization json.RawMessage `json:"parameterization"`
		} `json:"pulumi"`
	}
	if err := json.Unmarshal(content, &manifest); err != nil || !manifest.Pulumi.Resource {
		return nil
	}
	if manifest.Pulumi.Parameterization != nil {
		return nil
	}
	name, version := manifest.Pulumi.Name, manifest.Pulumi.Version
	if name == "" {
		name = strings.TrimPrefix(manifest.Name, "@pulumi/")
	}
	if version == "" {
		version = manifest.Version
	}
	if name == "" || version == "" {
		return nil
	}
	return &pulumirpc.PackageDependency{
		Name:    name,
		Kind:    "resource",
		Version: "v" + strings.TrimPrefix(version, "v"),
		Server:  manifest.Pulumi.Server,
	}
}
