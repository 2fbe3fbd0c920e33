import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseStackConfig } from "../../../infra/config/parseStackConfig";
import type { Settings } from "../../../infra/config/settings";
import { CONTAINER_NAME } from "../../../infra/service/containerDefinition";
import { planProject } from "../../../policies/check/runProgram";
import { isRecord } from "../../../policies/command/inputError";
import { readPolicyConfig } from "../../../policies/command/policyConfig";
import { reportFor } from "../../../policies/reports/pulumiExceptions";
import type { Report } from "../../../policies/reports/report";
import { LabError } from "../labError";
import type { StackUnderTest } from "./stackUnderTest";

/**
 * Runs the Pulumi program for a stack, as `check` does, and reads from its plan what the lab needs: the settings are
 * those that would be deployed, not a copy of them.
 * @param root - Folder of the repository.
 * @throws LabError or the policies' own `InputError`, each one line.
 */
export async function readStack(root: string, stack: string): Promise<StackUnderTest> {
  const policyConfig = await readPolicyConfig(policyConfigOf(root, stack));
  const planned = await planProject({ cwd: root, stack, config: [] }, { positions: false });
  if ("exitCode" in planned) throw new LabError("the program asks for Node options of its own");
  const report = reportFor(planned.plan, policyConfig, planned.stack);
  const settings = stackSettings(planned.stackFile);
  const environment = containerEnvironment(planned.plan.resources);
  const { capacity } = policyConfig.settings;
  const client = onlyPool(report);
  return {
    stack: planned.stack,
    verdict: report.verdict,
    findings: report.violations
      .filter(({ level }) => level === "mandatory")
      .map(({ rule, message }) => ({ rule, message })),
    environment,
    demand: {
      peakRequestsPerSecond: settings.peakRequestsPerSecond,
      holdMs: settings.dbHoldMs,
      acquisitionsPerRequest: settings.dbAcquisitionsPerRequest,
      tasks: client.tasksServingPeak ?? settings.tasksAtPeak,
      processesPerTask: settings.processesPerTask,
    },
    objectives: {
      toleratedFailurePercent: settings.toleratedFailurePercent,
      toleratedLatencyMs: settings.toleratedLatencyMs,
      waitTargetMs: capacity.waitTargetMs,
      exceedance: capacity.exceedance,
      peakFactor: capacity.peakFactor,
    },
    pool: { poolMax: settings.poolMax, floor: client.floor, ceiling: client.ceiling },
    database: {
      engineVersion: settings.engineVersion,
      instanceClass: settings.instanceClass,
      parameters: groupParameters(planned.plan.resources),
      roleSettings: roleSettings(planned.plan.resources),
      maxConnections: report.budgets[0]?.maxConnections ?? null,
    },
    taskVcpu: settings.taskCpu / 1024,
  };
}

/** The policy configuration a stack is judged by: its own where there is one, else production's. */
function policyConfigOf(root: string, stack: string): string {
  const own = join(root, "policies", "config", `${stack}.json`);
  return existsSync(own) ? own : join(root, "policies", "config", "prod.json");
}

/** Objectives and demand in the stack's own words; the program has accepted the file when this is asked. */
function stackSettings(file: string | undefined): Settings {
  const content: unknown = file === undefined ? undefined : parse(readFileSync(file, "utf8"));
  const config = isRecord(content) && isRecord(content.config) ? content.config : {};
  const parsed = parseStackConfig(config);
  if (parsed.ok) return parsed.config;
  throw new LabError(`${file}: ${parsed.problems.map(({ message }) => message).join("; ")}`);
}

type Planned = Exclude<Awaited<ReturnType<typeof planProject>>, { readonly exitCode: number }>;
type Resources = Planned["plan"]["resources"];

const ofType = (resources: Resources, type: string): Resources =>
  resources.filter((resource) => resource.type === type);

/** The environment of the service's container; the tasks that run once, such as the migrations, hold no pool. */
function containerEnvironment(resources: Resources): { readonly [name: string]: string } {
  const containers = ofType(resources, "aws:ecs/taskDefinition:TaskDefinition").flatMap(containersIn);
  const environments = containers.filter(({ name }) => name === CONTAINER_NAME).map(environmentOf);
  const found = environments.find((environment) => environment.DB_POOL_MAX !== undefined);
  if (found !== undefined) return found;
  throw new LabError(
    `no task of the stack has a container ${CONTAINER_NAME} that sets DB_POOL_MAX: there is no pool to put under load`,
  );
}

/** What the migrations make the service's role carry, behind a proxy that takes no start-up parameters; else empty. */
function roleSettings(resources: Resources): string {
  const environments = ofType(resources, "aws:ecs/taskDefinition:TaskDefinition")
    .flatMap(containersIn)
    .map(environmentOf);
  return environments.flatMap(({ DB_ROLE_SETTINGS: text }) => text ?? [])[0] ?? "";
}

type Container = { readonly [property: string]: unknown };

function containersIn({ name, properties }: Resources[number]): readonly Container[] {
  const text = properties.containerDefinitions;
  if (typeof text !== "string") {
    throw new LabError(`the containerDefinitions of ${name} are not known before it is deployed`);
  }
  const containers: unknown = JSON.parse(text);
  return (Array.isArray(containers) ? containers : []).filter(isRecord);
}

function environmentOf({ environment }: Container): { readonly [name: string]: string } {
  const pairs: readonly unknown[] = Array.isArray(environment) ? environment : [];
  return Object.fromEntries(
    pairs.flatMap((pair) => (isRecord(pair) ? [[String(pair.name), String(pair.value)]] : [])),
  );
}

function groupParameters(resources: Resources): StackUnderTest["database"]["parameters"] {
  return ofType(resources, "aws:rds/parameterGroup:ParameterGroup").flatMap(({ properties }) => {
    const list: unknown = properties.parameters;
    return (Array.isArray(list) ? list : []).flatMap((each: unknown) =>
      isRecord(each) ? [{ name: String(each.name), value: String(each.value) }] : [],
    );
  });
}

function onlyPool(report: Report): Report["budgets"][number]["clients"][number] {
  const pools = report.budgets.flatMap(({ clients }) => clients).filter(({ floor }) => floor !== null);
  const [client, ...others] = pools;
  if (client !== undefined && others.length === 0) return client;
  throw new LabError(
    `the stack has ${pools.length} pools with a declared demand: the lab drives exactly one`,
  );
}
