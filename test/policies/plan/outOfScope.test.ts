import { describe, expect, it } from "vitest";
import { type PlanResource, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { by, judge } from "../rules/judge";
import { DATABASE, madeFrom, resource, SERVICE, samplePlan, TASK, urn } from "../samplePlan";
import { CLIENTS_BY_DEPENDENCY, CLIENTS_BY_TEXT, UNREAD_DATABASES } from "./kindsOfClients";

const found = (...extra: readonly PlanResource[]) =>
  by(judge({ extra }), "coverage").map(({ resource: each, level }) => [each, level]);
const listed = (...extra: readonly PlanResource[]) =>
  judge({ extra }).coverage.unexamined.map(({ resource: each }) => each);
const row = (each: PlanResource) => [each.type, each] as const;

describe("a client that no reader knows, beside one that is read", () => {
  it.each(
    [...CLIENTS_BY_DEPENDENCY, ...CLIENTS_BY_TEXT].map(row),
  )("is a violation of coverage: %s", (_, client) => {
    expect(found(client)).toEqual([[client.urn, "mandatory"]]);
  });

  it("is one where it reads a parameter's name or path, or has an address in base64 as user data", () => {
    const parameter = resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/shop/db/host", value: UNKNOWN },
      { value: [DATABASE] },
    );
    const job = (value: string) =>
      resource("aws:batch/jobDefinition:JobDefinition", "job", {
        containerProperties: JSON.stringify({ environment: [{ name: "CONFIG", value }] }),
      });
    for (const value of ["/shop/db/host", "/shop", "/shop/db/"])
      expect(listed(parameter, job(value))).toEqual([job(value).urn]);
    expect(listed(parameter, job("/sho"))).not.toContain(job("/sho").urn);
    const host = "export DB_HOST=core.abcdef123456.eu-west-1.rds.amazonaws.com";
    const template = (userData: string) =>
      resource("aws:ec2/launchTemplate:LaunchTemplate", "template", { userData });
    expect(listed(template(Buffer.from(host).toString("base64")))).toHaveLength(1);
    expect(listed(template(Buffer.from("echo hello, world").toString("base64")))).toEqual([]);
    const secret = (data: string) =>
      resource("kubernetes:core/v1:Secret", "secret", { data: { DB_HOST: data } });
    expect(listed(secret(Buffer.from(host).toString("base64")))).toHaveLength(1);
    expect(listed(secret(Buffer.from("hello, world, hello").toString("base64")))).toEqual([]);
  });

  it("is one without a database in the stack, where it names one in plain text", () => {
    const [client] = CLIENTS_BY_TEXT;
    const report = readStack({ resources: client ? [client] : [] });
    expect(report.unexamined).toMatchObject([{ resource: client?.urn, usesDatabase: true }]);
  });

  it("is one in at least sixty kinds", () => {
    expect(
      new Set([...CLIENTS_BY_DEPENDENCY, ...UNREAD_DATABASES].map(({ type }) => type)).size,
    ).toBeGreaterThanOrEqual(60);
  });

  it("ends as one where `clients` describes it or `notClients` says why it is none", () => {
    const client = resource("acme:index/thing:Thing", "thing", { setting: UNKNOWN }, { setting: [DATABASE] });
    const described = {
      name: "thing",
      poolMax: 1,
      instances: 1,
      library: "node-postgres",
      peakRequestsPerSecond: 1,
      holdMs: 1,
    };
    expect(by(judge({ extra: [client] }, { clients: [described] }), "coverage")).toEqual([]);
    const report = judge(
      { extra: [client] },
      { notClients: [{ resource: "acme:index/thing:*", reason: "it draws a picture" }] },
    );
    expect(by(report, "coverage")).toEqual([]);
    expect(report.coverage.unexamined).toContainEqual({
      resource: client.urn,
      reason: expect.stringContaining("it draws a picture"),
    });
  });
});

describe("an entry of `notClients` that fits nothing", () => {
  it("is a violation of the settings", () => {
    const report = judge({}, { notClients: [{ resource: "thing", reason: "it draws a picture" }] });
    expect(by(report, "poolproof-settings")).toMatchObject([{ level: "mandatory" }]);
  });
});

