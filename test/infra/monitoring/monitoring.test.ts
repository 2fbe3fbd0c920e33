import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { alarmInput, alarmsOf, metricAlarm } from "./stackAlarms";

// CommonJS, as Pulumi itself loads the program: one copy of the SDK on both sides.
const load = createRequire(__filename);
const pulumi: typeof import("@pulumi/pulumi") = load("@pulumi/pulumi");
load("tsx/cjs/api").register();
const { Monitoring }: typeof import("../../../infra/monitoring/monitoring") = load(
  "../../../infra/monitoring/monitoring",
);

const args = {
  context: {
    name: "auth-prod",
    region: "eu-west-1",
    accountId: "123456789012",
    partition: "aws",
    tags: {},
  },
  settings: alarmInput("prod"),
  alarms: alarmsOf("prod"),
  resources: {
    database: "auth-prod",
    loadBalancer: "app/auth",
    targetGroup: "targetgroup/auth",
    pool: "auth-prod",
    cluster: "auth-prod",
    service: "auth",
  },
  databaseLogGroupName: "/aws/rds/instance/auth-prod/postgresql",
  subscriptions: [],
};

describe("the monitoring of a stack", () => {
  const declared: string[] = [];

  beforeAll(() =>
    pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs }) => {
          declared.push(type);
          return { id: name, state: { ...inputs, arn: name, keyId: name } };
        },
        call: () => ({}),
      },
      "auth",
      "prod",
    ),
  );

  it("is refused before any alarm is declared where CloudWatch would refuse one of them, with what is wrong", async () => {
    const alarms = [...args.alarms, { ...metricAlarm("hold-time"), id: "odd", periodSeconds: 45 }];
    expect(() => new Monitoring("refused", { ...args, alarms })).toThrow(
      "CloudWatch would refuse these alarms:\n- alarm odd: its period is 45 s, CloudWatch allows 10, 20, 30 or a multiple of 60",
    );
    await pulumi.runtime.disconnect();
    expect(declared.filter((type) => type.startsWith("aws:"))).toEqual([]);
  });

  it("is refused where an alarm watches what the stack does not have", () => {
    const { database: _, ...resources } = args.resources;
    expect(() => new Monitoring("without", { ...args, resources })).toThrow(
      "an alarm watches a database, but this stack has none",
    );
  });
});
