import type { Output } from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, deploy, type Planned, plan } from "./plannedProgram";

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: unknown } };
}

const INSTANCE = "aws:rds/instance:Instance";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm";

/** Every statement of every policy document, with the resource that carries it. */
function statements(planned: Planned): readonly { readonly of: string; readonly statement: Statement }[] {
  return planned.resources.flatMap(({ name, inputs }) =>
    ["policy", "assumeRolePolicy"].flatMap((property) => {
      if (!(property in inputs)) return [];
      const document = String(inputs[property]);
      const { Statement } = JSON.parse(document) as { readonly Statement: readonly Statement[] };
      return Statement.map((statement) => ({ of: name, statement }));
    }),
  );
}

/** The only account whose credentials a statement takes. */
function callers({ Condition }: Statement): unknown {
  return Condition?.StringEquals?.["aws:PrincipalAccount"];
}

let prod: Planned;
let dev: Planned;
let deployed: Planned;
beforeAll(async () => {
  deployed = await deploy("prod");
  prod = await plan("prod");
  dev = await plan("dev");
});

describe("the database", () => {
  it("cannot be reached from outside, and only with TLS and a token or the master secret", () => {
    const instance = prod.one(INSTANCE);
    expect(instance).toMatchObject({
      publiclyAccessible: false,
      iamDatabaseAuthenticationEnabled: true,
      manageMasterUserPassword: true,
      caCertIdentifier: "rds-ca-rsa2048-g1",
    });
    expect(instance).not.toHaveProperty("password");
    expect(instance).toHaveProperty("masterUserSecretKmsKeyId");
  });

  it("is encrypted with a key of our own, its Performance Insights too", () => {
    expect(prod.one(INSTANCE)).toMatchObject({ storageEncrypted: true, performanceInsightsEnabled: true });
    expect(prod.one(INSTANCE)).toHaveProperty("kmsKeyId");
    expect(prod.one(INSTANCE)).toHaveProperty("performanceInsightsKmsKeyId");
  });

  it("in prod has a standby, keeps its backups, and cannot be deleted by mistake", () => {
    expect(prod.one(INSTANCE)).toMatchObject({
      multiAz: true,
      deletionProtection: true,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: "auth-prod-final",
      deleteAutomatedBackups: false,
      backupRetentionPeriod: 14,
      copyTagsToSnapshot: true,
      applyImmediately: false,
    });
  });

  it("in dev can be thrown away, but has backups all the same", () => {
    expect(dev.one(INSTANCE)).toMatchObject({
      multiAz: false,
      deletionProtection: false,
      skipFinalSnapshot: true,
    });
    expect(dev.one(INSTANCE).backupRetentionPeriod).toBeGreaterThan(0);
  });

  it("uses its own parameter group, of the family of its version", () => {
    expect(prod.one("aws:rds/parameterGroup:ParameterGroup")).toMatchObject({
      family: "postgres17",
      parameters: expect.arrayContaining([
        { name: "max_connections", value: "500", applyMethod: "pending-reboot" },
      ]),
    });
    expect(prod.one(INSTANCE)).toHaveProperty("parameterGroupName");
  });

  it("has subnets whose route tables have no route out", () => {
    const routes = prod.all("aws:ec2/route:Route").map(({ name }) => name);
    expect(routes.filter((name) => name.includes("database"))).toEqual([]);
    expect(routes).toHaveLength(3 + 3);
  });
});

describe("the container definitions", () => {
  it.each([
    "dev",
    "prod",
    "incident-2024-09-02",
  ])("of %s are wholly known before anything is deployed", async (stack) => {
    const definitions = (await plan(stack)).one(TASK, "auth-task").containerDefinitions;
    expect(typeof definitions).toBe("string");
    const [container] = JSON.parse(String(definitions));
    expect(container.secrets).toEqual([
      {
        name: "DB_HOST",
        valueFrom: `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/auth/auth-${stack}/database/host`,
      },
    ]);
  });

  it("point to the parameter and to the log group that the stack creates", () => {
    const [container] = JSON.parse(String(prod.one(TASK, "auth-task").containerDefinitions));
    const parameter = String(prod.one("aws:ssm/parameter:Parameter", "auth-task-database-host").name);
    expect(container.secrets[0].valueFrom).toBe(`arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter${parameter}`);
    const groups = prod.all(LOG_GROUP).map(({ inputs }) => inputs.name);
    expect(groups).toContain(container.logConfiguration.options["awslogs-group"]);
  });
});

