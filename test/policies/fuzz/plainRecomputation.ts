import type { Plan, PlanResource } from "../../../policies/plan/plan";

/*
 * What no acceptance may contradict, worked out from the raw values of a plan without a line of the product. It is
 * deliberately simple: where a value is not plainly a number it is left out of the sum, so a budget found broken here
 * is broken for certain, and nothing follows from one that is not.
 */

type Raw = { readonly [key: string]: unknown };

const raw = (value: unknown): Raw => (typeof value === "object" && value !== null ? (value as Raw) : {});
const own = (value: unknown, key: string): unknown => {
  const map = raw(value);
  return Object.hasOwn(map, key) ? map[key] : undefined;
};

function whole(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

function decimal(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) && value > 0 ? value : undefined;
  return typeof value === "string" && /^\d{1,9}(\.\d{1,9})?$/.test(value) ? Number(value) : undefined;
}

/** Reasons why the plan must not be accepted; empty when none is certain. */
export function plainlyBroken(plan: Plan): string[] {
  const found: string[] = [];
  const databases = plan.resources.filter(({ type }) =>
    [
      "aws:rds/instance:Instance",
      "aws:rds/cluster:Cluster",
      "aws:rds/clusterInstance:ClusterInstance",
    ].includes(type),
  );
  const [database] = databases;
  // Several databases, or a proxy between: which pool counts where is the reader's business, not arithmetic.
  if (databases.length !== 1 || database?.type !== "aws:rds/instance:Instance") return found;
  if (plan.resources.some(({ type }) => type.startsWith("aws:rds/proxy"))) return found;
  // The same resource twice is no plan an engine makes: which of the two holds is not said.
  if (new Set(plan.resources.map(({ urn }) => urn)).size < plan.resources.length) return found;

  const limit = own(database.properties, "engine") === "postgres" ? explicitLimit(plan, database) : undefined;
  let total = 0;
  for (const service of plan.resources) {
    if (service.type !== "aws:ecs/service:Service") continue;
    const environment = onlyContainer(plan, service);
    const pool = environment && whole(environment.get("DB_POOL_MAX"));
    if (environment === undefined || pool === undefined) continue;
    if (environment.has("DATABASE_URL") && pool === 0) continue;
    const processes = environment.has("WEB_CONCURRENCY") ? whole(environment.get("WEB_CONCURRENCY")) : 1;
    if (processes === undefined || processes === 0) continue;

    const desired = whole(own(service.properties, "desiredCount"));
    if (desired !== undefined) {
      const percent = own(service.properties, "deploymentMaximumPercent");
      const surge = typeof percent === "number" && percent >= 100 ? percent : 100;
      total += Math.floor((desired * surge) / 100) * processes * pool;
    }

    const tags = own(service.properties, "tags");
    if (own(tags, "poolproof:pool-library") !== undefined) continue;
    const rate = decimal(own(tags, "poolproof:peak-requests-per-second"));
    const hold = decimal(own(tags, "poolproof:db-hold-ms"));
    const each = own(tags, "poolproof:db-acquisitions-per-request");
    const acquisitions = each === undefined ? 1 : decimal(each);
    const tasks = whole(own(tags, "poolproof:tasks-at-peak"));
    if (rate === undefined || hold === undefined || acquisitions === undefined || !tasks) continue;
    const busy = (rate * acquisitions * hold) / 1000 / (tasks * processes);
    if (busy > pool * 1.0001) {
      found.push(`${service.name} keeps ${busy} connections busy and has ${pool}`);
    }
  }
  if (limit !== undefined && total > limit) {
    found.push(`${total} connections may be opened at once, and the server refuses those above ${limit}`);
  }
  return found;
}

/** `max_connections` when the database's own group sets it once, as a plain number. */
function explicitLimit(plan: Plan, database: PlanResource): number | undefined {
  const name = own(database.properties, "parameterGroupName");
  const groups = plan.resources.filter(
    ({ type, properties }) =>
      type === "aws:rds/parameterGroup:ParameterGroup" && own(properties, "name") === name,
  );
  const [group] = groups;
  const list = group && groups.length === 1 ? own(group.properties, "parameters") : undefined;
  if (typeof name !== "string" || !Array.isArray(list)) return undefined;
  // Made from something else as well: what stands there may not be what counts.
  if ((database.propertyDependencies.parameterGroupName ?? []).some((urn) => urn !== group?.urn))
    return undefined;
  const values = list
    .filter((entry) => own(entry, "name") === "max_connections")
    .map((entry) => own(entry, "value"));
  return values.length === 1 ? whole(values[0]) : undefined;
}

/** The environment of a service's single container, where every variable is set once and as plain text. */
function onlyContainer(plan: Plan, service: PlanResource): Map<string, unknown> | undefined {
  const made = Object.hasOwn(service.propertyDependencies, "taskDefinition")
    ? (service.propertyDependencies.taskDefinition ?? [])
    : [];
  const tasks = plan.resources.filter(
    ({ urn, type }) => made.includes(urn) && type === "aws:ecs/taskDefinition:TaskDefinition",
  );
  const text = tasks.length === 1 ? own(tasks[0]?.properties, "containerDefinitions") : undefined;
  if (typeof text !== "string") return undefined;
  let containers: unknown;
  try {
    containers = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(containers) || containers.length !== 1) return undefined;
  const environment = own(containers[0], "environment");
  if (!Array.isArray(environment)) return undefined;
  const variables = new Map<string, unknown>();
  for (const entry of environment) {
    const name = own(entry, "name");
    if (typeof name !== "string" || variables.has(name)) return undefined;
    variables.set(name, own(entry, "value"));
  }
  const secrets = own(containers[0], "secrets");
  if (Array.isArray(secrets) && secrets.some((entry) => variables.has(String(own(entry, "name")))))
    return undefined;
  return variables;
}
