import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { knownValue, type Reading, readNumber, readText, toNumber, unset } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { AccountLimit, ClientReading } from "../types";

export function readAccountLimits(index: PlanIndex): readonly AccountLimit[] {
  const declared = (["role", "database"] as const).flatMap((of) =>
    index
      .ofType(resourceTypes[of === "role" ? "postgresqlRole" : "postgresqlDatabase"])
      .flatMap((resource) => {
        const connections = readNumber(resource, "connectionLimit");
        // −1 is PostgreSQL's own word for no limit, and the provider's default.
        const isFree = connections.state === "unset" || (knownValue(connections) ?? 0) < 0;
        return isFree ? [] : [{ resource, of, name: readText(resource, "name"), connections }];
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

/** The account a client logs in as, where its environment says so. */
export const accountOf = (client: ClientReading): Reading<string> => variableOf(client, USER_VARIABLES);

/** The logical database a client uses, where its environment says so. */
export const logicalDatabaseOf = (client: ClientReading): Reading<string> =>
  variableOf(client, DATABASE_VARIABLES);

function variableOf({ environment }: ClientReading, names: RegExp): Reading<string> {
  if (environment.state !== "known") return environment;
  const name = Object.keys(environment.value).find((each) => names.test(each));
  const value = name === undefined ? undefined : environment.value[name];
  return value === undefined ? unset("environment") : { state: "known", value };
}
