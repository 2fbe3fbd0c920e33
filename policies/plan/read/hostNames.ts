import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { isKnown, ownText } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { Container } from "./containers";

/** Variables that hold a database's host, alone or within a URL, in the frameworks and images people use. */
const HOST_VARIABLES = [
  "DB_HOST",
  "DB_HOSTNAME",
  "DB_ENDPOINT",
  "DB_URL",
  "DATABASE_HOST",
  "DATABASE_URL",
  "RDS_HOSTNAME",
  "PGHOST",
  "POSTGRES_HOST",
  "POSTGRES_URL",
  "MYSQL_HOST",
  "MYSQL_URL",
  "MARIADB_HOST",
  "JDBC_DATABASE_URL",
  "SPRING_DATASOURCE_URL",
  "SQLALCHEMY_DATABASE_URI",
] as const;

/** An RDS endpoint that a container names in plain text. */
export interface NamedHost {
  /** The variable that holds it; its value may carry a password and is never shown. */
  readonly variable: string;
  readonly kind: "database" | "proxy" | "proxy endpoint" | "custom endpoint";
  /** First part of the host: the identifier, in lower case as RDS writes it. */
  readonly identifier: string;
}

/** The RDS endpoints in a container's environment, as far as the plan knows it. */
export function namedHosts(container: Container | undefined): NamedHost[] {
  return HOST_VARIABLES.flatMap((variable) => {
    const value = container?.environment(variable);
    if (value?.state !== "known") return [];
    return rdsHosts(value.value).map((host) => ({ variable, ...host }));
  });
}

const RDS_HOST =
  /(?<![a-z0-9.-])([a-z][a-z0-9-]{0,62})((?:\.[a-z0-9-]{1,63}){1,4})\.rds\.amazonaws\.com(?:\.cn)?(?![a-z0-9-]|\.[a-z0-9])/gi;

/**
 * What RDS endpoints name, by their parts (AWS: Amazon RDS User Guide, "Connecting to a DB instance"; Amazon Aurora
 * User Guide, "Amazon Aurora endpoint connections"; "Working with RDS Proxy endpoints"):
 * `IDENTIFIER.x.REGION`, `CLUSTER.cluster-x.REGION`, `CLUSTER.cluster-ro-x.REGION`, `NAME.cluster-custom-x.REGION`,
 * `PROXY.proxy-x.REGION` and `NAME.endpoint.proxy-x.REGION`.
 */
function rdsHosts(text: string): Omit<NamedHost, "variable">[] {
  return [...text.matchAll(RDS_HOST)].map(([, first = "", rest = ""]) => {
    const [, second = "", third = ""] = rest.toLowerCase().split(".");
    const kind = second.startsWith("proxy-")
      ? "proxy"
      : second === "endpoint" && third.startsWith("proxy-")
        ? "proxy endpoint"
        : second.startsWith("cluster-custom-")
          ? "custom endpoint"
          : "database";
    return { kind, identifier: first.toLowerCase() };
  });
}

/** The resource of the stack that has this endpoint. */
export function resourceBehind({ kind, identifier }: NamedHost, index: PlanIndex): PlanResource | undefined {
  const [found] = PLACES[kind].flatMap(({ types, property }) => index.named(types, property, identifier));
  return found;
}

type Place = { readonly types: ReadonlySet<string>; readonly property: string };

const PLACES: { readonly [kind in NamedHost["kind"]]: readonly Place[] } = {
  database: [
    { types: resourceTypes.rdsInstance, property: "identifier" },
    { types: resourceTypes.rdsCluster, property: "clusterIdentifier" },
    { types: resourceTypes.rdsClusterInstance, property: "identifier" },
  ],
  proxy: [{ types: resourceTypes.rdsProxy, property: "name" }],
  "proxy endpoint": [{ types: resourceTypes.rdsProxyEndpoint, property: "dbProxyEndpointName" }],
  "custom endpoint": [{ types: resourceTypes.rdsClusterEndpoint, property: "clusterEndpointIdentifier" }],
};

/** Whether every resource that may have such an endpoint is known by name, so that no match means: not of this stack. */
export function allNamed({ kind }: NamedHost, index: PlanIndex): boolean {
  return PLACES[kind].every(({ types, property }) =>
    index.ofType(types).every((resource) => isKnown(ownText(resource, property))),
  );
}
