import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { judge } from "../../../drills/review/judge/judge";
import { awsClients, type Clients, closeClients } from "../../../drills/review/live/clients";
import { collect } from "../../../drills/review/live/collect";
import { ACTIONS, iamPolicy } from "../../../drills/review/live/permissions";
import { proposedChanges } from "../../../drills/review/propose/changes";
import { reviewOf } from "../../../drills/review/reports/review";
import {
  COMPOSITE_ALARM,
  denied,
  failure,
  instanceXml,
  METRIC_ALARM,
  METRIC_COUNT,
  metricAnswer,
  parameterXml,
  type Recorded,
  rds,
  recordedAws,
} from "./support/recorded";
import { EXPECTED, TOLD } from "./support/sample";

/** The review against recorded answers: pages, refusals, throttling, and the shapes that moto does not have. */
let aws: Recorded;
let clients: Clients;

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" });
  aws = await recordedAws();
  clients = awsClients({ region: "eu-west-1", endpoint: aws.url });
});

beforeEach(() => {
  aws.asked.length = 0;
  aws.script = () => undefined;
});

afterAll(() => {
  closeClients(clients);
  aws.stop();
});

const until = new Date();
const span = { until, since: new Date(until.getTime() - 86_400_000) };

async function reviewed() {
  const live = await collect(clients, EXPECTED, span);
  const judgement = judge(EXPECTED, live, TOLD);
  return { live, ...judgement, review: reviewOf(judgement, { changes: [], patch: "", files: [] }) };
}

describe("a clean account", () => {
  it("is clean, and every permission of the printed policy is used and no other is needed", async () => {
    const { review } = await reviewed();
    expect(review).toMatchObject({
      verdict: "clean",
      findings: [],
      notReviewed: [],
      account: "123456789012",
    });
    const policy = iamPolicy({
      region: "eu-west-1",
      name: "auth-prod",
      database: "auth-prod",
    });
    const allowed = policy.Statement.flatMap(({ Action }) => Action).sort();
    expect([...new Set(aws.asked)].sort()).toEqual(allowed);
    expect(Object.keys(ACTIONS).sort()).toEqual(allowed);
    expect(allowed.filter((action) => !/:(Describe|List|Get)/.test(action))).toEqual([]);
  });

  it("names the partition of its region, and the stack's own resources where IAM takes them", () => {
    const names = { name: "auth-prod", database: "auth-prod" };
    const [database, service] = iamPolicy({ ...names, region: "cn-north-1" }).Statement;
    expect(database?.Resource).toContain("arn:aws-cn:rds:cn-north-1:*:db:auth-prod");
    expect(service?.Resource).toBe("arn:aws-cn:ecs:cn-north-1:*:service/auth-prod/*");
  });
});

describe("answers on several pages", () => {
  it("are read to the last: parameters", async () => {
    aws.script = (action, body) => {
      if (action !== "rds:DescribeDBParameters") return undefined;
      const isSecond = body.includes("Marker=two");
      const list = isSecond
        ? parameterXml("lock_timeout", "9000")
        : parameterXml("max_connections", "400") + parameterXml("work_mem", "4096", "engine-default");
      const marker = isSecond ? "" : "<Marker>two</Marker>";
      return { body: rds("DescribeDBParameters", `<Parameters>${list}</Parameters>${marker}`) };
    };
    const { findings } = await reviewed();
    expect(findings.map(({ id }) => id)).toEqual(["parameter-drift"]);
    expect(findings[0]?.observed).toBe("In the parameter group `lock_timeout` is 9000 (program: 1500).");
  });

  it("are read to the last: alarms, services and points", async () => {
    aws.script = (action, body) => {
      const isSecond = body.includes('"two"');
      if (action === "cloudwatch:DescribeAlarms") {
        return {
          body: isSecond
            ? { CompositeAlarms: [COMPOSITE_ALARM] }
            : { MetricAlarms: [METRIC_ALARM], NextToken: "two" },
        };
      }
      if (action === "ecs:ListServices" && !isSecond) {
        const others = ["auth-worker-0123abc", "auth2-0123abc"];
        return {
          body: {
            serviceArns: others.map((name) => `arn:aws:ecs:x:1:service/auth-prod/${name}`),
            nextToken: "two",
          },
        };
      }
      if (action === "cloudwatch:GetMetricData" && body.includes("DatabaseConnections")) {
        const [Timestamps, Values] = isSecond ? [[1_790_000_060], [310]] : [[1_790_000_000], [70]];
        const page = { MetricDataResults: [{ Id: "answer", Timestamps, Values }] };
        return { body: isSecond ? page : { ...page, NextToken: "two" } };
      }
      return undefined;
    };
    const { findings, live, evidence } = await reviewed();
    expect(live.notReviewed).toEqual([]);
    expect(evidence.measured.connections?.value).toBe(310);
    expect(findings.map(({ id }) => id)).toEqual(["unplanned-connections"]);
  });
});

