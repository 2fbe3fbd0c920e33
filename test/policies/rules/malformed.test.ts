import { describe, expect, it } from "vitest";
import { DEFAULT_LEVELS } from "../../../policies/reports/assess";
import { by, judge } from "./judge";

describe("a value that is wrong in the plan itself", () => {
  it("is rejected even where what the preview hides is only warned of", () => {
    const report = judge({ environment: { WEB_CONCURRENCY: "0", DB_POOL_MAX: "12" } }, { undecided: "warn" });
    expect(report.verdict).toBe("rejected");
    const [violation] = report.violations.filter(({ message }) => message.includes("WEB_CONCURRENCY"));
    expect(violation?.level).toBe("mandatory");
    expect(violation?.message).toContain("a whole number of processes from 1 up");
  });

  it("is one violation, whatever number of rules it keeps from deciding", () => {
    const report = judge({ service: { deploymentMaximumPercent: "many" } });
    const about = report.violations.filter(({ message }) => message.includes("deploymentMaximumPercent"));
    expect(about).toHaveLength(1);
    expect(by(report, "undecided")).toEqual([]);
  });
});

describe("what is wrong in the plan", () => {
  const many = { service: { deploymentMaximumPercent: "many" } };

  it("is blamed on the strictest rule that it keeps from deciding, with all of them named", () => {
    const [all] = judge(many).violations.filter(({ message }) =>
      message.includes("deploymentMaximumPercent"),
    );
    expect(all).toMatchObject({ level: "mandatory", observed: '"many"', allowed: null, unit: null });
    const [, names = ""] =
      /would refuse it, and ([a-z, -]+) cannot be decided/.exec(all?.message ?? "") ?? [];
    const rules = names.split(", ");
    expect(rules).toContain("connection-budget");
    expect(new Set(rules).size).toBe(rules.length);
    const [first = ""] = rules;
    const levels = { ...DEFAULT_LEVELS, [first]: "advisory" as const };
    const strict = judge(many, {}, levels).violations.find(({ message }) =>
      message.includes("deploymentMaximumPercent"),
    );
    expect(strict?.level).toBe(rules.length > 1 ? "mandatory" : "advisory");
  });

  it("only warns where every rule that it concerns only warns", () => {
    const levels = Object.fromEntries(Object.keys(DEFAULT_LEVELS).map((rule) => [rule, "advisory" as const]));
    const report = judge(many, {}, levels);
    expect(report.verdict).toBe("accepted");
    expect(
      report.violations.filter(({ message }) => message.includes("deploymentMaximumPercent")),
    ).toHaveLength(1);
  });

  it("is said for each property and each resource", () => {
    const two = { service: { deploymentMaximumPercent: "many", deploymentMinimumHealthyPercent: "few" } };
    const shown = judge(two).violations.flatMap(
      ({ message }) => /^`(deployment\w+)` of api is "\w+"/.exec(message)?.[1] ?? [],
    );
    expect(shown.sort()).toEqual(["deploymentMaximumPercent", "deploymentMinimumHealthyPercent"]);
  });
});

describe("a pool size", () => {
  it.each([
    "1e1",
    "+12",
    "12.0",
    "0x10",
    "12 connections",
  ])("written as %j is not taken for a number: services read it differently", (text) => {
    const report = judge({ environment: { DB_POOL_MAX: text } });
    expect(by(report, "pool-floor").map(({ message }) => message)).toEqual([
      expect.stringContaining("not a whole number of connections from 1 up"),
    ]);
  });
});

describe("an advisory violation", () => {
  it("does not stand for what a mandatory rule cannot decide: an unreadable limit", () => {
    const levels = { ...DEFAULT_LEVELS, "max-connections": "advisory" as const };
    const parameters = [{ name: "max_connections", value: "LEAST(", applyMethod: "pending-reboot" }];
    const report = judge({ parameters, environment: { DB_POOL_MAX: "4000" } }, {}, levels);
    expect(report.undecided.map(({ rule }) => rule)).toContain("connection-budget");
    expect(report.verdict).toBe("rejected");
  });

  it("does not stand for what a mandatory rule cannot decide: missing demand", () => {
    const levels = { ...DEFAULT_LEVELS, "demand-declared": "advisory" as const };
    const report = judge({ tags: { "poolproof:db-hold-ms": undefined } }, {}, levels);
    expect(report.undecided.map(({ rule }) => rule)).toContain("pool-floor");
    expect(report.verdict).toBe("rejected");
  });
});