describe("the migrations", () => {
  const definition = (planned: Planned) => planned.one(TASK, "migrations");

  it.each([
    "dev",
    "prod",
  ])("of %s are wholly known before anything is deployed, and hold one connection", async (stack) => {
    const { containerDefinitions, tags } = definition(await plan(stack));
    const [container] = JSON.parse(String(containerDefinitions));
    const parameter = (name: string) =>
      `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/auth/auth-${stack}/migrations/${name}`;
    expect(container.secrets).toEqual([
      { name: "DB_HOST", valueFrom: parameter("host") },
      { name: "DB_SECRET_ARN", valueFrom: parameter("secret-arn") },
    ]);
    expect(container).toMatchObject({ readonlyRootFilesystem: true, user: "10001:10001", privileged: false });
    expect(tags).toMatchObject({ "poolproof:operations-connections": "1" });
  });

  it("go to the database itself, though the service goes through a proxy", async () => {
    const proxied = await deploy("prod", { "auth:connection": "proxy" });
    const value = (name: string) => proxied.one("aws:ssm/parameter:Parameter", name).value;
    expect(value("migrations-host")).toMatchObject({ value: "database.example" });
    expect(value("auth-task-database-host")).toMatchObject({ value: "proxy.example" });
  });

  it("may read the master user's secret and nothing else, by way of Secrets Manager alone", () => {
    const may = statements(deployed).filter(({ of }) => of === "migrations-roles-task-policy");
    expect(may.map(({ statement }) => [statement.Action, statement.Resource, statement.Condition])).toEqual([
      [
        "secretsmanager:GetSecretValue",
        `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:rds!db-MADEUP`,
        undefined,
      ],
      [
        "kms:Decrypt",
        `arn:aws:kms:eu-west-1:${ACCOUNT}:data-key`,
        { StringEquals: { "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com" } },
      ],
    ]);
    // The service may not.
    const service = statements(deployed).filter(({ of }) => of.startsWith("auth-task-roles"));
    expect(JSON.stringify(service)).not.toContain("secretsmanager");
  });

  it("are run by the command that the stack puts out", async () => {
    const command = await new Promise<string>((resolve) => {
      (deployed.outputs.migrateCommand as Output<string>).apply(resolve);
    });
    expect(command).toMatch(
      /^aws ecs run-task --region eu-west-1 --cluster auth-prod --task-definition auth-prod-migrations --launch-type FARGATE --network-configuration '(.+)'$/,
    );
    const network = JSON.parse(/'(.+)'$/.exec(command)?.[1] ?? "");
    expect(network.awsvpcConfiguration).toMatchObject({
      assignPublicIp: "DISABLED",
      securityGroups: ["migrations-sg-id"],
    });
    expect(network.awsvpcConfiguration.subnets).toHaveLength(3);
  });
});

describe("the service", () => {
  it("declares its demand in the tags of the capacity model, as text", () => {
    expect(prod.one(SERVICE).tags).toMatchObject({
      "poolproof:peak-requests-per-second": "1200",
      "poolproof:db-hold-ms": "12",
      "poolproof:db-acquisitions-per-request": "1.1",
      "poolproof:tasks-at-peak": "12",
      "poolproof:database": "auth-prod",
      "poolproof:pool-library": "node-postgres",
    });
    expect(prod.one(INSTANCE).identifier).toBe("auth-prod");
  });

  it("rolls back a deployment that fails, and never runs more tasks than the budget counts", () => {
    expect(prod.one(SERVICE)).toMatchObject({
      deploymentMaximumPercent: 150,
      deploymentMinimumHealthyPercent: 100,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    });
    expect(prod.one("aws:appautoscaling/target:Target")).toMatchObject({ minCapacity: 12, maxCapacity: 18 });
  });

  it("scales on CPU and on what one task gets at the declared peak", () => {
    const targets = prod.all("aws:appautoscaling/policy:Policy").map(({ inputs }) => {
      const { targetValue } = inputs.targetTrackingScalingPolicyConfiguration as {
        readonly targetValue: number;
      };
      return targetValue;
    });
    // 1,200 requests/s over 12 tasks are 6,000 a minute for each.
    expect(targets.sort()).toEqual([60, 6000]);
  });

  it("has no public address and no shell", () => {
    expect(prod.one(SERVICE)).toMatchObject({
      enableExecuteCommand: false,
      networkConfiguration: { assignPublicIp: false },
    });
  });

  it("is checked by the load balancer on a path that takes no connection", () => {
    expect(prod.one("aws:lb/targetGroup:TargetGroup")).toMatchObject({
      healthCheck: { path: "/healthz", matcher: "200" },
      deregistrationDelay: 30,
    });
  });
});

