import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectionsForMemory } from "../../../policies/model/connectionMemory";
import { findInstanceClass } from "../../../policies/model/instanceClasses";
import { type AuroraSample, auroraPlan, limitTo } from "../auroraPlan";
import { GROUP } from "../samplePlan";
import { by, judge, judgePlan, only } from "./judge";

const RULE = "memory-for-connections";
const set = (value: string, instanceClass = "db.m7g.large") =>
  judge({ parameters: limitTo(value), database: { instanceClass } });
const aurora = (changes: Partial<AuroraSample>) => judgePlan({ resources: auroraPlan(changes) });

describe(RULE, () => {
  it("accepts as many as AWS would give the class by default, and rejects one more", () => {
    expect(by(set("901"), RULE)).toEqual([]);
    const violation = only(set("902"), RULE);
    expect(violation).toMatchObject({
      resource: GROUP,
      level: "mandatory",
      observed: 902,
      allowed: { min: null, max: 901 },
      unit: "connections",
    });
    expect(violation.message).toContain("the 901 that the 8 GiB of db.m7g.large carry");
    expect(violation.message).toContain("docs/runbooks/memory-for-connections.md");
  });

  it("catches a fixed value that survives a move to a smaller class", () => {
    expect(by(set("5000", "db.r7g.2xlarge"), RULE)).toEqual([]);
    expect(only(set("5000", "db.r7g.large"), RULE).fix).toContain("at least 44.4 GiB");
  });

  it("accepts more than the 5000 of AWS's default where the memory is there", () => {
    expect(by(set("7000", "db.r7g.2xlarge"), RULE)).toEqual([]);
  });

  it("judges a formula by what it gives on the whole memory", () => {
    expect(by(set("LEAST({DBInstanceClassMemory/9531392},5000)"), RULE)).toEqual([]);
    const violation = only(set("{DBInstanceClassMemory/4765696}"), RULE);
    expect(violation.observed).toBe(1802);
    expect(violation.message).toContain("{DBInstanceClassMemory/4765696}");
  });

  it("leaves AWS's own default and a number that is running alone", () => {
    expect(by(judge({ parameters: [] }), RULE)).toEqual([]);
    const database = { instanceClass: "db.m7g.large" };
    const formula = { parameters: limitTo("{DBInstanceClassMemory/4765696}"), database };
    expect(by(judge(formula, { confirmedMaxConnections: 1500 }), RULE)).toEqual([]);
  });

  it.each([
    ["mysql", "8.0", 682],
    ["mariadb", "11.4", 682],
  ])("reckons with more memory for each connection of %s", (engine, engineVersion, most) => {
    const database = { engine, engineVersion, instanceClass: "db.m7g.large" };
    expect(by(judge({ parameters: limitTo(String(most)), database }), RULE)).toEqual([]);
    expect(only(judge({ parameters: limitTo(String(most + 1)), database }), RULE).allowed).toEqual({
      min: null,
      max: most,
    });
  });

  it("looks at the smallest instance of a cluster, and says it once", () => {
    const members = {
      a: { instanceClass: "db.r6g.xlarge" },
      b: { instanceClass: "db.t4g.medium" },
      c: { instanceClass: "db.t4g.large" },
    };
    expect(only(aurora({ members, parameters: limitTo("2000") }), RULE).message).toContain("db.t4g.medium");
    expect(by(aurora({ members, parameters: limitTo("450") }), RULE)).toEqual([]);
  });

  it("takes the memory of a serverless instance at its maximum capacity", () => {
    const cluster = { serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity: 4 } };
    const members = { a: { instanceClass: "db.serverless" } };
    expect(by(aurora({ cluster, members, parameters: limitTo("901") }), RULE)).toEqual([]);
    expect(only(aurora({ cluster, members, parameters: limitTo("902") }), RULE).message).toContain(
      "at 4 ACU",
    );
  });

  it("is undecided about a class whose memory nobody knows, until the limit is confirmed on it", () => {
    const database = { instanceClass: "db.m99.large" };
    const asked = { parameters: limitTo("400"), database };
    // The class itself is the violation of max-connections.
    expect(judge(asked).undecided.filter(({ rule }) => rule === RULE)).toEqual([]);
    expect(only(judge(asked), "max-connections").observed).toBe("db.m99.large");
    const few = judge(asked, { confirmedMaxConnections: 300 });
    expect(few.undecided).toContainEqual(expect.objectContaining({ rule: RULE, property: "instanceClass" }));
    const enough = judge(asked, { confirmedMaxConnections: 400 });
    expect(enough.undecided.filter(({ rule }) => rule === RULE)).toEqual([]);
  });

  it("rejects exactly what is above the class's share, whatever is asked for", () => {
    const classes = fc.constantFrom("db.t4g.micro", "db.t4g.small", "db.m7g.large", "db.r7g.2xlarge");
    fc.assert(
      fc.property(classes, fc.integer({ min: 6, max: 20_000 }), (instanceClass, asked) => {
        const most = connectionsForMemory("postgres", findInstanceClass(instanceClass)?.memoryBytes ?? 0);
        expect(by(set(String(asked), instanceClass), RULE)).toHaveLength(asked > most ? 1 : 0);
      }),
      { numRuns: 40 },
    );
  });
});
