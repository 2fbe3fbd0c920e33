import type { PlanResource } from "../../policies/plan/plan";
import { type PropertyMap, UNKNOWN } from "../../policies/plan/plan";
import { DATABASE, environment, resource, type Sample, urn } from "./samplePlan";

export const PROXY = urn("aws:rds/proxy:Proxy", "proxy");
export const PROXY_POOL = urn("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", "proxy-pool");

export interface ProxySample {
  readonly proxy: PropertyMap;
  /** Undefined leaves the default target group to AWS. */
  readonly pool: PropertyMap | undefined;
}

/** An RDS Proxy before the sample's database, which every rule passes. */
export function proxyResources(changes: Partial<ProxySample> = {}): PlanResource[] {
  const pool = "pool" in changes ? changes.pool : {};
  return [
    resource("aws:rds/proxy:Proxy", "proxy", {
      name: "proxy-1234567",
      endpoint: UNKNOWN,
      requireTls: true,
      ...changes.proxy,
    }),
    ...(pool === undefined
      ? []
      : [
          resource(
            "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
            "proxy-pool",
            {
              dbProxyName: "proxy-1234567",
              connectionPoolConfig: {
                maxConnectionsPercent: 90,
                maxIdleConnectionsPercent: 45,
                connectionBorrowTimeout: 2,
                ...pool,
              },
            },
            { dbProxyName: [PROXY] },
          ),
        ]),
    resource(
      "aws:rds/proxyTarget:ProxyTarget",
      "proxy-target",
      { dbProxyName: "proxy-1234567", dbInstanceIdentifier: "db1234567" },
      { dbProxyName: [PROXY], dbInstanceIdentifier: [DATABASE] },
    ),
    resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/shop/db/host", value: UNKNOWN },
      { value: [PROXY] },
    ),
  ];
}

/** A second proxy before the same database, with a host of its own in `/shop/db/two`. */
export function secondProxy(): PlanResource[] {
  return JSON.parse(
    JSON.stringify(proxyResources())
      .replaceAll("proxy", "second")
      .replaceAll("aws:rds/second", "aws:rds/proxy")
      .replaceAll("db/host", "db/two")
      .replaceAll('"host"', '"two"')
      .replaceAll("::host", "::two"),
  ) as PlanResource[];
}

/** The parameter group of the sample behind a proxy, which sends none of a client's start-up parameters on. */
export const PROXIED_PARAMETERS: Sample["parameters"] = [
  { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
  { name: "statement_timeout", value: "2000" },
  { name: "lock_timeout", value: "1500" },
];

/** The sample with its host taken from the proxy. */
export function throughProxy(
  variables: { readonly [name: string]: string | undefined } = {},
  changes: Partial<ProxySample> = {},
): Partial<Sample> {
  const containers = [
    {
      name: "api",
      environment: Object.entries(
        environment({ DB_CONNECTION: "proxy", DB_POOL_MAX_LIFETIME_MS: "3600000", ...variables }),
      ).map(([name, value]) => ({ name, value })),
      secrets: [{ name: "DB_HOST", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host" }],
    },
  ];
  return {
    parameters: PROXIED_PARAMETERS,
    taskDefinition: { containerDefinitions: JSON.stringify(containers) },
    extra: proxyResources(changes),
  };
}
