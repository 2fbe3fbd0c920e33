import { unknown } from "../../reading";
import {
  COMMON,
  ELSEWHERE,
  keepAlive,
  type PoolProfile,
  queryTimeout,
  type SettingSource,
  type TimeNotation,
} from "../library";

const URL_VARIABLE = "DATABASE_URL";

const inUrl = (parameter: string, writtenIn?: TimeNotation): SettingSource["variables"] => [
  { name: URL_VARIABLE, parameter, ...(writtenIn === undefined ? {} : { writtenIn }) },
];

/**
 * Prisma (up to 6): `connection_limit` and `pool_timeout` (seconds, 10 when unset, 0 for ever) are parameters of the
 * data source's URL. `socket_timeout`
 * (seconds, off when unset) ends a query. Without the first the pool holds twice the physical CPUs and one, which no plan shows: a vCPU
 * of Fargate or of an instance is a hyperthread on most classes and a core on others
 * (prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections/connection-pool).
 */
export const prisma: PoolProfile = {
  library: "prisma",
  marks: [
    { name: URL_VARIABLE, parameter: "connection_limit" },
    { name: URL_VARIABLE, parameter: "pool_timeout" },
  ],
  settings: {
    ...COMMON,
    statementTimeoutMs: ELSEWHERE.statementTimeoutMs,
    lockTimeoutMs: ELSEWHERE.lockTimeoutMs,
    poolMax: {
      variables: inUrl("connection_limit"),
      default: {
        hidden: {
          ...unknown(
            `connection_limit in ${URL_VARIABLE}`,
            "`connection_limit` is not in the URL, and Prisma's default of twice the machine's physical CPUs plus one is not in the plan",
          ),
          fix: `Add \`connection_limit\` to the URL in \`${URL_VARIABLE}\`, or set \`values.poolMax\` of the client under \`pools\` in the policy configuration`,
        },
      },
      unit: "connections",
      kind: "count",
    },
    acquireTimeoutMs: {
      variables: inUrl("pool_timeout", "s"),
      default: { value: 10_000, of: "Prisma's default" },
      unit: "ms",
      kind: "duration",
    },
    idleTimeoutMs: {
      variables: inUrl("max_idle_connection_lifetime", "s"),
      default: { value: 300_000, of: "Prisma's default" },
      unit: "ms",
      kind: "duration",
    },
    queryTimeoutMs: {
      variables: [...inUrl("socket_timeout", "s"), ...queryTimeout("").variables],
      default: { value: 0, of: "Prisma's default" },
      unit: "ms",
      kind: "duration",
    },
    maxLifetimeMs: {
      variables: inUrl("max_connection_lifetime", "s"),
      default: { value: 0, of: "Prisma's default" },
      unit: "ms",
      kind: "duration",
    },
    keepAliveTimeoutMs: { ...keepAlive(), default: { value: 5_000, of: "Node's default" } },
  },
};
