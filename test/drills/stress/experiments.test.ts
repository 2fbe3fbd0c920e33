import { describe, expect, it } from "vitest";
import { type ExperimentName, parseCommandLine } from "../../../drills/stress/commandLine";
import {
  DEPLOYMENTS,
  type Deployed,
  type Deployment,
  judgeDeployment,
  predictedPeak,
} from "../../../drills/stress/drills/drained";
import {
  CASES,
  type Case,
  DISTRIBUTIONS,
  judge,
  outcomeOf,
  type Row,
  runExperiment,
} from "../../../drills/stress/drills/experiments";
import { installed } from "../../../drills/stress/lab/postgresBinaries";
import { makeWorkspace } from "../../../drills/stress/lab/testEnvironment";
import type { PoolLoadResult } from "../../../drills/stress/load/poolLoad";
import { renderExperiment } from "../../../drills/stress/report/experiment";
import { exponential, seeded } from "../../../policies/kit/random";

describe("the distributions of hold times", () => {
  it.each(DISTRIBUTIONS.map((each) => [each.name, each] as const))("%s: mean and variance", (_, {
    draw,
    scv,
  }) => {
    const random = seeded(3);
    const drawn = Array.from({ length: 1_000_000 }, () => draw(random));
    const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
    const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.01);
    expect(Math.abs(variance / scv - 1)).toBeLessThan(0.3);
  });

  it.each(
    DISTRIBUTIONS.map((each, index) => [each.name, index] as const),
  )("%s: an ideal queue is in the predicted range", (_, index) => {
    const of = caseOf("holds", index);
    const { low, high } = of.predict(0);
    const share = idealShare(of, 400_000);
    expect(share).toBeGreaterThan(0.97 * low);
    expect(share).toBeLessThan(1.03 * high);
  });
});

describe("a case's verdict", () => {
  const of = caseOf("holds", 3);
  const { low, high } = of.predict(0);

  it.each([
    ["in the range", (low + high) / 2, "as predicted"],
    ["far above it", 1.5 * high, "outside"],
    ["far below it", 0.5 * low, "outside"],
  ])("with a share %s", (_, share, verdict) => {
    expect(judge(of, [[waits(share)]], SECONDS)).toMatchObject({ verdict, voidReasons: [] });
  });

  it("is void where the schedule was not kept or the machine held connections longer", () => {
    const late = judge(of, [[{ ...waits(0), lagMs: waits(0).lagMs.map(() => 40) }]], SECONDS);
    expect(late).toMatchObject({ verdict: "void", voidReasons: [expect.stringMatching(/40 ms late/)] });
    const slow = judge(of, [[{ ...waits(0), overheadMs: 20 }]], SECONDS);
    expect(slow).toMatchObject({ verdict: "void", voidReasons: [expect.stringMatching(/20\.0 ms/)] });
  });

  it("is void where the measured interval is as wide as the predicted range", () => {
    const inBursts = waits(0).waitMs.map(({ atMs }) => ({
      atMs,
      value: Math.floor(atMs / 5_000) % 5 === 0 ? 80 : 0,
    }));
    const wide = judge(of, [[{ ...waits(0), waitMs: inBursts }]], SECONDS);
    expect(wide).toMatchObject({ verdict: "void", voidReasons: [expect.stringMatching(/--duration/)] });
  });

  it("fails a deadlock at a size that the model calls safe, and no failure where there are too few connections", () => {
    const [overloaded, , , safe, bounded] = CASES.nested;
    const verdictOf = (each: Case | undefined, share: number) =>
      each && judge(each, [[{ ...waits(0), failed: waits(share).failed }]], SECONDS).verdict;
    expect([safe, bounded].map((each) => [verdictOf(each, 0), verdictOf(each, 0.1)])).toEqual([
      ["as predicted", "outside"],
      ["as predicted", "outside"],
    ]);
    expect([verdictOf(overloaded, 0), verdictOf(overloaded, 0.97)]).toEqual(["outside", "as predicted"]);
    expect(bounded).toMatchObject({ load: { poolMax: 18 }, safeSize: 18 });
  });

  it("decides the outcome: a contradiction before what is void", () => {
    const [good, bad, unknown] = [(low + high) / 2, 1.5 * high, 0].map((share, n) =>
      judge(of, [[{ ...waits(share), overheadMs: n === 2 ? 20 : 0 }]], SECONDS),
    ) as [Row, Row, Row];
    expect(outcomeOf([good])).toEqual({ outcome: "passed", reasons: [] });
    expect(outcomeOf([good, unknown]).outcome).toBe("void");
    expect(outcomeOf([unknown, bad]).outcome).toBe("failed");
    const report = {
      schemaVersion: 1,
      experiment: "holds",
      seconds: SECONDS,
      seeds: [1],
      postgres: "17.0",
    } as const;
    const of3 = { ...report, ...outcomeOf([good, bad, unknown]), rows: [good, bad, unknown] };
    expect(renderExperiment(of3, "junit").match(/<failure/g)).toHaveLength(1);
    expect(renderExperiment(of3, "junit").match(/<skipped/g)).toHaveLength(1);
    expect(JSON.parse(renderExperiment(of3, "json"))).toMatchObject({
      outcome: "failed",
      rows: [{ verdict: "as predicted" }, { verdict: "outside" }, { verdict: "void" }],
    });
    expect(renderExperiment(of3, "text").split("\n")[0]).toMatch(/^✖ holds/);
  });
});

