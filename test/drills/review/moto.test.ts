import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Expected } from "../../../drills/review/expected";
import { type Context, judge } from "../../../drills/review/judge/judge";
import { awsClients, type Clients, closeClients } from "../../../drills/review/live/aws";
import { collect } from "../../../drills/review/live/collect";
import { type Account, cleanAccount, make } from "./support/account";
import { fillGaps, type GapFiller, type Moto, motoSkipReason, startMoto } from "./support/moto";
import { CONTEXT, confirmedNow, expectedOfStack, factsOf, idsOf, runReview } from "./support/sample";

/**
 * The review against AWS's API as a server: moto, with its gaps filled by recorded shapes (`support/motoGaps.ts`). An
 * account is made through the API, as a deployment makes it, with one drift planted at a time.
 */
const isThere = motoSkipReason === undefined;

/** Alarms are looked at two hours after they got their state. */
const now = Date.now();
const until = new Date(now + 2 * 3_600_000);
const since = new Date(now - 24 * 3_600_000);

let moto: Moto;
let filler: GapFiller;
let clients: Clients;
let expected: Expected;

const credentials = { AWS_ACCESS_KEY_ID: "testing", AWS_SECRET_ACCESS_KEY: "testing" };

beforeAll(async () => {
  if (!isThere) return;
  Object.assign(process.env, credentials);
  expected = expectedOfStack("prod");
  moto = await startMoto();
  filler = await fillGaps(moto.url, cleanAccount(expected, now).gaps);
  clients = awsClients(expected.region, filler.url);
});

afterAll(() => {
  if (!isThere) return;
  closeClients(clients);
  filler.stop();
  moto.stop();
});

async function deploy(account: Account): Promise<void> {
  await moto.reset();
  filler.gaps = account.gaps;
  await make(clients, account, now);
}

async function reviewed(account: Account, context: Partial<Context> = {}) {
  await deploy(account);
  const live = await collect(clients, expected, { since, until });
  return { live, ...judge(expected, live, { ...CONTEXT, ...context }) };
}

/** What is otherwise than on a clean account: whole numbers and texts, or entries of its maps. */
type Change = { readonly [part in keyof Account]?: Partial<Account[part]> | Account[part] };

function changed(account: Account, change: Change): Account {
  const parts = Object.entries(change).map(([part, value]) => {
    const before = account[part as keyof Account];
    const isMap = typeof value === "object" && !Array.isArray(value);
    return [part, isMap ? { ...Object(before), ...value } : value];
  });
  return { ...account, ...Object.fromEntries(parts) };
}

type Alarm = Account["alarms"][number];

/** One alarm otherwise, or gone. */
const withAlarm =
  (is: (alarm: Alarm) => boolean, change: (alarm: Alarm) => readonly Alarm[]) =>
  ({ alarms }: Account): Change => {
    const index = alarms.findIndex(is);
    const alarm = alarms[index];
    if (alarm === undefined) throw new Error("no alarm of the stack is like that");
    return { alarms: [...alarms.slice(0, index), ...change(alarm), ...alarms.slice(index + 1)] };
  };
const withSetting = (
  is: (alarm: Alarm) => boolean,
  settings: Alarm["settings"],
): ((clean: Account) => Change) =>
  withAlarm(is, (alarm) => [{ ...alarm, settings: { ...alarm.settings, ...settings } }]);

const nearLimit = ({ name }: Alarm): boolean => name.endsWith("-connections-near-limit");
const audible = ({ kind, hasActions }: Alarm): boolean => kind === "metric" && hasActions;
const POOL = "Dimensions.db.client.connection.pool.name";
const rebooting = { gaps: { applyStatus: "pending-reboot" } };
const nextWeek = new Date(until.getTime() + 7 * 86_400_000).toISOString().slice(0, 10);
const exception = { rule: "drain-order", resource: "auth", reason: "a", owner: "b", expires: nextWeek };

