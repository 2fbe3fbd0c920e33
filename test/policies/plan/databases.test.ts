import { describe, expect, it } from "vitest";
import { findTaskDefinition } from "../../../policies/plan/clients/ecsServices";
import { readDatabases } from "../../../policies/plan/databases/databases";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { PlanIndex } from "../../../policies/plan/planIndex";
import type { DeclaredDatabase } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { auroraPlan, CLUSTER_GROUP, limitTo, member } from "../auroraPlan";
import { DATABASE, environment, GROUP, resource, samplePlan, urn } from "../samplePlan";

const read = (resources: readonly PlanResource[], declared: readonly DeclaredDatabase[] = []) =>
  readDatabases(new PlanIndex({ resources }), declared);
const only = (resources: readonly PlanResource[], declared?: readonly DeclaredDatabase[]) => {
  const [database, ...others] = read(resources, declared);
  if (!database || others.length > 0) throw new Error(`${others.length + 1} databases`);
  return database;
};
const instance = (name: string, properties: PlanResource["properties"], dependencies = {}) =>
  resource("aws:rds/instance:Instance", name, properties, dependencies);

describe("an Aurora cluster", () => {
  it("has its instances by dependency, and by the name where both are known", () => {
    const elsewhere = resource("aws:rds/clusterInstance:ClusterInstance", "stranger", {
      clusterIdentifier: "other",
      instanceClass: "db.r6g.large",
    });
    const named = resource("aws:rds/clusterInstance:ClusterInstance", "named", {
      clusterIdentifier: "main",
      instanceClass: "db.r6g.xlarge",
    });
    const resources = [...auroraPlan({ cluster: { clusterIdentifier: "main" } }), elsewhere, named];
    const { members, kind, instanceClass } = only(resources);
    expect(kind).toBe("cluster");
    expect(instanceClass.state).toBe("unset");
    expect(members.map((each) => [each.resource.urn, each.instanceClass])).toEqual([
      [member("aurora-0"), { state: "known", value: "db.r6g.large" }],
      [member("named"), { state: "known", value: "db.r6g.xlarge" }],
    ]);
  });

  it("counts an instance once that is linked both ways", () => {
    const resources = auroraPlan({
      cluster: { clusterIdentifier: "main" },
      members: { "aurora-0": { clusterIdentifier: "main", instanceClass: "db.r6g.large" } },
    });
    expect(only(resources).members).toHaveLength(1);
  });

  it("reads its cluster parameter group, and lets an instance's own values win", () => {
    const { parameters, members } = only(
      auroraPlan({
        parameters: [...limitTo("1000"), { name: "statement_timeout", value: "5000" }],
        members: { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } },
        memberParameters: { b: limitTo("500") },
      }),
    );
    expect(parameters).toMatchObject({ isOwn: true, scope: "cluster", resource: { urn: CLUSTER_GROUP } });
    const [a, b] = members.map((each) => each.parameters);
    expect(a?.parameter("max_connections").value).toMatchObject({ value: "1000" });
    expect(a).toBe(parameters);
    expect(b).toMatchObject({ isOwn: true, scope: "instance" });
    expect(b?.parameter("max_connections").value).toMatchObject({ value: "500" });
    expect(b?.parameter("statement_timeout").value).toMatchObject({ value: "5000" });
    expect(b?.names).toEqual({ state: "known", value: ["max_connections"] });
  });

  it("hides what an instance's group of another stack may set", () => {
    const resources = auroraPlan({
      parameters: limitTo("1000"),
      members: { a: { instanceClass: "db.r6g.large", dbParameterGroupName: "someone-elses" } },
    });
    expect(only(resources).members[0]?.parameters.parameter("max_connections").value).toMatchObject({
      state: "unknown",
      property: "dbParameterGroupName",
    });
  });

  it("has AWS's defaults where it names no group", () => {
    const { parameters } = only(auroraPlan({ parameters: undefined }));
    expect(parameters.isOwn).toBe(false);
    expect(parameters.parameter("max_connections").value.state).toBe("unset");
  });

  it("has the bounds of Serverless v2, also where they come as a list of one", () => {
    const of = (serverlessv2ScalingConfiguration: PlanResource["properties"][string]) =>
      only(auroraPlan({ cluster: { serverlessv2ScalingConfiguration } })).serverless;
    const bounds = { minAcu: { state: "known", value: 0.5 }, maxAcu: { state: "known", value: 16 } };
    expect(of({ minCapacity: 0.5, maxCapacity: 16 })).toMatchObject(bounds);
    expect(of([{ minCapacity: 0.5, maxCapacity: 16 }])).toMatchObject(bounds);
    expect(of({ minCapacity: UNKNOWN, maxCapacity: 300 })).toMatchObject({
      minAcu: { state: "unknown" },
      maxAcu: { state: "malformed", expected: "a number of ACU from 1 to 256" },
    });
    expect(only(auroraPlan()).serverless).toBeUndefined();
  });

  it("is undecided as Serverless v1, and says why", () => {
    const { instanceClass } = only(auroraPlan({ cluster: { engineMode: "serverless" }, members: {} }));
    expect(instanceClass).toMatchObject({ state: "unknown", property: "engineMode" });
  });

  it("has one class for all as a Multi-AZ cluster of RDS", () => {
    const cluster = { engine: "postgres", dbClusterInstanceClass: "db.m6gd.large" };
    expect(only(auroraPlan({ cluster, members: {} })).instanceClass).toEqual({
      state: "known",
      value: "db.m6gd.large",
    });
  });

  it("reads IAM authentication and log exports", () => {
    expect(only(auroraPlan())).toMatchObject({
      iamAuthentication: { state: "known", value: false },
      logExports: { state: "known", value: [] },
    });
    const cluster: PropertyMap = {
      iamDatabaseAuthenticationEnabled: true,
      enabledCloudwatchLogsExports: ["postgresql", UNKNOWN],
    };
    expect(only(auroraPlan({ cluster }))).toMatchObject({
      iamAuthentication: { state: "known", value: true },
      logExports: { state: "unknown" },
    });
    expect(only(auroraPlan({ cluster: { iamDatabaseAuthenticationEnabled: "perhaps" } }))).toMatchObject({
      iamAuthentication: { state: "malformed" },
    });
  });
});