describe("the command line of an experiment", () => {
  it("takes no stack and none of a stack's options", () => {
    expect(parseCommandLine(["--experiment", "holds", "--seed", "7"])).toMatchObject({
      experiment: "holds",
      seed: 7,
    });
    expect(() => parseCommandLine(["prod", "--experiment", "holds"])).toThrow(/takes no stack.*prod/);
    expect(() => parseCommandLine(["--experiment", "nested", "--rate", "5"])).toThrow(/--experiment.*--rate/);
    expect(() => parseCommandLine(["--experiment", "drained", "--duration", "30s"])).toThrow(/--duration/);
    expect(() => parseCommandLine(["--experiment", "holdz"])).toThrow(/did you mean holds\?/i);
  });
});

describe("a deployment's verdict", () => {
  const [kept, , , closing] = DEPLOYMENTS;

  it.each([
    [DEPLOYMENTS[0], 17],
    [DEPLOYMENTS[1], 20],
    [DEPLOYMENTS[2], 20],
    [DEPLOYMENTS[3], 12],
    [DEPLOYMENTS[4], 20],
    [DEPLOYMENTS[5], 20],
  ] as const)("%o: %i pools at most, and no fewer where the lab is on time", (of, pools) => {
    if (of === undefined) throw new Error("there is no such deployment");
    const { most, least } = predictedPeak(of, { lateMs: 0, openingMs: 0 });
    expect([most, least].map(({ running, draining }) => running + draining)).toEqual([pools, pools]);
  });

  it.each([
    ["the predicted peak for each seed", [51, 51], "as predicted"],
    ["one connection more for one of them", [51, 52], "outside"],
    ["one pool less for one of them", [51, 48], "outside"],
  ] as const)("with %s", (_, peaks, verdict) => {
    expect(
      kept &&
        judgeDeployment(
          kept,
          peaks.map((peak) => deployed(peak)),
        ),
    ).toMatchObject({
      predicted: { low: 51, high: 51 },
      bySeed: peaks,
      verdict,
    });
  });

  it("is void where the lab was late, and expects less of pools that opened late", () => {
    if (kept === undefined || closing === undefined) throw new Error("there is no such deployment");
    const { verdict, voidReasons } = judgeDeployment(kept, [deployed(51, { lateMs: 600 })]);
    expect([verdict, voidReasons.length]).toEqual(["void", 1]);
    expect(judgeDeployment(kept, [deployed(48, { openingMs: 1_800 })])).toMatchObject({
      predicted: { low: 48, high: 51 },
      verdict: "as predicted",
    });
    expect(judgeDeployment(closing, [deployed(39)]).verdict).toBe("outside");
  });

  it("is shown with how far the peak is off, and the connections over time", () => {
    if (kept === undefined) throw new Error("there is no such deployment");
    const rows = [judgeDeployment(kept, [deployed(51), deployed(48)])];
    const report = {
      schemaVersion: 1,
      experiment: "drained",
      seconds: null,
      seeds: [1, 2],
      postgres: "17.0",
    } as const;
    const text = renderExperiment({ ...report, ...outcomeOf(rows), rows }, "text");
    expect(text).toContain("51, 48");
    expect(text).toContain("-3 (5.9 %)");
    expect(text).toContain("18+33");
  });
});

