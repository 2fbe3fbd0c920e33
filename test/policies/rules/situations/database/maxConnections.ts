import { type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { type AuroraSample, auroraPlan, CLUSTER, CLUSTER_GROUP, limitTo, member } from "../../../auroraPlan";
import { DATABASE, GROUP, resource, type Sample, urn } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("connections", GROUP);
const limit = (value: PropertyValue) => ({ parameters: limitTo(value) });
const aurora = (changes: Partial<AuroraSample>) => ({ resources: auroraPlan(changes) });
const LARGE = { instanceClass: "db.r6g.large" };
const TWO = { a: LARGE, b: LARGE };
const ELSEWHERE: Partial<AuroraSample> = {
  parameters: undefined,
  cluster: { dbClusterParameterGroupName: "someone-elses" },
};
const instance = (properties: Sample["database"], ...others: ReturnType<typeof resource>[]) => ({
  resources: [
    ...others,
    resource("aws:rds/instance:Instance", "db", {
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.m7g.large",
      ...properties,
    }),
  ],
});
/** A database with a group of its own of this family, with a limit that says nothing of how it is applied. */
const ofFamily = (family: PropertyValue, engine: PropertyValue, value = "400") =>
  instance(
    { engine, parameterGroupName: "group" },
    resource("aws:rds/parameterGroup:ParameterGroup", "group", {
      name: "group",
      family,
      parameters: [{ name: "max_connections", value }],
    }),
  );
const kept = (name: string, value: PropertyValue): Partial<Sample> => ({
  parameters: [...limitTo("400"), { name, value, applyMethod: "pending-reboot" }],
});
const RESERVED = ["rds.rds_superuser_reserved_connections", "reserved_connections"] as const;
const STATIC = ["max_connections", ...RESERVED] as const;
const applied = (
  name: string,
  applyMethod: PropertyValue | undefined,
  database: Sample["database"] = {},
): Partial<Sample> => ({
  parameters: [{ name, value: "10", ...(applyMethod === undefined ? {} : { applyMethod }) }],
  database,
});
const serverless = (maxCapacity: PropertyValue, members: AuroraSample["members"] = TWO) =>
  aurora({
    cluster: { serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity } },
    members: Object.fromEntries(
      Object.keys(members).map((name) => [name, { instanceClass: "db.serverless" }]),
    ),
  });
const multiAz = { engine: "postgres", engineVersion: "16.4" };
const warehouse = (more: Partial<Settings["databases"][number]>): Partial<Settings> => ({
  databases: [{ name: "warehouse", ...more }],
});
const REPLICA = urn("aws:rds/instance:Instance", "replica");
const REPLICA_GROUP = urn("aws:rds/parameterGroup:ParameterGroup", "replica-params");
/** The sample, whose limit is 400, with a replica on a limit and a class of its own; undefined leaves AWS's formula. */
const replicated = (
  ofReplica: PropertyValue | undefined,
  replica: Sample["database"] = {},
  primary: Partial<Sample> = limit("400"),
): Partial<Sample> => ({
  ...primary,
  extra: [
    resource("aws:rds/parameterGroup:ParameterGroup", "replica-params", {
      name: "replica-params",
      family: "postgres17",
      parameters: ofReplica === undefined ? [] : limitTo(ofReplica),
    }),
    resource(
      "aws:rds/instance:Instance",
      "replica",
      {
        instanceClass: "db.m7g.4xlarge",
        parameterGroupName: "replica-params",
        replicateSourceDb: UNKNOWN,
        ...replica,
      },
      "replicateSourceDb" in replica ? {} : { replicateSourceDb: [DATABASE] },
    ),
  ],
});
const ofMysql = { engine: "mysql", engineVersion: "8.4" };
const CONFIRMED = { confirmedMaxConnections: 400 };

