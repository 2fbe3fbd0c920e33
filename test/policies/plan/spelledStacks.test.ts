import { describe, expect, it } from "vitest";
import type { Plan, PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { knownValue } from "../../../policies/plan/reading";
import { readStack } from "../../../policies/plan/stack";
import type { Report } from "../../../policies/reports/report";
import { planFromState } from "../../../policies/state/readState";
import { places, replaceAt, resource, urn } from "../planResource";
import { judgePlan } from "../rules/judge";
import { SPELLINGS, type Spelling, spelledStack } from "../spelledStacks";

const nameOf = (of: string): string => of.split("::").pop() ?? "";

/** What was found, by the names in the program: messages name resources and their properties. */
const found = (report: Report) => ({
  verdict: report.verdict,
  violations: report.violations.map(({ rule, level, resource: of, observed, allowed, unit }) => ({
    rule,
    level,
    resource: nameOf(of),
    observed,
    allowed,
    unit,
  })),
  undecided: report.undecided.map(({ rule, resource: of, property }) => [rule, nameOf(of), property]),
  budgets: report.budgets.map(({ database, clients, ...numbers }) => ({
    ...numbers,
    database: nameOf(database ?? ""),
    clients: clients.map(({ resource: of, ...client }) => ({ ...client, resource: nameOf(of) })),
  })),
  unexamined: report.coverage.unexamined.map(({ resource: of }) => nameOf(of)),
});

const GARBAGE: readonly PropertyValue[] = [
  null,
  7,
  "",
  "[",
  [],
  {},
  [null],
  [[UNKNOWN]],
  { key: { value: [] } },
];
const OTHERS = SPELLINGS.filter((spelling) => spelling !== "classic");

describe("a stack in the spelling of another provider", () => {
  it.each(OTHERS)("gets the findings of the classic one: %s", (spelling) => {
    for (const poolMax of ["3", "12", "40"]) {
      const classic = found(judgePlan(spelledStack("classic", poolMax)));
      expect(found(judgePlan(spelledStack(spelling, poolMax)))).toEqual(classic);
    }
  });

  it.each(SPELLINGS)("is judged by its numbers: %s", (spelling) => {
    const rules = (poolMax: string) =>
      judgePlan(spelledStack(spelling, poolMax))
        .violations.filter(({ level }) => level === "mandatory")
        .map(({ rule, observed, allowed, unit }) => ({ rule, observed, allowed, unit }));
    expect(rules("12")).toEqual([]);
    expect(rules("3")).toEqual([
      { rule: "pool-floor", observed: 3, allowed: { min: 11, max: 12 }, unit: "connections" },
    ]);
    expect(rules("40")[0]).toEqual({
      rule: "connection-budget",
      observed: 40,
      allowed: { min: 11, max: 12 },
      unit: "connections",
    });
  });

  it.each(SPELLINGS)("is not accepted by hiding a value: %s", (spelling) => {
    for (const poolMax of ["3", "40"]) {
      for (const [hidden, where] of hidings(spelledStack(spelling, poolMax), spelling)) {
        expect(judgePlan(hidden).verdict, where).toBe("rejected");
      }
    }
  });

  it.each(OTHERS)("is read without an error, with any value in any place: %s", (spelling) => {
    for (const garbage of GARBAGE) {
      for (const [plan, where] of hidings(spelledStack(spelling, "12"), spelling, garbage)) {
        expect(() => readStack(plan), where).not.toThrow();
      }
    }
  });

  it("of a module, is undecided where the engine shows none of its properties", () => {
    const resources = spelledStack("terraform module", "12").resources.map((each) => ({
      ...each,
      properties: {},
    }));
    const { verdict, undecided } = judgePlan({ resources });
    expect(verdict).toBe("rejected");
    expect(new Set(undecided.map(({ resource: at }) => nameOf(at)))).toEqual(
      new Set(["service", "database"]),
    );
  });

  it("of a module, is read from a state, where such resources have inputs alone", () => {
    const resources = spelledStack("terraform module", "3").resources.map(
      ({ urn: of, type, properties }) => ({
        urn: of,
        type,
        viewOf: "urn:pulumi:test::shop::orders:index:Module::orders",
        inputs: properties,
        outputs: {},
      }),
    );
    const plan = planFromState({ version: 3, deployment: { resources } });
    expect(found(judgePlan(plan))).toEqual(found(judgePlan(spelledStack("classic", "3"))));
  });
});

/**
 * The plan with one place of one resource hidden, or with something else in it: for each place. The property that holds
 * it was made from another resource, which a module's resources do not say.
 */
function* hidings(
  { resources }: Plan,
  spelling: Spelling,
  by: PropertyValue = UNKNOWN,
): Generator<readonly [Plan, string]> {
  for (const [at, each] of resources.entries()) {
    for (const path of places(each.properties)) {
      const [top] = path;
      if (top === undefined) continue;
      const made = spelling === "terraform module" ? {} : { [top]: [urn("aws:ec2/vpc:Vpc", "vpc")] };
      const changed: PlanResource = {
        ...each,
        properties: replaceAt(each.properties, path, by) as PropertyMap,
        propertyDependencies: { ...made, ...each.propertyDependencies },
      };
      yield [{ resources: resources.with(at, changed) }, `${each.name}: ${path.join(".")}`];
    }
  }
}

describe("links between spellings", () => {
  const of = (spelling: Spelling, name: string): PlanResource => {
    const one = spelledStack(spelling, "12").resources.find((each) => each.name === name);
    return one ?? expect.unreachable(name);
  };
  const client = (resources: readonly PlanResource[]) => readStack({ resources }).clients[0]?.database;
  const service = [of("classic", "service"), of("classic", "task")];
  const second = resource("aws:rds/instance:Instance", "second", {
    identifier: "second",
    engine: "postgres",
  });

  it("lead by the identifier from a classic service to a database of each", () => {
    for (const spelling of SPELLINGS) {
      const database = of(spelling, "database");
      expect(client([...service, database, second])).toMatchObject({ database: database.urn, via: "name" });
    }
  });

  it("lead by what a value was made from", () => {
    for (const spelling of SPELLINGS) {
      const database = of(spelling, "database");
      const parameter = resource(
        "aws-native:ssm:Parameter",
        "host",
        { name: "/orders/host", value: UNKNOWN },
        { value: [database.urn] },
      );
      const task = resource("aws:ecs/taskDefinition:TaskDefinition", "task", {
        containerDefinitions: JSON.stringify([
          { name: "api", secrets: [{ name: "DB_HOST", valueFrom: "/orders/host" }] },
        ]),
      });
      const [classic] = service;
      const resources = [classic ?? database, task, database, second, parameter];
      expect(client(resources)).toMatchObject({ database: database.urn, via: "dependency" });
    }
  });

  it("lead through a secret of aws-native, by its own text and by what is attached to it", () => {
    const database = of("aws-native", "database");
    const secret = (properties: PropertyMap, made: PlanResource["propertyDependencies"] = {}) =>
      resource("aws-native:secretsmanager:Secret", "secret", { name: "orders", ...properties }, made);
    const attachment = resource(
      "aws-native:secretsmanager:SecretTargetAttachment",
      "attachment",
      { secretId: UNKNOWN, targetId: UNKNOWN },
      { secretId: [urn("aws-native:secretsmanager:Secret", "secret")], targetId: [database.urn] },
    );
    const task = resource("aws-native:ecs:TaskDefinition", "task", {
      family: "orders",
      containerDefinitions: [{ name: "api", secrets: [{ name: "DATABASE_URL", valueFrom: "orders" }] }],
    });
    const run = resource("aws-native:ecs:Service", "service", { taskDefinition: "orders" });
    const own = secret({ secretString: UNKNOWN }, { secretString: [database.urn] });
    expect(client([run, task, database, second, own])).toMatchObject({ database: database.urn });
    expect(client([run, task, database, second, secret({}), attachment])).toMatchObject({
      database: database.urn,
    });
  });
});

describe("resources of aws-native", () => {
  const DB = urn("aws-native:rds:DbInstance", "db");
  const PROXY = urn("aws-native:rds:DbProxy", "proxy");

  it("are a proxy with its target group, whose lists name the database", () => {
    const proxyOf = (targets: PropertyMap, made: PlanResource["propertyDependencies"] = {}) =>
      readStack({
        resources: [
          resource("aws-native:rds:DbInstance", "db", { dbInstanceIdentifier: "orders", engine: "postgres" }),
          resource("aws-native:rds:DbProxy", "proxy", { dbProxyName: "p", idleClientTimeout: 900 }),
          resource(
            "aws-native:rds:DbProxyTargetGroup",
            "targets",
            {
              dbProxyName: "p",
              connectionPoolConfigurationInfo: { maxConnectionsPercent: 60, connectionBorrowTimeout: 5 },
              ...targets,
            },
            { dbProxyName: [PROXY], ...made },
          ),
        ],
      }).proxies[0];
    expect(proxyOf({ dbInstanceIdentifiers: ["orders"] })).toMatchObject({
      database: { state: "known", value: DB },
      maxConnectionsPercent: { value: 60 },
      borrowTimeoutSeconds: { value: 5 },
      idleClientSeconds: { value: 900 },
    });
    const made = { dbInstanceIdentifiers: [DB] };
    expect(proxyOf({ dbInstanceIdentifiers: UNKNOWN }, made)?.database).toMatchObject({ value: DB });
    expect(proxyOf({ dbInstanceIdentifiers: [UNKNOWN] }, made)?.database).toMatchObject({ value: DB });
    expect(proxyOf({}, made)?.database).toMatchObject({ value: DB });
    expect(proxyOf({ dbInstanceIdentifiers: UNKNOWN })?.database.state).toBe("unknown");
    expect(proxyOf({ dbInstanceIdentifiers: [] })?.database.state).toBe("unset");
    expect(proxyOf({ dbInstanceIdentifiers: ["elsewhere"] })?.database.state).toBe("unknown");
  });

  it("are an Aurora cluster with its instances and their groups", () => {
    const cluster = urn("aws-native:rds:DbCluster", "aurora");
    const { databases } = readStack({
      resources: [
        resource(
          "aws-native:rds:DbCluster",
          "aurora",
          {
            engine: "aurora-postgresql",
            dbClusterParameterGroupName: "cluster-group",
            serverlessV2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 8 },
          },
          {},
        ),
        resource("aws-native:rds:DbClusterParameterGroup", "group", {
          dbClusterParameterGroupName: "cluster-group",
          family: "aurora-postgresql16",
          parameters: { max_connections: "300" },
        }),
        resource(
          "aws-native:rds:DbInstance",
          "writer",
          { dbInstanceClass: "db.serverless", dbClusterIdentifier: UNKNOWN },
          { dbClusterIdentifier: [cluster] },
        ),
      ],
    });
    expect(databases).toHaveLength(1);
    const [database] = databases;
    expect(database).toMatchObject({ kind: "cluster", serverless: { maxAcu: { value: 8 } } });
    expect(
      database?.members.map(({ resource: { name }, instanceClass }) => [name, knownValue(instanceClass)]),
    ).toEqual([["writer", "db.serverless"]]);
    expect(database?.members[0]?.parameters.parameter("max_connections").value).toMatchObject({
      value: "300",
    });
  });

  it("are an autoscaling target with scheduled actions inside", () => {
    const tasks = (scheduledActions: PropertyValue) => {
      const { clients } = readStack({
        resources: [
          ...spelledStack("aws-native", "12").resources.filter(({ name }) => name !== "scaling"),
          resource("aws-native:applicationautoscaling:ScalableTarget", "scaling", {
            resourceId: "service/main/orders",
            serviceNamespace: "ecs",
            minCapacity: 8,
            maxCapacity: 12,
            scheduledActions,
          }),
        ],
      });
      const { minCapacity, sustainedCapacity } = clients[0]?.tasks ?? expect.unreachable("a client");
      return [minCapacity, sustainedCapacity].map((reading) => knownValue(reading) ?? reading.state);
    };
    const action = (bounds: PropertyMap | typeof UNKNOWN): PropertyMap => ({
      scheduledActionName: "a",
      scalableTargetAction: bounds,
    });
    expect(tasks([])).toEqual([8, 12]);
    expect(tasks([action({ minCapacity: 2, maxCapacity: 20 }), action({ maxCapacity: 30 })])).toEqual([
      2, 30,
    ]);
    expect(tasks([action({ minCapacity: UNKNOWN })])).toEqual(["unknown", 12]);
    expect(tasks([action(UNKNOWN)])).toEqual(["unknown", "unknown"]);
    expect(tasks(UNKNOWN)).toEqual(["unknown", "unknown"]);
  });

  it("are a function whose only way in is its queue", () => {
    const tasksOf = (...more: readonly PlanResource[]) =>
      readStack({
        resources: [
          resource("aws-native:lambda:Function", "worker", {
            functionName: "worker",
            environment: { variables: { DB_POOL_MAX: "2" } },
          }),
          resource("aws-native:lambda:EventSourceMapping", "queue", {
            functionName: "worker",
            scalingConfig: { maximumConcurrency: 7 },
          }),
          ...more,
        ],
      }).clients.map(({ tasks }) => knownValue(tasks.maxCapacity));
    expect(tasksOf()).toEqual([7]);
    const byUrl = { targetFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:worker" };
    expect(tasksOf(resource("aws-native:lambda:Url", "url", byUrl))).toEqual([1000]);
    expect(tasksOf(resource("aws-native:lambda:Permission", "all", { functionName: "worker" }))).toEqual([
      1000,
    ]);
  });

  it("are a task that a rule or a schedule starts, which coverage asks about", () => {
    const task = urn("aws-native:ecs:TaskDefinition", "task");
    const plan = spelledStack("aws-native", "12").resources.filter(({ name }) => name !== "service");
    const starters = [
      resource("aws-native:events:Rule", "rule", { targets: UNKNOWN }, { targets: [task] }),
      resource("aws-native:scheduler:Schedule", "schedule", { target: UNKNOWN }, { target: [task] }),
      resource("aws-native:stepfunctions:StateMachine", "machine", {}, { definitionSubstitutions: [task] }),
    ];
    const { unexamined } = readStack({ resources: [...plan, ...starters] });
    expect(
      unexamined.filter(({ usesDatabase }) => usesDatabase).map(({ resource: at }) => nameOf(at)),
    ).toEqual(["rule", "schedule", "machine"]);
  });

  it("have parameters that CloudFormation applies as their kind allows", () => {
    const rules = judgePlan(spelledStack("aws-native", "12")).violations.map(({ rule }) => rule);
    expect(rules).not.toContain("max-connections");
    const { databases } = readStack(spelledStack("aws-native", "12"));
    const parameter = databases[0]?.parameters.parameter("max_connections");
    expect(parameter).toMatchObject({ value: { value: "400" }, applyMethod: { state: "known" } });
    expect(databases[0]?.parameters.parameter("work_mem")).toMatchObject({ value: { state: "unset" } });
  });

  it("have containers of which one hidden value hides itself alone, and a hidden name all of them", () => {
    const containersWith = (environment: PropertyValue) =>
      readStack({
        resources: spelledStack("aws-native", "12").resources.map((each) =>
          each.name === "task"
            ? {
                ...each,
                properties: { ...each.properties, containerDefinitions: [{ name: "api", environment }] },
              }
            : each,
        ),
      }).clients.map(({ settings }) => settings.poolMax.reading.state);
    const pool = { name: "DB_POOL_MAX", value: "12" };
    expect(containersWith([pool, { name: "OTHER", value: UNKNOWN }])).toEqual(["known"]);
    expect(containersWith([{ ...pool, value: UNKNOWN }])).toEqual(["unknown"]);
    expect(containersWith([pool, { name: UNKNOWN, value: "1" }])).toEqual(["unknown"]);
    expect(containersWith([pool, UNKNOWN])).toEqual(["unknown"]);
    expect(containersWith(UNKNOWN)).toEqual(["unknown"]);
  });
});
