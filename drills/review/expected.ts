import { parseYaml } from "../../policies/check/project";
import { planProject } from "../../policies/check/runProgram";
import { InputError, isRecord } from "../../policies/kit/errors";
import { DEFAULT_ACQUISITIONS_PER_REQUEST } from "../../policies/model/defaults";
import {
  type Plan,
  type PlanResource,
  type PropertyMap,
  type PropertyValue,
  UNKNOWN,
} from "../../policies/plan/plan";
import { isMap, knownValue, ownEntry, type Reading, readText } from "../../policies/plan/reading";
import { readStack } from "../../policies/plan/stack";
import type { ClientReading, DatabaseReading, StackReading } from "../../policies/plan/types";

/** What the program would deploy, as far as a review compares it with what is deployed. */
export interface Expected {
  readonly stack: string;
  readonly project: string;
  readonly region: string;
  /** What AWS calls the stack's own resources: `auth-prod`. */
  readonly name: string;
  readonly database: ExpectedDatabase;
  readonly service: ExpectedService;
  readonly demand: Demand;
  /** The RDS Proxy between the two, where there is one. */
  readonly proxy: { readonly name: string; readonly maxConnectionsPercent: number } | undefined;
  readonly alarms: readonly ExpectedAlarm[];
}

export interface ExpectedDatabase {
  readonly identifier: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly storageGib: number | undefined;
  readonly multiAz: boolean | undefined;
  /** Logical name of the parameter group: Pulumi puts a hyphen and seven digits after it. */
  readonly parameterGroup: string;
  readonly parameters: readonly ExpectedParameter[];
}

interface ExpectedParameter {
  readonly name: string;
  readonly value: string;
}

interface ExpectedService {
  /** Logical name: Pulumi puts a hyphen and seven digits after it. */
  readonly name: string;
  readonly container: string;
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly maximumPercent: number;
  readonly minimumHealthyPercent: number;
  readonly environment: { readonly [name: string]: string };
  readonly tags: { readonly [name: string]: string };
  readonly pool: Pool;
}

/** The settings of each process's pool that the capacity model asks for. */
interface Pool {
  /** What it calls itself in its metrics. */
  readonly name: string;
  readonly max: number;
  readonly processesPerTask: number;
  readonly acquireTimeoutMs: number | undefined;
}

/** The demand a service declares. */
export interface Demand {
  readonly peakRequestsPerSecond: number;
  readonly holdMs: number;
  readonly acquisitionsPerRequest: number;
  readonly tasksAtPeak: number | undefined;
}

export interface ExpectedAlarm {
  readonly name: string;
  /** Composite alarms read other alarms. */
  readonly kind: "metric" | "composite";
  /** Whether the program gives it an action; a signal that only composites read has none. */
  readonly hasActions: boolean;
  readonly actionsEnabled: boolean;
  /** Page in this repository, as the alarm's own description names it. */
  readonly runbook: string | undefined;
  /** Numbers that may have been changed manually, by CloudWatch's own property names. */
  readonly settings: { readonly [property: string]: string | number };
}

interface PlannedStack {
  readonly expected: Expected;
  /** Where the stack's settings stand. */
  readonly stackFile: string;
}

/**
 * Runs the program in this process, as `check` does, and reads what it would deploy. To be called before anything else
 * keeps the process busy: it waits until the program has nothing left to do.
 * @throws InputError
 */
export async function expectedStack(root: string, stack: string, region?: string): Promise<PlannedStack> {
  const planned = await planProject({ cwd: root, stack }, { positions: false });
  if ("exitCode" in planned)
    throw new InputError("Pulumi.yaml asks for `nodeargs`, which a review cannot give the program");
  const { stackFile } = planned;
  if (stackFile === undefined) throw new InputError(`there is no stack file for ${stack}`);
  const content = parseYaml(stackFile);
  const settings = isRecord(content) && isRecord(content.config) ? content.config : {};
  const configured = settings["aws:region"];
  const chosen = region ?? (typeof configured === "string" ? configured : undefined);
  if (chosen === undefined) throw new InputError(`${stackFile} sets no aws:region; name one with --region`);
  return { expected: expectedOf(planned.plan, chosen), stackFile };
}

