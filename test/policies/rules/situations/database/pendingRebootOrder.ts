import type { Plan } from "../../../../../policies/plan/plan";
import { type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { limitTo } from "../../../auroraPlan";
import { DATABASE, environment, GROUP, resource, type Sample, samplePlan, urn } from "../../../samplePlan";
import { measuredIn, type Situation } from "../../situation";

const given = measuredIn("connections", GROUP);

/** The sample with a limit, unless AWS's formula sets it, and a pool. */
function at(limit: number | typeof UNKNOWN | undefined, pool: number, changes: Partial<Sample> = {}): Plan {
  const value: PropertyValue = typeof limit === "number" ? String(limit) : UNKNOWN;
  const parameters = limit === undefined ? [] : limitTo(value);
  return samplePlan({ parameters, environment: environment({ DB_POOL_MAX: String(pool) }), ...changes });
}
const onMysql = (limit: number, pool: number, applyMethod: string): Plan =>
  at(limit, pool, {
    database: { engine: "mysql", engineVersion: "8.4" },
    parameters: [{ name: "max_connections", value: String(limit), applyMethod }],
  });
const onClass = (pool: number, instanceClass: string, applyImmediately = false): Plan =>
  at(undefined, pool, { database: { instanceClass, applyImmediately } });
const change = (title: string, before: Plan | undefined, after: Plan): Situation =>
  given(title, after, {}, before);
const DEPLOYED = at(400, 12);
const withoutDatabase = { resources: DEPLOYED.resources.filter(({ urn }) => urn !== DATABASE) };

const REPLICA = urn("aws:rds/instance:Instance", "replica");
/** The sample with a replica of a limit of its own. */
const replicated = (limit: number, ofReplica: number | typeof UNKNOWN): Plan => {
  const value = typeof ofReplica === "number" ? String(ofReplica) : ofReplica;
  return at(limit, 12, {
    extra: [
      resource("aws:rds/parameterGroup:ParameterGroup", "replica-params", {
        name: "replica-params",
        family: "postgres17",
        parameters: limitTo(value),
      }),
      resource(
        "aws:rds/instance:Instance",
        "replica",
        { instanceClass: "db.m7g.4xlarge", parameterGroupName: "replica-params", replicateSourceDb: UNKNOWN },
        { replicateSourceDb: [DATABASE] },
      ),
    ],
  });
};

/** 400 connections leave 389, of which 311 are the budget; 16 tasks × 19 and 5 for operations claim 309. */
export const PENDING_REBOOT_ORDER = [
  change("The limit and the pools rise, beyond the old limit", DEPLOYED, at(800, 30)).violates(485, [
    null,
    311,
  ]),
  change(
    "The limit and the tasks rise, beyond the old limit",
    DEPLOYED,
    at(800, 12, { scaling: { minCapacity: 8, maxCapacity: 18 } }),
  ).violates(437, [null, 311]),
  change("The limit rises alone", DEPLOYED, at(800, 12)),
  change("The limit and the pools rise, within the old limit", DEPLOYED, at(800, 19)),
  change("The limit and the pools rise, up to the old budget", at(398, 12), at(800, 19)),
  change("The limit rises for pools that were too large already", at(400, 30), at(800, 30)),
  change("The limit falls", at(800, 30), DEPLOYED),
  change("The pools rise beyond a limit that stays", DEPLOYED, at(400, 30)),
  change("Nothing is deployed", undefined, at(800, 30)),
  change("The database is new", withoutDatabase, at(800, 30)),
  change(
    "A new class brings the new limit in the maintenance window",
    onClass(12, "db.t4g.medium"),
    onClass(30, "db.m7g.xlarge"),
  ).violates(485, [null, 312]),
  change(
    "A new class brings the new limit at once",
    onClass(12, "db.t4g.medium"),
    onClass(30, "db.m7g.xlarge", true),
  ),
  change("MySQL takes the new limit at once", onMysql(400, 12, "immediate"), onMysql(800, 30, "immediate")),
  change(
    "MySQL takes the new limit after a reboot",
    onMysql(400, 12, "pending-reboot"),
    onMysql(800, 30, "pending-reboot"),
  ).violates(485, [null, 314]),
  change("The deployed limit is hidden", at(UNKNOWN, 12), at(800, 30)).leavesOpen(
    DATABASE,
    "parameters.max_connections",
  ),
  change("RDS would refuse the new limit", DEPLOYED, at(3, 30)),
  change("The new pool is negative", DEPLOYED, at(800, -1)),
  change(
    "The limits of a primary and its replica rise in one change",
    replicated(400, 400),
    replicated(800, 800),
  ).violates(400, [800, null]),
  change("The primary's limit rises to its replica's", replicated(400, 800), replicated(800, 800)),
  change("The replica's limit rises alone", replicated(400, 400), replicated(400, 800)),
  change(
    "The limit of a replica is hidden in what is deployed, and its primary's rises",
    replicated(400, UNKNOWN),
    replicated(800, 800),
  ).leavesOpen(REPLICA, "parameters.max_connections"),
];
