import { describe, expect, it } from "vitest";
import { byCause } from "../../../policies/reports/headline";
import type { ReportedViolation } from "../../../policies/reports/report";

const finding = (resource: string, message: string, rule = "timeout-order"): ReportedViolation => ({
  rule,
  level: "mandatory",
  resource: `urn:pulumi:dev::shop::aws:ecs/service:Service::${resource}`,
  message,
  observed: null,
  allowed: null,
  unit: null,
  fix: "Set it",
  docs: "docs/runbooks/timeout-order.md",
});
const missing = (name: string) =>
  finding(
    name,
    `\`lock_timeout\` of ${name} is not set. Set it of container \`${name}-c\` in task definition \`${name}-task\`.`,
  );

describe("findings of one cause", () => {
  it("are one that names the other resources", () => {
    const [cause, ...more] = byCause([missing("api"), missing("jobs"), missing("web")]);
    expect(more).toEqual([]);
    expect(cause?.findings).toHaveLength(3);
    expect(cause?.finding.resource).toMatch(/::api$/);
    expect(cause?.finding.message).toMatch(/The same applies to jobs and web\.$/);
  });

  it("are apart where a number, the rule or the level differs", () => {
    const found = [
      finding("api", "`pool.max` of api is 3."),
      finding("jobs", "`pool.max` of jobs is 4."),
      finding("api", "`pool.max` of api is 3.", "pool-floor"),
      { ...finding("web", "`pool.max` of web is 3."), level: "advisory" as const },
    ];
    expect(byCause(found).map(({ finding: each }) => each)).toEqual(found);
  });

  it("leave a finding that stands alone as it is", () => {
    expect(byCause([missing("api")])[0]?.finding).toEqual(missing("api"));
  });
});
