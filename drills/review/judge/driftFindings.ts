import { list, number } from "../../../policies/kit/text";
import { majorVersion } from "../../../policies/model/engines";
import { seenValue } from "../live/liveState";
import { deployCommand, type Evidence, type Finding, GUIDE } from "./finding";

/** What runs and is not what the program says: a manual change, or a deployment that did not finish. */
export function driftFindings(evidence: Evidence): readonly Finding[] {
  const deploy = `Deploy the program again (${deployCommand(evidence)} first shows what that changes), or write the change into it`;
  return [missing, parameterGroup, parameters, instance, service, scaling, environment, tags]
    .flatMap((check) => check(evidence))
    .map(({ id, resource, urgency, observed, fix = deploy, docs = `${GUIDE}#drift`, ...why }) => ({
      id,
      resource,
      urgency,
      observed,
      limit: why.limit,
      consequence: why.consequence,
      fix,
      docs,
    }));
}

/** A finding, with what is to be done and where it is explained when that is not the usual. */
type Drift = Omit<Finding, "fix" | "docs"> & Partial<Pick<Finding, "fix" | "docs">>;

/** Difference of one number or text: as the program has it, and as it runs. */
type Difference = readonly [what: string, program: Value, runs: Value];
type Value = string | number | undefined;

/** What differs of what the program says. */
const differing = (compared: readonly Difference[]): readonly Difference[] =>
  compared.filter(([, program, runs]) => program !== undefined && String(program) !== String(runs));

/** At most so many differences stand in one sentence. */
const MAX_SHOWN = 6;

/** The finding that there are differences, or none. @param start - Of the sentence that lists them. */
function drifted(
  differences: readonly Difference[],
  start: string,
  finding: Omit<Drift, "observed">,
): readonly Drift[] {
  if (differences.length === 0) return [];
  const shown = differences
    .slice(0, MAX_SHOWN)
    .map(([what, program, runs]) => `${what} is ${runs ?? "not set"} (program: ${program ?? "not set"})`);
  const more = differences.length - shown.length;
  return [{ ...finding, observed: `${start}${list(more > 0 ? [...shown, `${more} more`] : shown)}.` }];
}

function missing({ expected, live }: Evidence): readonly Drift[] {
  const service = `${expected.name}/${expected.service.name}`;
  const parts = [
    { look: live.database, what: "database", name: expected.database.identifier },
    { look: live.service, what: "service", name: service },
    { look: live.scaling, what: "autoscaling of the service", name: service },
  ];
  return parts
    .filter(({ look }) => look.state === "absent")
    .map(({ what, name }) => ({
      id: "missing",
      resource: name,
      urgency: "now",
      observed: `There is no ${what} ${name} in ${expected.region}.`,
      limit: "The program declares one.",
      consequence: "What the policies accepted is not what runs.",
    }));
}

/** The live group, and whether its name is the program's, alone or with Pulumi's suffix. */
function groupOf({ expected, live }: Evidence) {
  const database = seenValue(live.database);
  if (database === undefined) return undefined;
  const own = expected.database.parameterGroup.toLowerCase();
  const name = database.parameterGroup;
  return { database, own, isOwn: name === own || new RegExp(`^${own}-[0-9a-f]{7}$`).test(name) };
}

/** A group that is not the program's: none of its values are in force. */
function parameterGroup(evidence: Evidence): readonly Drift[] {
  const group = groupOf(evidence);
  if (group === undefined || group.isOwn) return [];
  return [
    {
      id: "own-parameter-group",
      resource: group.database.identifier,
      urgency: "now",
      observed: `The database uses the parameter group ${group.database.parameterGroup}.`,
      limit: `The program's is called ${group.own}-… .`,
      consequence: "None of the limits and timeouts that the policies judged are in force.",
      docs: "docs/runbooks/own-parameter-group.md",
    },
  ];
}

function parameters(evidence: Evidence): readonly Drift[] {
  const { expected, live } = evidence;
  const group = groupOf(evidence);
  const found = seenValue(live.parameters);
  // Where the whole group is another one, that is the finding.
  if (found === undefined || !group?.isOwn) return [];
  const declared = new Map(expected.database.parameters.map(({ name, value }) => [name, value]));
  const changed = differing([...declared].map(([name, value]) => [name, value, found.get(name)?.value]));
  const added = [...found].filter(([name, { source }]) => source === "user" && !declared.has(name));
  const differences = [...changed, ...added.map(([name, { value }]): Difference => [name, undefined, value])];
  return drifted(quoted(differences), "In the parameter group ", {
    id: "parameter-drift",
    resource: group.database.parameterGroup,
    urgency: differences.some(([name]) => name === "max_connections") ? "now" : "soon",
    limit: "The program sets every parameter of the group.",
    consequence: "The policies judged other values, and the next deployment sets them back without notice.",
  });
}

/** Differences of what has a name in a program. */
const quoted = (differences: readonly Difference[]): readonly Difference[] =>
  differences.map(([name, program, runs]) => [`\`${name}\``, program, runs]);

