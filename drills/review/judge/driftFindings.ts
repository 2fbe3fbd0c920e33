import { majorVersion } from "../../../policies/model/engines";
import { seenValue } from "../live/liveState";
import { type Evidence, type Finding, GUIDE } from "./finding";
import { listed, number } from "./words";

/** What runs and is not what the program says: somebody's hand, or a deployment that did not finish. */
export function driftFindings(evidence: Evidence): readonly Finding[] {
  return [
    ...missing(evidence),
    ...parameterGroup(evidence),
    ...parameters(evidence),
    ...instance(evidence),
    ...service(evidence),
    ...scaling(evidence),
    ...environment(evidence),
    ...tags(evidence),
  ];
}

/** Difference of one number or text: as the program has it, and as it runs. */
interface Difference {
  readonly what: string;
  readonly program: string | number | undefined;
  readonly runs: string | number | undefined;
}

const differing = (differences: readonly Difference[]): readonly Difference[] =>
  differences.filter(({ program, runs }) => program !== undefined && String(program) !== String(runs));

/** At most so many differences stand in one sentence. */
const MOST_SHOWN = 6;

function sentence(differences: readonly Difference[]): string {
  const shown = differences
    .slice(0, MOST_SHOWN)
    .map(({ what, program, runs }) => `${what} is ${runs ?? "not set"} (program: ${program ?? "not set"})`);
  const more = differences.length - shown.length;
  return `${listed(more > 0 ? [...shown, `${more} more`] : shown)}.`;
}

const DEPLOY =
  "Deploy the program again (`npm run up -- STACK` shows what that changes), or write the change into it";

function fixFor({ expected }: Evidence): string {
  return DEPLOY.replace("STACK", expected.stack);
}

function missing(evidence: Evidence): readonly Finding[] {
  const { expected, live } = evidence;
  const parts = [
    { look: live.database, what: "database", name: expected.database.identifier },
    { look: live.service, what: "service", name: `${expected.name}/${expected.service.name}` },
    {
      look: live.scaling,
      what: "autoscaling of the service",
      name: `${expected.name}/${expected.service.name}`,
    },
  ];
  return parts.flatMap(({ look, what, name }): readonly Finding[] =>
    look.state !== "absent"
      ? []
      : [
          {
            id: "missing",
            resource: name,
            urgency: "now",
            observed: `There is no ${what} ${name} in ${expected.region}.`,
            limit: "The program declares one.",
            consequence: "What the policies accepted is not what runs.",
            fix: fixFor(evidence),
            docs: `${GUIDE}#drift`,
          },
        ],
  );
}

/** A group that is not the program's: none of its values are in force. */
function parameterGroup(evidence: Evidence): readonly Finding[] {
  const { expected, live } = evidence;
  const database = seenValue(live.database);
  const own = expected.database.parameterGroup.toLowerCase();
  if (database === undefined || isNamed(database.parameterGroup, own)) return [];
  return [
    {
      id: "own-parameter-group",
      resource: database.identifier,
      urgency: "now",
      observed: `The database uses the parameter group ${database.parameterGroup}.`,
      limit: `The program's is called ${own}-… .`,
      consequence: "None of the limits and timeouts that the policies judged are in force.",
      fix: fixFor(evidence),
      docs: "docs/runbooks/own-parameter-group.md",
    },
  ];
}

/** Whether a name is a logical name, alone or with Pulumi's suffix. */
const isNamed = (name: string, logical: string): boolean =>
  name === logical || new RegExp(`^${logical}-[0-9a-f]{7}$`).test(name);

