import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { OfflineAws } from "./provider";
import { providerService } from "./service";

/** The engine's own limit; gRPC's default of 4 MiB is less than a large stack's properties. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
/** How often to look whether the engine is still there. */
const PARENT_CHECK_MS = 1_000;

/** Serves the provider on a free port of this machine alone. */
export async function startServer(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(ResourceProviderService, providerService(new OfflineAws()));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, stop: () => server.forceShutdown() };
}

/** Runs as a plugin: the port on standard output is how the engine finds it. */
export async function main(): Promise<void> {
  try {
    const { port } = await startServer();
    process.stdout.write(`${port}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`the offline AWS provider cannot listen on 127.0.0.1: ${reason}\n`);
    process.exit(1);
  }
  // An engine that is killed cannot end its plugins; one without a parent has nothing left to serve.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS).unref();
}
