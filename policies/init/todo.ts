import type { StackBudget } from "../budget/budget";
import { hiddenSettings } from "../plan/pools/pools";
import { knownValue } from "../plan/reading";
import { DEMAND_TAGS } from "../plan/tags";
import type { ClientReading, StackReading } from "../plan/types";

/** An entry of the policy configuration that holds all a plan shows, and says in its `note` what people must add. */
export interface Entry {
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
  return [{ name: resource.name, note: `to do: ${fields.join(" and ")}, measured at the peak` }];
}

function databaseEntries(stack: StackReading, { databases, unlinked }: StackBudget): Entry[] {
  const isSaid = unlinked.length > 0 || stack.unexamined.some(({ usesDatabase }) => usesDatabase);
  return databases.flatMap(({ database, limit, pools }) => {
    const { kind, resource } = database;
    const isEstimate = knownValue(limit)?.source === "estimated";
    const isUnused = pools.length === 0 && kind !== "replica" && !isSaid;
    const notes = [
      ...(isEstimate ? ["`maxConnections`, as `SHOW max_connections` says it"] : []),
      ...(isUnused
        ? ["`otherDemand`, the connections that clients outside this stack may hold at peak"]
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
        `say what no preview shows of ${name}'s pool: add { "client": "${name}", "values": { ${settings.map((setting) => `"${setting}": …`).join(", ")} } } to \`pools\``,
    ),
    ...clients.map(
      ({ name, reason }) =>
        `describe ${name} (${reason}): add { "name": "${name}", "poolMax": …, "instances": … } to \`clients\``,
    ),
    ...strays.map(
      (name) =>
        `say which database ${name} uses: by the tag \`poolproof:database\`; where the stack has no such database, add { "name": …, "engine": …, "maxConnections": … } to \`databases\` as well`,
    ),
  ];
}

const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;
