import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { auroraPlan, CLUSTER, limitTo } from "../../../auroraPlan";
import {
  fromSecret,
  lambda,
  PROXIED_PARAMETERS,
  proxyResources,
  REPORTS,
  secondDatabase,
  throughProxy,
} from "../../../sampleClients";
import { environment, GROUP, type Sample, SERVICE, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("ms", GROUP);
const NAME = "idle_in_transaction_session_timeout";
const group = (value: PropertyValue): Pick<Sample, "parameters"> => ({
  parameters: [...limitTo("400"), { name: NAME, value }],
});
const sends = (ms: string) => ({ environment: environment({ DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: ms }) });
const onCluster: Partial<Sample> = {
  tags: tags({ "poolproof:database": "db" }),
  extra: auroraPlan({
    cluster: { clusterIdentifier: "aurora", engineVersion: "17.4" },
    parameters: undefined,
    family: "aurora-postgresql17",
    members: { "orders-1": { instanceClass: "db.r6g.large" }, "orders-2": { instanceClass: "db.r6g.large" } },
    memberParameters: { "orders-1": [{ name: NAME, value: "60000" }] },
  }),
};
const direct = lambda({
  environment: {
    variables: { DB_POOL_MAX: "1", PGHOST: "db1234567.abcdefghijkl.eu-west-1.rds.amazonaws.com" },
  },
});

export const IDLE_IN_TRANSACTION = [
  given("The group ends transactions after a millisecond", group("1")),
  given("The group ends transactions after a minute", group("60000")),
  given("The group ends transactions after more than a minute", group("60001")).violates(60001, [1, 60000]),
  given("The group never ends transactions", group("0")).violates(0, [1, 60000]),
  given("The client ends transactions, and the group never", { ...group("0"), ...sends("30000") }),
  given("The client ends transactions too late", { ...group("60000"), ...sends("90000") }).finds(
    SERVICE,
    90000,
    [1, 60000],
  ),
  given("The client ends transactions too late, and the group never", {
    ...group("0"),
    ...sends("90000"),
  }).finds(SERVICE, 90000, [1, 60000]),
  given("The client sends 0 to a group that ends them", { ...group("60000"), ...sends("0") }),
  given("The client sends 0 to a group that never does", { ...group("0"), ...sends("0") }).violates(
    0,
    [1, 60000],
  ),
  given("The client's own value is in a secret", {
    ...fromSecret("DB_IDLE_IN_TRANSACTION_TIMEOUT_MS", environment({})),
    ...group("0"),
  }).leavesOpen(SERVICE, "containerDefinitions"),
  given("The client may be behind a proxy, and only its own value is good", {
    ...group("0"),
    ...sends("30000"),
    extra: proxyResources(),
  }).leavesOpen(SERVICE, "containerDefinitions"),
  given("The client may be behind a proxy, and both values are bad", {
    ...group("0"),
    ...sends("90000"),
    extra: proxyResources(),
  })
    .finds(SERVICE, 90000, [1, 60000])
    .leavesOpen(SERVICE, "containerDefinitions"),
  given("Another client goes to the database itself and relies on the group", {
    ...group("0"),
    ...sends("30000"),
    database: { identifier: "db1234567" },
    extra: [...proxyResources(), direct],
  }).violates(0, [1, 60000]),
  given("The client is behind a proxy, which refuses its value", {
    ...throughProxy({ DB_IDLE_IN_TRANSACTION_TIMEOUT_MS: "30000" }),
    parameters: [...(PROXIED_PARAMETERS as readonly PropertyMap[]), { name: NAME, value: "0" }],
  }).violates(0, [1, 60000]),
  given("The policy configuration allows less", group("60000"), { idleInTransactionMaxMs: 59_999 }).violates(
    60000,
    [1, 59999],
  ),
  given("The policy configuration allows more", group("600000"), { idleInTransactionMaxMs: 600_000 }),
  given("The database is MySQL", { ...group("0"), database: { engine: "mysql", engineVersion: "8.4" } }),
  given("A database that no client uses has RDS's default of a day", {
    extra: [secondDatabase({ identifier: "reports" })],
  }).finds(REPORTS, 86400000, [1, 60000]),
  given("One instance of a cluster has a group of its own", onCluster).finds(CLUSTER, 86400000, [1, 60000]),
  given("The group's value is a word", group("a minute")).malformed(
    "parameters.idle_in_transaction_session_timeout",
  ),
  given("The group is hidden", { parameters: UNKNOWN }).undecided("parameters"),
];