describe("databases that are not RDS's", () => {
  it("are not read: Neptune and DocumentDB", () => {
    const resources = [
      resource("aws:neptune/cluster:Cluster", "graph", { engine: "neptune" }),
      resource("aws:docdb/cluster:Cluster", "documents", { engine: "docdb" }),
    ];
    expect(read(resources)).toEqual([]);
  });
});

describe("a read replica", () => {
  const group = resource("aws:rds/parameterGroup:ParameterGroup", "db-params", {
    name: "db-params",
    family: "postgres17",
    parameters: limitTo("400"),
  });
  const primary = instance(
    "db",
    { identifier: "db1", engine: "postgres", engineVersion: "17", parameterGroupName: "db-params" },
    { parameterGroupName: [GROUP] },
  );
  const replica = (properties: PlanResource["properties"]) =>
    read([
      group,
      primary,
      instance(
        "replica",
        { engine: UNKNOWN, parameterGroupName: UNKNOWN, ...properties },
        { replicateSourceDb: [DATABASE] },
      ),
    ]).find(({ kind }) => kind === "replica");

  it("takes over its source's engine, version and parameter group in the same region", () => {
    const found = replica({ replicateSourceDb: "db1" });
    expect(found).toMatchObject({ engine: { value: "postgres" }, parameters: { isOwn: true } });
    expect(found?.parameters.parameter("max_connections").value).toMatchObject({ value: "400" });
  });

  it("gets the default group of another region, where the source is named by its ARN", () => {
    for (const replicateSourceDb of [UNKNOWN, "arn:aws:rds:eu-west-1:1:db:db1"] as const) {
      const found = replica({ replicateSourceDb });
      expect(found?.parameters).toMatchObject({ isOwn: false, group: { state: "unset" } });
    }
  });

  it("keeps a group of its own", () => {
    const found = replica({ replicateSourceDb: "db1", parameterGroupName: "someone-elses" });
    expect(found?.parameters.parameter("max_connections").value.state).toBe("unknown");
  });

  it("that names itself as its source is read without end", () => {
    const odd = instance("odd", { identifier: "odd", replicateSourceDb: "odd", engine: UNKNOWN });
    expect(only([odd]).kind).toBe("replica");
  });
});

describe("a database that the policy configuration describes", () => {
  it("adds to the database of the stack that answers to its name", () => {
    const { resources } = samplePlan();
    for (const name of ["db", "db1234567", DATABASE]) {
      const database = only(resources, [{ name, otherDemand: 40, maxConnections: 300 }]);
      expect(database).toMatchObject({ kind: "instance", otherDemand: 40, declaredMaxConnections: 300 });
    }
  });

  it("adds every entry's demand, and tells the engine where the stack does not", () => {
    const silent = instance("db", { instanceClass: "db.m7g.large", engine: UNKNOWN, engineVersion: UNKNOWN });
    const declared = [
      { name: "db", otherDemand: 40, engine: "mysql", engineVersion: "8.0" },
      { name: "db", otherDemand: 2 },
    ];
    expect(only([silent], declared)).toMatchObject({
      otherDemand: 42,
      engine: { value: "mysql" },
      engineVersion: { value: "8.0" },
    });
    const { resources } = samplePlan();
    expect(only(resources, declared).engine).toMatchObject({ value: "postgres" });
  });

  it("is of the primary, where a replica has the same database name", () => {
    const resources = [
      instance("primary", { dbName: "shop", engine: "postgres" }),
      instance("replica", { dbName: "shop", replicateSourceDb: "primary" }),
    ];
    const demand = read(resources, [{ name: "shop", otherDemand: 7 }]).map((each) => each.otherDemand);
    expect(demand).toEqual([7, 0]);
  });

  it("is otherwise a database elsewhere, with a URN of its own", () => {
    const stack = resource("pulumi:pulumi:Stack", "shop-test", {});
    const database = only([stack], [{ name: "warehouse", engine: "mysql", maxConnections: 90 }]);
    expect(database).toMatchObject({
      kind: "declared",
      names: ["warehouse"],
      engine: { value: "mysql" },
      declaredMaxConnections: 90,
      otherDemand: 0,
    });
    expect(database.resource.urn).toBe(urn("poolproof:declared:Database", "warehouse"));
    expect(database.parameters.parameter("max_connections").value.state).toBe("unset");
  });

  it("is one database however often it is named", () => {
    const declared = [
      { name: "warehouse", otherDemand: 1 },
      { name: "warehouse", maxConnections: 90 },
    ];
    expect(only([], declared)).toMatchObject({ otherDemand: 1, declaredMaxConnections: 90 });
  });
});