export const MAX_CONNECTIONS = [
  given("The limit is a number", limit("400")),
  given("The limit is a number and no text", limit(400)),
  given("The limit is a formula", limit("LEAST({DBInstanceClassMemory/9531392},5000)")),
  given("The limit is the least there may be", limit("6")),
  given("The limit is the most there may be", limit("262143")),
  given("The limit is one too low", limit("5")).violates(5, [6, 262143]),
  given("The limit is one too high", limit("262144")).violates(262144, [6, 262143]),
  given("The limit is too low after a space", limit(" 5")).violates(5, [6, 262143]),
  given("The limit is too low before a space", limit("5 ")).violates(5, [6, 262143]),
  given("The limit is too low between spaces", limit(" 5 ")).violates(5, [6, 262143]),
  given("The limit is negative", limit("-1")).violates(-1, [6, 262143]),
  given("The limit has eight digits", limit("12345678")).violates(12345678, [6, 262143]),
  given("The limit is a formula whose result is too low", limit("LEAST(3,9)")).violates(
    "LEAST(3,9)",
    [6, 262143],
  ),
  given("The limit is a formula that is cut off", limit("LEAST({DBInstanceClassMemory/9531392},")).violates(
    "LEAST({DBInstanceClassMemory/9531392},",
    [6, 262143],
  ),
  given("The limit has a letter behind it", limit("5x")).violates("5x", [6, 262143]),
  given("The limit is a word", limit("ten")).violates("ten", [6, 262143]),
  given("The limit has an exponent", limit("1e9")).violates("1e9", [6, 262143]),
  given("The limit is empty", limit("")).violates("", [6, 262143]),
  given("The limit is a list", limit(["64"])).violates(),
  given("The limit is an object", limit({ of: 64 })).violates(),
  given("The limit is a switch", limit(true)).violates(),
  given("The limit has no value", limit(null)).violates(),
  given("A config key sets the limit", limit("5"), {
    configKeys: { max_connections: "shop:maxConnections" },
  }).violates(5, [6, 262143]),
  given("A cluster's group has a limit that is too low", aurora({ ...limit("0"), members: TWO })).finds(
    CLUSTER_GROUP,
    0,
    [6, 262143],
  ),
  given(
    "An instance's own group leaves the limit to the cluster's, which is too low",
    aurora({
      ...limit("3"),
      members: TWO,
      memberParameters: { a: [{ name: "statement_timeout", value: "30000" }] },
    }),
  ).finds(CLUSTER_GROUP, 3, [6, 262143]),
  given(
    "An instance's own group has a limit that is too low",
    aurora({
      ...limit("400"),
      members: TWO,
      memberParameters: { a: limitTo("3") },
    }),
  ).finds(urn("aws:rds/parameterGroup:ParameterGroup", "a-params"), 3, [6, 262143]),
  given(
    "Aurora MySQL's limit is above its most",
    aurora({
      ...limit("16001"),
      cluster: { engine: "aurora-mysql", engineVersion: "8.0.mysql_aurora.3.08.2" },
      family: "aurora-mysql8.0",
    }),
  ).finds(CLUSTER_GROUP, 16001, [1, 16000]),
  given(
    "Aurora MySQL takes a limit at once",
    aurora({
      parameters: [{ name: "max_connections", value: "900" }],
      cluster: { engine: "aurora-mysql", engineVersion: "8.0.mysql_aurora.3.08.2" },
      family: "aurora-mysql8.0",
    }),
  ),
  given(
    "A confirmed limit is above what the class can have",
    { parameters: [] },
    { confirmedMaxConnections: 9000 },
  ).violates("LEAST({DBInstanceClassMemory/9531392},5000)", [6, 262143]),
  given("A described database's limit is too low", { resources: [] }, warehouse({ maxConnections: 5 })).finds(
    "urn:pulumi:::::poolproof:declared:Database::warehouse",
    5,
    [6, 262143],
  ),

  given("The class is mistyped", { database: { instanceClass: "db.m7g.lagre" } }).finds(
    DATABASE,
    "db.m7g.lagre",
    null,
    null,
  ),
  given(
    "The class is mistyped and a config key sets it",
    { database: { instanceClass: "db.m7g.lagre" } },
    {
      configKeys: { instanceClass: "shop:dbClass" },
    },
  ).finds(DATABASE, "db.m7g.lagre", null, null),
  given("The class is mistyped and no group sets the limit", {
    ...limit("400"),
    parameters: [],
    database: { instanceClass: "db.m7g.lagre" },
  }).finds(DATABASE, "db.m7g.lagre", null, null),
  given("The class is like no other", { database: { instanceClass: "something-far-from-any-class" } }).finds(
    DATABASE,
    "something-far-from-any-class",
    null,
    null,
  ),
  given("The class is empty", { database: { instanceClass: "" } }).finds(DATABASE, "", null, null),
  given("The class is a number", { database: { instanceClass: 7 } }).finds(DATABASE, 7, null, null),
  given("The class is a list", { parameters: [], database: { instanceClass: ["db.m7g.large"] } }).finds(
    DATABASE,
    null,
    null,
    null,
  ),
  given("The class came out a year after the others", {
    database: { instanceClass: "db.m8a.24xlarge" },
  }),
  given("The class is offered for SQL Server alone", { database: { instanceClass: "db.m8i.large" } }).finds(
    DATABASE,
    "db.m8i.large",
    null,
    null,
  ),
  given(
    "The class is offered for SQL Server alone and its limit confirmed",
    { database: { instanceClass: "db.m8i.large" } },
    CONFIRMED,
  ),
  given("The class runs PostgreSQL and not Aurora", {
    resources: auroraPlan({ members: { a: { instanceClass: "db.m7g.large" } }, parameters: limitTo("400") }),
  }).finds(member("a"), "db.m7g.large", null, null),
  given("The class is newer than the table", {
    parameters: [],
    database: { instanceClass: "db.m99.large" },
  }).finds(DATABASE, "db.m99.large", null, null),
  given(
    "The class is newer than the table and its limit confirmed",
    { database: { instanceClass: "db.m99.large" } },
    CONFIRMED,
  ),
  given("The class is a number and its limit confirmed", { database: { instanceClass: 7 } }, CONFIRMED).finds(
    DATABASE,
    7,
    null,
    null,
  ),
  given("The class is not set", { database: { instanceClass: null } }),
  given(
    "A Multi-AZ cluster's class is mistyped",
    aurora({
      ...limit("400"),
      cluster: { ...multiAz, dbClusterInstanceClass: "db.m6gd.lagre" },
      family: "postgres16",
      members: {},
    }),
  ).finds(CLUSTER, "db.m6gd.lagre", null, null),
  given(
    "A Multi-AZ cluster's class is known",
    aurora({
      cluster: { ...multiAz, dbClusterInstanceClass: "db.m6gd.large" },
      family: "postgres16",
      members: {},
    }),
  ),
  given(
    "The class of a cluster's instance is mistyped",
    aurora({ ...limit("400"), members: { a: { instanceClass: "db.r6g.lagre" } } }),
  ).finds(member("a"), "db.r6g.lagre", null, null),
  given("Serverless capacity is the most there is", serverless(256)),
  given("Serverless capacity is more than there is", serverless(257)).finds(CLUSTER, 257, null, null),

  ...RESERVED.flatMap((name) => [
    ...["0", "2", " 2", "2 ", "10", "123456789", 4].map((value) =>
      given(`${JSON.stringify(value)} connections are kept back by ${name}`, kept(name, value)),
    ),
  ]),
  given("Connections kept back are hidden", kept("reserved_connections", UNKNOWN)).undecided(
    "parameters.reserved_connections",
  ),
  given("A group elsewhere keeps connections back, and the limit is confirmed", aurora(ELSEWHERE), CONFIRMED),
  given(
    "A cluster's group keeps a word back and says nothing of how its limit is applied",
    aurora({
      parameters: [
        { name: "max_connections", value: "400" },
        { name: "reserved_connections", value: "two", applyMethod: "pending-reboot" },
      ],
      members: TWO,
      memberParameters: { a: [{ name: "statement_timeout", value: "30000" }] },
    }),
  )
    .finds(CLUSTER_GROUP, "two")
    .finds(CLUSTER_GROUP, "immediate", null, null),

  given(
    "The limit is applied at once on PostgreSQL 17, whose engine is hidden",
    applied("max_connections", "immediate", { engine: UNKNOWN }),
  )
    .violates("immediate", null, null)
    .leavesOpen(DATABASE, "engine"),
  given("The family is MySQL's and the engine hidden", ofFamily("mysql8.0", UNKNOWN)).leavesOpen(
    DATABASE,
    "engine",
  ),
  given("The family is hidden and the engine MySQL", ofFamily(UNKNOWN, "mysql")),
  given("The family is hidden and the engine PostgreSQL", ofFamily(UNKNOWN, "postgres")).finds(
    urn("aws:rds/parameterGroup:ParameterGroup", "group"),
    "immediate",
    null,
    null,
  ),
  given("Both the family and the engine are hidden", ofFamily(UNKNOWN, UNKNOWN)).leavesOpen(
    DATABASE,
    "engine",
  ),
  given("MySQL takes a limit at once", ofFamily("mysql8.0", "mysql", "250")),
  given("MariaDB takes a limit at once", ofFamily("mariadb11.4", "mariadb", "250")),

  given("The limit's value is hidden", limit(UNKNOWN)).undecided("parameters.max_connections"),
  given(
    "The limit's value is hidden in a cluster's group",
    aurora({ ...limit(UNKNOWN), members: TWO }),
  ).leavesOpen(CLUSTER_GROUP, "parameters.max_connections"),
  given("The group is hidden", { parameters: UNKNOWN }).undecided("parameters"),
  given("A name in the group is hidden", { parameters: [{ name: UNKNOWN, value: "1" }] }).undecided(
    "parameters",
  ),
  given("The class is hidden", { database: { instanceClass: UNKNOWN } }).leavesOpen(
    DATABASE,
    "instanceClass",
  ),
  given("The class is hidden and AWS's formula sets the limit", {
    parameters: [],
    database: { instanceClass: UNKNOWN },
  }).leavesOpen(DATABASE, "instanceClass"),
  given(
    "The class of a cluster's instance is hidden and the limit a number",
    aurora({ ...limit("400"), members: { a: { instanceClass: UNKNOWN } } }),
  ),
  given(
    "The class of one of a cluster's instances is hidden",
    aurora({ members: { ...TWO, b: { instanceClass: UNKNOWN } } }),
  ).leavesOpen(member("b"), "instanceClass"),
  given("The group is another stack's", instance({ parameterGroupName: "someone-elses" })).leavesOpen(
    DATABASE,
    "parameterGroupName",
  ),
  given("AWS assigns the group", instance({ parameterGroupName: UNKNOWN })),
  given("The cluster's group is another stack's", aurora({ ...ELSEWHERE, members: TWO })).leavesOpen(
    CLUSTER,
    "dbClusterParameterGroupName",
  ),
  given(
    "The group of one of a cluster's instances is another stack's",
    aurora({ members: { ...TWO, b: { ...LARGE, dbParameterGroupName: "someone-elses" } } }),
  ).leavesOpen(member("b"), "dbParameterGroupName"),
  given("A cluster has no instance", aurora({ members: {} })).leavesOpen(CLUSTER, "instanceClass"),
  given(
    "A cluster's engine is none that is judged",
    aurora({ cluster: { engine: "neptune" }, members: TWO }),
  ).leavesOpen(CLUSTER, "engine"),
  given(
    "A cluster is Serverless v1",
    aurora({ ...limit("100"), cluster: { engineMode: "serverless" }, members: {} }),
  ).leavesOpen(CLUSTER, "engineMode"),
  given("Serverless capacity is hidden", serverless(UNKNOWN)).leavesOpen(
    CLUSTER,
    "serverlessv2ScalingConfiguration.maxCapacity",
  ),
  given(
    "Serverless capacity is not set",
    aurora({ members: { a: { instanceClass: "db.serverless" } } }),
  ).leavesOpen(CLUSTER, "serverlessv2ScalingConfiguration"),
  given(
    "Serverless capacity has no most",
    aurora({
      cluster: { serverlessv2ScalingConfiguration: { minCapacity: 1 } },
      members: { a: { instanceClass: "db.serverless" } },
    }),
  ).leavesOpen(CLUSTER, "serverlessv2ScalingConfiguration"),
  given(
    "A formula needs the storage, which the plan lacks",
    limit("{AllocatedStorage/1073741824}"),
  ).undecided("parameters.max_connections"),
  given("The engine is not set", { database: { engine: null } }).leavesOpen(DATABASE, "engine"),
  given("The engine is hidden", {
    resources: [
      resource("aws:rds/instance:Instance", "db", {}, { engine: ["urn:pulumi:test::shop::a:B::c"] }),
    ],
  }).leavesOpen(DATABASE, "engine"),
  given("The engine is a number", { database: { engine: 7 } }).rejectsValue(DATABASE, "engine"),
  given("A described database has no limit", { resources: [] }, warehouse({})).leavesOpen(
    "urn:pulumi:::::poolproof:declared:Database::warehouse",
    "maxConnections",
  ),

  ...RESERVED.flatMap((name) =>
    ["two", "-2", "+2", "2x", "2.5", "1234567890", "", '"2'].map((value) =>
      given(`${name} is ${JSON.stringify(value)}`, kept(name, value)).violates(value),
    ),
  ),
  given("Connections kept back are a list", kept("reserved_connections", ["2"])).violates("a structure"),
  ...STATIC.flatMap((name) => [
    given(`${name} is applied after a reboot`, applied(name, "pending-reboot")),
    ...(["immediate", null, undefined] as const).map((method) =>
      given(
        `${name} is applied ${method === undefined ? "as nobody says" : method === null ? "as null" : "at once"}`,
        applied(name, method),
      ).violates("immediate", null, null),
    ),
    given(`It is hidden how ${name} is applied`, applied(name, UNKNOWN)).undecided(
      `parameters.${name}.applyMethod`,
    ),
  ]),
  given("A replica has less than its primary", replicated("399")).finds(REPLICA, 399, [400, null]),
  given("A replica has what its primary has", replicated("400")),
  given("A replica has more than its primary", replicated("401")),
  given(
    "A replica of half the class has AWS's formula, as its primary has",
    replicated(
      undefined,
      { instanceClass: "db.m7g.large" },
      { parameters: [], database: { instanceClass: "db.m7g.xlarge" } },
    ),
  ).finds(REPLICA, 793, [1802, null]),
  given(
    "A replica of the same class has AWS's formula, as its primary has",
    replicated(
      undefined,
      { instanceClass: "db.m7g.large" },
      { parameters: [], database: { instanceClass: "db.m7g.large" } },
    ),
  ),
  given(
    "A replica of twice the class has AWS's formula, as its primary has",
    replicated(
      undefined,
      { instanceClass: "db.m7g.xlarge" },
      { parameters: [], database: { instanceClass: "db.m7g.large" } },
    ),
  ),
  given(
    "A replica of another class with the same memory has AWS's formula, as its primary has",
    replicated(
      undefined,
      { instanceClass: "db.m6i.large" },
      { parameters: [], database: { instanceClass: "db.m7g.large" } },
    ),
  ).leavesOpen(REPLICA_GROUP, "parameters.max_connections"),
  given(
    "A replica's estimate may be above or below its primary's number",
    replicated(undefined, { instanceClass: "db.m7g.large" }, limit("850")),
  ).leavesOpen(REPLICA_GROUP, "parameters.max_connections"),
  given("A replica's limit is hidden", replicated(UNKNOWN)).leavesOpen(
    REPLICA_GROUP,
    "parameters.max_connections",
  ),
  given("The primary's limit is hidden", replicated("400", {}, limit(UNKNOWN))).undecided(
    "parameters.max_connections",
  ),
  given(
    "A replica's primary is of another stack",
    replicated("400", { engine: "postgres", replicateSourceDb: "arn:aws:rds:eu-west-1:1:db:orders" }),
  ).leavesOpen(REPLICA, "replicateSourceDb"),
  given(
    "A replica's primary is described in the policy configuration, with more",
    replicated("400", { engine: "postgres", replicateSourceDb: "arn:aws:rds:eu-west-1:1:db:orders" }),
    { databases: [{ name: "orders", engine: "postgres", maxConnections: 500 }] },
  ).finds(REPLICA, 400, [500, null]),
  given(
    "A replica's primary is described in the policy configuration, with as much",
    replicated("400", { engine: "postgres", replicateSourceDb: "arn:aws:rds:eu-west-1:1:db:orders" }),
    { databases: [{ name: "orders", engine: "postgres", maxConnections: 400 }] },
  ),
  given(
    "A MySQL replica has less than its primary",
    replicated("300", ofMysql, { ...limit("400"), database: ofMysql }),
  ),
];