/**
 * What a plan says that a review compares with AWS.
 * @throws InputError where the plan is not of a stack like this repository's: one database, one ECS service, their
 * names and numbers known.
 */
function expectedOf(plan: Plan, region: string): Expected {
  const stack = readStack(plan);
  const database = only(stack.databases, "database");
  const client = only(stack.clients, "client of a database");
  if (client.kind !== "ecs-service")
    throw new InputError(`${client.name} is not an ECS service: only those are reviewed`);
  return {
    stack: stack.stack,
    project: stack.project,
    region,
    name: clusterName(plan),
    database: databaseOf(database),
    service: serviceOf(client),
    demand: demandOf(client),
    proxy: proxyOf(stack),
    alarms: plan.resources.flatMap(alarmOf),
  };
}

function only<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new InputError(`the program has ${found.length} of what a review needs one of: a ${what}`);
}

function need<T>(reading: Reading<T>, what: string): T {
  const value = knownValue(reading);
  if (value === undefined)
    throw new InputError(`${what} is ${reading.state} in the plan, so nothing can be compared with it`);
  return value;
}

function clusterName({ resources }: Plan): string {
  const clusters = resources.filter(({ type }) => type === "aws:ecs/cluster:Cluster");
  return need(readText(only(clusters, "ECS cluster"), "name"), "the cluster's `name`");
}

function databaseOf({ resource, parameters, ...database }: DatabaseReading): ExpectedDatabase {
  const storage = ownEntry(resource.properties, "allocatedStorage");
  const multiAz = ownEntry(resource.properties, "multiAz");
  return {
    identifier: need(readText(resource, "identifier"), "the database's `identifier`"),
    engine: need(database.engine, "the database's `engine`"),
    engineVersion: need(database.engineVersion, "the database's `engineVersion`"),
    instanceClass: need(database.instanceClass, "the database's `instanceClass`"),
    storageGib: typeof storage === "number" ? storage : undefined,
    multiAz: typeof multiAz === "boolean" ? multiAz : undefined,
    parameterGroup: parameters.resource.name,
    parameters: need(parameters.names, "the list of database parameters").map((name) => {
      const value = need(parameters.parameter(name).value, `the database parameter ${name}`);
      return { name, value: String(value) };
    }),
  };
}

function serviceOf(client: ClientReading): ExpectedService {
  const { tasks, settings, resource } = client;
  const container = need(client.container, "the name of the container");
  const environment = need(client.environment, "`containerDefinitions`");
  return {
    name: resource.name,
    container,
    minTasks: need(tasks.minCapacity, "the fewest tasks"),
    maxTasks: need(tasks.sustainedCapacity, "the most tasks"),
    maximumPercent: need(tasks.maximumPercent, "`deploymentMaximumPercent`"),
    minimumHealthyPercent: need(tasks.minimumHealthyPercent, "`deploymentMinimumHealthyPercent`"),
    environment,
    tags: tagsOf(resource),
    pool: {
      name: environment.DB_POOL_NAME ?? client.name,
      max: need(settings.poolMax.reading, "`pool.max`"),
      processesPerTask: need(settings.processesPerTask.reading, "the number of processes in a task"),
      acquireTimeoutMs: knownValue(settings.acquireTimeoutMs.reading),
    },
  };
}

