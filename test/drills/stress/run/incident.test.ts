import { describe, expect, it } from "vitest";
import type { PhaseReport } from "../../../../drills/stress/measure/phaseReport";
import { causeIn, INCIDENTS, incidentOutcome, incidentResult } from "../../../../drills/stress/run/incident";
import { record, reportOf, requests } from "../support/record";

const [incident] = INCIDENTS;
if (incident === undefined) throw new Error("no incident is registered");

const database = [{ atMs: 20_000, connections: 12, active: 0, lockWaits: 0, cpus: 0.1 }];
const failing = requests((n) => (n % 5 < 2 ? "pool_timeout" : "ok"));
const outage = reportOf(record(failing, { poolMax: 3, database }));
const safe = reportOf(record(requests(), { poolMax: 11 }));

/** Four in ten fail in the outage; the model says how many do. */
function outcome({ predicted = 0.4, fix = safe, connections = 12, cause = "pool-starved" } = {}) {
  const phases: { outage: PhaseReport; safe: PhaseReport } = {
    outage: {
      ...outage,
      predicted: { ...outage.predicted, failedShare: predicted },
      database: { ...outage.database, connections: { mean: connections, max: connections } },
    },
    safe: fix,
  };
  const result = incidentResult(incident as (typeof INCIDENTS)[number], {
    ...phases,
    maxConnections: 400,
    cpus: 2,
    namedCause: cause,
  });
  return incidentOutcome(incident as (typeof INCIDENTS)[number], result, phases);
}

describe("a rehearsed incident", () => {
  it("is as it should be when as many fail as predicted, the database is calm and the safe pool fails none", () => {
    expect(outcome()).toEqual({ outcome: "passed", reasons: [] });
    expect(outcome({ predicted: 0.455 }).outcome).toBe("passed");
  });

  const leaky = reportOf(
    record(
      requests((n) => (n === 0 ? "5xx" : "ok")),
      { poolMax: 11 },
    ),
  );
  it.each([
    ["the prediction is off by more than six points", { predicted: 0.47 }, /^40\.0 % .* 47\.0 % .* 6 /],
    ["a request fails with the safe pool", { fix: leaky }, /^1 .* 11$/],
    ["the database works hard", { connections: 395 }, /database/],
    ["another cause is named", { cause: "database-saturated" }, /database-saturated .*pool-starved$/],
    ["no cause is named", { cause: "" }, /pool-starved$/],
  ])("is not when %s", (_what, change, said) => {
    expect(outcome(change)).toEqual({ outcome: "failed", reasons: [expect.stringMatching(said)] });
  });

  it("has no outcome when the load was not what it was meant to be", () => {
    expect(outcome({ fix: reportOf(record(requests(), { scheduled: 31 })) }).outcome).toBe("void");
  });
});

it("the cause is that of the replay's first scenario", () => {
  expect(causeIn({ scenarios: [{ cause: "pool-starved" }] })).toBe("pool-starved");
  expect([{}, { scenarios: [] }, { scenarios: [{}] }].map(causeIn)).toEqual(["", "", ""]);
});
