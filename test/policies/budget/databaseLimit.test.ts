import { describe, expect, it } from "vitest";
import { limitOf, usableOf } from "../../../policies/budget/databaseLimit";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { DEFAULT_SETTINGS, type Settings } from "../../../policies/plan/settings";
import { readStack } from "../../../policies/plan/stack";
import { type AuroraSample, auroraPlan, CLUSTER, limitTo } from "../auroraPlan";
import { by, judgePlan, only } from "../rules/judge";
import { resource, samplePlan } from "../samplePlan";

const of = (resources: readonly PlanResource[], settings: Partial<Settings> = {}) => {
  const report = judgePlan({ resources }, settings);
  return { report, budget: report.budgets[0], limit: report.budgets[0]?.maxConnections };
};
const aurora = (changes: Partial<AuroraSample> = {}, settings: Partial<Settings> = {}) =>
  of(auroraPlan(changes), settings);
const undecided = ({ report }: ReturnType<typeof of>) =>
  report.undecided.filter(({ rule }) => rule === "max-connections").map(({ property }) => property);

describe("the limit of an Aurora cluster", () => {
  it.each([
    ["aurora-postgresql", "db.r6g.large", 1722, 1711],
    ["aurora-mysql", "db.r6g.large", 1000, 993],
    ["aurora-postgresql", "db.r8g.large", 1586, 1575],
  ])("of %s on %s is AWS's default of %i, of which %i are usable", (engine, instanceClass, limit, usable) => {
    const { budget } = aurora({ cluster: { engine }, members: { a: { instanceClass } } });
    expect(budget).toMatchObject({ maxConnections: limit, maxConnectionsSource: "estimated", usable });
  });

  it("is the lowest of its instances, any of which may become the writer", () => {
    const members = { a: { instanceClass: "db.r6g.xlarge" }, b: { instanceClass: "db.t4g.medium" } };
    expect(aurora({ members }).limit).toBe(405);
  });

  it("is the cluster group's for all of them, and an instance's own value before it", () => {
    const members = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };
    const shared = { members, parameters: limitTo("1000") };
    expect(aurora(shared).budget).toMatchObject({ maxConnections: 1000, maxConnectionsSource: "explicit" });
    expect(aurora({ ...shared, memberParameters: { b: limitTo("500") } }).limit).toBe(500);
    expect(aurora({ ...shared, memberParameters: { b: limitTo("1500") } }).limit).toBe(1000);
  });

  it("leaves for clients what the instance that reserves most leaves", () => {
    const reserve = {
      name: "rds.rds_superuser_reserved_connections",
      value: "50",
      applyMethod: "pending-reboot",
    };
    const members = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };
    const { budget } = aurora({ members, parameters: limitTo("1000"), memberParameters: { b: [reserve] } });
    // 1000 − 3 − 50 − 6.
    expect(budget).toMatchObject({ maxConnections: 1000, usable: 941 });
  });

  it("is not known while one of its instances is not, but a refused value is refused", () => {
    const members: AuroraSample["members"] = {
      a: { instanceClass: "db.r6g.large" },
      b: { instanceClass: UNKNOWN },
    };
    const hidden = aurora({ members });
    expect(hidden.limit).toBeNull();
    expect(undecided(hidden)).toEqual(["instanceClass"]);
    const refused = aurora({ members, memberParameters: { a: limitTo("3") } });
    expect(only(refused.report, "max-connections").observed).toBe(3);
  });

  it("is what is wrong in the plan before what is hidden, and both before any number", () => {
    const classes = (a: PropertyValue, b: PropertyValue) => {
      const members: AuroraSample["members"] = { a: { instanceClass: a }, b: { instanceClass: b } };
      const { databases } = readStack({ resources: auroraPlan({ members }) });
      return databases.map((database) => limitOf(database, DEFAULT_SETTINGS).state);
    };
    for (const [a, b, state] of [
      ["db.r6g.large", UNKNOWN, "unknown"],
      ["db.r6g.lagre", UNKNOWN, "refused"],
      [7, UNKNOWN, "malformed"],
      ["db.r6g.large", "db.r6g.lagre", "refused"],
    ] as const) {
      expect([classes(a, b), classes(b, a)]).toEqual([[state], [state]]);
    }
  });

  it("without an instance in the stack is known only when it is explicit or confirmed", () => {
    const bare = aurora({ members: {} });
    expect(bare.limit).toBeNull();
    expect(undecided(bare)).toEqual(["instanceClass"]);
    expect(aurora({ members: {}, parameters: limitTo("700") }).limit).toBe(700);
    expect(aurora({ members: {} }, { confirmedMaxConnections: { aurora: 650 } }).budget).toMatchObject({
      maxConnections: 650,
      maxConnectionsSource: "confirmed",
    });
  });
});

