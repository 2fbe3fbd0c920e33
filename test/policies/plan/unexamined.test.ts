import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { DATABASE, resource, SERVICE, samplePlan, TASK, urn } from "../samplePlan";

const DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
const unexamined = (...extra: readonly PlanResource[]) => readStack(samplePlan({ extra })).unexamined;
const listed = (type: string, name: string, reason: string) => [
  { resource: urn(type, name), reason: expect.stringContaining(reason), usesDatabase: true },
];
const definition = (environment: object[]) =>
  resource(DEFINITION, "jobs", { containerDefinitions: JSON.stringify([{ name: "x", environment }]) });
const POOL = [{ name: "DB_POOL_MAX", value: "4" }];

describe("a task definition that no service runs", () => {
  const reason = "no service in this stack runs it";

  it("is named when it holds a pool of any library, or leads to a database", () => {
    expect(unexamined(definition(POOL))).toEqual(listed(DEFINITION, "jobs", reason));
    expect(unexamined(definition([{ name: "DB_MAX_OPEN_CONNS", value: "4" }]))).toEqual(
      listed(DEFINITION, "jobs", reason),
    );
    const made = resource(
      DEFINITION,
      "jobs",
      { containerDefinitions: UNKNOWN },
      { containerDefinitions: [DATABASE] },
    );
    expect(unexamined(made)).toEqual(listed(DEFINITION, "jobs", reason));
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
      listed(type, "nightly", "it runs task definition jobs"),
    );
    expect(unexamined(definition([]), starter)).toEqual([]);
  });

  it("is named by its schedule although a service runs it as well", () => {
    const type = "aws:scheduler/schedule:Schedule";
    const starter = resource(type, "migrate", {}, { target: [TASK] });
    expect(unexamined(starter)).toEqual(listed(type, "migrate", "it runs task definition api-task"));
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
      listed(DEFINITION, "jobs", "no service in this stack runs it"),
    );
  });

  it("is named by what starts it on its own, however many tasks that is", () => {
    const type = "aws:scheduler/schedule:Schedule";
    const starter = resource(type, "nightly", {}, { target: [urn(DEFINITION, "jobs")] });
    expect(unexamined(tagged("2"), starter)).toEqual(
      listed(type, "nightly", "how many of its tasks run at once"),
    );
  });
});

describe("a task set", () => {
  const type = "aws:ecs/taskSet:TaskSet";
  const set = (made: readonly string[]) =>
    resource(type, "blue", {}, { taskDefinition: made, service: [SERVICE] });

  it("is named, and its definition with it, unless that is no client", () => {
    expect(unexamined(set([]))).toEqual(listed(type, "blue", "it is a task set"));
    expect(unexamined(set([urn(DEFINITION, "jobs")]), definition(POOL))).toEqual(
      listed(type, "blue", "task set"),
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
    expect(unexamined(resource(type, "x", {}, { [property]: [DATABASE] }))).toEqual(listed(type, "x", kind));
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