describe("what is not allowed", () => {
  it.each(
    Object.keys(ACTIONS),
  )("%s is said by its name, and everything else is reviewed", async (refused) => {
    aws.script = (action) => (action === refused ? denied(action) : undefined);
    const { review } = await reviewed();
    expect(review.verdict).toBe("incomplete");
    expect(review.findings).toEqual([]);
    const actions = new Set(review.notReviewed.flatMap(({ action }) => action ?? []));
    expect([...actions]).toEqual([refused]);
    expect(review.notReviewed[0]?.reason).toBe(`${refused} is not allowed`);
    expect(review.notReviewed[0]?.fix).toContain("--print-iam-policy");
  });

  it("never passes for clean: all of it refused is all of it not reviewed", async () => {
    aws.script = denied;
    const { review } = await reviewed();
    expect(review.verdict).toBe("incomplete");
    expect(review.notReviewed.length).toBeGreaterThanOrEqual(METRIC_COUNT);
  });
});

describe("an AWS that has no time", () => {
  it("is asked again until it answers", async () => {
    let refusals = 0;
    aws.script = (action) =>
      action === "cloudwatch:DescribeAlarms" && refusals++ < 2
        ? failure(action, "ThrottlingException", "Rate exceeded")
        : undefined;
    const { review } = await reviewed();
    expect(review.verdict).toBe("clean");
    expect(aws.asked.filter((action) => action === "cloudwatch:DescribeAlarms")).toHaveLength(3);
  }, 60_000);

  it("is told of in one line when it stays so", async () => {
    aws.script = (action) =>
      action === "cloudwatch:DescribeAlarms"
        ? failure(action, "ThrottlingException", "Rate exceeded")
        : undefined;
    const { review } = await reviewed();
    expect(review.verdict).toBe("incomplete");
    expect(review.notReviewed).toEqual([
      {
        what: "the alarms",
        action: "cloudwatch:DescribeAlarms",
        reason: "AWS throttled cloudwatch:DescribeAlarms 6 times, with growing pauses between",
        fix: "Run the review again when less else asks this account",
      },
    ]);
  }, 120_000);
});

describe("input that cannot be used", () => {
  it.each([
    ["ExpiredTokenException", "ecs:ListServices"],
    ["ExpiredToken", "rds:DescribeDBInstances"],
    ["InvalidClientTokenId", "rds:DescribeDBInstances"],
    ["UnrecognizedClientException", "cloudwatch:DescribeAlarms"],
  ])("%s ends the review with who has to log in", async (code, where) => {
    aws.script = (action) =>
      action === where ? failure(action, code, "The token has expired", 403) : undefined;
    await expect(reviewed()).rejects.toThrow(
      `AWS does not accept the credentials (${code}): The token has expired; log in first`,
    );
  });

  it("a stack that is not deployed is said to be so", async () => {
    aws.script = (action) =>
      action === "rds:DescribeDBInstances"
        ? failure(action, "DBInstanceNotFound", "DBInstance auth-prod not found.", 404)
        : action === "ecs:ListServices"
          ? failure(action, "ClusterNotFoundException", "Cluster not found.")
          : undefined;
    await expect(reviewed()).rejects.toThrow(
      "eu-west-1 has neither a database auth-prod nor a service in a cluster auth-prod: is prod deployed, in this account and region?",
    );
  });

  it("an endpoint that is not AWS's is said to answer otherwise, page by page", async () => {
    aws.script = (action) =>
      action === "ecs:ListServices" ? { status: 200, body: "<!doctype html><p>hello</p>" } : undefined;
    const { review } = await reviewed();
    expect(review.notReviewed[0]).toMatchObject({
      what: "the service",
      reason: "ecs:ListServices was not answered in AWS's own form",
    });
  });
});

