import { type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { auroraPlan, CLUSTER_GROUP, limitTo } from "../../../auroraPlan";
import { GROUP, resource, type Sample, urn } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn(null, GROUP);

const set = (
  name: PropertyValue,
  value: PropertyValue,
  applyMethod: PropertyValue | undefined = "immediate",
): Partial<Sample> => ({
  parameters: [...limitTo("400"), { name, value, ...(applyMethod === undefined ? {} : { applyMethod }) }],
});
/** A value that nobody says how to apply. */
const unsaid = (name: string, value: PropertyValue): Partial<Sample> => ({
  parameters: [...limitTo("400"), { name, value }],
});
const ofFamily = (
  family: PropertyValue,
  engine: PropertyValue,
  version: PropertyValue,
  name: string,
  value: string,
) => ({
  resources: [
    resource("aws:rds/parameterGroup:ParameterGroup", "group", {
      name: "group",
      family,
      parameters: [{ name, value }],
    }),
    resource("aws:rds/instance:Instance", "db", {
      engine,
      engineVersion: version,
      instanceClass: "db.m7g.large",
      parameterGroupName: "group",
    }),
  ],
});
const mysql = (name: string, value: string) => ofFamily("mysql8.0", "mysql", "8.0.42", name, value);
const shared = resource(
  "aws:rds/instance:Instance",
  "second",
  {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.large",
    parameterGroupName: "db-params-1234567",
  },
  { parameterGroupName: [GROUP] },
);

export const PARAMETER_VALUES = [
  given("A timeout is a number", set("statement_timeout", "30000")),
  given("A timeout is a number and no text", unsaid("statement_timeout", 30_000)),
  given("A switch is true", unsaid("log_lock_waits", true)),
  given("A list waits for a reboot", set("shared_preload_libraries", "pg_stat_statements", "pending-reboot")),
  given("A size is a formula", set("shared_buffers", "{DBInstanceClassMemory/32768}", "pending-reboot")),
  given("A parameter is RDS's own", set("rds.force_ssl", "1")),
  given("A parameter is an extension's", unsaid("auto_explain.log_min_duration", "10 s")),
  given("A dynamic parameter waits for a reboot", set("statement_timeout", "30000", "pending-reboot")),
  given("A name is mistyped", set("statment_timeout", "30000")).violates("statment_timeout"),
  given("A name is like no other", set("zzzzqqqqxxxx", "1")).violates("zzzzqqqqxxxx"),
  given(
    "A name is a later version's",
    ofFamily("postgres15", "postgres", "15", "transaction_timeout", "5000"),
  ).finds(urn("aws:rds/parameterGroup:ParameterGroup", "group"), "transaction_timeout"),
  given("A name is mistyped and the version hidden", {
    ...unsaid("transaction_timeouts", "1"),
    database: { engineVersion: UNKNOWN },
  }).violates("transaction_timeouts"),
  given(
    "A parameter cannot be changed on RDS",
    set("superuser_reserved_connections", "5", "pending-reboot"),
  ).violates("superuser_reserved_connections"),
  given("A value has a unit", set("statement_timeout", "30s")).violates("30s", [0, 2147483647], "ms"),
  given("A value is above its most", set("authentication_timeout", "601")).violates("601", [1, 600], "s"),
  given("A value is above its most and no text", set("authentication_timeout", 601)).violates(
    601,
    [1, 600],
    "s",
  ),
  given("A value is below its least", set("authentication_timeout", "0")).violates("0", [1, 600], "s"),
  given("A value without a unit is above its most", set("checkpoint_completion_target", "2")).violates(
    "2",
    [0, 1],
  ),
  given("A value is not a number", set("work_mem", Number.NaN)).violates("NaN", [64, 2147483647], "kB"),
  given("A value is none of those there are", set("log_statement", "everything")).violates("everything"),
  given("A switch is a word", set("autovacuum", "perhaps")).violates("perhaps"),
  given("A switch is 7", set("autovacuum", 7)).violates(7),
  given("A formula is cut off", set("work_mem", "{DBInstanceClassMemory/")).violates(
    "{DBInstanceClassMemory/",
    [64, 2147483647],
    "kB",
  ),
  given("A value is a list", set("work_mem", ["64"])).violates("a structure", [64, 2147483647], "kB"),
  given("A value is very long", set("work_mem", "x".repeat(5000))).violates(
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    [64, 2147483647],
    "kB",
  ),
  given("A static parameter is applied at once", set("max_worker_processes", "8")).violates("immediate"),
  given(
    "A static parameter is applied At Once, in capitals",
    set("max_worker_processes", "8", "Immediate"),
  ).violates("immediate"),
  given("A static parameter is applied as nobody says", unsaid("max_worker_processes", "8")).violates(
    "immediate",
  ),
  given("A static parameter's way is null", set("max_worker_processes", "8", null)).violates("immediate"),
  given("The limit and its reservations are words", {
    parameters: [
      { name: "max_connections", value: "ten" },
      { name: "rds.rds_superuser_reserved_connections", value: "two" },
      { name: "reserved_connections", value: "none" },
    ],
  }),
  given("Some values are hidden and a later one is a word", {
    parameters: [
      ...limitTo("400"),
      { name: "work_mem", value: UNKNOWN },
      { name: "max_worker_processes", value: "8", applyMethod: UNKNOWN },
      { name: "application_name", value: UNKNOWN },
      { name: "lock_timeout", value: "soon" },
    ],
  })
    .violates("soon", [0, 2147483647], "ms")
    .undecided("parameters.work_mem")
    .undecided("parameters.max_worker_processes.applyMethod"),
  given("A text has no value", set("application_name", null)).malformed("parameters.application_name"),
  given("A static parameter has no value", set("max_worker_processes", null, "pending-reboot")).malformed(
    "parameters.max_worker_processes",
  ),
  given("The group is hidden", { parameters: UNKNOWN }).undecided("parameters"),
  given("Two databases share a group with a word in it", {
    ...set("lock_timeout", "soon"),
    extra: [shared],
  }).violates("soon", [0, 2147483647], "ms"),
  given("A cluster's group has a negative value", {
    resources: auroraPlan({ parameters: [{ name: "statement_timeout", value: "-5" }] }),
  }).finds(CLUSTER_GROUP, "-5", [0, 2147483647], "ms"),
  given("MySQL's timeout is a number", mysql("wait_timeout", "300")),
  given("MySQL's timeout is below its least", mysql("wait_timeout", "0")).finds(
    urn("aws:rds/parameterGroup:ParameterGroup", "group"),
    "0",
    [1, 31536000],
    "s",
  ),
  given("MySQL's buffer pool is a word, which is not judged", mysql("innodb_buffer_pool_size", "whatever")),
  given(
    "The family is PostgreSQL's and the engine hidden",
    ofFamily("postgres17", UNKNOWN, "17", "lock_timeout", "soon"),
  ).finds(urn("aws:rds/parameterGroup:ParameterGroup", "group"), "soon", [0, 2147483647], "ms"),
  given(
    "The family is hidden and the engine PostgreSQL",
    ofFamily(UNKNOWN, "postgres", "17", "lock_timeout", "soon"),
  ).finds(urn("aws:rds/parameterGroup:ParameterGroup", "group"), "soon", [0, 2147483647], "ms"),
  given(
    "Both the family and the engine are hidden",
    ofFamily(UNKNOWN, UNKNOWN, "17", "lock_timeout", "soon"),
  ),
  given("RDS sets the WAL's level itself", set("wal_level", "logical", "pending-reboot")).violates(
    "wal_level",
  ),
  given("RDS sets the port itself", set("port", "6543", "pending-reboot")).violates("port"),
  given("A file of the server is named", set("hba_file", "/etc/pg_hba.conf")).violates("hba_file"),
  given(
    "Logical replication is asked for as RDS has it",
    set("rds.logical_replication", "1", "pending-reboot"),
  ),
];
