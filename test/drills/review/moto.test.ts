import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Expected } from "../../../drills/review/expected/expected";
import { judge, type Told } from "../../../drills/review/judge/judge";
import { awsClients, type Clients, closeClients } from "../../../drills/review/live/clients";
import { collect } from "../../../drills/review/live/collect";
import { DEFAULT_CAPACITY_SETTINGS } from "../../../policies/model/defaults";
import { type Account, cleanAccount, make } from "./support/account";
import { expectedOfStack, ROOT } from "./support/expected";
import { type Moto, motoIsThere, startMoto } from "./support/moto";
import { fillGaps, type GapFiller } from "./support/motoGaps";

/**
 * The review against AWS's API as a server: moto, with its gaps filled by recorded shapes (`support/motoGaps.ts`). An
 * account is made through the API, as a deployment makes it, with one drift planted at a time.
 */
const isThere = motoIsThere();

/** Alarms are looked at two hours after they got their state. */
const now = Date.now();
const until = new Date(now + 2 * 3_600_000);
const since = new Date(now - 24 * 3_600_000);

const TOLD: Told = {
  capacity: DEFAULT_CAPACITY_SETTINGS,
  exceptions: [],
  confirmed: { now: undefined, before: undefined },
};

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
  clients = awsClients({ region: expected.region, endpoint: filler.url });
}, 120_000);

afterAll(() => {
  if (!isThere) return;
  closeClients(clients);
  filler.stop();
  moto.stop();
});

async function reviewed(account: Account, told: Partial<Told> = {}) {
  await moto.reset();
  filler.gaps = account.gaps;
  await make(clients, account, now);
  const live = await collect(clients, expected, { since, until });
  return { live, ...judge(expected, live, { ...TOLD, ...told }) };
}

const withMetrics = (account: Account, metrics: Partial<Account["metrics"]>): Account => ({
  ...account,
  metrics: { ...account.metrics, ...metrics },
});

/** A change of one alarm, by the end of its name. */
function withAlarm(
  account: Account,
  end: string,
  change: Partial<Account["alarms"][number]> | "gone",
): Account {
  const changed = account.alarms.flatMap((alarm) =>
    !alarm.name.endsWith(end) ? [alarm] : change === "gone" ? [] : [{ ...alarm, ...change }],
  );
  if (JSON.stringify(changed) === JSON.stringify(account.alarms))
    throw new Error(`no alarm ends with ${end}`);
  return { ...account, alarms: changed };
}

/** A metric alarm that tells somebody. */
function audible({ alarms }: Account): string {
  const found = alarms.find(({ kind, tellsSomebody }) => kind === "metric" && tellsSomebody);
  if (found === undefined) throw new Error("no metric alarm of the stack tells anybody");
  return found.name;
}

interface Drift {
  readonly plant: string;
  readonly account: (clean: Account) => Account;
  readonly told?: Partial<Told>;
  /** Ids of every finding, and a part of the first one's message. */
  readonly finds: readonly string[];
  readonly says: RegExp;
  /** What cannot be reviewed because of it. */
  readonly hides?: readonly string[];
}