describe("what depends on a database and holds no connection", () => {
  it.each([
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:backup/selection:Selection",
    "aws:rds/eventSubscription:EventSubscription",
    "aws:rds/snapshot:Snapshot",
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:route53/record:Record",
    "aws:secretsmanager/secretRotation:SecretRotation",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "random:index/randomPassword:RandomPassword",
    "aws-native:cloudwatch:Alarm",
    "aws:index/cloudwatchMetricAlarm:CloudwatchMetricAlarm",
    "web:tf:aws_security_group_rule",
    "web:tf:aws_cloudwatch_metric_alarm",
    "postgresql:index/role:Role",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "pulumi:providers:postgresql",
  ])("is none: %s", (type) => {
    expect(found(resource(type, "x", { value: UNKNOWN }, { value: [DATABASE] }))).toEqual([]);
  });

  it("is a component with children, which are looked at themselves", () => {
    const component = resource("acme:net:Service", "web", {}, { args: [DATABASE] });
    const child = { ...resource("aws:sns/topic:Topic", "news", {}), parent: component.urn };
    expect(found(component, child)).toEqual([]);
    expect(found(component)).toEqual([[component.urn, "mandatory"]]);
    const custom = { ...component, isCustom: true };
    expect(found(custom, child)).toEqual([[custom.urn, "mandatory"]]);
  });

  it("is what talks to a client: the way ends at a workload", () => {
    const instance = resource(
      "aws:ec2/instance:Instance",
      "web",
      { userData: UNKNOWN },
      { userData: [DATABASE] },
    );
    const behind = resource("acme:index/thing:Thing", "behind", { ip: UNKNOWN }, { ip: [instance.urn] });
    const ofService = resource("acme:index/thing:Thing", "badge", { name: UNKNOWN }, { name: [SERVICE] });
    expect(found(instance, behind, ofService)).toEqual([[instance.urn, "mandatory"]]);
  });
});