function tagsOf({ properties }: PlanResource): ExpectedService["tags"] {
  const tags = ownEntry(properties, "tags");
  const entries = isMap(tags) ? Object.entries(tags) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

const demandOf = ({ declared }: ClientReading): Demand => ({
  peakRequestsPerSecond: need(declared.peakRequestsPerSecond, "the declared peak"),
  holdMs: need(declared.holdMs, "the declared hold time"),
  acquisitionsPerRequest: knownValue(declared.acquisitionsPerRequest) ?? DEFAULT_ACQUISITIONS_PER_REQUEST,
  tasksAtPeak: knownValue(declared.tasksAtPeak),
});

function proxyOf({ proxies }: StackReading): Expected["proxy"] {
  const [proxy] = proxies;
  if (proxy === undefined) return undefined;
  return {
    name: need(readText(proxy.resource, "name"), "the proxy's `name`"),
    maxConnectionsPercent: need(proxy.maxConnectionsPercent, "the proxy's `maxConnectionsPercent`"),
  };
}

const METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

/** Properties of an alarm that decide when it fires; CloudWatch's API writes each with a capital. */
const SETTINGS = [
  ...["threshold", "comparisonOperator", "evaluationPeriods", "datapointsToAlarm", "treatMissingData"],
  ...["metricName", "namespace", "period", "statistic", "extendedStatistic", "alarmRule"],
];

/** An alarm as the plan declares it; nothing of any other resource. */
function alarmOf(resource: PlanResource): readonly ExpectedAlarm[] {
  const { type, properties } = resource;
  if (type !== METRIC_ALARM && type !== COMPOSITE_ALARM) return [];
  const kind = type === METRIC_ALARM ? "metric" : "composite";
  const name = ownEntry(properties, kind === "metric" ? "name" : "alarmName");
  if (typeof name !== "string") return [];
  const description = ownEntry(properties, "alarmDescription");
  return [
    {
      name,
      kind,
      hasActions: hasActions(resource),
      actionsEnabled: ownEntry(properties, "actionsEnabled") !== false,
      runbook: typeof description === "string" ? /docs\/[\w./-]+\.md/.exec(description)?.[0] : undefined,
      settings: settingsOf(properties),
    },
  ];
}

/** A topic's ARN is unknown before it exists: an action that the preview hides is an action. */
function hasActions({ properties, propertyDependencies }: PlanResource): boolean {
  const actions = ownEntry(properties, "alarmActions");
  if (Array.isArray(actions)) return actions.length > 0;
  return actions === UNKNOWN && Object.hasOwn(propertyDependencies, "alarmActions");
}

function settingsOf(properties: PropertyMap): ExpectedAlarm["settings"] {
  const suppressor = ownEntry(properties, "actionsSuppressor");
  const dimensions = ownEntry(properties, "dimensions");
  const capitalised = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return {
    ...picked(properties, SETTINGS, capitalised),
    // What keeps a composite alarm quiet, and for how long.
    ...picked(
      Array.isArray(suppressor) ? suppressor[0] : suppressor,
      ["alarm", "waitPeriod", "extensionPeriod"],
      (name) => `ActionsSuppressor${name === "alarm" ? "" : capitalised(name)}`,
    ),
    ...picked(dimensions, isMap(dimensions) ? Object.keys(dimensions) : [], (name) => `Dimensions.${name}`),
    ...picked(resultOf(ownEntry(properties, "metricQueries")), ["expression"], capitalised),
  };
}

/** The texts and numbers of a map under their live names; what is unknown before the deployment is left out. */
function picked(
  from: PropertyValue | undefined,
  names: readonly string[],
  live: (name: string) => string,
): ExpectedAlarm["settings"] {
  if (!isMap(from)) return {};
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = ownEntry(from, name);
      return typeof value === "string" || typeof value === "number" ? [[live(name), value]] : [];
    }),
  );
}

/** The one query that an alarm over several metrics compares. */
function resultOf(queries: PropertyValue | undefined): PropertyValue | undefined {
  if (!Array.isArray(queries)) return undefined;
  return queries.find((query) => isMap(query) && ownEntry(query, "returnData") === true);
}