describe.skipIf(installed().length === 0)("experiments on a real PostgreSQL", { timeout: 180_000 }, () => {
  it("nested: a pool of 9 deadlocks, one of 18 with 17 requests in flight does not", async (context) => {
    const [few, , , , bounded] = CASES.nested;
    const [nine, safe] = await rowsOf("nested", [few, bounded]);
    expect(nine?.measured.mean).toBeGreaterThan(0.6);
    expect(safe).toMatchObject({ poolMax: 18, safeSize: 18 });
    if (safe?.verdict === "void") context.skip(`not judged: ${safe.voidReasons.join("; ")}`);
    expect(safe?.measured.mean).toBe(0);
  });

  it("drained: stopped tasks keep their pools until they exit, or until their connections have been idle", async (context) => {
    const small = {
      tasks: 3,
      poolMax: 3,
      maximumPercent: 134,
      minimumHealthyPercent: 100,
      healthySeconds: 60,
      requestSeconds: 8,
    };
    const rows = await rowsOf("drained", [
      { ...small, name: "no idle timeout", exitSeconds: 45 },
      { ...small, name: "idle timeout", exitSeconds: 330, idleSeconds: 20 },
    ]);
    // Four run and one drains: three at 134 % are four by ECS's own count. None would be gone if both had to exit after 330 s.
    expect(rows.map(({ predicted }) => predicted.high)).toEqual([15, 15]);
    for (const { bySeed } of rows) expect(Math.max(...bySeed)).toBeGreaterThan(12);
    const reasons = rows.flatMap(({ voidReasons }) => voidReasons);
    if (reasons.length > 0) context.skip(`not judged: ${reasons.join("; ")}`);
    expect(rows.map(({ verdict }) => verdict)).toEqual(["as predicted", "as predicted"]);
  });

  it("holds: heavy tails wait as the model says", async (context) => {
    const [row] = await rowsOf("holds", [CASES.holds[3]], 15);
    expect(row?.measured.mean).toBeGreaterThan(0);
    if (row?.verdict === "void") context.skip(`not judged: ${row.voidReasons.join("; ")}`);
    expect(row).toMatchObject({ verdict: "as predicted" });
  });
});

const SECONDS = 30;

async function rowsOf(
  name: ExperimentName,
  cases: readonly (Case | Deployment | undefined)[],
  seconds = 5,
): Promise<readonly Row[]> {
  const workspace = makeWorkspace();
  try {
    const only = cases.filter((each) => each !== undefined);
    return (await runExperiment(name, { ...workspace, seconds, seed: 1, say: () => {}, cases: only })).rows;
  } finally {
    expect(await workspace.cleanup.all()).toEqual([]);
  }
}

function caseOf(name: "holds" | "nested", index: number): Case {
  const found = CASES[name][index];
  if (found === undefined) throw new Error(`${name} has no case ${index}`);
  return found;
}

/** A run in which this share of requests waits too long and fails, evenly over time. */
function waits(share: number): PoolLoadResult {
  const due = Array.from({ length: 100 * SECONDS }, (_, n) => 3_000 + 10 * n);
  const hit = due.map((atMs, n) => ({ atMs, is: Math.floor((n + 1) * share) > Math.floor(n * share) }));
  return {
    waitMs: hit.map(({ atMs, is }) => ({ atMs, value: is ? 80 : 0 })),
    failed: hit.map(({ atMs, is }) => ({ atMs, value: is ? 1 : 0 })),
    lagMs: due.map(() => 1),
    overheadMs: 0,
  };
}

/** A run with this peak, half a minute after the deployment began. */
const deployed = (peak: number, of: Partial<Deployed> = {}): Deployed => ({
  samples: [
    { atMs: 0, old: 30, new: 0 },
    { atMs: 1_500, old: peak - 33, new: 33 },
  ],
  lateMs: 0,
  openingMs: 0,
  ...of,
});

/** Share of arrivals that wait longer than 50 ms where the first to come is the first served, without any machine. */
function idealShare({ load }: Case, arrivals: number): number {
  const random = seeded(5);
  const free = Array.from({ length: load.poolMax }, () => 0);
  let [at, late] = [0, 0];
  for (let n = 0; n < arrivals; n++) {
    at += (1000 * exponential(random)) / load.requestsPerSecond;
    const soonest = Math.min(...free);
    const begins = Math.max(at, soonest);
    if (begins - at > 50) late++;
    free[free.indexOf(soonest)] = begins + load.workMs(random);
  }
  return late / arrivals;
}
