import { type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { auroraPlan, CLUSTER_GROUP, limitTo } from "../../../auroraPlan";
import { DATABASE, GROUP, resource, urn } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn(null, GROUP);

const instance = (
  engine: PropertyValue,
  engineVersion: PropertyValue | undefined,
  parameterGroupName = "db-params",
) =>
  resource("aws:rds/instance:Instance", "db", {
    engine,
    ...(engineVersion === undefined ? {} : { engineVersion }),
    instanceClass: "db.m7g.large",
    parameterGroupName,
  });
const runs = (engine: PropertyValue, version: PropertyValue | undefined, family: PropertyValue) => ({
  resources: [
    resource("aws:rds/parameterGroup:ParameterGroup", "db-params", { name: "db-params", family }),
    instance(engine, version),
  ],
});
const named = (group: string) => ({ resources: [instance("postgres", "17", group)] });
const cluster = (family: string) => ({
  resources: auroraPlan({
    family,
    members: { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } },
    memberParameters: { b: limitTo("500") },
  }),
});
const auroraMysql = (family: string) => ({
  resources: auroraPlan({
    cluster: { engine: "aurora-mysql", engineVersion: "8.0.mysql_aurora.3.08.2" },
    family,
  }),
});

export const PARAMETER_GROUP_FAMILY = [
  given("PostgreSQL 17 has its family", runs("postgres", "17", "postgres17")),
  given("PostgreSQL 17.4 has its family in capitals", runs("postgres", "17.4", "Postgres17")),
  given("MySQL 8.0.42 has its family", runs("mysql", "8.0.42", "mysql8.0")),
  given("MySQL 8 has its family", runs("mysql", "8", "mysql8.4")),
  given("MySQL 8 has its family after a space", runs("mysql", "8 ", "mysql8.4")),
  given("MariaDB 10.11 has its family", runs("mariadb", "10.11", "mariadb10.11")),
  given("PostgreSQL 17 has version 16's family", runs("postgres", "17", "postgres16")).violates("postgres16"),
  given("PostgreSQL 17 has Aurora's family", runs("postgres", "17", "aurora-postgresql17")).violates(
    "aurora-postgresql17",
  ),
  given("PostgreSQL 17 has a family with a minor version", runs("postgres", "17", "postgres17.4")).violates(
    "postgres17.4",
  ),
  given("PostgreSQL 17 has Oracle's family", runs("postgres", "17", "oracle-ee-19")).violates("oracle-ee-19"),
  given("MySQL 8.4.5 has version 8.0's family", runs("mysql", "8.4.5", "mysql8.0")).violates("mysql8.0"),
  given("MariaDB 11.4 has MySQL's family", runs("mariadb", "11.4", "mysql8.0")).violates("mysql8.0"),
  given("PostgreSQL 17 has MySQL's family", runs("postgres", "17", "mysql8.0")).violates("mysql8.0"),
  given("PostgreSQL without a version has MySQL's family", runs("postgres", undefined, "mysql8.0")).violates(
    "mysql8.0",
  ),
  given("PostgreSQL of a hidden version has MySQL's family", runs("postgres", UNKNOWN, "mysql8.0")).violates(
    "mysql8.0",
  ),
  given(
    "PostgreSQL without a version has version 17's family",
    runs("postgres", undefined, "postgres17"),
  ).leavesOpen(DATABASE, "engineVersion"),
  given(
    "PostgreSQL of a hidden version has version 17's family",
    runs("postgres", UNKNOWN, "postgres17"),
  ).leavesOpen(DATABASE, "engineVersion"),
  given("MySQL of a hidden version has version 8.0's family", runs("mysql", UNKNOWN, "mysql8.0")).leavesOpen(
    DATABASE,
    "engineVersion",
  ),
  given("MySQL of no version has version 8.0's family", runs("mysql", null, "mysql8.0")).leavesOpen(
    DATABASE,
    "engineVersion",
  ),
  given("MySQL 9 has version 8.0's family", runs("mysql", "9", "mysql8.0")).leavesOpen(
    DATABASE,
    "engineVersion",
  ),
  given("A hidden engine has PostgreSQL's family", runs(UNKNOWN, "17", "postgres17")),
  given("A hidden engine has MySQL's family", runs(UNKNOWN, "17", "mysql8.0")),
  given("A hidden engine has a hidden family", runs(UNKNOWN, "17", UNKNOWN)),
  given("PostgreSQL 17 has a hidden family", runs("postgres", "17", UNKNOWN)).undecided("family"),
  given("AWS's default group is of the family", named("default.postgres17")),
  given("AWS's default group is of another family", named("default.postgres16")).finds(
    DATABASE,
    "postgres16",
  ),
  given("The group is another stack's", named("someone-elses")),
  given("A cluster and one of its instances have its family", cluster("aurora-postgresql16")),
  given("A cluster and one of its instances have another family", cluster("aurora-postgresql15"))
    .finds(CLUSTER_GROUP, "aurora-postgresql15")
    .finds(urn("aws:rds/parameterGroup:ParameterGroup", "b-params"), "aurora-postgresql15"),
  given("Aurora MySQL has its family", auroraMysql("aurora-mysql8.0")),
  given("Aurora MySQL has version 5.7's family", auroraMysql("aurora-mysql5.7")).finds(
    CLUSTER_GROUP,
    "aurora-mysql5.7",
  ),
];
