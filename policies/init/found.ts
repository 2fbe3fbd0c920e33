import type { DatabaseBudget, PoolBudget, StackBudget } from "../budget/budget";
import { knownValue, type Reading } from "../plan/reading";
import type { ClientReading, DatabaseReading } from "../plan/types";
import { count, plain } from "../rules/format";

/** What a plan shows of databases and pools, one line each; `?` stands for what it hides. */
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
  const tasks = knownValue(tasksAtPeak);
  const processes = knownValue(processesPerTask) ?? 1;
  const holders = tasks === undefined ? "? tasks" : count(tasks, HOLDER[client.kind]);
  const each = processes > 1 ? ` × ${plain(processes)} processes` : "";
  return `client ${client.name}: ${shown(client.library)}, pool of ${shown(poolMax)} × ${holders}${each} at most, ${usedBy(client, budget)}`;
}

/** What holds one pool, by the kind of client. */
const HOLDER: { readonly [kind in ClientReading["kind"]]: string } = {
  "ecs-service": "task",
  lambda: "environment",
  declared: "instance",
};

function usedBy({ database: link }: ClientReading, { databases }: StackBudget): string {
  if (link.state === "unlinked") return `database not known: ${link.reason}`;
  const name = nameIn(
    databases.map(({ database }) => database),
    link.database,
  );
  return `uses ${name} (${VIA[link.via]})${knownValue(link.proxied) === true ? " through a proxy" : ""}`;
}

export const nameIn = (databases: readonly DatabaseReading[], urn: string): string =>
  databases.find(({ resource }) => resource.urn === urn)?.resource.name ?? urn;

type Via = Extract<ClientReading["database"], { readonly state: "linked" }>["via"];

/** How it is known which database a client uses. */
const VIA: { readonly [via in Via]: string } = {
  tag: "by its tag",
  dependency: "its settings are made from it",
  name: "its settings name it",
  "only database": "the only database of the stack",
  "policy configuration": "by the policy configuration",
};

function shown(value: Reading<string | number> | string | number | undefined): string {
  const known = typeof value === "object" ? knownValue(value) : value;
  return known === undefined ? "?" : String(known);
}
