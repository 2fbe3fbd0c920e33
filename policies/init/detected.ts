import type { DatabaseBudget, PoolBudget, StackBudget } from "../budget/budget";
import { percent } from "../kit/text";
import { hiddenSettings } from "../plan/pools/pools";
import { knownValue, type Reading } from "../plan/reading";
import type { Settings } from "../plan/settings";
import { DEMAND_TAGS } from "../plan/tags";
import type { ClientReading, DatabaseReading, StackReading } from "../plan/types";
import { count, plain, runnerOf, spelledFor } from "../rules/format";

/** What a plan shows of databases and pools, one line each. */
export function foundIn(budget: StackBudget): readonly string[] {
  return [...budget.databases.map(databaseLine), ...budget.pools.map((pool) => clientLine(pool, budget))];
}

function databaseLine({ database, limit, usable }: DatabaseBudget): string {
  const { engine, engineVersion, instanceClass, kind, members, resource } = database;
  const classes = members.length > 0 ? members.map((member) => member.instanceClass) : [instanceClass];
  const what = [shown(engine), knownValue(engineVersion)].filter((word) => word !== undefined).join(" ");
  const on = [...new Set(classes.map(shown))].join(", ");
  const most = knownValue(limit);
  const source = most === undefined ? "" : ` (${most.source})`;
  return `${kind === "instance" ? "database" : kind} ${resource.name}: ${what} on ${on}, ${shown(most?.maxConnections)} connections${source}, ${shown(usable)} usable`;
}

function clientLine(pool: PoolBudget, budget: StackBudget): string {
  const { client, poolMax, processesPerTask, tasksAtPeak } = pool;
  const library = knownValue(client.library) ?? "library not known";
  const size = knownValue(poolMax);
  const connections = size === undefined ? "pool of unknown size" : `pool of ${plain(size)}`;
  const tasks = knownValue(tasksAtPeak);
  const processes = knownValue(processesPerTask) ?? 1;
  const holders = tasks === undefined ? "an unknown number of tasks" : count(tasks, runnerOf(client));
  const each = processes > 1 ? ` × ${plain(processes)} processes` : "";
  return `client ${client.name}: ${library}, ${connections} × ${holders}${each} at most, ${usedBy(client, budget)}`;
}

function usedBy({ database: link }: ClientReading, { databases }: StackBudget): string {
  if (link.state === "unlinked") return `database unknown: ${link.reason}`;
  const name = nameIn(
    databases.map(({ database }) => database),
    link.database,
  );
  return `uses ${name} (${VIA[link.via]})${knownValue(link.proxied) === true ? " through a proxy" : ""}`;
}

const nameIn = (databases: readonly DatabaseReading[], urn: string): string =>
  databases.find(({ resource }) => resource.urn === urn)?.resource.name ?? urn;

type Via = Extract<ClientReading["database"], { readonly state: "linked" }>["via"];

/** How it is known which database a client uses. */
const VIA: { readonly [via in Via]: string } = {
  tag: "by its tag",
  dependency: "its settings refer to it",
  name: "its settings contain its name",
  "only database": "the only database of the stack",
  "policy configuration": "by the policy configuration",
};

function shown(value: Reading<string | number> | string | number | undefined): string {
  const known = typeof value === "object" ? knownValue(value) : value;
  return known === undefined ? "unknown" : String(known);
}

/** What stands in for something that nobody said, one line each, with where to say it. */
export function assumedIn(budget: StackBudget, settings: Settings): readonly string[] {
  return [
    ...budget.databases.flatMap(({ database, limit }) => {
      const most = knownValue(limit);
      if (most?.source !== "estimated") return [];
      return [
        `${database.resource.name}: ${plain(most.maxConnections)} connections are an estimate, because its \`max_connections\` is computed in the database; set \`maxConnections\` of its entry under \`databases\` to the result of \`SHOW max_connections\``,
      ];
    }),
    ...said(budget.pools.map((pool) => [pool.client.name, ofPool(pool, budget)])),
    ...(budget.pools.length === 0 ? [] : [ofBounds(settings)]),
  ];
}

