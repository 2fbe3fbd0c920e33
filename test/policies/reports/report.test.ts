import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../../policies/plan/settings";
import { assess } from "../../../policies/reports/assess";
import { toJson } from "../../../policies/reports/json";
import schema from "../../../policies/reports/report.schema.json";
import { judge } from "../rules/judge";
import { samplePlan } from "../samplePlan";
import { REPORTS } from "./sampleReports";

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
