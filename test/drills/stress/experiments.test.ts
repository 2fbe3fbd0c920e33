import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../../drills/stress/commandLine";
import {
  CASES,
  type Case,
  DISTRIBUTIONS,
  judge,
  outcomeOf,
  type Row,
  renderExperiment,
  runExperiment,
} from "../../../drills/stress/drills/experiments";
import { installed } from "../../../drills/stress/lab/postgresBinaries";
import { makeWorkspace } from "../../../drills/stress/lab/testEnvironment";
import type { PoolLoadResult } from "../../../drills/stress/load/poolLoad";
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
    expect(() => parseCommandLine(["--experiment", "holdz"])).toThrow(/did you mean holds\?/i);
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

  it("holds: heavy tails wait as the model says", async (context) => {
    const [row] = await rowsOf("holds", [CASES.holds[3]]);
    expect(row?.measured.mean).toBeGreaterThan(0);
    if (row?.verdict === "void") context.skip(`not judged: ${row.voidReasons.join("; ")}`);
    expect(row).toMatchObject({ verdict: "as predicted" });
  });
});

const SECONDS = 30;

async function rowsOf(
  name: "holds" | "nested",
  cases: readonly (Case | undefined)[],
): Promise<readonly Row[]> {
  const workspace = makeWorkspace();
  try {
    const only = cases.filter((each) => each !== undefined);
    return (await runExperiment(name, { ...workspace, seconds: 5, seed: 1, say: () => {}, cases: only }))
      .rows;
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