function parameters(evidence: Evidence): readonly Finding[] {
  const { expected, live } = evidence;
  const database = seenValue(live.database);
  const found = seenValue(live.parameters);
  if (found === undefined || database === undefined) return [];
  // Where the whole group is another one, that is the finding.
  if (!isNamed(database.parameterGroup, expected.database.parameterGroup.toLowerCase())) return [];
  const declared = new Set(expected.database.parameters.map(({ name }) => name));
  const strangers = [...found].filter(([name, { source }]) => source === "user" && !declared.has(name));
  const differences = [
    ...differing(
      expected.database.parameters.map(({ name, value }) => ({
        what: `\`${name}\``,
        program: value,
        runs: found.get(name)?.value,
      })),
    ),
    ...strangers.map(([name, { value }]) => ({ what: `\`${name}\``, program: undefined, runs: value })),
  ];
  if (differences.length === 0) return [];
  return [
    {
      id: "parameter-drift",
      resource: database.parameterGroup,
      urgency: differences.some(({ what }) => what === "`max_connections`") ? "now" : "soon",
      observed: `In the parameter group ${sentence(differences)}`,
      limit: "The program sets every parameter of the group.",
      consequence: "The policies judged other values, and the next deployment sets them back without a word.",
      fix: fixFor(evidence),
      docs: `${GUIDE}#drift`,
    },
  ];
}

function instance(evidence: Evidence): readonly Finding[] {
  const { expected, live } = evidence;
  const database = seenValue(live.database);
  if (database === undefined) return [];
  const waiting = Object.entries(database.pending).map(([name, value]) => `${name} ${value}`);
  const drift = differing([
    { what: "The instance class", program: expected.database.instanceClass, runs: database.instanceClass },
    { what: "the engine", program: expected.database.engine, runs: database.engine },
    {
      what: "the major version",
      program: majorVersion(expected.database.engineVersion),
      runs: majorVersion(database.engineVersion),
    },
    { what: "Multi-AZ", program: yesNo(expected.database.multiAz), runs: yesNo(database.multiAz) },
  ]);
  return [
    ...(drift.length === 0
      ? []
      : [
          {
            id: "database-drift",
            resource: database.identifier,
            urgency: "now" as const,
            observed: sentence(drift),
            limit: classLimit(evidence),
            consequence:
              "The connections, the memory for them and the vCPUs that the policies counted on are others now.",
            fix: fixFor(evidence),
            docs: `${GUIDE}#drift`,
          },
        ]),
    ...(waiting.length === 0
      ? []
      : [
          {
            id: "pending-change",
            resource: database.identifier,
            urgency: "soon" as const,
            observed: `The next maintenance window changes the database: ${listed(waiting)}.`,
            limit: "A change of class restarts the database, and with a formula its `max_connections` too.",
            consequence: "What is judged today is not what runs after it.",
            fix: "Apply it in an hour of your choice, or take it back",
            docs: `${GUIDE}#pending-reboot`,
          },
        ]),
  ];
}

const yesNo = (value: boolean | undefined): string | undefined =>
  value === undefined ? undefined : value ? "on" : "off";

function classLimit({ limit }: Evidence): string {
  const { model, judged } = limit;
  if (model === undefined || judged === undefined || model.maxConnections === judged.maxConnections) {
    return "`max_connections` stays as it was judged.";
  }
  return `\`max_connections\` gives ${number(model.maxConnections)} there, where ${number(judged.maxConnections)} were judged.`;
}

function service(evidence: Evidence): readonly Finding[] {
  const { expected, live, windows } = evidence;
  const running = seenValue(live.service);
  if (running === undefined) return [];
  const scaling = seenValue(live.scaling);
  const differences = differing([
    { what: "`maximumPercent`", program: expected.service.maximumPercent, runs: running.maximumPercent },
    {
      what: "`minimumHealthyPercent`",
      program: expected.service.minimumHealthyPercent,
      runs: running.minimumHealthyPercent,
    },
  ]);
  const least = scaling?.minTasks ?? expected.service.minTasks;
  const most = scaling?.maxTasks ?? expected.service.maxTasks;
  const outside = running.desired < least || running.desired > most;
  return [
    ...(differences.length === 0
      ? []
      : [
          {
            id: "deployment-drift",
            resource: running.name,
            urgency: "soon" as const,
            observed: `Of the deployment ${sentence(differences)}`,
            limit: `Up to ${windows.tasksHoldingPools} tasks hold pools at once.`,
            consequence: "The surge of the next deployment is not the one that was judged.",
            fix: fixFor(evidence),
            docs: `${GUIDE}#drift`,
          },
        ]),
    ...(outside
      ? [
          {
            id: "desired-count",
            resource: running.name,
            urgency: "now" as const,
            observed: `${running.desired} tasks are asked for.`,
            limit: `Autoscaling keeps ${least} to ${most}.`,
            consequence: "Somebody set the number by hand, and the demand on the database follows it.",
            fix: "Change `auth:minTasks` and `auth:maxTasks` and deploy: autoscaling then sets the number by itself",
            docs: `${GUIDE}#drift`,
          },
        ]
      : []),
  ];
}

