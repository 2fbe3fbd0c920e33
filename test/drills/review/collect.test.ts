import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { judge } from "../../../drills/review/judge/judge";
import { awsClients, type Clients, closeClients } from "../../../drills/review/live/aws";
import { collect } from "../../../drills/review/live/collect";
import { ACTIONS, iamPolicy } from "../../../drills/review/live/permissions";
import { proposedChanges } from "../../../drills/review/propose";
import { reviewOf } from "../../../drills/review/report";
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
  type Script,
} from "./support/recorded";
import { CONTEXT, EXPECTED, factsOf, idsOf } from "./support/sample";

/** The review against recorded answers: pages, refusals, throttling, and the shapes that moto does not have. */
let aws: Recorded;
let clients: Clients;

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" });
  aws = await recordedAws();
  clients = awsClients("eu-west-1", aws.url);
});

beforeEach(() => {
  aws.asked.length = 0;
});

afterAll(() => {
  closeClients(clients);
  aws.stop();
});

const until = new Date();
const span = { until, since: new Date(until.getTime() - 86_400_000) };

async function reviewed(script: Script = () => undefined) {
  aws.script = script;
  const live = await collect(clients, EXPECTED, span);
  const judgement = judge(EXPECTED, live, CONTEXT);
  return { live, ...judgement, review: reviewOf(judgement, { changes: [], patch: "", files: [] }) };
}

/** Of all questions only one is answered otherwise. */
const only =
  (action: string, answer: (body: string) => ReturnType<Script>): Script =>
  (asked, body) =>
    asked === action ? answer(body) : undefined;

describe("a clean account", () => {
  it("is clean, and every permission of the printed policy is used and no other is needed", async () => {
    const { review } = await reviewed();
    expect(review).toMatchObject({
      verdict: "clean",
      findings: [],
      notReviewed: [],
      account: "123456789012",
    });
    const policy = iamPolicy({ region: "eu-west-1", name: "auth-prod", database: "auth-prod" });
    const allowed = policy.Statement.flatMap(({ Action }) => Action).sort();
    expect([...new Set(aws.asked)].sort()).toEqual(allowed);
    expect(Object.keys(ACTIONS).sort()).toEqual(allowed);
    expect(allowed.filter((action) => !/:(Describe|List|Get)/.test(action))).toEqual([]);
  });

  it("names the partition of its region, and the stack's own resources where IAM takes them", () => {
    const names = { region: "cn-north-1", name: "auth-prod", database: "auth-prod" };
    const [database, service] = iamPolicy(names).Statement;
    expect(database?.Resource).toContain("arn:aws-cn:rds:cn-north-1:*:db:auth-prod");
    expect(service?.Resource).toBe("arn:aws-cn:ecs:cn-north-1:*:service/auth-prod/*");
  });
});

describe("answers on several pages", () => {
  it("are read to the last: parameters", async () => {
    const review = await reviewed(
      only("rds:DescribeDBParameters", (body) => {
        const [list, marker] = body.includes("Marker=two")
          ? [parameterXml("lock_timeout", "9000"), ""]
          : [
              parameterXml("max_connections", "400") + parameterXml("work_mem", "4096", "engine-default"),
              "<Marker>two</Marker>",
            ];
        return { body: rds("DescribeDBParameters", `<Parameters>${list}</Parameters>${marker}`) };
      }),
    );
    expect(idsOf(review)).toEqual(["parameter-drift"]);
    expect(factsOf(review, "parameter-drift")).toEqual(["`lock_timeout`", "9000", "1500"]);
  });

  it("are read to the last: alarms, services and points", async () => {
    const { live, evidence, ...review } = await reviewed((action, body) => {
      const isSecond = body.includes('"two"');
      const page = (first: object, second: object) => ({ body: isSecond ? second : first });
      if (action === "cloudwatch:DescribeAlarms") {
        return page(
          { MetricAlarms: [METRIC_ALARM], NextToken: "two" },
          { CompositeAlarms: [COMPOSITE_ALARM] },
        );
      }
      if (action === "ecs:ListServices" && !isSecond) {
        const others = ["auth-worker-0123abc", "auth2-0123abc"];
        const serviceArns = others.map((name) => `arn:aws:ecs:x:1:service/auth-prod/${name}`);
        return { body: { serviceArns, nextToken: "two" } };
      }
      if (action === "cloudwatch:GetMetricData" && body.includes("DatabaseConnections")) {
        const points = (time: number, value: number) => ({
          MetricDataResults: [{ Id: "answer", Timestamps: [time], Values: [value] }],
        });
        return page({ ...points(1_790_000_000, 70), NextToken: "two" }, points(1_790_000_060, 310));
      }
      return undefined;
    });
    expect(live.notReviewed).toEqual([]);
    expect(evidence.measured.connections?.value).toBe(310);
    expect(idsOf(review)).toEqual(["unplanned-connections"]);
  });
});

describe("what is not allowed", () => {
  it.each(Object.keys(ACTIONS))("%s is said by its name, and all else is reviewed", async (refused) => {
    const { review } = await reviewed(only(refused, () => denied(refused)));
    expect(review.verdict).toBe("incomplete");
    expect(review.findings).toEqual([]);
    expect([...new Set(review.notReviewed.flatMap(({ action }) => action ?? []))]).toEqual([refused]);
    expect(review.notReviewed[0]?.reason).toContain(refused);
    expect(review.notReviewed[0]?.fix).toContain("--print-iam-policy");
  });

  it("never passes for clean: all of it refused is all of it not reviewed", async () => {
    const { review } = await reviewed(denied);
    expect(review.verdict).toBe("incomplete");
    expect(review.notReviewed.length).toBeGreaterThanOrEqual(METRIC_COUNT);
  });
});