type Planted = Change | ((clean: Account) => Change);
interface More {
  readonly context?: Partial<Context>;
  /** What cannot be reviewed because of it. */
  readonly hides?: readonly string[];
}

/** What is planted; ids of everything that is found of it, and facts that the first of them states. */
const drift = (plant: string, change: Planted, ids: string, facts: string, more: More = {}) => ({
  plant,
  change,
  ids,
  facts: facts.split(" ").filter((fact) => fact !== ""),
  more,
});

const DRIFTS = [
  drift(
    "a raised pool",
    { environment: { DB_POOL_MAX: "40" } },
    "connection-budget pool-drift",
    "36 40 1,445 489 391",
  ),
  drift(
    "a changed timeout",
    { environment: { DB_STATEMENT_TIMEOUT_MS: "60000" } },
    "pool-drift",
    "`DB_STATEMENT_TIMEOUT_MS` 60000 2000",
  ),
  drift("another class", { instanceClass: "db.m7g.large" }, "database-drift", "7 7 2"),
  drift("a standby taken away", { multiAz: false }, "database-drift", ""),
  drift(
    "another parameter group",
    { parameterGroup: "own", parameters: { max_connections: "500" } },
    "own-parameter-group",
    "",
  ),
  drift(
    "a lowered limit",
    { parameters: { max_connections: "200" } },
    "connection-budget parameter-drift",
    "189 151",
  ),
  drift(
    "an added and a changed parameter",
    { parameters: { lock_timeout: "9000", work_mem: "65536" } },
    "parameter-drift",
    "`lock_timeout` 9000 1500 `work_mem` 65536",
  ),
  drift("a reboot that is waited for", rebooting, "pending-reboot-order", "`max_connections` 500"),
  drift("pools that count on it", rebooting, "pending-reboot-order", "200 500", {
    context: confirmedNow(200),
  }),
  drift("pools that need it not yet", rebooting, "pending-reboot", "400 500", { context: confirmedNow(400) }),
  drift(
    "a class that waits",
    { gaps: { pendingXml: "<DBInstanceClass>db.m7g.large</DBInstanceClass>" } },
    "pending-change",
    "7",
  ),
  drift("a server with fewer connections", {}, "max-connections connection-budget", "300 500", {
    context: confirmedNow(300),
  }),
  drift("other autoscaling bounds", { maxTasks: 40 }, "connection-budget scaling-drift", "80 8"),
  drift("autoscaling suspended", { suspended: true }, "scaling-suspended", "12"),
  drift("autoscaling gone", { hasScaling: false }, "missing", "", { hides: ["requests"] }),
  drift("a task count set manually", { desired: 3 }, "desired-count", "3 12 18"),
  drift(
    "a larger surge",
    { gaps: { deployment: { maximumPercent: 200, minimumHealthyPercent: 100 } } },
    "deployment-drift",
    "`maximumPercent` 200 150",
  ),
  drift(
    "another declared demand",
    { tags: { "poolproof:peak-requests-per-second": "100" } },
    "demand-drift",
    "`poolproof:peak-requests-per-second` 100 1200",
  ),
  drift(
    "a grown demand",
    { metrics: { requestsPerSecond: 1500 } },
    "demand-grew",
    "1,200 1,500 `pool.max` 8",
  ),
  drift(
    "a demand beyond its pool",
    { metrics: { requestsPerSecond: 4200, holdMs: 16 } },
    "pool-floor",
    "1,200 4,200 16 3 `pool.max` 8",
  ),
  drift("a peak with fewer tasks", { metrics: { tasks: 9 } }, "demand-grew", "12 9"),
  drift("added acquisitions", { metrics: { acquisitionsPerRequest: 1.6 } }, "demand-grew", "1.1 1.6"),
  drift(
    "connections of another client",
    { metrics: { connections: 300 } },
    "unplanned-connections",
    "300 293",
  ),
  drift("a database used up", { metrics: { connections: 450 } }, "connections-peak", "450 489 391"),
  drift("a pool nearly always in use", { metrics: { used: 7.6 } }, "pool-use", "95"),
  drift("acquisitions that gave up", { metrics: { timeouts: 12 } }, "pool-timeouts", "12 1,000"),
  drift(
    "long waits",
    { gaps: { waitP99: [1, 2, 3].map((n) => ({ time: now - n * 300_000, value: n === 2 ? 0.4 : 0.09 })) } },
    "pool-wait",
    "3 3 400 50",
  ),
  drift(
    "a silent metric",
    { metrics: { silent: ["db.client.connection.count"] } },
    "metrics-missing",
    "`db.client.connection.count`",
  ),
  drift(
    "an alarm gone",
    withAlarm(nearLimit, () => []),
    "alarm-missing",
    "",
  ),
  drift(
    "an alarm disabled",
    withAlarm(audible, (alarm) => [{ ...alarm, actionsEnabled: false }]),
    "alarm-disabled",
    "",
  ),
  drift(
    "an alarm without action",
    withAlarm(audible, (alarm) => [{ ...alarm, hasActions: false }]),
    "alarm-without-action",
    "",
  ),
  drift(
    "an alarm without data",
    withAlarm(nearLimit, (alarm) => [{ ...alarm, state: "INSUFFICIENT_DATA" }]),
    "alarm-without-data",
    "60",
  ),
  drift("another threshold", withSetting(nearLimit, { Threshold: 4000 }), "alarm-drift", "`Threshold` 4000"),
  drift(
    "an alarm on another pool",
    withSetting(({ settings }) => POOL in settings, { [POOL]: "auth-dev" }),
    "alarm-drift",
    `\`${POOL}\``,
  ),
  drift(
    "an alarm on another expression",
    withSetting(({ settings }) => "Expression" in settings, { Expression: "0 * used" }),
    "alarm-drift",
    "`Expression`",
  ),
  drift("an exception that ends next week", {}, "exception-expiring", `${nextWeek} 7`, {
    context: { exceptions: [exception] },
  }),
];