describe("an address that something carries", () => {
  const parameter = (properties = {}) =>
    resource(
      "aws:ssm/parameter:Parameter",
      "host",
      { name: "/shop/db/host", value: UNKNOWN, ...properties },
      { value: [DATABASE] },
    );
  const secret = resource("aws:secretsmanager/secret:Secret", "login", { name: "shop-login", arn: UNKNOWN });
  const version = resource(
    "aws:secretsmanager/secretVersion:SecretVersion",
    "login",
    { secretId: UNKNOWN, secretString: UNKNOWN },
    { secretId: [secret.urn], secretString: [DATABASE] },
  );
  const app = (properties: PlanResource["properties"], made: PlanResource["propertyDependencies"] = {}) =>
    resource("aws:apprunner/service:Service", "app", properties, made);

  it.each([
    ["by reference to a parameter", [parameter(), app({ env: UNKNOWN }, { env: [parameter().urn] })]],
    ["by a parameter's name", [parameter(), app({ env: { HOST: "/shop/db/host" } })]],
    [
      "by a parameter's ARN",
      [parameter(), app({ env: { HOST: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db/host" } })],
    ],
    ["by reference to a secret", [secret, version, app({ env: UNKNOWN }, { env: [secret.urn] })]],
    [
      "by a secret's ARN",
      [secret, version, app({ env: "arn:aws:secretsmanager:eu-west-1:1:secret:shop-login-AbCdEf" })],
    ],
    [
      "by a DNS record",
      [
        resource(
          "aws:route53/record:Record",
          "cname",
          { name: "db.corp.internal", records: UNKNOWN },
          { records: [DATABASE] },
        ),
        app({ env: UNKNOWN }, { env: [urn("aws:route53/record:Record", "cname")] }),
      ],
    ],
    [
      "through a parameter made from a parameter",
      [
        parameter(),
        resource(
          "aws:ssm/parameter:Parameter",
          "copy",
          { name: "/copy", value: UNKNOWN },
          { value: [parameter().urn] },
        ),
        app({ env: { HOST: "/copy" } }),
      ],
    ],
  ] as const)("leads to its reader %s", (_, extra) => {
    expect(found(...extra)).toEqual([[urn("aws:apprunner/service:Service", "app"), "mandatory"]]);
    expect(listed(...extra)).not.toContain(parameter().urn);
  });

  it("is the password as well, wherever it goes", () => {
    const password = resource("random:index/randomPassword:RandomPassword", "pw", { result: UNKNOWN });
    const own = {
      ...resource("aws:rds/instance:Instance", "db2", {
        identifier: "db2",
        engine: "postgres",
        password: UNKNOWN,
      }),
      propertyDependencies: { password: [password.urn] },
    };
    const extra = [password, own, app({ env: UNKNOWN }, { env: [password.urn] })];
    expect(found(...extra).map(([each]) => each)).toContain(urn("aws:apprunner/service:Service", "app"));
  });

  it("is listed by name where nothing in the stack reads it", () => {
    expect(found(parameter())).toEqual([]);
    expect(listed(parameter())).toContain(parameter().urn);
    expect(listed(secret, version)).toContain(secret.urn);
    const unnamed = parameter({ name: UNKNOWN });
    expect(listed(unnamed)).toContain(unnamed.urn);
  });

  it("is a client where a Kubernetes cluster gets it and no workload of the stack reads it", () => {
    const inCluster = resource(
      "kubernetes:core/v1:Secret",
      "db",
      { metadata: { name: "db-login" }, stringData: UNKNOWN },
      { stringData: [DATABASE] },
    );
    const map = resource(
      "kubernetes:core/v1:ConfigMap",
      "cfg",
      { metadata: { name: "db-host" }, data: { HOST: UNKNOWN } },
      { data: [DATABASE] },
    );
    expect(
      found(inCluster, map)
        .map(([each]) => each)
        .sort(),
    ).toEqual([inCluster.urn, map.urn].sort());
    const reader = (name: string, container: PlanResource["properties"]) =>
      resource("kubernetes:apps/v1:ReplicaSet", name, {
        spec: { template: { spec: { containers: [container] } } },
      });
    const secretReader = reader("a", { envFrom: [{ secretRef: { name: "db-login" } }] });
    const mapReader = reader("b", {
      env: [{ valueFrom: { configMapKeyRef: { name: "db-host", key: "HOST" } } }],
    });
    expect(
      found(inCluster, map, secretReader, mapReader)
        .map(([each]) => each)
        .sort(),
    ).toEqual([secretReader.urn, mapReader.urn].sort());
    const bystander = reader("db-login", { name: "db-login" });
    expect(found(inCluster, bystander).map(([each]) => each)).toEqual([inCluster.urn]);
  });

  it("names each of ten workloads that read one secret", () => {
    const inCluster = resource(
      "kubernetes:core/v1:Secret",
      "db",
      { metadata: { name: "db-login" } },
      { stringData: [DATABASE] },
    );
    const readers = Array.from({ length: 10 }, (_, i) =>
      resource("kubernetes:apps/v1:Deployment", `web-${i}`, {}, { spec: [inCluster.urn] }),
    );
    expect(found(inCluster, ...readers)).toHaveLength(10);
  });

  it("may go round in a circle", () => {
    const one = resource(
      "aws:ssm/parameter:Parameter",
      "one",
      { name: "/one" },
      { value: [urn("aws:ssm/parameter:Parameter", "two")] },
    );
    const two = resource(
      "aws:ssm/parameter:Parameter",
      "two",
      { name: "/two" },
      { value: [one.urn, DATABASE] },
    );
    expect(found(one, two)).toEqual([]);
    expect(readStack(samplePlan({ extra: [one, two] })).unexamined).toEqual([]);
  });
});

describe("a database that no reader knows", () => {
  it.each(UNREAD_DATABASES.map(row))("is a violation of coverage: %s", (_, database) => {
    expect(found(database)).toEqual([[database.urn, "mandatory"]]);
  });

  it("makes its clients clients of an unread database", () => {
    const other = resource("aws:docdb/cluster:Cluster", "docs", { endpoint: UNKNOWN });
    const report = judge({
      extra: [other],
      taskDefinition: { containerDefinitions: UNKNOWN },
    });
    expect(by(report, "coverage").map(({ resource: each }) => each)).toContain(other.urn);
    const plan = samplePlan({ extra: [other] });
    const [client] = readStack(madeFrom(plan, TASK, { containerDefinitions: [other.urn] })).clients;
    expect(client?.database).toMatchObject({ state: "unlinked", reason: expect.stringContaining("docs") });
  });

  it("is one no more where `databases` describes it by its name", () => {
    const other = resource("gcp:sql/databaseInstance:DatabaseInstance", "orders", {});
    const databases = [{ name: "orders", engine: "postgres", maxConnections: 100, otherDemand: 10 }];
    expect(by(judge({ extra: [other] }, { databases }), "coverage")).toEqual([]);
  });

  it.each([
    "gcp:sql/user:User",
    "gcp:sql/database:Database",
    "azure-native:dbforpostgresql:FirewallRule",
    "digitalocean:index/databaseFirewall:DatabaseFirewall",
    "postgresql:index/database:Database",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:athena/database:Database",
    "kubernetes:postgresql.cnpg.io/v1:Pooler",
    "snowflake:index/database:Database",
  ])("is not a part of one, or something of another kind: %s", (type) => {
    expect(found(resource(type, "x", {}))).toEqual([]);
  });
});

describe("a stack without a database and without a client", () => {
  it("is a violation only where the policy configuration expects a database", () => {
    const plan = { resources: [resource("aws:s3/bucket:Bucket", "b", {})] };
    expect(readStack(plan)).toMatchObject({ databases: [], clients: [], unexamined: [] });
  });
});

const DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
const unexamined = (...extra: readonly PlanResource[]) => readStack(samplePlan({ extra })).unexamined;
const entry = (type: string, name: string, reason: string) => [
  { resource: urn(type, name), reason: expect.stringContaining(reason), usesDatabase: true },
];
const definition = (environment: object[]) =>
  resource(DEFINITION, "jobs", { containerDefinitions: JSON.stringify([{ name: "x", environment }]) });
const POOL = [{ name: "DB_POOL_MAX", value: "4" }];

describe("a task definition that no service runs", () => {
  const reason = "no service in this stack runs it";

  it("is named when it holds a pool of any library, or leads to a database", () => {
    expect(unexamined(definition(POOL))).toEqual(entry(DEFINITION, "jobs", reason));
    expect(unexamined(definition([{ name: "DB_MAX_OPEN_CONNS", value: "4" }]))).toEqual(
      entry(DEFINITION, "jobs", reason),
    );
    const made = resource(
      DEFINITION,
      "jobs",
      { containerDefinitions: UNKNOWN },
      { containerDefinitions: [DATABASE] },
    );
    expect(unexamined(made)).toEqual(entry(DEFINITION, "jobs", reason));
    expect(unexamined(definition([]))).toEqual([]);
    expect(unexamined()).toEqual([]);
  });

  it.each([
    ["aws:cloudwatch/eventTarget:EventTarget", "ecsTarget"],
    ["aws:scheduler/schedule:Schedule", "target"],
    ["aws:sfn/stateMachine:StateMachine", "definition"],
  ])("is named once, by the %s that starts it", (type, property) => {
    const starter = resource(type, "nightly", {}, { [property]: [urn(DEFINITION, "jobs")] });
    expect(unexamined(definition(POOL), starter)).toEqual(
      entry(type, "nightly", "it runs task definition jobs"),
    );
    expect(unexamined(definition([]), starter)).toEqual([]);
  });

  it("is named by its schedule although a service runs it as well", () => {
    const type = "aws:scheduler/schedule:Schedule";
    const starter = resource(type, "migrate", {}, { target: [TASK] });
    expect(unexamined(starter)).toEqual(entry(type, "migrate", "it runs task definition api-task"));
  });
});

describe("a task definition of operations", () => {
  const tagged = (connections: string) => {
    const made = definition(POOL);
    return {
      ...made,
      properties: { ...made.properties, tags: { "poolproof:operations-connections": connections } },
    };
  };

  it("holds what its tag says of the connections kept for operations, on the database it leads to", () => {
    expect(unexamined(tagged("2"))).toEqual([
      {
        resource: urn(DEFINITION, "jobs"),
        reason:
          "it holds 2 of the connections reserved for operations, as declared by its tag `poolproof:operations-connections`",
        usesDatabase: false,
        operations: { connections: 2, database: DATABASE },
      },
    ]);
  });

  it.each(["0", "1.5", "-1", "many", ""])("whose tag is %j is counted by nobody", (connections) => {
    expect(unexamined(tagged(connections))).toEqual(
      entry(DEFINITION, "jobs", "no service in this stack runs it"),
    );
  });

  it("is named by what starts it on its own, however many tasks that is", () => {
    const type = "aws:scheduler/schedule:Schedule";
    const starter = resource(type, "nightly", {}, { target: [urn(DEFINITION, "jobs")] });
    expect(unexamined(tagged("2"), starter)).toEqual(
      entry(type, "nightly", "how many of its tasks run at once"),
    );
  });
});

describe("a task set", () => {
  const type = "aws:ecs/taskSet:TaskSet";
  const set = (made: readonly string[]) =>
    resource(type, "blue", {}, { taskDefinition: made, service: [SERVICE] });

  it("is named, and its definition with it, unless that is no client", () => {
    expect(unexamined(set([]))).toEqual(entry(type, "blue", "it is a task set"));
    expect(unexamined(set([urn(DEFINITION, "jobs")]), definition(POOL))).toEqual(
      entry(type, "blue", "task set"),
    );
    expect(unexamined(set([urn(DEFINITION, "jobs")]), definition([]))).toEqual([]);
  });
});

const HOST = "db1234567.c9abcdef.eu-west-1.rds.amazonaws.com";
const SCRIPT = `#!/bin/sh\nexport DATABASE_URL=postgres://app@${HOST}:5432/shop\nexec /opt/app`;
const encoded = (text: string): string => Buffer.from(text).toString("base64");

describe("another kind of client", () => {
  it.each([
    ["aws:ec2/instance:Instance", "userData", "an EC2 instance"],
    ["aws:ec2/launchTemplate:LaunchTemplate", "userData", "a launch template"],
    ["aws:elasticbeanstalk/environment:Environment", "settings", "an Elastic Beanstalk environment"],
    ["aws:apprunner/service:Service", "sourceConfiguration", "an App Runner service"],
    ["aws:batch/jobDefinition:JobDefinition", "containerProperties", "a Batch job"],
    ["aws:glue/connection:Connection", "connectionProperties", "a Glue connection"],
    ["aws:dms/endpoint:Endpoint", "serverName", "a DMS endpoint"],
    ["aws:ecs/expressGatewayService:ExpressGatewayService", "primaryContainer", "an ECS Express service"],
    ["kubernetes:apps/v1:Deployment", "spec", "a Kubernetes deployment"],
    ["kubernetes:helm.sh/v3:Release", "values", "a Helm release"],
    ["kubernetes:helm.sh/v4:Chart", "values", "a Helm chart"],
  ])("is named when a %s depends on a database by its %s", (type, property, kind) => {
    expect(unexamined(resource(type, "x", {}, { [property]: [DATABASE] }))).toEqual(entry(type, "x", kind));
    expect(unexamined(resource(type, "x", {}, { [property]: [SERVICE.replace("api", "none")] }))).toEqual([]);
  });

  it.each([
    [
      "a Helm release by the address among its values",
      "kubernetes:helm.sh/v3:Release",
      { values: { postgresql: { host: HOST } } },
    ],
    [
      "a launch template by its user data",
      "aws:ec2/launchTemplate:LaunchTemplate",
      { userData: encoded(SCRIPT) },
    ],
    ["an instance by its user data", "aws:ec2/instance:Instance", { userData: SCRIPT }],
    ["an instance by user data in base64", "aws:ec2/instance:Instance", { userDataBase64: encoded(SCRIPT) }],
  ])("is named in plain text: %s", (_, type, properties) => {
    expect(unexamined(resource(type, "x", properties)).map(({ resource: found }) => found)).toEqual([
      urn(type, "x"),
    ]);
  });
});

describe("a service inside components, as awsx makes it", () => {
  it("is read like any other: its parents say nothing", () => {
    const plan = samplePlan();
    const parent = "urn:pulumi:test::shop::awsx:ecs:FargateService::api";
    const nested = plan.resources.map((each) => ({
      ...each,
      urn: nest(each.urn),
      parent,
      propertyDependencies: Object.fromEntries(
        Object.entries(each.propertyDependencies).map(([property, urns]) => [property, urns.map(nest)]),
      ),
    }));
    const component = { ...resource("awsx:ecs:FargateService", "api", {}), urn: parent };
    const { clients, unexamined: rest } = readStack({ resources: [...nested, component] });
    const flat = readStack(plan).clients;
    expect(clients.map(({ name, settings, tasks }) => ({ name, settings, tasks }))).toEqual(
      flat.map(({ name, settings, tasks }) => ({ name, settings, tasks })),
    );
    expect(rest).toEqual([]);
  });
});

/** `…::awsx:ecs:FargateService$aws:ecs/service:Service::api`, as the engine writes a child's URN. */
const nest = (each: string): string => each.replace("::shop::", "::shop::awsx:ecs:FargateService$");