function ofPool(pool: PoolBudget, budget: StackBudget): string[] {
  const { client } = pool;
  const lines = [
    ...libraryOf(client),
    ...defaultsOf(client),
    ...demandOf(pool),
    ...databaseOf(client, budget),
  ];
  return lines.map((line) => spelledFor(client.resource.urn, line));
}

/** What is assumed of several clients alike is said once, with all their names. */
function said(lines: readonly (readonly [name: string, lines: readonly string[]])[]): string[] {
  const names = new Map<string, string[]>();
  for (const [name, own] of lines)
    for (const line of own) names.set(line, [...(names.get(line) ?? []), name]);
  return [...names].map(([line, of]) => `${[...new Set(of)].join(", ")}: ${line}`);
}

function libraryOf({ library }: ClientReading): string[] {
  if (library.state !== "known" || library.assumed === undefined) return [];
  return [
    `${library.value} holds the pool, ${library.assumed}; the tag \`poolproof:pool-library\` sets it explicitly`,
  ];
}

/** Settings whose default decides about the bounds; each has the source of its default. */
const DECISIVE = ["poolMax", "processesPerTask", "acquireTimeoutMs"] as const;

function defaultsOf(client: ClientReading): string[] {
  return DECISIVE.flatMap((name) => {
    const { reading, variable } = client.settings[name];
    if (reading.state !== "known" || reading.assumed === undefined || variable === "") return [];
    if (name === "processesPerTask") {
      const processes = reading.value === 1 ? "one process" : `${plain(reading.value)} processes`;
      return [
        `each ${runnerOf(client)} runs ${processes} (${reading.assumed}); \`values.processesPerTask\` under \`pools\` changes it`,
      ];
    }
    return [`\`${variable}\` is ${plain(reading.value)} (${reading.assumed})`];
  });
}

function demandOf({ client, tasksServingPeak }: PoolBudget): string[] {
  const { declared } = client;
  const isDeclared = knownValue(declared.peakRequestsPerSecond) !== undefined;
  const serving = knownValue(tasksServingPeak);
  return [
    ...(declared.acquisitionsPerRequest.state === "unset"
      ? ["each request takes one connection; change it with `poolproof:db-acquisitions-per-request`"]
      : []),
    ...(declared.tasksAtPeak.state === "unset" && client.kind === "ecs-service" && serving !== undefined
      ? [
          `${count(serving, "task")} ${serving === 1 ? "serves" : "serve"} the peak, the minimum capacity; change it with \`poolproof:tasks-at-peak\``,
        ]
      : []),
    ...(isDeclared ? ["the declared peak and hold time were measured recently"] : []),
  ];
}

function databaseOf({ database: link, tasks }: ClientReading, { databases }: StackBudget): string[] {
  const capacity: Reading<number> = tasks.maxCapacity;
  const most =
    capacity.state === "known" && capacity.assumed !== undefined
      ? [`${plain(capacity.value)} run at most (${capacity.assumed})`]
      : [];
  if (link.state === "unlinked" || link.via !== "only database") return most;
  const name = nameIn(
    databases.map(({ database }) => database),
    link.database,
  );
  return [
    ...most,
    `it uses ${name}, because the stack has no other database; the tag \`poolproof:database\` sets it explicitly`,
  ];
}

function ofBounds({ capacity }: Settings): string {
  const { budgetShare, peakFactor, waitTargetMs, exceedance, operationsReserve } = capacity;
  return `all pools: ${percent(budgetShare)} of the usable connections are available to clients, ${operationsReserve} are reserved for people and jobs, and at ${plain(peakFactor)} × the peak at most ${percent(exceedance)} of acquisitions wait longer than ${plain(waitTargetMs)} ms (defaults; \`budgetShare\`, \`operationsReserve\`, \`peakFactor\`, \`waitExceedance\` and \`waitTargetMs\` change them)`;
}

/** An entry of the policy configuration that holds all a plan shows, and says in its `note` what people must add. */
interface Entry {
  readonly name: string;
  readonly note: string;
}

