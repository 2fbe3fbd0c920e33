import type { PoolBudget } from "../budget/budget";
import type { SettingReading } from "../plan/pools/libraries";
import type { Known, Reading } from "../plan/reading";
import type { Settings } from "../plan/settings";
import { GIVEN } from "../plan/settings";
import type { ClientReading, StackReading } from "../plan/types";

/** A number without needless digits: 400, 4.95, 1e+21. */
export const plain = (value: number): string => String(Number(value.toPrecision(12)));

/** `8 tasks`, `1 task`. */
export const count = (n: number, noun: string): string => `${plain(n)} ${noun}${n === 1 ? "" : "s"}`;

/** A value with its source when nobody set it: `10 (node-postgres's default)`. */
export function withSource(reading: Known<number>, unit?: string): string {
  const amount = unit === undefined ? plain(reading.value) : `${plain(reading.value)} ${unit}`;
  return reading.assumed === undefined ? amount : `${amount} (${reading.assumed})`;
}

/** The window as a person sets it: `11–19`, `11`, `at least 11`. */
export function range(min: number, max: number | undefined): string {
  if (max === undefined) return `at least ${plain(min)}`;
  return min === max ? plain(min) : `${plain(min)}–${plain(max)}`;
}

/** Number of a reading that a report shows: null when it is not known. */
export const orNull = (reading: Reading<number>): number | null =>
  reading.state === "known" ? reading.value : null;

/**
 * Names what a person changes: the Pulumi config key where the policy configuration maps one in this project,
 * else the environment variable with its container, or the property.
 */
export class Naming {
  constructor(
    private readonly stack: StackReading,
    private readonly settings: Settings,
  ) {}

  /** "Set `auth:poolMax` to 11–19: `pulumi config set auth:poolMax 11 --stack prod`" */
  set(setting: string, where: string, to: string, value?: number | string): string {
    const key = this.configKey(setting);
    if (key === undefined)
      return described(setting, where, to) ?? `Set \`${setting}\`${where}${underPools(setting)} to ${to}`;
    return value === undefined
      ? `Set \`${key}\` to ${to}`
      : `Set \`${key}\` to ${to}: \`pulumi config set ${key} ${value}${this.ofStack()}\``;
  }

  /** Pasted without it, the command would change whichever stack is selected. */
  private ofStack(): string {
    return this.stack.stack === "" ? "" : ` --stack ${this.stack.stack}`;
  }

  /** A setting's name within a sentence. */
  name(setting: string): string {
    return `\`${this.configKey(setting) ?? setting}\``;
  }

  /** Whether a Pulumi config key of this project sets it: then that is the one place to change. */
  isMapped(setting: string): boolean {
    return this.configKey(setting) !== undefined;
  }

  private configKey(setting: string): string | undefined {
    const keys = this.settings.configKeys;
    const key = Object.hasOwn(keys, setting) ? keys[setting] : undefined;
    // A key of another project's namespace would send the reader to the wrong place.
    return key?.startsWith(`${this.stack.project}:`) ? key : undefined;
  }
}

/**
 * "Set the pool size of api in its code to 2–77, then write the new value as `values.poolMax` of api …": what the policy
 * configuration describes is changed where it is, and described anew. `undefined` for what the program sets itself.
 */
function described(setting: string, where: string, to: string): string | undefined {
  const [, ofClient, name] = /^(?:values|clients\[(.+)\])\.(\w+)$/.exec(setting) ?? [];
  const what = name === undefined ? undefined : DESCRIBED[name];
  if (what === undefined) return undefined;
  const whose = ofClient === undefined ? where : ` of ${ofClient}`;
  const described =
    ofClient === undefined
      ? `\`${setting}\`${where}${underPools(setting)}`
      : `\`${setting}\` in the policy configuration`;
  return `Set the ${what}${whose} in its code or deployment to ${to}, then write the new value as ${described}`;
}

