import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { andThen, known, knownValue, type Reading, readNumber, readText, toNumber, unset } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { AccountLimit, ClientReading, DatabaseReading, ParameterGroupReading } from "../types";

export function readAccountLimits(index: PlanIndex): readonly AccountLimit[] {
  const declared = (["role", "database"] as const).flatMap((of) =>
    index.ofType(resourceTypes[of === "role" ? "postgresqlRole" : "postgresqlDatabase"]).map((resource) => {
      const connections = readNumber(resource, "connectionLimit");
      // −1 is PostgreSQL's own word for no limit, and the provider's default.
      const isFree = (knownValue(connections) ?? 0) < 0;
      const name = readText(resource, "name");
      return { resource, of, name, connections: isFree ? unset("connectionLimit") : connections };
    }),
  );
  return [...declared, ...index.ofType(resourceTypes.command).flatMap(altered)];
}

const ALTER =
  /\b(?:alter|create)\s+(role|user|database)\s+(?:"([^"]+)"|([a-z_][\w$]*))[^;]*?\bconnection\s+limit\s+(\d{1,9})/gi;

/** Of a command's text nothing but names and numbers of such statements is taken. */
function altered(resource: PlanResource): AccountLimit[] {
  const text = ["create", "update"]
    .map((property) => knownValue(readText(resource, property)) ?? "")
    .join(";");
  return [...text.matchAll(ALTER)].map(([, of = "", quoted, bare, limit = ""]) => ({
    resource,
    of: of.toLowerCase() === "database" ? "database" : "role",
    name: { state: "known", value: quoted ?? bare?.toLowerCase() ?? "" },
    connections: toNumber(limit, "create"),
  }));
}

const USER_VARIABLES =
  /^(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|SPRING_DATASOURCE|QUARKUS_DATASOURCE)_?(?:USER|USERNAME)$/;
const DATABASE_VARIABLES =
  /^(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB)_?(?:NAME|DATABASE|DB)$|^PGDATABASE$/;

/** User and database of a URL: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?…`, the user also as `?user=` (JDBC). */
const URL_PARTS =
  /^(?:jdbc:(?:aws-wrapper:)?)?(?:postgres(?:ql)?|mysql2?|mariadb|ecto)(?:\+[a-z0-9]+)?:\/\/(?:([^\s:@/]+)(?::[^\s@/]*)?@)?[^\s@/?]+\/([^\s?/;]+)(?:\?(?:.*&)?user=([^\s&]+))?/i;

/** The account a client logs in as, where its environment says so. */
export const accountOf = (client: ClientReading): Reading<string> =>
  variableOf(client, USER_VARIABLES, ([, user, , asked]) => user ?? asked);

/** The logical database a client uses, where its environment says so. */
export const logicalDatabaseOf = (client: ClientReading): Reading<string> =>
  variableOf(client, DATABASE_VARIABLES, ([, , database]) => database);

function variableOf(
  { environment }: ClientReading,
  names: RegExp,
  part: (url: RegExpExecArray) => string | undefined,
): Reading<string> {
  if (environment.state !== "known") return environment;
  const name = Object.keys(environment.value).find((each) => names.test(each));
  const value = name === undefined ? undefined : environment.value[name];
  if (value !== undefined) return known(value);
  const inUrls = Object.values(environment.value).flatMap((text) => {
    const url = URL_PARTS.exec(text);
    return url === null ? [] : (part(url) ?? []);
  });
  const [only, ...others] = new Set(inUrls);
  return only === undefined || others.length > 0 ? unset("environment") : known(decoded(only));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A limit with the clients that it bounds together. */
export interface SharedLimit {
  /** What has the limit, as the start of a sentence. */
  readonly label: string;
  readonly resource: PlanResource;
  readonly connections: Reading<number>;
  readonly clients: ReadonlySet<ClientReading>;
}

/**
 * The limits below the server's that a database's clients share. A client whose account or logical database the plan
 * does not show counts with each account of MySQL's, and with PostgreSQL's where the plan has one role alone: that it
 * uses another cannot be seen.
 */
export function sharedLimits(
  { parameters }: DatabaseReading,
  clients: readonly ClientReading[],
  limits: readonly AccountLimit[],
  isPostgres: boolean,
): readonly SharedLimit[] {
  return isPostgres ? ofPostgres(clients, limits) : ofMysql(parameters, clients);
}

function ofMysql(parameters: ParameterGroupReading, clients: readonly ClientReading[]): SharedLimit[] {
  const { value } = parameters.parameter("max_user_connections");
  const connections = andThen(value, (of) => toNumber(of, "parameters.max_user_connections"));
  // 0 is MySQL's and MariaDB's word for no limit, and the default; −1 of MariaDB lets no account in but privileged ones.
  if (connections.state === "unset" || knownValue(connections) === 0) return [];
  const accounts = new Set(clients.map((client) => knownValue(accountOf(client))));
  const named = accounts.size > 1 ? [...accounts].filter((each) => each !== undefined) : [...accounts];
  return named.map((account) => ({
    label: `\`max_user_connections\`${account === undefined ? "" : ` of account \`${account}\``}`,
    resource: parameters.resource,
    connections,
    clients: new Set(
      clients.filter((client) => [undefined, account].includes(knownValue(accountOf(client)))),
    ),
  }));
}

function ofPostgres(clients: readonly ClientReading[], limits: readonly AccountLimit[]): SharedLimit[] {
  return limits.flatMap((limit) => {
    if (limit.connections.state === "unset") return [];
    const names = new Set(limits.filter(({ of }) => of === limit.of).map((each) => knownValue(each.name)));
    const nameOf = limit.of === "role" ? accountOf : logicalDatabaseOf;
    const name = knownValue(limit.name);
    const bound = clients.filter((client) => {
      const own = knownValue(nameOf(client));
      return own === undefined ? names.size === 1 : own === name;
    });
    const label = `\`CONNECTION LIMIT\` of ${limit.of} \`${name ?? limit.resource.name}\``;
    return bound.length === 0 ? [] : [{ ...limit, label, clients: new Set(bound) }];
  });
}