/** What only people know, as entries to complete. */
export interface Todo {
  readonly demand: readonly Entry[];
  readonly databases: readonly Entry[];
  /** Clients whose pool no plan shows: they have no entry until their numbers are known. */
  readonly clients: readonly { readonly name: string; readonly reason: string }[];
  /** Pools of which no preview shows anything: the program makes their container's definition from another resource. */
  readonly hidden: readonly { readonly name: string; readonly settings: readonly string[] }[];
  /** Clients whose database is neither in the stack nor known. */
  readonly strays: readonly string[];
}

export function todoFor(stack: StackReading, budget: StackBudget): Todo {
  return {
    demand: stack.clients.filter(firstOfItsResource).flatMap(demandEntry),
    databases: databaseEntries(stack, budget),
    clients: stack.unexamined.flatMap(({ resource, reason, usesDatabase }) =>
      usesDatabase ? [{ name: nameOf(resource), reason }] : [],
    ),
    hidden: stack.clients.flatMap(hiddenPool),
    strays: stack.clients
      .filter(firstOfItsResource)
      .flatMap(({ database, name }) => (database.state === "unlinked" ? [name] : [])),
  };
}

function hiddenPool({ name, settings, kind }: ClientReading): Todo["hidden"] {
  if (kind === "declared" || settings.poolMax.reading.state !== "unknown") return [];
  return [{ name, settings: hiddenSettings(settings) }];
}

/** Several pools of one service share its demand. */
const firstOfItsResource = (client: ClientReading, index: number, all: readonly ClientReading[]): boolean =>
  all.findIndex(({ resource }) => resource.urn === client.resource.urn) === index;

const REQUIRED = ["peakRequestsPerSecond", "holdMs"] as const;

function demandEntry({ declared, resource }: ClientReading): Entry[] {
  const missing = REQUIRED.filter((field) => declared[field].state === "unset");
  if (missing.length === 0) return [];
  const fields = missing.map((field) => `\`${field}\` (or the tag \`${DEMAND_TAGS[field]}\`)`);
  const note = spelledFor(resource.urn, `to do: ${fields.join(" and ")}, measured at the peak`);
  return [{ name: resource.name, note }];
}

function databaseEntries(stack: StackReading, { databases, unlinked }: StackBudget): Entry[] {
  const isSaid = unlinked.length > 0 || stack.unexamined.some(({ usesDatabase }) => usesDatabase);
  return databases.flatMap(({ database, limit, pools }) => {
    const { kind, resource } = database;
    const isEstimate = knownValue(limit)?.source === "estimated";
    const isUnused = pools.length === 0 && kind !== "replica" && !isSaid;
    const notes = [
      ...(isEstimate ? ["`maxConnections`, the result of `SHOW max_connections`"] : []),
      ...(isUnused
        ? ["`otherDemand`, the connections that clients outside this stack can hold at peak"]
        : []),
    ];
    return notes.length === 0 ? [] : [{ name: resource.name, note: `to do: ${notes.join("; ")}` }];
  });
}

/** What no entry can hold yet, since the numbers it must have are not known: a line each, for people. */
export function withoutEntry({
  clients,
  hidden,
  strays,
}: Pick<Todo, "clients" | "hidden" | "strays">): readonly string[] {
  return [
    ...hidden.map(
      ({ name, settings }) =>
        `declare the settings of ${name}'s pool that a preview does not show: add { "client": "${name}", "values": { ${settings.map((setting) => `"${setting}": …`).join(", ")} } } to \`pools\``,
    ),
    ...clients.map(
      ({ name, reason }) =>
        `declare ${name} (${reason}): add { "name": "${name}", "poolMax": …, "instances": … } to \`clients\``,
    ),
    ...strays.map(
      (name) =>
        `declare which database ${name} uses with the tag \`poolproof:database\`; if the database is not in the stack, also add { "name": …, "engine": …, "maxConnections": … } to \`databases\``,
    ),
  ];
}

const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;