describe("the limit of Serverless v2", () => {
  const serverless = (minCapacity: number, maxCapacity: unknown, more: Partial<AuroraSample> = {}) =>
    auroraPlan({
      cluster: {
        serverlessv2ScalingConfiguration: { minCapacity, maxCapacity: maxCapacity as number },
        ...more.cluster,
      },
      members: { a: { instanceClass: "db.serverless" } },
      ...(more.parameters ? { parameters: more.parameters } : {}),
    });

  it.each([
    [2, 16, 3360],
    [0.5, 32, 2000],
    [1, 12, 2379],
    [0, 8, 1669],
  ])("from %d to %d ACU is %i", (min, max, limit) => {
    expect(of(serverless(min, max)).limit).toBe(limit);
  });

  it("is explicit whatever the capacity, and hidden with it otherwise", () => {
    expect(of(serverless(1, UNKNOWN, { parameters: limitTo("300") })).limit).toBe(300);
    expect(undecided(of(serverless(1, UNKNOWN)))).toEqual(["serverlessv2ScalingConfiguration.maxCapacity"]);
    expect(of(serverless(1, UNKNOWN), { confirmedMaxConnections: 900 }).limit).toBe(900);
  });

  it("needs the capacity that an instance of class db.serverless follows", () => {
    const without = aurora({ members: { a: { instanceClass: "db.serverless" } } });
    expect(undecided(without)).toEqual(["serverlessv2ScalingConfiguration"]);
  });
});

describe("the limit of other clusters", () => {
  it("of a Multi-AZ cluster is RDS's formula on its one class", () => {
    const cluster = { engine: "postgres", engineVersion: "16.4", dbClusterInstanceClass: "db.m6gd.large" };
    const multiAz = aurora({ cluster, members: {}, family: "postgres16" });
    // 8 GiB × 0.88 / 9531392.
    expect(multiAz.budget).toMatchObject({ maxConnections: 793, usable: 782 });
    expect(by(multiAz.report, "max-connections")).toEqual([]);
  });

  it("of Serverless v1 is undecided with the reason, until somebody measures it", () => {
    const v1 = { cluster: { engineMode: "serverless" }, members: {}, parameters: limitTo("100") };
    const found = aurora(v1);
    expect(found.limit).toBeNull();
    expect(found.report.undecided).toContainEqual(
      expect.objectContaining({ resource: CLUSTER, property: "engineMode" }),
    );
    expect(aurora(v1, { confirmedMaxConnections: 90 }).limit).toBe(90);
  });
});

