import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { assess } from "../../../policies/reports/assess";
import { toJson } from "../../../policies/reports/json";
import { configKeyOf } from "../../../policies/reports/locations";
import { FORMATS, render } from "../../../policies/reports/render";
import schema from "../../../policies/reports/report.schema.json";
import { judge, only } from "../rules/judge";
import { samplePlan } from "../samplePlan";
import { LEVELS, REPORTS, reportOf, STARVED } from "./sampleReports";

const validate = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false }).compile(schema);

describe("the published schema of the report", () => {
  it.each([
    ...Object.entries(REPORTS),
    ["of every rule", judge()] as const,
  ])("fits a report: %s", (_, report) => {
    validate(JSON.parse(toJson(report)));
    expect(validate.errors).toBeNull();
  });

  it("says how old the table of instance classes is on the day of the report", () => {
    const at = (day: string) =>
      assess(samplePlan({}), DEFAULT_SETTINGS, undefined, undefined, undefined, new Date(day)).tables;
    expect(at("2999-01-02T23:00:00Z").ageDays - at("2998-12-31T01:00:00Z").ageDays).toBe(2);
    expect(at("2001-01-01").ageDays).toBe(0);
  });

  it("refuses a number that is a text, an unknown that is left out, and a field that nobody documented", () => {
    const report = JSON.parse(toJson(judge()));
    expect(validate({ ...report, schemaVersion: "1" })).toBe(false);
    expect(validate({ ...report, surprise: 1 })).toBe(false);
    const [budget] = report.budgets;
    expect(validate({ ...report, budgets: [{ ...budget, usable: "389" }] })).toBe(false);
    expect(validate({ ...report, budgets: [{ ...budget, usable: undefined }] })).toBe(false);
  });
});

it("lists what stops the deployment before what only warns", () => {
  const { violations } = judge({ database: { enabledCloudwatchLogsExports: [] }, tags: {} });
  expect(violations.map(({ rule, level }) => [rule, level])).toEqual([
    ["demand-declared", "mandatory"],
    ["connection-logging", "advisory"],
  ]);
});

describe("the config key that fixes a finding", () => {
  it("is the one that the fix names where the policy configuration maps one", () => {
    const report = reportOf(STARVED, { configKeys: { DB_POOL_MAX: "shop:poolMax" } });
    expect(configKeyOf(only(report, "pool-floor"))).toBe("shop:poolMax");
  });

  it.each([
    ["Set `DB_POOL_MAX` of container `api` to 11", undefined],
    ["Add the tag `poolproof:db-hold-ms`, or set `shop:holdMs`", "shop:holdMs"],
    ["Run `pulumi config set shop:poolMax 11 --stack prod`", undefined],
    ["Look at `urn with space:x`", undefined],
    ["", undefined],
  ])("of %j is %s", (fix, key) => {
    expect(configKeyOf({ fix })).toBe(key);
  });
});

describe("every format", () => {
  it.each(
    FORMATS,
  )("%s carries every kind of report, ends in a line break, and has no control characters", (format) => {
    for (const report of Object.values(REPORTS)) {
      const text = render(report, format, { color: false, width: 100, levels: LEVELS });
      expect(text.endsWith("\n")).toBe(true);
      // JSON escapes them, and its readers get what the plan says.
      expect(text).not.toMatch(/[^\P{Cc}\n]/u);
      if (format !== "json" && format !== "sarif") expect(text).not.toMatch(/\p{Bidi_Control}/u);
      expect(text).not.toContain("hunter2-the-password");
    }
  });
});