describe("what moto has no shape for", () => {
  it("AWS's default group in the place of the program's", async () => {
    aws.script = (action) => {
      if (action === "rds:DescribeDBInstances") {
        return { body: rds("DescribeDBInstances", instanceXml("default.postgres17")) };
      }
      if (action !== "rds:DescribeDBParameters") return undefined;
      const formula = parameterXml(
        "max_connections",
        "LEAST({DBInstanceClassMemory/9531392},5000)",
        "system",
      );
      return { body: rds("DescribeDBParameters", `<Parameters>${formula}</Parameters>`) };
    };
    const { findings, evidence } = await reviewed();
    expect(findings.map(({ id }) => id)).toEqual(["own-parameter-group"]);
    expect(evidence.limit).toMatchObject({ from: "the model's estimate", inForce: 793 });
  });

  it("a reboot and a change of class that wait", async () => {
    const pending =
      "<DBInstanceClass>db.m7g.xlarge</DBInstanceClass><MasterUserPassword>hunter2</MasterUserPassword>";
    aws.script = (action) =>
      action === "rds:DescribeDBInstances"
        ? { body: rds("DescribeDBInstances", instanceXml(undefined, "pending-reboot", pending)) }
        : undefined;
    const { findings, review } = await reviewed();
    expect(findings.map(({ id }) => id)).toEqual(["pending-reboot-order", "pending-change"]);
    expect(JSON.stringify(review)).not.toContain("hunter2");
  });

  it.each([
    ["alarm-missing", { CompositeAlarms: [] }],
    ["alarm-without-action", { CompositeAlarms: [{ ...COMPOSITE_ALARM, AlarmActions: [] }] }],
    ["alarm-disabled", { CompositeAlarms: [{ ...COMPOSITE_ALARM, ActionsEnabled: false }] }],
    ["alarm-without-data", { CompositeAlarms: [{ ...COMPOSITE_ALARM, StateValue: "INSUFFICIENT_DATA" }] }],
    ["alarm-drift", { CompositeAlarms: [{ ...COMPOSITE_ALARM, AlarmRule: "FALSE" }] }],
    ["alarm-drift", { CompositeAlarms: [{ ...COMPOSITE_ALARM, ActionsSuppressorWaitPeriod: 3600 }] }],
    ["alarm-drift", { CompositeAlarms: [{ ...COMPOSITE_ALARM, ActionsSuppressor: "another" }] }],
  ])("%s, of a composite alarm", async (id, composites) => {
    aws.script = (action) =>
      action === "cloudwatch:DescribeAlarms"
        ? { body: { MetricAlarms: [METRIC_ALARM], ...composites } }
        : undefined;
    const { findings } = await reviewed();
    expect(findings.map(({ id: found, resource }) => [found, resource])).toEqual([
      [id, "auth-prod-pool-starved"],
    ]);
  });

  it("no request in all that time: said, and proposes nothing", async () => {
    aws.script = (action, body) =>
      action === "cloudwatch:GetMetricData" && /RequestCount|use_time|wait_time/.test(body)
        ? { body: { MetricDataResults: [{ Id: "answer", Timestamps: [], Values: [] }] } }
        : action === "cloudwatch:GetMetricData"
          ? { body: metricAnswer(body) }
          : undefined;
    const { review, evidence } = await reviewed();
    expect(review.verdict).toBe("incomplete");
    expect(review.notReviewed.map(({ what }) => what)).toEqual(["the demand"]);
    expect(proposedChanges(evidence)).toEqual([]);
  });
});