const DRIFTS: readonly Drift[] = [
  {
    plant: "a pool that was raised by hand",
    account: (clean) => ({ ...clean, environment: { ...clean.environment, DB_POOL_MAX: "40" } }),
    finds: ["connection-budget", "pool-drift"],
    says: /27 tasks may hold pools of 40 at once: 1,085 connections.*Of 489 usable ones .* 391 may be planned for/,
  },
  {
    plant: "a timeout that was changed by hand",
    account: (clean) => ({
      ...clean,
      environment: { ...clean.environment, DB_STATEMENT_TIMEOUT_MS: "60000" },
    }),
    finds: ["pool-drift"],
    says: /`DB_STATEMENT_TIMEOUT_MS` is 60000 \(program: 2000\)/,
  },
  {
    plant: "an instance class that was changed by hand",
    account: (clean) => ({ ...clean, instanceClass: "db.m7g.large" }),
    finds: ["database-drift"],
    says: /instance class is db\.m7g\.large \(program: db\.m7g\.2xlarge\)/,
  },
  {
    plant: "a standby that was taken away",
    account: (clean) => ({ ...clean, multiAz: false }),
    finds: ["database-drift"],
    says: /Multi-AZ is off \(program: on\)/,
  },
  {
    plant: "a parameter group that is another one",
    account: (clean) => ({
      ...clean,
      parameterGroup: "somebodys-own",
      parameters: { max_connections: "500" },
    }),
    finds: ["own-parameter-group"],
    says: /uses the parameter group somebodys-own/,
  },
  {
    plant: "a limit that was lowered by hand",
    account: (clean) => ({ ...clean, parameters: { ...clean.parameters, max_connections: "200" } }),
    finds: ["connection-budget", "parameter-drift"],
    says: /Of 189 usable ones \(the parameter group\) 151 may be planned for/,
  },
  {
    plant: "a parameter that was added and one that was changed",
    account: (clean) => ({
      ...clean,
      parameters: { ...clean.parameters, lock_timeout: "9000", work_mem: "65536" },
    }),
    finds: ["parameter-drift"],
    says: /`lock_timeout` is 9000 \(program: 1500\) and `work_mem` is 65536 \(program: not set\)/,
  },
  {
    plant: "static parameters that wait for a reboot",
    account: (clean) => ({ ...clean, gaps: { ...clean.gaps, applyStatus: "pending-reboot" } }),
    finds: ["pending-reboot-order"],
    says: /the pools may claim 221 connections at peak: with fewer than 288 in force the database would refuse them.*--confirmed-max-connections/,
  },
  {
    plant: "pools that count on a limit that waits for a reboot",
    account: (clean) => ({ ...clean, gaps: { ...clean.gaps, applyStatus: "pending-reboot" } }),
    told: { confirmed: { now: 200, before: undefined } },
    finds: ["pending-reboot-order"],
    says: /200 connections are in force .*The pools count on the written number already: the pools may claim 221/,
  },
  {
    plant: "a limit that waits for a reboot and that nothing needs yet",
    account: (clean) => ({ ...clean, gaps: { ...clean.gaps, applyStatus: "pending-reboot" } }),
    told: { confirmed: { now: 400, before: undefined } },
    finds: ["pending-reboot"],
    says: /The pools fit into what is in force/,
  },
  {
    plant: "a class that waits for the maintenance window",
    account: (clean) => ({
      ...clean,
      gaps: { ...clean.gaps, pendingXml: "<DBInstanceClass>db.m7g.large</DBInstanceClass>" },
    }),
    finds: ["pending-change"],
    says: /next maintenance window changes the database: DBInstanceClass db\.m7g\.large/,
  },
  {
    plant: "a server that has fewer connections than the group says",
    account: (clean) => clean,
    told: { confirmed: { now: 300, before: undefined } },
    finds: ["max-connections"],
    says: /300 connections are in force \(SHOW max_connections\)\. The policies count on 500/,
  },
  {
    plant: "autoscaling bounds that were changed by hand",
    account: (clean) => ({ ...clean, maxTasks: 40 }),
    finds: ["connection-budget", "scaling-drift"],
    says: /60 tasks may hold pools of 8 at once/,
  },
  {
    plant: "autoscaling that is suspended",
    account: (clean) => ({ ...clean, suspended: true }),
    finds: ["scaling-suspended"],
    says: /Autoscaling is suspended: scaling out/,
  },
  {
    plant: "autoscaling that is gone",
    account: (clean) => ({ ...clean, hasScaling: false }),
    finds: ["missing"],
    says: /There is no autoscaling of the service auth-prod\/auth/,
    hides: ["requests"],
  },
  {
    plant: "a task count that was set by hand",
    account: (clean) => ({ ...clean, desired: 3 }),
    finds: ["desired-count"],
    says: /3 tasks are asked for\. Autoscaling keeps 12 to 18/,
  },
  {
    plant: "a deployment that may surge further",
    account: (clean) => ({
      ...clean,
      gaps: { ...clean.gaps, deployment: { ...clean.gaps.deployment, maximumPercent: 200 } },
    }),
    finds: ["deployment-drift"],
    says: /`maximumPercent` is 200 \(program: 150\)/,
  },
  {
    plant: "a declared demand that was changed on the service",
    account: (clean) => ({
      ...clean,
      tags: { ...clean.tags, "poolproof:peak-requests-per-second": "100" },
    }),
    finds: ["demand-drift"],
    says: /`poolproof:peak-requests-per-second` is 100 \(program: 1200\)/,
  },
  {
    plant: "a demand that has grown",
    account: (clean) => withMetrics(clean, { requestsPerSecond: 1500 }),
    finds: ["demand-grew"],
    says: /Declared 1,200 requests\/s, seen 1,500\/s .*floor .* `pool\.max` is 8/,
  },
  {
    plant: "a demand that has outgrown its pool",
    account: (clean) => withMetrics(clean, { requestsPerSecond: 4200, holdMs: 16 }),
    finds: ["pool-floor"],
    says: /Declared 1,200 requests\/s, seen 4,200\/s .* seen 16 ms.*The floor is now \d+ \(declared: 3\); `pool\.max` is 8/,
  },
  {
    plant: "a peak that fewer tasks had to serve",
    account: (clean) => withMetrics(clean, { tasks: 9 }),
    finds: ["demand-grew"],
    says: /Declared 12 tasks at peak, seen 9\. The floor/,
  },
  {
    plant: "acquisitions that a release has added",
    account: (clean) => withMetrics(clean, { acquisitionsPerRequest: 1.6 }),
    finds: ["demand-grew"],
    says: /Declared 1\.1 acquisitions a request, seen 1\.6/,
  },
  {
    plant: "connections of a client that nobody counts",
    account: (clean) => withMetrics(clean, { connections: 300 }),
    finds: ["unplanned-connections"],
    says: /300 connections were open at once .*add up to 221\. At least 79 connections belong to a client/,
  },
  {
    plant: "connections that use the database up",
    account: (clean) => withMetrics(clean, { connections: 450 }),
    finds: ["connections-peak"],
    says: /450 connections were open at once/,
  },
  {
    plant: "a pool that is nearly always in use",
    account: (clean) => withMetrics(clean, { used: 7.6 }),
    finds: ["pool-use"],
    says: /95 % of the pool was in use over five minutes/,
  },
  {
    plant: "acquisitions that gave up",
    account: (clean) => withMetrics(clean, { timeouts: 12 }),
    finds: ["pool-timeouts"],
    says: /12 acquisitions gave up/,
  },
  {
    plant: "waits beyond the target",
    account: (clean) => ({
      ...clean,
      gaps: {
        ...clean.gaps,
        waitP99: [1, 2, 3].map((span) => ({ time: now - span * 300_000, value: span === 2 ? 0.4 : 0.09 })),
      },
    }),
    finds: ["pool-wait"],
    says: /In 3 of 3 spans of five minutes .* at worst 400 ms/,
  },
  {
    plant: "metrics that nobody reports",
    account: (clean) => withMetrics(clean, { silent: ["db.client.connection.count"] }),
    finds: ["metrics-missing"],
    says: /Not once since .* was `db\.client\.connection\.count` reported/,
  },
  {
    plant: "an alarm that is gone",
    account: (clean) => withAlarm(clean, "-connections-near-limit", "gone"),
    finds: ["alarm-missing"],
    says: /There is no alarm auth-prod-connections-near-limit/,
  },
  {
    plant: "an alarm whose actions are disabled",
    account: (clean) => withAlarm(clean, audible(clean), { actionsEnabled: false }),
    finds: ["alarm-disabled"],
    says: /actions are disabled/,
  },
  {
    plant: "an alarm that tells nobody",
    account: (clean) => withAlarm(clean, audible(clean), { tellsSomebody: false }),
    finds: ["alarm-without-action"],
    says: /has no action/,
  },
  {
    plant: "an alarm without data",
    account: (clean) => withAlarm(clean, "-connections-near-limit", { state: "INSUFFICIENT_DATA" }),
    finds: ["alarm-without-data"],
    says: /has had no data since \d{4}-/,
  },
  {
    plant: "a threshold that was changed by hand",
    account: (clean) => {
      const alarm = clean.alarms.find(({ name }) => name.endsWith("-connections-near-limit"));
      return withAlarm(clean, "-connections-near-limit", {
        settings: { ...alarm?.settings, Threshold: 4000 },
      });
    },
    finds: ["alarm-drift"],
    says: /`Threshold` is 4000 \(program: \d+\)/,
  },
  {
    plant: "an alarm that looks at another pool",
    account: (clean) => {
      const pools = "Dimensions.db.client.connection.pool.name";
      const alarm = clean.alarms.find(({ settings }) => pools in settings);
      return withAlarm(clean, alarm?.name ?? "", { settings: { ...alarm?.settings, [pools]: "auth-dev" } });
    },
    finds: ["alarm-drift"],
    says: /pool\.name` is auth-dev \(program: auth-prod\)/,
  },
  {
    plant: "an alarm over several metrics that compares something else",
    account: (clean) => {
      const alarm = clean.alarms.find(({ settings }) => "Expression" in settings);
      return withAlarm(clean, alarm?.name ?? "", {
        settings: { ...alarm?.settings, Expression: "0 * used" },
      });
    },
    finds: ["alarm-drift"],
    says: /`Expression` is another one than in the program/,
  },
  {
    plant: "an exception that ends next week",
    account: (clean) => clean,
    told: {
      exceptions: [
        {
          rule: "drain-order",
          resource: "auth",
          reason: "its longest export takes ten minutes",
          owner: "team-auth",
          expires: new Date(until.getTime() + 7 * 86_400_000).toISOString().slice(0, 10),
        },
      ],
    },
    finds: ["exception-expiring"],
    says: /team-auth answers for, ends on .*, in 7 days/,
  },
];

describe.skipIf(!isThere)(
  "against moto's server (skipped where it is not installed; REQUIRE_MOTO=1 installs it)",
  () => {
    it("finds nothing in an account on which nobody has laid a hand, and looks at all of it", async () => {
      const { findings, live } = await reviewed(cleanAccount(expected, now));
      expect(findings).toEqual([]);
      expect(live.notReviewed).toEqual([]);
      expect(live.account).toBe("123456789012");
    });

    it.each(DRIFTS)("finds $plant, and nothing else", async ({ account, told, finds, says, hides = [] }) => {
      const { findings, live } = await reviewed(account(cleanAccount(expected, now)), told);
      expect(findings.map(({ id }) => id)).toEqual(finds);
      const [{ observed, limit, consequence, fix, docs }] = findings as [(typeof findings)[number]];
      expect(`${observed} ${limit} ${consequence} ${fix} ${docs}`).toMatch(says);
      expect(live.notReviewed.map(({ what }) => what)).toEqual(hides);
    });

    it("runs as a command: exit 1 with the findings on stdout, and 0 on a clean account", async () => {
      const clean = cleanAccount(expected, now);
      await moto.reset();
      filler.gaps = clean.gaps;
      await make(clients, clean, now);
      const healthy = await command("prod", "--endpoint-url", filler.url, "--days", "1");
      expect(healthy.stdout).toContain("prod: clean");
      expect(healthy).toMatchObject({ code: 0, stderr: "" });

      await moto.reset();
      await make(clients, withMetrics(clean, { requestsPerSecond: 1500 }), now);
      const drifted = await command("prod", "--endpoint-url", filler.url, "--days", "1", "--format", "json");
      const report = JSON.parse(drifted.stdout) as { verdict: string; proposal: { patch: string } };
      expect(report.verdict).toBe("findings");
      expect(report.proposal.patch).toContain("+  auth:peakRequestsPerSecond: 1500\n");
      expect(drifted).toMatchObject({ code: 1, stderr: "" });
    }, 60_000);
  },
);

function command(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...credentials, NO_COLOR: "1" };
    const child = spawn(process.execPath, ["--import", "tsx", "drills/review/cli.ts", ...args], {
      cwd: ROOT,
      env,
    });
    const ended = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => {
      ended.stdout += text;
    });
    child.stderr.on("data", (text) => {
      ended.stderr += text;
    });
    child.on("close", (code) => resolve({ code, ...ended }));
  });
}