describe("the load balancer", () => {
  it("speaks HTTPS with a current policy, and sends plain HTTP there", () => {
    expect(prod.one(LISTENER, "auth-lb-https")).toMatchObject({
      port: 443,
      protocol: "HTTPS",
      sslPolicy: expect.stringMatching(/TLS13-1-2/),
      certificateArn: expect.stringContaining(":certificate/"),
      defaultActions: [{ type: "forward" }],
    });
    expect(prod.one(LISTENER, "auth-lb-http")).toMatchObject({
      port: 80,
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", statusCode: "HTTP_301" } }],
    });
  });

  it("in dev without a certificate listens on HTTP alone", () => {
    expect(dev.all(LISTENER).map(({ inputs }) => inputs.port)).toEqual([80]);
  });

  it("logs who calls, drops malformed headers, and in prod cannot be deleted by mistake", () => {
    expect(prod.one(BALANCER)).toMatchObject({
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "defensive",
      enableDeletionProtection: true,
      idleTimeout: 60,
      accessLogs: { enabled: true },
    });
    expect(dev.one(BALANCER)).toMatchObject({
      enableDeletionProtection: false,
      accessLogs: { enabled: true },
    });
  });

  it("waits for the internet gateway and the routes to it: AWS refuses it in a VPC without one", () => {
    for (const [planned, zones] of [
      [prod, ["a", "b", "c"]],
      [dev, ["a", "b"]],
    ] as const) {
      const before = planned.before("auth-lb");
      expect(before).toContain("network-internet");
      for (const zone of zones) expect(before).toContain(`network-public-${zone}-out`);
    }
  });

  it("writes its logs to a closed, encrypted bucket", () => {
    expect(prod.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(
      prod.one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
        .rules,
    ).toEqual([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
  });
});

describe("who may talk to whom", () => {
  it("only the load balancer is open to the world, and the default security group to nobody", () => {
    for (const planned of [prod, dev]) {
      const open = planned
        .all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        .filter(({ inputs }) => inputs.cidrIpv4 === "0.0.0.0/0");
      for (const { name, inputs } of open) {
        expect(name).toMatch(/^auth-lb-in-/);
        expect([80, 443]).toContain(inputs.fromPort);
      }
      expect(planned.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")).toMatchObject({
        ingress: [],
        egress: [],
      });
    }
  });

  it("no security group has rules of its own beside the named ones", () => {
    for (const { inputs } of prod.all("aws:ec2/securityGroup:SecurityGroup")) {
      expect(inputs).not.toHaveProperty("ingress");
      expect(inputs).not.toHaveProperty("egress");
    }
  });

  it("no subnet hands out public addresses", () => {
    for (const { inputs } of prod.all("aws:ec2/subnet:Subnet"))
      expect(inputs.mapPublicIpOnLaunch).toBe(false);
  });
});

describe("policies", () => {
  it("name a resource, except where AWS allows none or where the key or the denial itself is meant", async () => {
    const closed = await deploy("prod", { "auth:egress": "endpoints" });
    for (const planned of [deployed, closed, await deploy("dev", { "auth:connection": "proxy" })]) {
      const wide = statements(planned).filter(
        ({ statement }) => statement.Resource === "*" && statement.Effect === "Allow",
      );
      for (const { of, statement } of wide) {
        const keyPolicy = /-key$/.test(of);
        const registry = statement.Action === "ecr:GetAuthorizationToken";
        // An endpoint's policy says who and what for; which repository or log group is in the task's roles.
        const endpoint = /^network-endpoints-/.test(of) && callers(statement) === ACCOUNT;
        expect({ of, allowed: keyPolicy || registry || endpoint }).toEqual({ of, allowed: true });
      }
    }
  });

  it("allow no action by a star but to the account on its own keys", () => {
    for (const { of, statement } of statements(deployed)) {
      const actions = [statement.Action].flat();
      const starred = actions.filter((action) => /^\*|:\*$/.test(action) && statement.Effect === "Allow");
      if (starred.length === 0) continue;
      expect(of).toMatch(/-key$/);
      expect(starred).toEqual(["kms:*"]);
      expect(statement.Principal).toEqual({ AWS: `arn:aws:iam::${ACCOUNT}:root` });
    }
  });

  it("allow nobody outside the account: no open principal, and services only for this account", async () => {
    const proxied = await deploy("prod", { "auth:connection": "proxy" });
    const allowed = statements(proxied).filter(
      ({ statement }) => statement.Effect === "Allow" && statement.Principal,
    );
    expect(allowed.length).toBeGreaterThan(5);
    for (const { of, statement } of allowed) {
      expect({ of, principal: statement.Principal }).not.toMatchObject({ principal: "*" });
      if (JSON.stringify(statement.Principal).includes("Service")) {
        expect({ of, condition: JSON.stringify(statement.Condition ?? {}) }).toMatchObject({
          condition: expect.stringContaining(ACCOUNT),
        });
      }
    }
  });

  it("let nobody else's credentials out through an endpoint, and nothing but image layers from S3", async () => {
    const closed = await deploy("prod", { "auth:egress": "endpoints" });
    const endpoints = closed.all("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ name }) => name);
    expect(endpoints).toHaveLength(6);
    for (const endpoint of endpoints) {
      const found = statements(closed).filter(({ of }) => of === endpoint);
      expect(found).toHaveLength(1);
      for (const { statement } of found) {
        if (endpoint === "network-s3") {
          expect(statement).toMatchObject({
            Effect: "Allow",
            Action: "s3:GetObject",
            Resource: "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*",
          });
        } else {
          expect([endpoint, callers(statement)]).toEqual([endpoint, ACCOUNT]);
        }
      }
    }
    // Beside NAT another registry may keep its layers in S3.
    expect(statements(deployed).filter(({ of }) => of === "network-s3")).toEqual([]);
  });

  it("let through the endpoints what ECS does to start a container, and what the migrations ask for", async () => {
    const closed = await deploy("prod", { "auth:egress": "endpoints" });
    const actions = (of: RegExp) =>
      statements(closed)
        .filter((found) => of.test(found.of))
        .flatMap(({ statement }) => statement.Action);
    const through = actions(/^network-endpoints-/);
    const needed = [
      ...actions(/^auth-task-roles-execution-policy$/),
      // Secrets Manager asks KMS itself.
      ...actions(/^migrations-roles-task-policy$/).filter((action) => action !== "kms:Decrypt"),
    ];
    expect(needed).toHaveLength(8);
    expect([...new Set(through)].sort()).toEqual([...needed].sort());
  });

  it("deny what does not come by TLS", () => {
    const denied = statements(deployed).filter(({ statement }) => statement.Effect === "Deny");
    expect(denied.map(({ of }) => of).sort()).toEqual(["auth-lb-logs-policy", "monitoring-alarms-policy"]);
    for (const { statement } of denied) {
      expect(statement.Condition).toEqual({ Bool: { "aws:SecureTransport": "false" } });
    }
  });

  it("let the service log in to this database as this role, and do nothing else", async () => {
    const may = (planned: Planned, of: string) =>
      statements(planned)
        .filter((found) => found.of === of)
        .map(({ statement }) => [statement.Action, statement.Resource]);
    const user = (resource: string) => `arn:aws:rds-db:eu-west-1:${ACCOUNT}:dbuser:${resource}/auth_app`;
    expect(may(deployed, "auth-task-roles-task-policy")).toEqual([["rds-db:connect", user("db-MADEUP")]]);
    const proxied = await deploy("prod", { "auth:connection": "proxy" });
    expect(may(proxied, "auth-task-roles-task-policy")).toEqual([["rds-db:connect", user("prx-MADEUP")]]);
    expect(may(proxied, "database-proxy-policy")).toEqual([["rds-db:connect", user("db-MADEUP")]]);
  });

  it("let ECS start this container: its image, its log, its parameter", () => {
    const execution = statements(deployed).filter(({ of }) => of === "auth-task-roles-execution-policy");
    expect(execution.map(({ statement }) => statement.Resource)).toEqual([
      `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:auth-task-log:*`,
      `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/auth/auth-prod/database/host`,
      `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/auth`,
      "*",
    ]);
  });
});

describe("logs and keys", () => {
  it("every log group is encrypted with the logs' own key and forgets after a set time", () => {
    for (const planned of [prod, dev]) {
      expect(planned.all(LOG_GROUP).length).toBeGreaterThanOrEqual(6);
      for (const { inputs } of planned.all(LOG_GROUP)) {
        expect(inputs).toHaveProperty("kmsKeyId");
        expect(inputs.retentionInDays).toBeGreaterThan(0);
      }
    }
  });

  it("every key is renewed by itself", () => {
    const keys = prod.all("aws:kms/key:Key");
    expect(keys.map(({ name }) => name).sort()).toEqual(["data-key", "logs-key", "monitoring-alarms-key"]);
    for (const { inputs } of keys) expect(inputs.enableKeyRotation).toBe(true);
  });

  it("the logs' key covers every log group of the stack", () => {
    const policy = JSON.parse(String(prod.one("aws:kms/key:Key", "logs-key").policy)) as {
      readonly Statement: readonly Statement[];
    };
    const prefixes = policy.Statement.flatMap(({ Condition }) =>
      Object.values(Condition?.ArnLike ?? {}).map((pattern) =>
        String(pattern).split(":log-group:")[1]?.slice(0, -1),
      ),
    );
    for (const { inputs } of prod.all(LOG_GROUP)) {
      expect(prefixes.some((prefix) => prefix && String(inputs.name).startsWith(prefix))).toBe(true);
    }
  });

  it("the network records its flows", () => {
    expect(prod.one("aws:ec2/flowLog:FlowLog")).toMatchObject({ trafficType: "ALL" });
  });
});

describe("the alarms", () => {
  it("act on the encrypted topic, or on nothing and say so; and say what missing data means", () => {
    const alarms = [...prod.all(ALARM), ...prod.all(COMPOSITE)];
    expect(alarms.length).toBeGreaterThan(35);
    for (const { inputs, type } of alarms) {
      const { severity } = inputs.tags as { severity: string };
      if (severity === "signal") {
        expect(inputs).toMatchObject({ actionsEnabled: false });
        expect(inputs).not.toHaveProperty("alarmActions");
      } else {
        expect(inputs).toMatchObject({ actionsEnabled: true });
        expect([inputs.alarmActions, inputs.okActions].map((actions) => (actions as []).length)).toEqual([
          1, 1,
        ]);
      }
      if (type === ALARM) expect(inputs).toHaveProperty("treatMissingData");
      expect(String(inputs.alarmDescription)).toMatch(/Runbook: docs\/runbooks\/[\w-]+\.md$/);
    }
    expect(prod.one("aws:sns/topic:Topic")).toHaveProperty("kmsMasterKeyId");
  });

  it("compute one result, from metrics of the resources of this stack", () => {
    const math = deployed.all(ALARM).filter(({ inputs }) => inputs.metricQueries !== undefined);
    expect(math.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["monitoring-login-failure-rate", "monitoring-pool-saturated"]),
    );
    for (const { inputs } of math) {
      const queries = inputs.metricQueries as readonly {
        readonly id: string;
        readonly returnData: boolean;
      }[];
      expect(queries.filter(({ returnData }) => returnData).map(({ id }) => id)).toEqual(["result"]);
      // The metric goes into the query or into the alarm itself, never both.
      expect(inputs).not.toHaveProperty("metricName");
    }
    expect(deployed.one(ALARM, "monitoring-connections-near-limit").dimensions).toEqual({
      DBInstanceIdentifier: "auth-prod",
    });
    expect(deployed.one(ALARM, "monitoring-unhealthy-target-count").dimensions).toEqual({
      LoadBalancer: "suffix/auth-lb",
      TargetGroup: "suffix/auth-lb-tg",
    });
    expect(deployed.one(ALARM, "monitoring-running-tasks").dimensions).toEqual({
      ClusterName: "auth-prod",
      ServiceName: "auth",
    });
    expect(deployed.one(ALARM, "monitoring-login-latency-p99")).toMatchObject({
      extendedStatistic: "p99",
      evaluateLowSampleCountPercentiles: "ignore",
    });
    // RDS sends one sample a minute: its percentiles always have too few.
    expect(deployed.one(ALARM, "monitoring-read-latency")).toMatchObject({
      extendedStatistic: "p90",
      evaluateLowSampleCountPercentiles: "evaluate",
    });
  });

  it("name in a composite only alarms of this stack, which stand before it", () => {
    const names = new Map(
      [...prod.all(ALARM), ...prod.all(COMPOSITE)].map(({ name, inputs }) => [
        String(inputs.name ?? inputs.alarmName),
        name,
      ]),
    );
    expect(prod.all(COMPOSITE).length).toBeGreaterThan(8);
    for (const { name, inputs } of prod.all(COMPOSITE)) {
      const suppressor = inputs.actionsSuppressor as { readonly alarm: string } | undefined;
      const named = [
        ...[...String(inputs.alarmRule).matchAll(/ALARM\("([^"]+)"\)/g)].map(([, alarm = ""]) => alarm),
        ...(suppressor ? [suppressor.alarm] : []),
      ];
      expect(named.length).toBeGreaterThan(0);
      const before = prod.before(name);
      for (const alarm of named) expect(before).toContain(names.get(alarm));
    }
    expect(prod.one(COMPOSITE, "monitoring-login-failures")).toMatchObject({
      alarmName: "auth-prod-login-failures",
      actionsSuppressor: { alarm: "auth-prod-cause-named", waitPeriod: 120, extensionPeriod: 120 },
    });
  });

  it("count the database's refusals where the alarms look for them", () => {
    const filters = prod.all("aws:cloudwatch/logMetricFilter:LogMetricFilter");
    const counted = filters.map(({ inputs }) => {
      const { namespace, name } = inputs.metricTransformation as { namespace: string; name: string };
      return [inputs.logGroupName, namespace, name];
    });
    const log = "/aws/rds/instance/auth-prod/postgresql";
    expect(counted).toEqual([
      [log, "Auth/Database/auth-prod", "connections-refused"],
      [log, "Auth/Database/auth-prod", "sessions-ended-idle-in-transaction"],
      [log, "Auth/Database/auth-prod", "lock-waits"],
    ]);
    // A filter needs its group, and RDS would make that group itself as soon as there is a database.
    for (const { name } of filters) expect(prod.before(name)).toContain("database-log-postgresql");
    const read = prod.all(ALARM).flatMap(({ inputs }) => JSON.stringify(inputs.metricQueries ?? []));
    for (const [, namespace, name] of counted) {
      const found = read.filter(
        (queries) => queries.includes(`"${namespace}"`) && queries.includes(`"${name}"`),
      );
      expect(found).toHaveLength(1);
    }
  });

  it("stand on a dashboard that names what is deployed", () => {
    const { dashboardName, dashboardBody } = deployed.one("aws:cloudwatch/dashboard:Dashboard");
    expect(dashboardName).toBe("auth-prod");
    const body = String(dashboardBody);
    expect(JSON.parse(body)).toHaveProperty("widgets");
    expect(body).toContain(`arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:auth-prod-pool-starved`);
    expect(body).toContain('"DBInstanceIdentifier","auth-prod"');
  });

  it("watch the proxy only where there is one", async () => {
    const proxied = await deploy("prod", { "auth:connection": "proxy" });
    expect(proxied.one(ALARM, "monitoring-proxy-borrow-latency").dimensions).toEqual({
      ProxyName: "auth-prod",
    });
    expect(prod.all(ALARM).filter(({ name }) => name.includes("proxy"))).toEqual([]);
  });

  it("can publish: the topic's key lets CloudWatch use it", () => {
    const policy = String(prod.one("aws:kms/key:Key", "monitoring-alarms-key").policy);
    expect(policy).toContain("cloudwatch.amazonaws.com");
    expect(policy).toContain("kms:GenerateDataKey*");
  });

  it("tell whom the stack names, by mail or by https", async () => {
    const planned = await plan("prod", {
      "auth:alarmSubscriptions": '["oncall@example.com","https://pager.example.com/hook"]',
    });
    const told = planned.all("aws:sns/topicSubscription:TopicSubscription");
    expect(told.map(({ inputs }) => [inputs.protocol, inputs.endpoint])).toEqual([
      ["email", "oncall@example.com"],
      ["https", "https://pager.example.com/hook"],
    ]);
  });

  it("are left out only with a reason", async () => {
    const planned = await plan("dev", { "auth:alarms": "disabled", "auth:alarmsDisabledReason": "a test" });
    expect(planned.all(ALARM)).toEqual([]);
    expect(planned.all(COMPOSITE)).toEqual([]);
    expect(planned.all("aws:cloudwatch/logMetricFilter:LogMetricFilter")).toEqual([]);
    expect(planned.all("aws:cloudwatch/dashboard:Dashboard")).toEqual([]);
    expect(planned.all("aws:sns/topic:Topic")).toEqual([]);
    expect(planned.outputs).not.toHaveProperty("alarmTopicArn");
  });
});

describe("the choices", () => {
  it("proxy: tokens from end to end, TLS, a pool within the budget, and timeouts for the role", async () => {
    const planned = await plan("prod", { "auth:connection": "proxy" });
    expect(planned.one("aws:rds/proxy:Proxy")).toMatchObject({
      defaultAuthScheme: "IAM_AUTH",
      requireTls: true,
    });
    expect(planned.one("aws:rds/proxy:Proxy")).not.toHaveProperty("auths");
    expect(
      planned.one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup").connectionPoolConfig,
    ).toEqual({
      // a = 19.8 busy needs few of 500: AWS's advice of 30 % is more.
      maxConnectionsPercent: 30,
      maxIdleConnectionsPercent: 15,
      connectionBorrowTimeout: 1,
    });
    expect(migrationEnvironment(planned).DB_ROLE_SETTINGS).toBe(
      "statement_timeout=2000,lock_timeout=1500,idle_in_transaction_session_timeout=10000",
    );
    expect(prod.all("aws:rds/proxy:Proxy")).toEqual([]);
    expect(migrationEnvironment(prod).DB_ROLE_SETTINGS).toBe("");
  });

  it("egress: one NAT gateway, one a zone, or none but AWS's own services", async () => {
    const NAT = "aws:ec2/natGateway:NatGateway";
    expect(dev.all(NAT)).toHaveLength(1);
    expect(prod.all(NAT)).toHaveLength(3);
    const closed = await plan("prod", { "auth:egress": "endpoints" });
    expect(closed.all(NAT)).toEqual([]);
    const services = closed.all("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs.serviceName);
    expect(services.map((service) => String(service).replace("com.amazonaws.eu-west-1.", "")).sort()).toEqual(
      ["ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager", "ssm"],
    );
    const anywhere = closed
      .all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
      .filter(({ inputs }) => inputs.cidrIpv4 !== undefined);
    expect(anywhere).toEqual([]);
  });
});

describe("an unsafe stack that can be read", () => {
  it.each([
    { "auth:poolMax": "0" },
    { "auth:poolMax": "-1" },
    { "auth:poolMax": "1e9" },
    { "auth:maxConnections": "LEAST({DBInstanceClassMemory/" },
    { "auth:instanceClass": "db.imaginary.large" },
    { "auth:peakRequestsPerSecond": "0" },
    { "auth:minTasks": "0", "auth:tasksAtPeak": "0" },
    { "auth:statementTimeoutMs": "0", "auth:connection": "proxy" },
  ])("%j is built, so that the policies can reject it", async (change) => {
    const planned = await plan("prod", change);
    expect(planned.resources).not.toHaveLength(0);
    expect(() => planned.one(SERVICE)).not.toThrow();
  });
});

describe("a stack that cannot be read", () => {
  it("ends the program with every problem and before the first resource", async () => {
    const ended = plan("prod", { "auth:poolMax": "ten", "auth:zones": "9" });
    await expect(ended).rejects.toMatchObject({ __pulumiRunError: true });
    await expect(ended).rejects.toThrow(/poolMax: "ten"[\s\S]*zones: 9 is outside/);
  });
});

function migrationEnvironment(planned: Planned): { readonly [name: string]: string } {
  const [container] = JSON.parse(String(planned.one(TASK, "migrations").containerDefinitions));
  const pairs: readonly { readonly name: string; readonly value: string }[] = container.environment;
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}