function instance({ expected: { database: program }, live, limit }: Evidence): readonly Drift[] {
  const database = seenValue(live.database);
  if (database === undefined) return [];
  const { identifier: resource, pending } = database;
  const onOff = (value: boolean | undefined) => (value === undefined ? value : value ? "on" : "off");
  const differences = differing([
    ["The instance class", program.instanceClass, database.instanceClass],
    ["the engine", program.engine, database.engine],
    ["the major version", majorVersion(program.engineVersion), majorVersion(database.engineVersion)],
    ["Multi-AZ", onOff(program.multiAz), onOff(database.multiAz)],
  ]);
  const found = drifted(differences, "", {
    id: "database-drift",
    resource,
    urgency: "now",
    limit: classLimit(limit),
    consequence: "The connections, their memory and the vCPUs are not the ones that the policies counted on.",
  });
  const waiting = Object.entries(pending).map(([name, value]) => `${name} ${value}`);
  if (waiting.length === 0) return found;
  return [
    ...found,
    {
      id: "pending-change",
      resource,
      urgency: "soon",
      observed: `The next maintenance window changes the database: ${list(waiting)}.`,
      limit: "A change of class restarts the database, and with a formula its `max_connections` too.",
      consequence: "What is judged today is not what runs after it.",
      fix: "Apply it in an hour of your choice, or take it back",
      docs: `${GUIDE}#pending-reboot`,
    },
  ];
}

function classLimit({ model, judged }: Evidence["limit"]): string {
  if (model === undefined || judged === undefined || model.maxConnections === judged.maxConnections) {
    return "`max_connections` stays as it was judged.";
  }
  return `\`max_connections\` gives ${number(model.maxConnections)} there, where ${number(judged.maxConnections)} were judged.`;
}

function service(evidence: Evidence): readonly Drift[] {
  const {
    expected: { service: program },
    live,
    windows,
  } = evidence;
  const running = seenValue(live.service);
  if (running === undefined) return [];
  const { name: resource, desired } = running;
  const differences = differing([
    ["maximumPercent", program.maximumPercent, running.maximumPercent],
    ["minimumHealthyPercent", program.minimumHealthyPercent, running.minimumHealthyPercent],
  ]);
  const found = drifted(quoted(differences), "Of the deployment ", {
    id: "deployment-drift",
    resource,
    urgency: "soon",
    limit: `Up to ${windows.tasksHoldingPools} tasks hold pools at once.`,
    consequence: "The surge of the next deployment is not the one that was judged.",
  });
  const { minTasks, maxTasks } = seenValue(live.scaling) ?? program;
  if (desired >= minTasks && desired <= maxTasks) return found;
  return [
    ...found,
    {
      id: "desired-count",
      resource,
      urgency: "now",
      observed: `${desired} tasks are asked for.`,
      limit: `Autoscaling keeps ${minTasks} to ${maxTasks}.`,
      consequence: "The number was changed manually, and the demand on the database follows it.",
      fix: `Change \`auth:minTasks\` and \`auth:maxTasks\` and deploy (${deployCommand(evidence)}): autoscaling then sets the number by itself`,
    },
  ];
}

function scaling({ expected, live, windows }: Evidence): readonly Drift[] {
  const { service: program, demand } = expected;
  const scaled = seenValue(live.scaling);
  if (scaled === undefined) return [];
  const resource = seenValue(live.service)?.name ?? program.name;
  const differences = differing([
    ["the minimum", program.minTasks, scaled.minTasks],
    ["the maximum", program.maxTasks, scaled.maxTasks],
  ]);
  const found = drifted(differences, "Of autoscaling ", {
    id: "scaling-drift",
    resource,
    urgency: "now",
    limit: `Up to ${windows.tasksHoldingPools} tasks hold pools at once, which may open ${number(windows.demandAtPeak)} connections with the operations reserve.`,
    consequence: "Fewer tasks raise the floor of each pool, more tasks lower its ceiling.",
  });
  if (scaled.suspended.length === 0) return found;
  return [
    ...found,
    {
      id: "scaling-suspended",
      resource,
      urgency: "now",
      observed: `Autoscaling is suspended: ${list(scaled.suspended)}.`,
      limit: `The declared peak needs ${demand.tasksAtPeak ?? program.minTasks} tasks.`,
      consequence: "The service keeps the tasks it has, whatever arrives.",
      fix: "Resume it: `aws application-autoscaling register-scalable-target` with an empty suspended state",
    },
  ];
}

/** Names that the capacity of the stack depends on; of others only that they differ is said. */
const SHOWN = /^(DB_(POOL|CONNECTION|AUTH|LOCK|STATEMENT|QUERY)\w*|\w+_TIMEOUT_MS|WEB_CONCURRENCY)$/;

function environment({ expected, live, windows }: Evidence): readonly Drift[] {
  const task = seenValue(live.task);
  if (task === undefined) return [];
  const program = Object.entries(expected.service.environment);
  const differences = differing(program.map(([name, value]) => [name, value, task.environment[name]]));
  const shown = differences.map(
    (difference): Difference =>
      SHOWN.test(difference[0]) ? difference : [difference[0], "another value", "one value"],
  );
  const sizesPools = differences.some(([name]) => name === "DB_POOL_MAX" || name === "WEB_CONCURRENCY");
  return drifted(quoted(shown), "In the running tasks ", {
    id: "pool-drift",
    resource: task.revision,
    urgency: sizesPools ? "now" : "soon",
    limit: `The safe window is ${windows.floorSeen ?? "?"}–${windows.ceiling ?? "?"} for \`pool.max\`, and ${windows.set} runs.`,
    consequence: "A revision that no policy has judged is in production.",
  });
}

/** The demand that the tags declare is what the policies of the next deployment read. */
function tags({ expected, live }: Evidence): readonly Drift[] {
  const running = seenValue(live.service);
  if (running === undefined) return [];
  const program = Object.entries(expected.service.tags).filter(([name]) => name.startsWith("poolproof:"));
  const differences = differing(program.map(([name, value]) => [name, value, running.tags[name]]));
  return drifted(quoted(differences), "On the service ", {
    id: "demand-drift",
    resource: running.name,
    urgency: "soon",
    limit: "The tags declare the demand that the pools are judged by.",
    consequence: "An `analyze` of what is deployed judges another demand than `check` does.",
    docs: "docs/guides/declaring-demand.md",
  });
}
