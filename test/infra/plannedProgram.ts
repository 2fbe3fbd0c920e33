import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import { capacityOf } from "../../infra/capacity";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import type {
  AlarmInput,
  AlarmSpec,
  CompositeAlarmSpec,
  MetricAlarmSpec,
} from "../../infra/monitoring/alarmSpec";
import { alarmSpecs } from "../../infra/monitoring/alarms";

// CommonJS from here on, as Pulumi itself loads the program: one copy of the SDK on both sides.
const load = createRequire(__filename);
const pulumi: typeof import("@pulumi/pulumi") = load("@pulumi/pulumi");

export const ROOT = join(__dirname, "..", "..");
export const ACCOUNT = "123456789012";

/** One resource as the program declares it at preview; unknown values are left out of `inputs`. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [property: string]: unknown };
}

export interface Planned {
  readonly resources: readonly Declared[];
  readonly outputs: { readonly [name: string]: unknown };
  /** The inputs of the only resource of a type, or of the one with this name. */
  one(type: string, name?: string): Declared["inputs"];
  all(type: string): readonly Declared[];
  /** Names of everything that has to stand before the engine starts with this resource, at any remove. */
  before(name: string): ReadonlySet<string>;
}

/** The settings of a stack in the repository, as text, the way the engine hands them to the program. */
export function stackConfig(stack: string): { [key: string]: string } {
  const file = parse(readFileSync(join(ROOT, "stacks", `Pulumi.${stack}.yaml`), "utf8")) as {
    config: { [key: string]: unknown };
  };
  return Object.fromEntries(
    Object.entries(file.config).map(([key, value]) => [
      key,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );
}

/** Runs the whole program at preview, with AWS answered here: what only a deployment decides stays unknown. */
export function plan(stack: string, overrides: { readonly [key: string]: string } = {}): Promise<Planned> {
  return run(stack, overrides, true);
}

/** Runs it as `up` would, with made-up answers for what a deployment decides: policy documents can be read then. */
export function deploy(stack: string, overrides: { readonly [key: string]: string } = {}): Promise<Planned> {
  return run(stack, overrides, false);
}

async function run(
  stack: string,
  overrides: { readonly [key: string]: string },
  preview: boolean,
): Promise<Planned> {
  const resources: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (custom !== false) resources.push({ type, name, inputs });
        return preview
          ? { id: undefined, state: inputs }
          : { id: `${name}-id`, state: created(type, name, inputs) };
      },
      call: ({ token }) => invokeAnswer(token),
    },
    "auth",
    stack,
    preview,
  );
  const directly = recordDependencies();
  pulumi.runtime.setAllConfig({ ...stackConfig(stack), ...overrides });
  const program: () => Promise<{ readonly [name: string]: unknown }> = load("../../infra/index.js");
  const outputs = await program();
  await pulumi.runtime.disconnect();
  const all = (type: string) => resources.filter((resource) => resource.type === type);
  return {
    resources,
    outputs,
    all,
    before(name) {
      const found = new Set<string>();
      const visit = (of: string) => {
        for (const dependency of directly.get(of) ?? []) {
          if (found.has(dependency)) continue;
          found.add(dependency);
          visit(dependency);
        }
      };
      visit(name);
      return found;
    },
    one(type, name) {
      const found = all(type).filter((resource) => name === undefined || resource.name === name);
      if (found.length !== 1 || found[0] === undefined) {
        throw new Error(`${found.length} resources of type ${type}${name ? ` called ${name}` : ""}`);
      }
      return found[0].inputs;
    },
  };
}

/** What each resource, by name, waits for: the mocks are not told, so the requests to the engine are read. */
function recordDependencies(): ReadonlyMap<string, readonly string[]> {
  const directly = new Map<string, readonly string[]>();
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined) throw new Error("the mocks are not in place");
  const register = monitor.registerResource.bind(monitor) as (...args: unknown[]) => never;
  monitor.registerResource = (request: Registration, ...others: unknown[]) => {
    const names = request.getDependenciesList().map((urn) => urn.split("::").at(-1) ?? urn);
    directly.set(request.getName(), names);
    return register(request, ...others);
  };
  return directly;
}

interface Registration {
  getName(): string;
  getDependenciesList(): readonly string[];
}

function created(type: string, name: string, inputs: Declared["inputs"]): Declared["inputs"] {
  const service = type.split(/[:/]/)[1];
  const made: { readonly [type: string]: Declared["inputs"] } = {
    "aws:rds/instance:Instance": {
      resourceId: "db-MADEUP",
      address: "database.example",
      masterUserSecrets: [
        {
          secretArn: `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:rds!db-MADEUP`,
          secretStatus: "active",
        },
      ],
    },
    "aws:rds/proxy:Proxy": {
      arn: `arn:aws:rds:eu-west-1:${ACCOUNT}:db-proxy:prx-MADEUP`,
      endpoint: "proxy.example",
    },
    "aws:s3/bucket:Bucket": { bucket: name },
  };
  const arn = `arn:aws:${service}:eu-west-1:${ACCOUNT}:${name}`;
  return {
    name,
    arn,
    arnSuffix: `suffix/${name}`,
    dnsName: `${name}.example`,
    keyId: name,
    ...made[type],
    ...inputs,
  };
}

function invokeAnswer(token: string): { [property: string]: unknown } {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/test`, id: ACCOUNT, userId: "test" };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", dnsSuffix: "amazonaws.com", id: "aws" };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return { names: ["eu-west-1c", "eu-west-1a", "eu-west-1b"], zoneIds: [], id: "eu-west-1" };
    default:
      throw new Error(`the program asks AWS for ${token}, which this test does not answer`);
  }
}

export type Change = { readonly [key: string]: string };

export const PROXY: Change = { "auth:connection": "proxy" };

/** The settings of a stack in the repository, some of them changed, with what follows from them. */
export function alarmInput(stack: string, change: Change = {}): AlarmInput {
  const result = parseStackConfig({ ...stackConfig(stack), ...change }, stack);
  if (!result.ok) throw new Error(`${stack} cannot be read`);
  return { ...result.config, capacity: capacityOf(result.config) };
}

export function alarmsOf(stack: string, change?: Change): readonly AlarmSpec[] {
  return alarmSpecs(alarmInput(stack, change));
}

export function metricAlarms(stack: string, change?: Change): readonly MetricAlarmSpec[] {
  return alarmsOf(stack, change).filter((spec) => spec.kind === "metric");
}

export function composites(stack: string, change?: Change): readonly CompositeAlarmSpec[] {
  return alarmsOf(stack, change).filter((spec) => spec.kind === "composite");
}

/** The metric alarm of that id. */
export function metricAlarm(id: string, stack = "prod", change?: Change): MetricAlarmSpec {
  const spec = metricAlarms(stack, change).find((each) => each.id === id);
  if (spec === undefined) throw new Error(`${stack} has no metric alarm ${id}`);
  return spec;
}

export function threshold(id: string, stack: string, change?: Change): number {
  return metricAlarm(id, stack, change).threshold.value;
}
