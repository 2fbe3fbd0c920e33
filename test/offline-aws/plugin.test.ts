import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { expect, test } from "vitest";

const PLUGIN = join(__dirname, "../../engine/offline-aws/bin/pulumi-resource-aws");

test("the plugin prints its port and nothing else, and answers there", async () => {
  const plugin = spawn(PLUGIN, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    const [printed] = await once(plugin.stdout, "data");
    expect(String(printed)).toMatch(/^\d+\n$/);
    const client = new ResourceProviderClient(
      `127.0.0.1:${String(printed).trim()}`,
      credentials.createInsecure(),
    );
    const version = await new Promise((resolve, reject) => {
      client.getPluginInfo(new Empty(), (error, info) =>
        error === null ? resolve(info.getVersion()) : reject(error),
      );
    });
    client.close();
    expect(version).toBe("7.48.0");
  } finally {
    plugin.kill();
  }
});
