import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/property";
import { toText } from "../../../policies/reports/text";
import { judge } from "../rules/judge";
import { environment } from "../samplePlan";

const plain = { color: false, width: 100 };

describe("the report on a terminal", () => {
  it("says the verdict first, then what to do, then the numbers", () => {
    expect(toText(judge({ environment: environment({ DB_POOL_MAX: "3" }) }), plain)).toBe(
      `✖ test: rejected, 1 violation

✖ pool-floor  api
  \`pool.max\` is 3, below the floor of 11: at 400 requests/s over 8 tasks each task keeps 5.0
  connections busy, so at least 40 % of requests would fail. Set \`DB_POOL_MAX\` of container \`api\` in
  task definition \`api-task\` to 11–19 (docs/runbooks/pool-floor.md).

database db: 400 connections (explicit), 389 usable, 53 claimed at peak
  pool  tasks  busy  floor  set  ceiling  failing
  api    8–16  4.95     11    3       19     40 %
`,
    );
  });

  it("says how much was examined when it accepts", () => {
    expect(toText(judge(), plain)).toMatch(/^✔ test: accepted, 1 client of 1 database examined\n/);
  });

  it("shows a question mark for what is not known, and why", () => {
    const text = toText(judge({ taskDefinition: { containerDefinitions: UNKNOWN } }), plain);
    expect(text).toContain("? undecided before the deployment");
    expect(text).toContain("claimed at peak");
    expect(text).toMatch(/api +8–16 +\? +\? +\? +\? +\?/);
  });

  it("uses colour only when asked to, and never wraps beyond the width", () => {
    const report = judge({ environment: environment({ DB_POOL_MAX: "3" }) });
    const ansi = String.fromCharCode(27);
    expect(toText(report, plain)).not.toContain(ansi);
    expect(toText(report, { color: true, width: 100 })).toContain(`${ansi}[31m`);
    for (const line of toText(report, { color: false, width: 60 }).split("\n"))
      expect(line.length).toBeLessThanOrEqual(72);
  });
});