describe("texts that a wrapper leaves empty", () => {
  /** What is read of the sample's databases without the resources themselves, which differ by the empty text. */
  const readingOf = (plan: readonly PlanResource[]) =>
    read(plan).map(({ resource: own, parameters, members, ...others }) => ({
      ...others,
      urn: own.urn,
      group: [
        parameters.resource.urn,
        parameters.isOwn,
        parameters.group,
        parameters.parameter("max_connections"),
      ],
      members: members.map((each) => [each.resource.urn, each.parameters.isOwn, each.parameters.group]),
    }));
  const without = (properties: PropertyMap, property: string): PropertyMap =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => name !== property));
  const primary = {
    identifier: "main",
    engine: "postgres",
    engineVersion: "16.4",
    instanceClass: "db.m7g.large",
  };

  it.each([
    "parameterGroupName",
    "engineVersion",
    "identifier",
    "replicateSourceDb",
    "dbName",
  ])("are unset: `%s` of an instance", (property) => {
    const empty = [instance("db", { ...primary, [property]: "" })];
    expect(readingOf(empty)).toEqual(readingOf([instance("db", without(primary, property))]));
  });

  it.each([
    "dbClusterParameterGroupName",
    "clusterIdentifier",
    "engineVersion",
    "dbClusterInstanceClass",
  ])("are unset: `%s` of a cluster", (property) => {
    const cluster = (properties: PropertyMap) => [
      resource("aws:rds/cluster:Cluster", "aurora", properties),
      resource("aws:rds/clusterInstance:ClusterInstance", "stray", { clusterIdentifier: "" }),
    ];
    const given = { clusterIdentifier: "main", engine: "aurora-postgresql", engineVersion: "16.4" };
    expect(readingOf(cluster({ ...given, [property]: "" }))).toEqual(
      readingOf(cluster(without(given, property))),
    );
  });

  it("are unset: `dbParameterGroupName` of a cluster's instance, which then has the cluster's group", () => {
    const members = (properties: PropertyMap) =>
      readingOf(
        auroraPlan({
          parameters: limitTo("1000"),
          members: { a: { instanceClass: "db.r6g.large", ...properties } },
        }),
      );
    expect(members({ dbParameterGroupName: "" })).toEqual(members({}));
  });

  it("leave it undecided whose endpoint is named: a database without an identifier may be it", () => {
    const host = "other.abc.eu-west-1.rds.amazonaws.com";
    const clients = (identifier: PropertyMap) =>
      readStack(
        samplePlan({ database: identifier, environment: environment({ DB_HOST: host }) }),
      ).clients.map(({ database }) => database.state);
    expect(clients({})).toEqual(["unlinked"]);
    expect(clients({ identifier: "" })).toEqual(["unlinked"]);
    expect(clients({ identifier: "other" })).toEqual(["linked"]);
  });

  it("are unset: `taskDefinition` of a service", () => {
    const service = (properties: PropertyMap) => {
      const of = resource("aws:ecs/service:Service", "api", properties);
      return findTaskDefinition(of, new PlanIndex({ resources: [of] }));
    };
    expect(service({ taskDefinition: "" })).toEqual(service({}));
  });

  it("leave `instanceClass` what the provider requires, and RDS then refuses", () => {
    const [database] = read([instance("db", { ...primary, instanceClass: "" })]);
    expect(database?.instanceClass).toEqual({ state: "known", value: "" });
  });
});

describe("an engine", () => {
  it.each([
    ["MySQL", "mysql"],
    ["Postgres", "postgres"],
    ["mariadb", "mariadb"],
  ])("is the same in any letter case: %s", (engine, name) => {
    expect(only([instance("db", { engine })]).engine).toMatchObject({ value: name });
    const cluster = resource("aws:rds/cluster:Cluster", "c", { engine });
    expect(only([cluster]).engine).toMatchObject({ value: name });
  });
});
