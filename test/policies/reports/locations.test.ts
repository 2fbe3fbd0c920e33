import { describe, expect, it } from "vitest";
import { configKeyOf } from "../../../policies/reports/locations";
import { FORMATS, render } from "../../../policies/reports/render";
import { only } from "../rules/judge";
import { LEVELS, REPORTS, reportOf, STARVED } from "./sampleReports";

describe("the config key that mends a finding", () => {
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
