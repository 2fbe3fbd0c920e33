import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import type { Settings } from "../../infra/config/settings";
import { roleSettings } from "../../infra/database/parameters";
import { CONTAINER_NAME } from "../../infra/service/containerDefinition";
import { planProject } from "../../policies/check/runProgram";
import { readPolicyConfig } from "../../policies/command/policyConfig";
import { InputError, isRecord, messageOf } from "../../policies/kit/errors";
import { knownValue } from "../../policies/plan/reading";
import { readStack } from "../../policies/plan/stack";
import type { ClientReading, StackReading } from "../../policies/plan/types";
import { assess } from "../../policies/reports/assess";
import type { Report, ReportedClient } from "../../policies/reports/report";
import { REPOSITORY } from "./lab/childProcess";
import type { GroupParameter } from "./lab/cluster";
import type { StackUnderTest } from "./stackUnderTest";

/**
 * Runs the Pulumi program for a stack, as `check` does, and reads from its plan what the lab needs: the settings are
 * those that would be deployed, not a copy of them.
 * @throws InputError in one line.
 */
async function stackUnderTest(stack: string): Promise<StackUnderTest> {
  const policyConfig = await readPolicyConfig(policyConfigOf(stack));
  const planned = await planProject({ cwd: REPOSITORY, stack }, { positions: false });
  if ("exitCode" in planned) throw new InputError("the program asks for Node options of its own");
  const report = assess(planned.plan, policyConfig.settings, policyConfig.levels, planned.stack);
  const reading = readStack(planned.plan, policyConfig.settings);
  const settings = stackSettings(planned.stackFile);
  const { capacity } = policyConfig.settings;
  const pool = onlyPool(report);
  return {
    stack: planned.stack,
    verdict: report.verdict,
    findings: report.violations
      .filter(({ level }) => level === "mandatory")
      .map(({ rule, message }) => ({ rule, message })),
    environment: containerEnvironment(reading),
    demand: {
      peakRequestsPerSecond: settings.peakRequestsPerSecond,
      holdMs: settings.dbHoldMs,
      acquisitionsPerRequest: settings.dbAcquisitionsPerRequest,
      tasks: pool.tasksServingPeak ?? settings.tasksAtPeak,
      processesPerTask: settings.processesPerTask,
    },
    objectives: {
      toleratedFailurePercent: settings.toleratedFailurePercent,
      toleratedLatencyMs: settings.toleratedLatencyMs,
      waitTargetMs: capacity.waitTargetMs,
      exceedance: capacity.exceedance,
      peakFactor: capacity.peakFactor,
    },
    pool: { poolMax: settings.poolMax, floor: pool.floor, ceiling: pool.ceiling },
    database: {
      engineVersion: settings.engineVersion,
      instanceClass: settings.instanceClass,
      parameters: groupParameters(reading),
      roleSettings: roleSettings(settings),
      maxConnections: report.budgets[0]?.maxConnections ?? null,
    },
    taskVcpu: settings.taskCpu / 1024,
  };
}

/** The policy configuration a stack is judged by: its own where there is one, else production's. */
function policyConfigOf(stack: string): string {
  const own = join(REPOSITORY, "policies", "config", `${stack}.json`);
  return existsSync(own) ? own : join(REPOSITORY, "policies", "config", "prod.json");
}

/** Objectives and demand in the stack's own words; the program has accepted the file when this is asked. */
function stackSettings(file: string | undefined): Settings {
  const content: unknown = file === undefined ? undefined : parse(readFileSync(file, "utf8"));
  const config = isRecord(content) && isRecord(content.config) ? content.config : {};
  const parsed = parseStackConfig(config);
  if (parsed.ok) return parsed.config;
  throw new InputError(`${file}: ${parsed.problems.map(({ message }) => message).join("; ")}`);
}

/** The environment of the service's container; the tasks that run once, such as the migrations, hold no pool. */
function containerEnvironment({ clients }: StackReading): StackUnderTest["environment"] {
  const found = clients
    .filter(({ container }) => knownValue(container) === CONTAINER_NAME)
    .map(environmentOf)
    .find(({ DB_POOL_MAX }) => DB_POOL_MAX !== undefined);
  if (found !== undefined) return found;
  const hidden = clients.find(({ environment }) => environment.state === "unknown");
  throw new InputError(
    hidden === undefined
      ? `no task of the stack has a container ${CONTAINER_NAME} that sets DB_POOL_MAX: there is no pool to put under load`
      : `the containerDefinitions of ${hidden.taskDefinition} are not known before it is deployed`,
  );
}

const environmentOf = ({ environment }: ClientReading): StackUnderTest["environment"] =>
  knownValue(environment) ?? {};

function groupParameters({ databases }: StackReading): readonly GroupParameter[] {
  return databases.flatMap(({ parameters }) =>
    (knownValue(parameters.names) ?? []).flatMap((name) => {
      const value = knownValue(parameters.parameter(name).value);
      return value === undefined ? [] : [{ name, value: String(value) }];
    }),
  );
}

function onlyPool({ budgets }: Report): ReportedClient {
  const pools = budgets.flatMap(({ clients }) => clients).filter(({ floor }) => floor !== null);
  const [pool, ...others] = pools;
  if (pool !== undefined && others.length === 0) return pool;
  throw new InputError(
    `the stack has ${pools.length} pools with a declared demand: the lab drives exactly one`,
  );
}

/**
 * A process of its own (`stackReader STACK FILE`): running a Pulumi program changes the folder, the way errors look and
 * what keeps a process alive, none of which the lab can have.
 */
async function main([stack = "", file = ""]: readonly string[]): Promise<void> {
  try {
    writeFileSync(file, JSON.stringify(await stackUnderTest(stack)));
  } catch (error) {
    const said = messageOf(error);
    process.stderr.write(`${error instanceof InputError ? said : `the stack cannot be read: ${said}`}\n`);
    process.exitCode = 2;
  }
}

void main(process.argv.slice(2));