describe("a limit that the plan does not show", () => {
  const lonely = resource("aws:rds/instance:Instance", "db", {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.large",
    parameterGroupName: "someone-elses",
  });

  it("is confirmed for a group of another stack, with RDS's reservations", () => {
    expect(of([lonely]).limit).toBeNull();
    expect(of([lonely], { confirmedMaxConnections: 400 }).budget).toMatchObject({
      maxConnections: 400,
      maxConnectionsSource: "confirmed",
      usable: 389,
    });
  });

  it("is what the policy configuration says of the database by its name", () => {
    const databases = [{ name: "db", maxConnections: 300 }];
    expect(of([lonely], { databases }).limit).toBe(300);
    // Measured on this very database, against one number for all of them.
    expect(of([lonely], { databases, confirmedMaxConnections: 900 }).limit).toBe(300);
    expect(of([lonely], { databases, confirmedMaxConnections: { db: 350 } }).limit).toBe(350);
    expect(of([lonely], { databases, confirmedMaxConnections: { other: 350 } }).limit).toBe(300);
  });

  it("stays hidden where this deployment sets it: nobody can have measured that", () => {
    const plan = auroraPlan({ parameters: limitTo(UNKNOWN) });
    expect(of(plan, { confirmedMaxConnections: 400 }).limit).toBeNull();
  });

  it("is confirmed by an instance's own name before its cluster's", () => {
    const members = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };
    const confirmedMaxConnections = { aurora: 1700, b: 1600 };
    expect(aurora({ members }, { confirmedMaxConnections }).limit).toBe(1600);
    const named = { ...members, b: { instanceClass: "db.r6g.large", identifier: "aurora-b" } };
    const byIdentifier = { aurora: 1700, "aurora-b": 1500 };
    expect(aurora({ members: named }, { confirmedMaxConnections: byIdentifier }).limit).toBe(1500);
  });

  it("is confirmed for a class that is newer than the table, and the class passes", () => {
    const plan = [
      resource("aws:rds/instance:Instance", "db", {
        engine: "postgres",
        engineVersion: "17",
        instanceClass: "db.m99.large",
        parameterGroupName: UNKNOWN,
      }),
    ];
    expect(only(of(plan).report, "max-connections").observed).toBe("db.m99.large");
    const confirmed = of(plan, { confirmedMaxConnections: 850 });
    expect(by(confirmed.report, "max-connections")).toEqual([]);
    expect(undecided(confirmed)).toEqual([]);
    expect(confirmed.budget).toMatchObject({ maxConnections: 850, maxConnectionsSource: "confirmed" });
  });

  it("of a database elsewhere is the configuration's", () => {
    const databases = [{ name: "warehouse", engine: "mysql", maxConnections: 90 }];
    expect(of([], { databases }).budget).toMatchObject({
      maxConnections: 90,
      maxConnectionsSource: "confirmed",
      usable: 83,
    });
    const silent = of([], { databases: [{ name: "warehouse" }] });
    expect(undecided(silent)).toEqual(["maxConnections"]);
  });
});

describe("what a limit leaves for clients", () => {
  const usable = (parameters: readonly PropertyValue[]) => {
    const { databases } = readStack(samplePlan({ parameters }));
    return databases.map((database) => usableOf(database, DEFAULT_SETTINGS));
  };
  const reserved = (value: PropertyValue): PropertyValue => ({
    name: "reserved_connections",
    value,
    applyMethod: "pending-reboot",
  });

  it("is the rest after what PostgreSQL and RDS keep back, and after what the group does", () => {
    expect(usable(limitTo("400"))).toEqual([{ state: "known", value: 389 }]);
    expect(usable([...limitTo("400"), reserved("7")])).toEqual([{ state: "known", value: 382 }]);
  });

  it("is not known while the group hides what it keeps back, and wrong where that is no number", () => {
    const property = "parameters.reserved_connections";
    expect(usable([...limitTo("400"), reserved(UNKNOWN)])).toMatchObject([{ state: "unknown", property }]);
    expect(usable([...limitTo("400"), reserved("two")])).toMatchObject([{ state: "malformed", property }]);
  });

  it("is not known of a limit that RDS would refuse, with what is wrong", () => {
    expect(usable(limitTo("5"))).toMatchObject([
      { state: "unknown", property: "parameters.max_connections" },
    ]);
  });
});

describe("MySQL and MariaDB", () => {
  it.each([
    ["mysql", "8.0.42", "mysql8.0", 600],
    ["mariadb", "11.4", "mariadb11.4", 300],
  ])("%s %s has its own formula, and takes a new limit while it runs", (engine, engineVersion, family, limit) => {
    const instance = (parameters: readonly object[]) => [
      resource("aws:rds/parameterGroup:ParameterGroup", "group", {
        name: "group",
        family,
        parameters: parameters as never,
      }),
      resource("aws:rds/instance:Instance", "db", {
        engine,
        engineVersion,
        instanceClass: "db.m7g.large",
        parameterGroupName: "group",
      }),
    ];
    expect(of(instance([])).limit).toBe(limit);
    const { report } = of(instance([{ name: "max_connections", value: "250" }]));
    expect(report.budgets[0]?.maxConnections).toBe(250);
    expect(by(report, "max-connections")).toEqual([]);
  });
});
