import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as analyzer from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Plan } from "../../../policies/plan/plan";
import { toWire } from "../../../policies/plan/wire";

export interface Finding {
  readonly policy: string;
  readonly level: "advisory" | "mandatory";
  readonly message: string;
  readonly urn: string;
}

const LEVELS = {
  advisory: analyzer.EnforcementLevel.ADVISORY,
  mandatory: analyzer.EnforcementLevel.MANDATORY,
  disabled: analyzer.EnforcementLevel.DISABLED,
} as const;

/** The compiled pack in Pulumi's own runner, spoken to as the engine does. */
export class PolicyServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly client: AnalyzerClient,
  ) {}

  static async start(pack: string, env: { readonly [name: string]: string } = {}): Promise<PolicyServer> {
    const runner = path.dirname(require.resolve("@pulumi/pulumi/cmd/run-policy-pack"));
    const child = spawn(process.execPath, [runner, "127.0.0.1:1", "dist"], {
      cwd: pack,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout?.once("data", (data: Buffer) => resolve(String(data).trim()));
      child.once("exit", (code) => reject(new Error(`the pack exited with ${code}`)));
    });
    const options = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
    return new PolicyServer(child, client);
  }

  stop(): void {
    this.client.close();
    this.child.kill();
  }

  info(): Promise<analyzer.AnalyzerInfo> {
    return call((done) => this.client.getAnalyzerInfo(new Empty(), done));
  }

  /** Sets the whole policy configuration, as the engine does once before it analyses. */
  async configure(config: {
    readonly [policy: string]: { readonly level: keyof typeof LEVELS; readonly properties?: object };
  }): Promise<void> {
    const request = new analyzer.ConfigureAnalyzerRequest();
    for (const [policy, { level, properties = {} }] of Object.entries(config)) {
      const entry = new analyzer.PolicyConfig();
      entry.setEnforcementlevel(LEVELS[level]);
      entry.setProperties(Struct.fromJavaScript(properties as { [key: string]: JavaScriptValue }));
      request.getPolicyconfigMap().set(policy, entry);
    }
    await call<Empty>((done) => this.client.configure(request, done));
  }

  async analyze(plan: Plan): Promise<Finding[]> {
    const request = new analyzer.AnalyzeStackRequest();
    request.setResourcesList(plan.resources.map(toMessage));
    const response = await call<analyzer.AnalyzeResponse>((done) => this.client.analyzeStack(request, done));
    return response.getDiagnosticsList().map((found) => ({
      policy: found.getPolicyname(),
      level: found.getEnforcementlevel() === analyzer.EnforcementLevel.ADVISORY ? "advisory" : "mandatory",
      message: found.getMessage(),
      urn: found.getUrn(),
    }));
  }
}

function toMessage(resource: Plan["resources"][number]): analyzer.AnalyzerResource {
  const message = new analyzer.AnalyzerResource();
  message.setUrn(resource.urn);
  message.setType(resource.type);
  message.setName(resource.name);
  message.setProperties(
    Struct.fromJavaScript(toWire(resource.properties) as { [key: string]: JavaScriptValue }),
  );
  message.setOptions(
    new analyzer.AnalyzerResourceOptions().setCustomtimeouts(
      new analyzer.AnalyzerResourceOptions.CustomTimeouts(),
    ),
  );
  message.setDependenciesList([...resource.dependencies]);
  for (const [property, urns] of Object.entries(resource.propertyDependencies)) {
    message
      .getPropertydependenciesMap()
      .set(property, new analyzer.AnalyzerPropertyDependencies().setUrnsList([...urns]));
  }
  return message;
}

function call<T>(
  start: (done: (error: grpc.ServiceError | null, response: T) => void) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, response) => (error ? reject(error) : resolve(response)));
  });
}
