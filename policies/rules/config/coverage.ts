import { knownValue } from "../../plan/reading";
import { OPERATIONS_TAG } from "../../plan/tags";
import type {
  ClientReading,
  DatabaseReading,
  StackReading,
  Unexamined,
  UnreadDatabase,
} from "../../plan/types";
import { type NewViolation, type RuleContext, rule } from "../rule";

/** Connections that no pool bounds count for the database all the same. */
export const coverage = rule({
  id: "coverage",
  title: "Every client and database examined",
  severity: "high",
  level: "mandatory",
  description:
    "Whatever holds connections to a database is judged or described in the policy configuration, and each database has the clients that the budget counts.",
  remediationSteps:
    "Describe what the plan does not show under `clients` in the policy configuration (pool size, instances, peak), or under `databases` what clients of other stacks hold.",
  check(context) {
    for (const each of context.stack.unexamined) {
      if (each.usesDatabase) context.violation(unbounded(each));
      if (each.undecided !== undefined) context.cannotDecide(each.resource, each.undecided);
    }
    for (const each of context.stack.unreadDatabases) context.violation(notRead(each));
    for (const { library, resource, unread } of context.stack.clients) {
      // A library that is named wrongly is said even where every setting of its pool is known.
      if (library.state === "unknown" && library.property === "tags")
        context.cannotDecide(resource.urn, library);
      for (const sign of unread) context.cannotDecide(resource.urn, sign);
    }
    for (const violation of overReserve(context)) context.violation(violation);
    for (const client of strays(context.stack)) context.violation(withoutDatabase(client));
    for (const database of unused(context)) context.violation(withoutClients(database));
    for (const violation of withoutAnything(context)) context.violation(violation);
  },
});

const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;

function unbounded({ resource, reason }: Unexamined): NewViolation {
  const name = nameOf(resource);
  return {
    resource,
    text: `${name} holds connections that nothing counts: ${reason}. Its connections come on top of the budget, and its own pool may be the one that is too small.`,
    fix: `Describe it under \`clients\` in the policy configuration, with \`name\` "${name}", \`poolMax\` and \`instances\`; if it opens no connection, list it under \`notClients\` there with the reason`,
  };
}

function notRead({ resource, what }: UnreadDatabase): NewViolation {
  return {
    resource: resource.urn,
    text: `${resource.name} is ${what}, which is not read: no connection limit is known for it, and nothing that uses it is held against one.`,
    fix: `Describe it under \`databases\` in the policy configuration, with \`name\` "${resource.name}", \`engine\` and \`maxConnections\``,
  };
}

/** A stack that holds nothing to judge, where the policy configuration expects a database. */
function withoutAnything({ stack, settings }: RuleContext): readonly NewViolation[] {
  const { databases, clients, unreadDatabases } = stack;
  if (!settings.requireDatabase || databases.length + clients.length + unreadDatabases.length > 0) return [];
  return [
    {
      resource: rootOf(stack),
      text: "No database and no client of one was found in this stack, and `requireDatabase` in the policy configuration expects one: nothing was judged.",
      fix: "Check that the pack runs on the stack that holds the database or its clients, or remove `requireDatabase`",
    },
  ];
}

const rootOf = ({ stack, project }: StackReading): string =>
  `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`;

/** Databases on which tasks of operations hold more than the budget keeps for all of them together. */
function overReserve({ stack, settings }: RuleContext): readonly NewViolation[] {
  const { operationsReserve } = settings.capacity;
  const operating = stack.unexamined.flatMap((each) =>
    each.operations === undefined ? [] : [{ resource: each.resource, ...each.operations }],
  );
  const databases = new Set(operating.map(({ database }) => database));
  return [...databases].flatMap((database) => {
    const tasks = operating.filter((task) => task.database === database);
    const [first] = tasks;
    const held = tasks.reduce((sum, { connections }) => sum + connections, 0);
    if (first === undefined || held <= operationsReserve) return [];
    const names = tasks.map(({ resource }) => nameOf(resource)).join(", ");
    return [
      {
        resource: first.resource,
        text: `${names} may hold ${held} connections, above the ${operationsReserve} that the budget keeps for operations: people and jobs would take the rest from the service.`,
        fix: `Lower their tag \`${OPERATIONS_TAG}\`, and what they open, to ${operationsReserve} together, or raise \`operationsReserve\` in the policy configuration to ${held}`,
        observed: held,
        allowed: { min: null, max: operationsReserve },
        unit: "connections",
      },
    ];
  });
}

/** Clients whose database no plan and no configuration has, one of each service: their pools have one owner. */
function strays({ databases, clients }: StackReading): readonly ClientReading[] {
  const found = clients.filter(
    ({ database }) =>
      database.state === "unlinked" && (databases.length === 0 || database.named !== undefined),
  );
  return [...new Map(found.map((client) => [client.resource.urn, client])).values()];
}

function withoutDatabase(client: ClientReading): NewViolation {
  const { database } = client;
  const named =
    database.state === "unlinked" && database.named !== undefined ? ` (\`${database.named}\` names it)` : "";
  return {
    resource: client.resource.urn,
    text: `${client.name} holds a pool and its database${named} is neither in this stack nor described: its pool can be judged against its demand, and not against what the database can give.`,
    fix: "Describe the database under `databases` in the policy configuration, with `name`, `engine` and `maxConnections`, and name it in the tag `poolproof:database`",
  };
}

/**
 * Databases that no client uses, as far as the plan shows, and of which the policy configuration says nothing. A
 * replica may well wait for its day; where a client's database is undecided, or a client is not examined, that has
 * been said and may be this one's.
 */
function unused({ stack, budget }: RuleContext): readonly DatabaseReading[] {
  const isSaid = budget.unlinked.length > 0 || stack.unexamined.some(({ usesDatabase }) => usesDatabase);
  if (isSaid) return [];
  const used = new Set(
    stack.clients.flatMap(({ database }) => (database.state === "linked" ? [database.database] : [])),
  );
  return stack.databases.filter(
    ({ kind, otherDemand, resource }) =>
      (kind === "instance" || kind === "cluster") && otherDemand === 0 && !used.has(resource.urn),
  );
}

function withoutClients(database: DatabaseReading): NewViolation {
  const { name, urn } = database.resource;
  const engine = knownValue(database.engine);
  return {
    resource: urn,
    text: `No client of ${name}${engine === undefined ? "" : ` (${engine})`} was found in this stack, so nothing was checked against its limit: connections that others open are not counted.`,
    fix: `Describe who uses it under \`clients\` in the policy configuration, or give its \`otherDemand\` under \`databases\`; a service that uses it may say so with the tag \`poolproof:database\``,
  };
}