const DESCRIBED: { readonly [setting: string]: string } = {
  poolMax: "pool size",
  acquireTimeoutMs: "acquire timeout",
  idleTimeoutMs: "idle timeout",
  queueMax: "longest queue for a connection",
  statementTimeoutMs: "statement timeout",
  lockTimeoutMs: "lock timeout",
  queryTimeoutMs: "query timeout",
  idleInTransactionMs: "timeout of idle transactions",
  maxLifetimeMs: "maximum lifetime of connections",
  requestTimeoutMs: "request timeout",
  keepAliveTimeoutMs: "keep-alive timeout",
  processesPerTask: "number of processes",
  processesPerInstance: "number of processes",
  concurrencyPerProcess: "number of requests that a process serves at once",
  instances: "number of instances",
};

/** " under `pools` in the policy configuration", for what is given there. */
export const underPools = (setting: string): string =>
  setting.startsWith(GIVEN) ? " under `pools` in the policy configuration" : "";

/** "`pool.max`", and whose where the policy configuration names one pool of several. */
export const poolMaxOf = ({ name, pool }: ClientReading): string =>
  pool === undefined ? "`pool.max`" : `\`pool.max\` of ${name}`;

/** Whose setting it is: " of container `api` in task definition `auth`", or the client itself, for what is given of it. */
export function inContainer(client: ClientReading, setting?: string): string {
  if (setting?.startsWith(GIVEN)) return ` of ${client.name}`;
  const container = client.container.state === "known" ? ` of container \`${client.container.value}\`` : "";
  return client.taskDefinition === undefined
    ? container
    : `${container} in task definition \`${client.taskDefinition}\``;
}

/** What a client runs several of, each with pools of its own. */
export const runnerOf = ({ kind }: Pick<ClientReading, "kind">): string => RUNNERS[kind];

const RUNNERS: { readonly [kind in ClientReading["kind"]]: string } = {
  "ecs-service": "task",
  lambda: "environment",
  "app-runner": "instance",
  beanstalk: "instance",
  kubernetes: "pod",
  declared: "instance",
};

/** What bounds how many of a client run, by its kind. */
export const capacityOf = ({ kind }: ClientReading): string => CAPACITY[kind];

const CAPACITY: { readonly [kind in ClientReading["kind"]]: string } = {
  "ecs-service": "maxCapacity",
  lambda: "reservedConcurrentExecutions",
  "app-runner": "maxSize",
  beanstalk: "MaxSize",
  kubernetes: "maxReplicas",
  declared: "instances",
};

/** "400 requests/s over 8 tasks", or over tasks and processes. */
export function overTasks(pool: PoolBudget): string {
  if (pool.demand.state !== "known") return "";
  const { peakRequestsPerSecond, tasksServingPeak, processesPerTask = 1 } = pool.demand.value;
  const over = processesPerTask > 1 ? ` of ${plain(processesPerTask)} processes` : "";
  return `${plain(peakRequestsPerSecond)} requests/s over ${count(tasksServingPeak, runnerOf(pool.client))}${over}`;
}

/**
 * " (17 tasks at once during a deployment: 11 running or pending, 6 that drain for up to 330 s)": why more tasks hold a pool than
 * `maximumPercent` names; empty where none of them drains.
 */
export function deploymentText(
  running: number,
  draining: number,
  runner: string,
  drainSeconds: number | null | undefined,
): string {
  if (draining === 0) return "";
  const time = drainSeconds ? `for up to ${plain(drainSeconds)} s` : "until the deployment ends";
  return ` (${count(running + draining, runner)} at once during a deployment: ${plain(running)} running or pending, ${plain(draining)} that drain ${time})`;
}

/** " (mysql2 has no option for it, …)": how a setting is made where its variable is the program's own alone. */
export const byMeansOf = ({ how }: SettingReading): string => (how === undefined ? "" : ` (${how})`);

/** Kubernetes has annotations for tags, and no colon in their names: a message says what can be written. */
export function spelledFor(urn: string, text: string): string {
  if (!/(?:::|\$)kubernetes:[^:]+:\w+::[^:]*$/.test(urn)) return text;
  return text
    .replace(/\btag(s?) `poolproof:/g, "annotation$1 `poolproof/")
    .replace(/(?<=`|^)poolproof:(?=[a-z])/g, "poolproof/");
}