function scaling(evidence: Evidence): readonly Finding[] {
  const { expected, live, windows } = evidence;
  const found = seenValue(live.scaling);
  if (found === undefined) return [];
  const resource = seenValue(live.service)?.name ?? expected.service.name;
  const differences = differing([
    { what: "the minimum", program: expected.service.minTasks, runs: found.minTasks },
    { what: "the maximum", program: expected.service.maxTasks, runs: found.maxTasks },
  ]);
  return [
    ...(differences.length === 0
      ? []
      : [
          {
            id: "scaling-drift",
            resource,
            urgency: "now" as const,
            observed: `Of autoscaling ${sentence(differences)}`,
            limit: `Up to ${windows.tasksHoldingPools} tasks hold pools at once, which may open ${number(windows.demandAtPeak)} connections with the operations reserve.`,
            consequence: "Fewer tasks raise the floor of each pool, more tasks lower its ceiling.",
            fix: fixFor(evidence),
            docs: `${GUIDE}#drift`,
          },
        ]),
    ...(found.suspended.length === 0
      ? []
      : [
          {
            id: "scaling-suspended",
            resource,
            urgency: "now" as const,
            observed: `Autoscaling is suspended: ${listed(found.suspended)}.`,
            limit: `The declared peak needs ${expected.demand.tasksAtPeak ?? expected.service.minTasks} tasks.`,
            consequence: "The service keeps the tasks it has, whatever arrives.",
            fix: "Resume it: `aws application-autoscaling register-scalable-target` with an empty suspended state",
            docs: `${GUIDE}#drift`,
          },
        ]),
  ];
}

/** Names that the capacity of the stack depends on; of others only that they differ is said. */
const SHOWN = /^(DB_(POOL|CONNECTION|AUTH|LOCK|STATEMENT|QUERY)\w*|\w+_TIMEOUT_MS|WEB_CONCURRENCY)$/;

function environment(evidence: Evidence): readonly Finding[] {
  const { expected, live, windows } = evidence;
  const task = seenValue(live.task);
  if (task === undefined) return [];
  const differences = differing(
    Object.entries(expected.service.environment).map(([name, program]) => ({
      what: `\`${name}\``,
      program,
      runs: task.environment[name],
    })),
  );
  if (differences.length === 0) return [];
  const shown = differences.map((difference) =>
    SHOWN.test(difference.what.slice(1, -1))
      ? difference
      : { ...difference, program: "another value", runs: "one value" },
  );
  const touchesPool = differences.some(
    ({ what }) => what === "`DB_POOL_MAX`" || what === "`WEB_CONCURRENCY`",
  );
  return [
    {
      id: "pool-drift",
      resource: task.revision,
      urgency: touchesPool ? "now" : "soon",
      observed: `In the running tasks ${sentence(shown)}`,
      limit: `The safe window is ${windows.floorSeen ?? "?"}–${windows.ceiling ?? "?"} for \`pool.max\`, and ${windows.set} runs.`,
      consequence: "A revision that no policy has judged is in production.",
      fix: fixFor(evidence),
      docs: `${GUIDE}#drift`,
    },
  ];
}

/** The demand that the tags declare is what the policies of the next deployment read. */
function tags(evidence: Evidence): readonly Finding[] {
  const { expected, live } = evidence;
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
      fix: fixFor(evidence),
      docs: "docs/guides/declaring-demand.md",
    },
  ];
}
