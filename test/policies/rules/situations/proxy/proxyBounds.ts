import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { limitTo } from "../../../auroraPlan";
import { PROXY, PROXY_POOL, proxyResources, throughProxy, worker } from "../../../sampleClients";
import { type Sample, SERVICE, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("percent", PROXY_POOL);
const MULTIPLEXED = { "poolproof:proxy-sessions": "multiplexed" };

/** The sample behind a proxy whose sessions multiplex. */
const through = (
  pool: PropertyMap | undefined,
  poolMax = "12",
  declared: Sample["tags"] = {},
): Partial<Sample> => ({
  ...throughProxy({ DB_POOL_MAX: poolMax }, { pool }),
  tags: tags({ ...MULTIPLEXED, ...declared }),
});
const share = (
  maxConnectionsPercent: PropertyValue,
  maxIdleConnectionsPercent: PropertyValue = 5,
): PropertyMap => ({
  maxConnectionsPercent,
  maxIdleConnectionsPercent,
});
const sessions = (of: string | undefined) => ({ "poolproof:proxy-sessions": of });
const borrow = (connectionBorrowTimeout: PropertyValue): PropertyMap => ({ connectionBorrowTimeout });
/** A proxy that no client of this stack goes through: its host is used by nobody. */
const unused = (pool: PropertyMap): Partial<Sample> => ({ extra: proxyResources({ pool }) });
/** The sample behind the proxy, together with a worker whose requests end at another time. */
function withWorker(requestMs: string, pool: PropertyMap = {}): Partial<Sample> {
  const sample = through(pool);
  const second = worker(1, {
    environment: { REQUEST_TIMEOUT_MS: requestMs },
    secrets: { DB_HOST: "db/host" },
    tags: MULTIPLEXED,
  });
  return { ...sample, extra: [...(sample.extra ?? []), ...second] };
}
const others = (otherDemand: number): Partial<Settings> => ({ databases: [{ name: "db", otherDemand }] });

/** The sample behind the proxy, whose request timeout is in a secret as well. */
function hiddenRequest(): Partial<Sample> {
  const sample = throughProxy({ REQUEST_TIMEOUT_MS: undefined });
  const [api] = JSON.parse(String(sample.taskDefinition?.containerDefinitions));
  api.secrets.push({
    name: "REQUEST_TIMEOUT_MS",
    valueFrom: api.secrets[0].valueFrom.replace("host", "timeout"),
  });
  return {
    ...sample,
    tags: tags(MULTIPLEXED),
    taskDefinition: { containerDefinitions: JSON.stringify([api]) },
  };
}

export const PROXY_BOUNDS = [
  given("The share carries its clients and leaves the rest to others", through({})),
  given("The stack has no proxy"),
  given("The share is below the demand", through(share(10))).violates(10, [14, 100]),
  given("The share is one below the least", through(share(18))),
  given("The share is the least", through(share(19))),
  given("The share is below the demand of two services", withWorker("8000", share(10))).violates(
    10,
    [14, 100],
  ),
  given(
    "The share is below a demand that has no headroom",
    through(share(20), "60", { "poolproof:peak-requests-per-second": "2700" }),
  ).violates(20, [86, 100]),
  given(
    "No share carries the demand",
    through(share(20), "60", { "poolproof:peak-requests-per-second": "4000" }),
  ).violates(20, [126, 100]),
  given("AWS's default share is below the demand", {
    ...through(undefined),
    parameters: limitTo("45"),
  })
    .finds(PROXY, 120, [1, 7], "s")
    .finds(PROXY, 100, [125, 100])
    .finds(PROXY, 100, [1, 64]),
  given("Sessions pin and fit", through(share(50, 25), "12", sessions("pinned"))),
  given("Sessions pin and do not fit", through(share(47, 25), "12", sessions("pinned"))).violates(
    47,
    [48, 100],
  ),
  given(
    "Sessions may pin, and the share is enough only if they do not",
    through(share(40, 20), "12", sessions(undefined)),
  ).leavesOpen(SERVICE, "poolproof:proxy-sessions"),
  given(
    "Sessions may pin, and the share is enough if they do",
    through(share(48, 20), "12", sessions(undefined)),
  ),
  given("Sessions may pin, and the share is large", through(share(85, 20), "30", sessions(undefined))),
  given("The share leaves nothing for others", through(share(100, 50), "60")).violates(100, [1, 96]),
  given("The share leaves just enough for others", through(share(96, 50), "60")),
  given("The share is everything and the clients cannot fill it", through(share(100, 50))),
  given("The share is the idle share", through(share(30, 30))),
  given("No connection is kept idle", through(share(96, 0))),
  given("All connections are kept idle", through(share(96, 96))),
  given("A proxy serves other stacks alone", unused({})).violates(90, [1, 48]),
  given("A proxy leaves the last connection to others", unused(share(40)), others(32)),
  given("A proxy takes the last connection of others", unused(share(40)), others(33)).violates(40, [1, 39]),
  given("A proxy and clients of other stacks take too much", unused(share(60)), others(20)).violates(
    60,
    [1, 43],
  ),
  given("Others take everything", unused(share(40)), others(190)).violates(40, [1, 0]),

  given("The share is above 100", through({ maxConnectionsPercent: 101 })).violates(101, [1, 100]),
  given("The share is 150", through({ maxConnectionsPercent: 150 })).violates(150, [1, 100]),
  given("The share is 0", through({ maxConnectionsPercent: 0 })).violates(0, [1, 100]),
  given("The share is a word", through({ maxConnectionsPercent: "half" })).malformed(
    "connectionPoolConfig.maxConnectionsPercent",
  ),
  given("The idle share is negative", through({ maxIdleConnectionsPercent: -1 })).violates(-1, [0, 90]),
  given("The idle share is above the share", through({ maxIdleConnectionsPercent: 91 })).violates(
    91,
    [0, 90],
  ),
  given("The idle share is above a small share", through(share(30, 50))).violates(50, [0, 30]),
  given("The idle share is above 100", through(share(100, 101))).violates(101, [0, 100]),
  given("The idle share is above 100 and the share out of range", through(share(150, 101)))
    .violates(150, [1, 100])
    .violates(101, [0, 100]),
  given("The idle share is 100 and the share out of range", through(share(150, 100))).violates(150, [1, 100]),
  given("The idle share is above 100 and the share hidden", through(share(UNKNOWN, 101)))
    .violates(101, [0, 100])
    .undecided("connectionPoolConfig.maxConnectionsPercent"),
  given("The idle share is 100 and the share hidden", through(share(UNKNOWN, 100))).undecided(
    "connectionPoolConfig.maxConnectionsPercent",
  ),
  given("The share is hidden", through({ maxConnectionsPercent: UNKNOWN })).undecided(
    "connectionPoolConfig.maxConnectionsPercent",
  ),
  given("A config key sets the share", through({ maxConnectionsPercent: 101 }), {
    configKeys: { maxConnectionsPercent: "shop:proxyShare" },
  }).violates(101, [1, 100]),

  given("The borrow timeout is above AWS's most", through(borrow(301))).violates(301, [1, 7], "s"),
  given("The borrow timeout is 0", through(borrow(0))).violates(0, [1, 7], "s"),
  given("The borrow timeout is negative", through(borrow(-1))).violates(-1, [1, 7], "s"),
  given("The borrow timeout reaches the request", through(borrow(8))).violates(8, [1, 7], "s"),
  given("The borrow timeout ends before the request", through(borrow(7))),
  given("The borrow timeout is AWS's default", through(undefined)).finds(PROXY, 120, [1, 7], "s"),
  given("No request comes through a borrow timeout of 300 s", unused({ ...share(10), ...borrow(300) })),
  given(
    "No request comes through a borrow timeout of 301 s",
    unused({ ...share(10), ...borrow(301) }),
  ).violates(301, [1, 300], "s"),
  given("The borrow timeout outlasts the shortest request", withWorker("1500", borrow(2))).violates(
    2,
    [1, 1],
    "s",
  ),
  given("The borrow timeout reaches the shortest request", withWorker("2000", borrow(2))).violates(
    2,
    [1, 1],
    "s",
  ),
  given("The borrow timeout ends before the shortest request", withWorker("2001", borrow(2))),
  given("No borrow timeout fits the shortest request", withWorker("1000", borrow(1))).violates(
    1,
    [1, 0],
    "s",
  ),
  given("A request never ends", withWorker("0", borrow(7))),
  given("The client sends what the proxy refuses", {
    ...throughProxy({ DB_POOL_MAX: "12", DB_STATEMENT_TIMEOUT_MS: "3000", DB_CONNECTION: undefined }),
    tags: tags(MULTIPLEXED),
  }).finds(SERVICE, null, null, null),
  given("The program leaves out what the proxy refuses", {
    ...throughProxy({ DB_POOL_MAX: "12", DB_STATEMENT_TIMEOUT_MS: "3000", DB_CONNECTION: "proxy" }),
    tags: tags(MULTIPLEXED),
  }),
  given("The borrow timeout is hidden", through(borrow(UNKNOWN))).undecided(
    "connectionPoolConfig.connectionBorrowTimeout",
  ),
  given("The request's end is hidden", hiddenRequest()).leavesOpen(SERVICE, "containerDefinitions"),
];