describe.skipIf(!isThere)(
  `against moto's server${motoSkipReason === undefined ? "" : ` (skipped: ${motoSkipReason})`}`,
  () => {
    it("finds nothing in an account that nobody has changed, and looks at all of it", async () => {
      const { findings, live } = await reviewed(cleanAccount(expected, now));
      expect(findings).toEqual([]);
      expect(live.notReviewed).toEqual([]);
      expect(live.account).toBe("123456789012");
    });

    it.each(DRIFTS)("finds $plant, and nothing else", async ({ change, ids, facts, more }) => {
      const clean = cleanAccount(expected, now);
      const planted = changed(clean, typeof change === "function" ? change(clean) : change);
      const { live, ...review } = await reviewed(planted, more.context);
      expect(idsOf(review).join(" ")).toBe(ids);
      expect(factsOf(review, ids.split(" ")[0] ?? "")).toEqual(expect.arrayContaining(facts));
      expect(live.notReviewed.map(({ what }) => what)).toEqual(more.hides ?? []);
    });

    it("runs as a command: exit 1 with the findings on stdout, and 0 on a clean account", async () => {
      const clean = cleanAccount(expected, now);
      const args = ["prod", "--endpoint-url", filler.url, "--days", "1"];
      await deploy(clean);
      const healthy = await runReview(args, credentials);
      expect(healthy).toMatchObject({ code: 0, stderr: "" });
      expect(healthy.stdout).toMatch(/^✔ prod: clean/);

      await deploy(changed(clean, { metrics: { requestsPerSecond: 1500 } }));
      const drifted = await runReview([...args, "--format", "json"], credentials);
      expect(drifted).toMatchObject({ code: 1, stderr: "" });
      const report = JSON.parse(drifted.stdout);
      expect(report.verdict).toBe("findings");
      expect(report.proposal.patch).toContain('+  auth:peakRequestsPerSecond: "1500"\n');
    });
  },
);
