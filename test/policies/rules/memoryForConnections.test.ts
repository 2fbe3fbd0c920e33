import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectionsForMemory } from "../../../policies/model/connectionMemory";
import { findInstanceClass } from "../../../policies/model/instanceClasses";
import { UNKNOWN } from "../../../policies/plan/plan";
import { memoryForConnections } from "../../../policies/rules/database/memoryForConnections";
import { type AuroraSample, auroraPlan, CLUSTER_GROUP, limitTo } from "../auroraPlan";
import { DATABASE, GROUP, type Sample, samplePlan, urn } from "../samplePlan";
import { by, findings, judge, judgePlan, only } from "./judge";

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

describe(`${RULE}, by itself,`, () => {
  const find = (changes: Partial<Sample>) => findings(memoryForConnections, samplePlan(changes));
  const on = (changes: Partial<AuroraSample>) =>
    findings(memoryForConnections, { resources: auroraPlan(changes) });
  const NONE = { violations: [], undecided: [] };

  it.each([
    ["902", ""],
    ["LEAST({DBInstanceClassMemory/9522000},5000)", " (`LEAST({DBInstanceClassMemory/9522000},5000)`)"],
  ])("says of %s how many fit, and what would carry them, with a formula beside its result", (value, shown) => {
    expect(find({ parameters: limitTo(value), database: { instanceClass: "db.m7g.large" } })).toEqual({
      violations: [
        {
          resource: GROUP,
          text: `\`max_connections\` of db is 902${shown}, more than the 901 that the 8 GiB of db.m7g.large carry by the memory AWS reckons with for each connection: once they are used the database swaps or is killed, or it does not start at all.`,
          fix: "Set `max_connections` in parameter group `db-params` to 901 or less, or take a class with at least 8.1 GiB of memory",
          observed: 902,
          allowed: { min: null, max: 901 },
          unit: "connections",
        },
      ],
      undecided: [],
    });
  });

  it("names the instance with the least memory, wherever it stands", () => {
    const sizes = ["db.r6g.xlarge", "db.t4g.medium", "db.t4g.large"];
    for (const order of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
    ]) {
      const members = Object.fromEntries(
        order.map((size) => [`instance-${size}`, { instanceClass: sizes[size] ?? "" }]),
      );
      expect(on({ members, parameters: limitTo("5000") }).violations).toEqual([
        expect.objectContaining({
          text: expect.stringMatching(/^`max_connections` of instance-1 is 5000, more than the 450 /),
        }),
      ]);
    }
  });

  it("blames the group that sets the limit, the cluster's where an instance's own leaves it out", () => {
    const asked = { parameters: limitTo("5000") };
    const place = (changes: Partial<AuroraSample>) =>
      on(changes).violations.map(({ resource, fix }) => [resource, fix.split(" to ")[0]]);
    const other = [{ name: "statement_timeout", value: "30000" }];
    expect(place({ ...asked, memberParameters: { "aurora-0": other } })).toEqual([
      [CLUSTER_GROUP, "Set `max_connections` in cluster parameter group `aurora-params`"],
    ]);
    expect(place({ memberParameters: { "aurora-0": limitTo("5000") } })).toEqual([
      [
        urn("aws:rds/parameterGroup:ParameterGroup", "aurora-0-params"),
        "Set `max_connections` in parameter group `aurora-0-params`",
      ],
    ]);
  });

  it("is undecided about a limit on a class that is hidden, and says nothing of AWS's own on it", () => {
    const database: Sample["database"] = { instanceClass: UNKNOWN };
    expect(find({ parameters: limitTo("400"), database })).toEqual({
      violations: [],
      undecided: [
        {
          resource: DATABASE,
          property: "instanceClass",
          reason: "`instanceClass` is not known before the deployment",
        },
      ],
    });
    expect(find({ parameters: [], database })).toEqual(NONE);
  });

  it("is undecided about a limit on a capacity that is hidden", () => {
    const cluster: AuroraSample["cluster"] = {
      serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity: UNKNOWN },
    };
    const members = { a: { instanceClass: "db.serverless" } };
    const { violations, undecided } = on({ cluster, members, parameters: limitTo("400") });
    expect(violations).toEqual([]);
    expect(undecided.map(({ property }) => property)).toEqual([
      "serverlessv2ScalingConfiguration.maxCapacity",
    ]);
  });

  it.each([
    [399, 1],
    [400, 0],
  ])("takes %d that were confirmed on a class it does not know for so many", (confirmedMaxConnections, open) => {
    const plan = samplePlan({ parameters: limitTo("400"), database: { instanceClass: "db.m99.large" } });
    const { undecided } = findings(memoryForConnections, plan, { confirmedMaxConnections });
    expect(undecided).toEqual(
      [
        {
          resource: DATABASE,
          property: "instanceClass",
          reason:
            "the memory of db.m99.large is not known, so whether it carries 400 connections is not either",
          fix: "Confirm with `SHOW max_connections` that the class runs with 400, as `confirmedMaxConnections` in the policy configuration",
        },
      ].slice(0, open),
    );
  });

  it("says nothing of a limit that RDS would refuse, nor of a database elsewhere", () => {
    expect(find({ parameters: limitTo("ten"), database: { instanceClass: "db.t4g.micro" } })).toEqual(NONE);
    const databases = [{ name: "warehouse", maxConnections: 200_000 }];
    expect(findings(memoryForConnections, { resources: [] }, { databases })).toEqual(NONE);
  });
});
