import { type PropertyMap, UNKNOWN } from "../../../../../policies/plan/plan";
import { described, fromSecret, throughProxy, WORKER, worker } from "../../../sampleClients";
import { DATABASE, environment, type Sample, SERVICE, samplePlan, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("connections/s", DATABASE);
const IAM: PropertyMap = { iamDatabaseAuthenticationEnabled: true };
/** A pool of this size on a database that takes IAM tokens: 200 logins a second at most. */
const storm = (poolMax: string, changes: Partial<Sample> = {}): Partial<Sample> => ({
  database: IAM,
  environment: environment({ DB_POOL_MAX: poolMax }),
  ...changes,
});
const processes = (poolMax: string) => ({
  environment: environment({ DB_POOL_MAX: poolMax, WEB_CONCURRENCY: "2" }),
});
const clients = (...names: readonly string[]) => ({
  clients: names.map((name, i) => described(name, 10 + i)),
});
const SECRET = { database: IAM, ...fromSecret("DB_POOL_MAX", environment({})) };
/** Whether the database takes IAM tokens is made from something else. */
const hidden = (poolMax: string) => ({
  resources: samplePlan(
    storm(poolMax, { database: { iamDatabaseAuthenticationEnabled: UNKNOWN } }),
  ).resources.map((each) =>
    each.urn === DATABASE
      ? {
          ...each,
          propertyDependencies: {
            ...each.propertyDependencies,
            iamDatabaseAuthenticationEnabled: [DATABASE],
          },
        }
      : each,
  ),
});

/** Go with a pool of 25, of which this many stay open without work. */
const go = (kept: string | undefined, changes: Partial<Sample> = {}): Partial<Sample> => ({
  database: IAM,
  environment: {
    DB_MAX_OPEN_CONNS: "25",
    REQUEST_TIMEOUT_MS: "8000",
    ...(kept !== undefined && { DB_MAX_IDLE_CONNS: kept }),
  },
  ...changes,
});
/** The same on passwords, whose logins the policy configuration bounds. */
const bounded = (kept: string | undefined) => go(kept, { database: {} });
const php = (children: string): Partial<Sample> => ({
  database: IAM,
  environment: { PHP_FPM_PM_MAX_CHILDREN: children, REQUEST_TIMEOUT_MS: "8000" },
});
const byProxy = (scheme: string, percent: number, sessions = "pinned"): Partial<Sample> => ({
  ...throughProxy(
    { DB_POOL_MAX: "30" },
    { proxy: { defaultAuthScheme: scheme }, pool: { maxConnectionsPercent: percent } },
  ),
  database: IAM,
  tags: tags({ "poolproof:proxy-sessions": sessions }),
});

export const RECONNECT_STORM = [
  given("Go keeps two idle connections of each pool", bounded(undefined), {
    newConnectionsPerSecond: 120,
    reconnectSeconds: 2,
  }).violates(128, [null, 120]),
  given("Go keeps none of its idle connections", go("0")).violates(440, [null, 200]),
  given("Go keeps its whole pool", go("25")),
  given("Go's two idle connections are enough for IAM", go(undefined)),
  given("What Go keeps is a word", go("some")).rejectsValue(SERVICE, "DB_MAX_IDLE_CONNS"),
  given("PHP opens a connection for each request", php("8")).violates(400, [null, 200]),
  given("A proxy logs in with tokens itself", byProxy("IAM_AUTH", 90)).violates(240, [null, 200]),
  given("A proxy logs in with tokens itself and opens few", byProxy("IAM_AUTH", 50)),
  given("A proxy logs in with passwords", byProxy("NONE", 90)),
  given("200 connections a second are IAM's limit", storm("25")),
  given("208 connections a second are above IAM's limit", storm("26")).violates(208, [null, 200]),
  given("480 connections a second are above IAM's limit", storm("60")).violates(480, [null, 200]),
  given("Two seconds are declared for 400 connections", storm("50"), { reconnectSeconds: 2 }),
  given("Two seconds are declared for 408 connections", storm("51"), { reconnectSeconds: 2 }).violates(204, [
    null,
    200,
  ]),
  given("A part of a connection a second is above the limit", storm("26"), {
    reconnectSeconds: 3,
    newConnectionsPerSecond: 50,
  }).violates(70, [null, 50]),
  given("The pool's floor is above what the limit takes", storm("12"), {
    newConnectionsPerSecond: 80,
  }).violates(96, [null, 80]),
  given("The pool's floor is what the limit takes", storm("12"), { newConnectionsPerSecond: 88 }).violates(
    96,
    [null, 88],
  ),
  given("The policy configuration's limit is below IAM's", storm("60"), {
    newConnectionsPerSecond: 150,
  }).violates(480, [null, 150]),
  given("The policy configuration's limit is above IAM's", storm("60"), {
    newConnectionsPerSecond: 250,
  }).violates(480, [null, 200]),
  given(
    "The policy configuration's limit is the only one",
    { environment: environment({ DB_POOL_MAX: "26" }) },
    { newConnectionsPerSecond: 207 },
  ).violates(208, [null, 207]),
  given(
    "The policy configuration's limit is the only one, and holds",
    { environment: environment({ DB_POOL_MAX: "26" }) },
    { newConnectionsPerSecond: 208 },
  ),
  given("Nothing bounds new connections", { environment: environment({ DB_POOL_MAX: "1000" }) }),
  given("Nothing bounds new connections of a hidden pool", {
    ...SECRET,
    database: { iamDatabaseAuthenticationEnabled: false },
  }),
  given("Another client takes a part of the limit", storm("30"), clients("worker")).violates(280, [
    null,
    200,
  ]),
  given("Four clients connect", storm("30"), clients("a", "b", "c")).violates(372, [null, 200]),
  given("Six clients connect", storm("30"), clients("a", "b", "c", "d", "e")).violates(480, [null, 200]),
  given("A task has two processes", storm("20", processes("20"))).violates(320, [null, 200]),
  given("Another service connects", storm("20", { extra: worker(15) })).violates(220, [null, 200]),
  given(
    "A deployment does not add to a restart",
    storm("25", { service: { deploymentMaximumPercent: 400 } }),
  ),
  given("Pools come through a proxy", { ...throughProxy({ DB_POOL_MAX: "90" }), database: IAM }),
  given(
    "Another client's tasks are hidden",
    storm("26", { extra: worker(1, { service: { desiredCount: UNKNOWN } }) }),
  )
    .violates(208, [null, 200])
    .leavesOpen(WORKER, "desiredCount"),
  given("The pool is in a secret", SECRET).leavesOpen(SERVICE, "containerDefinitions"),
  given("The pool is in a secret and another client is above the limit", SECRET, {
    clients: [described("worker", 60)],
  })
    .violates(240, [null, 200])
    .leavesOpen(SERVICE, "containerDefinitions"),
  given("The pool is a word", storm("ten")),
  given("It is hidden whether IAM counts, and it would decide", hidden("26")).undecided(
    "iamDatabaseAuthenticationEnabled",
  ),
  given("It is hidden whether IAM counts, and it would not decide", hidden("25")),
  given(
    "The switch of IAM is a word",
    storm("12", { database: { iamDatabaseAuthenticationEnabled: "perhaps" } }),
  ).malformed("iamDatabaseAuthenticationEnabled"),
];
