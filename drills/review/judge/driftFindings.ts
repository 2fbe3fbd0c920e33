import { list, number } from "../../../policies/kit/text";
import { majorVersion } from "../../../policies/model/engines";
import { seenValue } from "../live/liveState";
import { type Evidence, type Finding, GUIDE } from "./finding";

/** What runs and is not what the program says: a manual change, or a deployment that did not finish. */
export function driftFindings(evidence: Evidence): readonly Finding[] {
  const deploy = `Deploy the program again (\`npm run up -- ${evidence.expected.stack}\` shows what that changes), or write the change into it`;
  return [
    ...missing(evidence),
    ...parameterGroup(evidence),
    ...parameters(evidence),
    ...instance(evidence),
    ...service(evidence),
    ...scaling(evidence),
    ...environment(evidence),
    ...tags(evidence),
  ].map(({ fix = deploy, docs = `${GUIDE}#drift`, ...drift }) => ({ ...drift, fix, docs }));
}

/** A finding, with what is to be done and where it is explained when that is not the usual. */
type Drift = Omit<Finding, "fix" | "docs"> & Partial<Pick<Finding, "fix" | "docs">>;

/** Difference of one number or text: as the program has it, and as it runs. */
interface Difference {
  readonly what: string;
  readonly program: string | number | undefined;
  readonly runs: string | number | undefined;
}

const differing = (differences: readonly Difference[]): readonly Difference[] =>
  differences.filter(({ program, runs }) => program !== undefined && String(program) !== String(runs));

/** At most so many differences stand in one sentence. */
const MAX_SHOWN = 6;

function sentence(differences: readonly Difference[]): string {
  const shown = differences
    .slice(0, MAX_SHOWN)
    .map(({ what, program, runs }) => `${what} is ${runs ?? "not set"} (program: ${program ?? "not set"})`);
  const more = differences.length - shown.length;
  return `${list(more > 0 ? [...shown, `${more} more`] : shown)}.`;
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
  const declared = new Set(expected.database.parameters.map(({ name }) => name));
  const undeclared = [...found].filter(([name, { source }]) => source === "user" && !declared.has(name));
  const differences = [
    ...differing(
      expected.database.parameters.map(({ name, value }) => ({
        what: `\`${name}\``,
        program: value,
        runs: found.get(name)?.value,
      })),
    ),
    ...undeclared.map(([name, { value }]) => ({ what: `\`${name}\``, program: undefined, runs: value })),
  ];
  if (differences.length === 0) return [];
  return [
    {
      id: "parameter-drift",
      resource: group.database.parameterGroup,
      urgency: differences.some(({ what }) => what === "`max_connections`") ? "now" : "soon",
      observed: `In the parameter group ${sentence(differences)}`,
      limit: "The program sets every parameter of the group.",
      consequence: "The policies judged other values, and the next deployment sets them back without a word.",
    },
  ];
}

function instance({ expected, live, limit }: Evidence): readonly Drift[] {
  const database = seenValue(live.database);
  if (database === undefined) return [];
  const program = expected.database;
  const onOff = (value: boolean | undefined) => (value === undefined ? value : value ? "on" : "off");
  const differences = differing([
    { what: "The instance class", program: program.instanceClass, runs: database.instanceClass },
    { what: "the engine", program: program.engine, runs: database.engine },
    {
      what: "the major version",
      program: majorVersion(program.engineVersion),
      runs: majorVersion(database.engineVersion),
    },
    { what: "Multi-AZ", program: onOff(program.multiAz), runs: onOff(database.multiAz) },
  ]);
  const found: Drift[] = [];
  if (differences.length > 0) {
    found.push({
      id: "database-drift",
      resource: database.identifier,
      urgency: "now",
      observed: sentence(differences),
      limit: classLimit(limit),
      consequence:
        "The connections, the memory for them and the vCPUs that the policies counted on are others now.",
    });
  }
  const waiting = Object.entries(database.pending).map(([name, value]) => `${name} ${value}`);
  if (waiting.length > 0) {
    found.push({
      id: "pending-change",
      resource: database.identifier,
      urgency: "soon",
      observed: `The next maintenance window changes the database: ${list(waiting)}.`,
      limit: "A change of class restarts the database, and with a formula its `max_connections` too.",
      consequence: "What is judged today is not what runs after it.",
      fix: "Apply it in an hour of your choice, or take it back",
      docs: `${GUIDE}#pending-reboot`,
    });
  }
  return found;
}

function classLimit({ model, judged }: Evidence["limit"]): string {
  if (model === undefined || judged === undefined || model.maxConnections === judged.maxConnections) {
    return "`max_connections` stays as it was judged.";
  }
  return `\`max_connections\` gives ${number(model.maxConnections)} there, where ${number(judged.maxConnections)} were judged.`;
}

