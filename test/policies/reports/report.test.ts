import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { toJson } from "../../../policies/reports/json";
import schema from "../../../policies/reports/report.schema.json";
import { judge } from "../rules/judge";
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

  it("refuses a number that is a text, an unknown that is left out, and a field that nobody documented", () => {
    const report = JSON.parse(toJson(judge()));
    expect(validate({ ...report, schemaVersion: "1" })).toBe(false);
    expect(validate({ ...report, surprise: 1 })).toBe(false);
    const [budget] = report.budgets;
    expect(validate({ ...report, budgets: [{ ...budget, usable: "389" }] })).toBe(false);
    expect(validate({ ...report, budgets: [{ ...budget, usable: undefined }] })).toBe(false);
  });
});
