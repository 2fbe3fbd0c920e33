import { type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { type AuroraSample, auroraPlan, CLUSTER_GROUP, limitTo, member } from "../../../auroraPlan";
import type { Sample } from "../../../samplePlan";
import { DATABASE, GROUP, urn } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("connections", CLUSTER_GROUP);
const set = (
  limit: PropertyValue,
  instanceClass: PropertyValue = "db.m7g.large",
  more: Sample["database"] = {},
): Partial<Sample> => ({
  parameters: limitTo(limit),
  database: { instanceClass, ...more },
});
const aurora = (changes: Partial<AuroraSample>) => ({ resources: auroraPlan(changes) });
const sized = (instanceClass: string) => ({ instanceClass });
const [small, middle, large] = [sized("db.t4g.medium"), sized("db.t4g.large"), sized("db.r6g.xlarge")];
const serverless = (maxCapacity: PropertyValue, limit: string) =>
  aurora({
    cluster: { serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity } },
    members: { a: { instanceClass: "db.serverless" } },
    parameters: limitTo(limit),
  });
const other = [{ name: "statement_timeout", value: "30000" }];

export const MEMORY_FOR_CONNECTIONS = [
  given("The limit is what the class carries", set("901")),
  given("The limit is one above what the class carries", set("902")).advises(GROUP, 902, [null, 901]),
  given(
    "A formula gives one above what the class carries",
    set("LEAST({DBInstanceClassMemory/9522000},5000)"),
  ).advises(GROUP, 902, [null, 901]),
  given("A formula gives twice what the class carries", set("{DBInstanceClassMemory/4765696}")).advises(
    GROUP,
    1802,
    [null, 901],
  ),
  given("The limit is twice what the class carries", set("1802")).advises(GROUP, 1802, [null, 901]),
  given("The limit is above twice what the class carries", set("1803")).finds(GROUP, 1803, [null, 901]),
  given("AWS's own formula sets the limit", set("LEAST({DBInstanceClassMemory/9531392},5000)")),
  given("AWS's group sets the limit", { parameters: [] }),
  given("The limit fits a large class", set("5000", "db.r7g.2xlarge")),
  given("The limit survives a move to a smaller class", set("5000", "db.r7g.large")).finds(GROUP, 5000, [
    null,
    1802,
  ]),
  given("The limit is above AWS's most for a class that carries it", set("7000", "db.r7g.2xlarge")),
  given("The limit is confirmed on the class", set("{DBInstanceClassMemory/4765696}"), {
    confirmedMaxConnections: 1500,
  }),
  given(
    "MySQL's limit is what the class carries",
    set("682", "db.m7g.large", { engine: "mysql", engineVersion: "8.0" }),
  ),
  given(
    "MySQL's limit is one above what the class carries",
    set("683", "db.m7g.large", { engine: "mysql", engineVersion: "8.0" }),
  ).advises(GROUP, 683, [null, 682]),
  given(
    "MariaDB's limit is what the class carries",
    set("682", "db.m7g.large", { engine: "mariadb", engineVersion: "11.4" }),
  ),
  given(
    "MariaDB's limit is one above what the class carries",
    set("683", "db.m7g.large", { engine: "mariadb", engineVersion: "11.4" }),
  ).advises(GROUP, 683, [null, 682]),
  given(
    "The smallest instance of a cluster carries the limit",
    aurora({ members: { a: large, b: small, c: middle }, parameters: limitTo("450") }),
  ),
  given(
    "The smallest instance of a cluster is the second",
    aurora({ members: { a: large, b: small, c: middle }, parameters: limitTo("2000") }),
  ).violates(2000, [null, 450]),
  given(
    "The smallest instance of a cluster is the first",
    aurora({ members: { a: small, b: middle, c: large }, parameters: limitTo("2000") }),
  ).violates(2000, [null, 450]),
  given(
    "The smallest instance of a cluster is the last",
    aurora({ members: { a: middle, b: large, c: small }, parameters: limitTo("2000") }),
  ).violates(2000, [null, 450]),
  given(
    "An instance's own group leaves the limit to the cluster's",
    aurora({ parameters: limitTo("5000"), memberParameters: { "aurora-0": other } }),
  ).violates(5000, [null, 1802]),
  given(
    "An instance's own group sets the limit",
    aurora({ memberParameters: { "aurora-0": limitTo("5000") } }),
  ).finds(urn("aws:rds/parameterGroup:ParameterGroup", "aurora-0-params"), 5000, [null, 1802]),
  given("The most capacity of a serverless instance carries the limit", serverless(4, "901")),
  given("The most capacity of a serverless instance does not carry the limit", serverless(4, "902")).advises(
    CLUSTER_GROUP,
    902,
    [null, 901],
  ),
  given("The capacity of a serverless instance is hidden", serverless(UNKNOWN, "400")).leavesOpen(
    member("a"),
    "serverlessv2ScalingConfiguration.maxCapacity",
  ),
  given("The class is hidden", set("400", UNKNOWN)).leavesOpen(DATABASE, "instanceClass"),
  given("The class is hidden and AWS's group sets the limit", {
    parameters: [],
    database: { instanceClass: UNKNOWN },
  }),
  given("The class is newer than the table", set("400", "db.m99.large")),
  given("The class is newer than the table and less is confirmed on it", set("400", "db.m99.large"), {
    confirmedMaxConnections: 399,
  }).leavesOpen(DATABASE, "instanceClass"),
  given("The class is newer than the table and as much is confirmed on it", set("400", "db.m99.large"), {
    confirmedMaxConnections: 400,
  }),
  given("RDS would refuse the limit", set("ten", "db.t4g.micro")),
  given(
    "The database is described",
    { resources: [] },
    { databases: [{ name: "warehouse", maxConnections: 200_000 }] },
  ),
];