function service({ expected, live, windows }: Evidence): readonly Drift[] {
  const running = seenValue(live.service);
  if (running === undefined) return [];
  const program = expected.service;
  const differences = differing([
    { what: "`maximumPercent`", program: program.maximumPercent, runs: running.maximumPercent },
    {
      what: "`minimumHealthyPercent`",
      program: program.minimumHealthyPercent,
      runs: running.minimumHealthyPercent,
    },
  ]);
  const found: Drift[] = [];
  if (differences.length > 0) {
    found.push({
      id: "deployment-drift",
      resource: running.name,
      urgency: "soon",
      observed: `Of the deployment ${sentence(differences)}`,
      limit: `Up to ${windows.tasksHoldingPools} tasks hold pools at once.`,
      consequence: "The surge of the next deployment is not the one that was judged.",
    });
  }
  const { minTasks, maxTasks } = seenValue(live.scaling) ?? program;
  if (running.desired < minTasks || running.desired > maxTasks) {
    found.push({
      id: "desired-count",
      resource: running.name,
      urgency: "now",
      observed: `${running.desired} tasks are asked for.`,
      limit: `Autoscaling keeps ${minTasks} to ${maxTasks}.`,
      consequence: "Somebody set the number by hand, and the demand on the database follows it.",
      fix: "Change `auth:minTasks` and `auth:maxTasks` and deploy: autoscaling then sets the number by itself",
    });
  }
  return found;
}

function scaling({ expected, live, windows }: Evidence): readonly Drift[] {
  const scaled = seenValue(live.scaling);
  if (scaled === undefined) return [];
  const resource = seenValue(live.service)?.name ?? expected.service.name;
  const differences = differing([
    { what: "the minimum", program: expected.service.minTasks, runs: scaled.minTasks },
    { what: "the maximum", program: expected.service.maxTasks, runs: scaled.maxTasks },
  ]);
  const found: Drift[] = [];
  if (differences.length > 0) {
    found.push({
      id: "scaling-drift",
      resource,
      urgency: "now",
      observed: `Of autoscaling ${sentence(differences)}`,
      limit: `Up to ${windows.tasksHoldingPools} tasks hold pools at once, which may open ${number(windows.demandAtPeak)} connections with the operations reserve.`,
      consequence: "Fewer tasks raise the floor of each pool, more tasks lower its ceiling.",
    });
  }
  if (scaled.suspended.length > 0) {
    found.push({
      id: "scaling-suspended",
      resource,
      urgency: "now",
      observed: `Autoscaling is suspended: ${list(scaled.suspended)}.`,
      limit: `The declared peak needs ${expected.demand.tasksAtPeak ?? expected.service.minTasks} tasks.`,
      consequence: "The service keeps the tasks it has, whatever arrives.",
      fix: "Resume it: `aws application-autoscaling register-scalable-target` with an empty suspended state",
    });
  }
  return found;
}

/** Names that the capacity of the stack depends on; of others only that they differ is said. */
const SHOWN = /^`(DB_(POOL|CONNECTION|AUTH|LOCK|STATEMENT|QUERY)\w*|\w+_TIMEOUT_MS|WEB_CONCURRENCY)`$/;

function environment({ expected, live, windows }: Evidence): readonly Drift[] {
  const task = seenValue(live.task);
  const differences = differing(
    Object.entries(task === undefined ? {} : expected.service.environment).map(([name, program]) => ({
      what: `\`${name}\``,
      program,
      runs: task?.environment[name],
    })),
  );
  if (task === undefined || differences.length === 0) return [];
  const shown = differences.map((difference) =>
    SHOWN.test(difference.what) ? difference : { ...difference, program: "another value", runs: "one value" },
  );
  const sizes = ["`DB_POOL_MAX`", "`WEB_CONCURRENCY`"];
  return [
    {
      id: "pool-drift",
      resource: task.revision,
      urgency: differences.some(({ what }) => sizes.includes(what)) ? "now" : "soon",
      observed: `In the running tasks ${sentence(shown)}`,
      limit: `The safe window is ${windows.floorSeen ?? "?"}–${windows.ceiling ?? "?"} for \`pool.max\`, and ${windows.set} runs.`,
      consequence: "A revision that no policy has judged is in production.",
    },
  ];
}

/** The demand that the tags declare is what the policies of the next deployment read. */
function tags({ expected, live }: Evidence): readonly Drift[] {
  const running = seenValue(live.service);
  if (running === undefined) return [];
  const differences = differing(
    Object.entries(expected.service.tags)
      .filter(([name]) => name.startsWith("poolproof:"))
      .map(([name, program]) => ({ what: `\`${name}\``, program, runs: running.tags[name] })),
  );
  if (differences.length === 0) return [];
  return [
    {
      id: "demand-drift",
      resource: running.name,
      urgency: "soon",
      observed: `On the service ${sentence(differences)}`,
      limit: "The tags declare the demand that the pools are judged by.",
      consequence: "An `analyze` of what is deployed judges another demand than `check` does.",
      docs: "docs/guides/declaring-demand.md",
    },
  ];
}