describe("an AWS that has no time", () => {
  const throttled = failure("cloudwatch:DescribeAlarms", "ThrottlingException", "Rate exceeded");

  it("is asked again until it answers", async () => {
    let refusals = 0;
    const { review } = await reviewed(
      only("cloudwatch:DescribeAlarms", () => (refusals++ < 2 ? throttled : undefined)),
    );
    expect(review.verdict).toBe("clean");
    expect(aws.asked.filter((action) => action === "cloudwatch:DescribeAlarms")).toHaveLength(3);
  });

  it("is told of in one line when it stays so", async () => {
    const { review } = await reviewed(only("cloudwatch:DescribeAlarms", () => throttled));
    expect(review.verdict).toBe("incomplete");
    expect(review.notReviewed).toMatchObject([
      { what: "the alarms", action: "cloudwatch:DescribeAlarms", reason: expect.stringMatching(/ 6 times/) },
    ]);
  });
});

describe("input that cannot be used", () => {
  it.each([
    ["ExpiredTokenException", "ecs:ListServices"],
    ["ExpiredToken", "rds:DescribeDBInstances"],
    ["InvalidClientTokenId", "rds:DescribeDBInstances"],
    ["UnrecognizedClientException", "cloudwatch:DescribeAlarms"],
  ])("%s ends the review with who has to log in", async (code, where) => {
    const script = only(where, () => failure(where, code, "The token has expired", 403));
    await expect(reviewed(script)).rejects.toThrow(new RegExp(`${code}.*The token has expired.*log in`));
  });

  it("a stack that is not deployed is said to be so", async () => {
    const script: Script = (action) =>
      action === "rds:DescribeDBInstances"
        ? failure(action, "DBInstanceNotFound", "DBInstance auth-prod not found.", 404)
        : action === "ecs:ListServices"
          ? failure(action, "ClusterNotFoundException", "Cluster not found.")
          : undefined;
    await expect(reviewed(script)).rejects.toThrow(/^eu-west-1 .*auth-prod.* prod /);
  });

  it("an endpoint that is not AWS's is said to answer otherwise, page by page", async () => {
    const { review } = await reviewed(
      only("ecs:ListServices", () => ({ status: 200, body: "<!doctype html><p>hello</p>" })),
    );
    expect(review.notReviewed[0]).toMatchObject({ what: "the service", action: "ecs:ListServices" });
  });
});

describe("what moto has no shape for", () => {
  it("AWS's default group in the place of the program's", async () => {
    const { evidence, ...review } = await reviewed((action) => {
      if (action === "rds:DescribeDBInstances") {
        return { body: rds("DescribeDBInstances", instanceXml("default.postgres17")) };
      }
      if (action !== "rds:DescribeDBParameters") return undefined;
      const formula = "LEAST({DBInstanceClassMemory/9531392},5000)";
      const list = parameterXml("max_connections", formula, "system");
      return { body: rds("DescribeDBParameters", `<Parameters>${list}</Parameters>`) };
    });
    expect(idsOf(review)).toEqual(["own-parameter-group"]);
    expect(evidence.limit).toMatchObject({ from: "the model's estimate", inForce: 793 });
  });

  it("a reboot and a change of class that wait", async () => {
    const waiting =
      "<DBInstanceClass>db.m7g.xlarge</DBInstanceClass><MasterUserPassword>hunter2</MasterUserPassword>";
    const xml = instanceXml(undefined, "pending-reboot", waiting);
    const { review } = await reviewed(
      only("rds:DescribeDBInstances", () => ({ body: rds("DescribeDBInstances", xml) })),
    );
    expect(idsOf(review)).toEqual(["pending-reboot-order", "pending-change"]);
    expect(JSON.stringify(review)).not.toContain("hunter2");
  });

  it.each([
    ["alarm-missing", undefined],
    ["alarm-without-action", { AlarmActions: [] }],
    ["alarm-disabled", { ActionsEnabled: false }],
    ["alarm-without-data", { StateValue: "INSUFFICIENT_DATA" }],
    ["alarm-drift", { AlarmRule: "FALSE" }],
    ["alarm-drift", { ActionsSuppressorWaitPeriod: 3600 }],
    ["alarm-drift", { ActionsSuppressor: "another" }],
  ])("%s, of a composite alarm", async (id, change) => {
    const CompositeAlarms = change === undefined ? [] : [{ ...COMPOSITE_ALARM, ...change }];
    const { findings } = await reviewed(
      only("cloudwatch:DescribeAlarms", () => ({ body: { MetricAlarms: [METRIC_ALARM], CompositeAlarms } })),
    );
    expect(findings.map((finding) => [finding.id, finding.resource])).toEqual([
      [id, "auth-prod-pool-starved"],
    ]);
  });

  it("no request in all that time: said, and proposes nothing", async () => {
    const empty = { MetricDataResults: [{ Id: "answer", Timestamps: [], Values: [] }] };
    const { review, evidence } = await reviewed(
      only("cloudwatch:GetMetricData", (body) => ({
        body: /RequestCount|use_time|wait_time/.test(body) ? empty : metricAnswer(body),
      })),
    );
    expect(review.verdict).toBe("incomplete");
    expect(review.notReviewed.map(({ what }) => what)).toEqual(["the demand"]);
    expect(proposedChanges(evidence)).toEqual([]);
  });
});
