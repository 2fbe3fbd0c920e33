import { describe, expect, it } from "vitest";
import { toMarkdown } from "../../../policies/reports/markdown";
import { toText } from "../../../policies/reports/text";
import { environment } from "../samplePlan";
import { by, judge, only } from "./judge";

const shown = { color: false, width: 100 };
const two = (reporting: object) =>
  judge(
    { environment: environment({ DB_POOL_MAX: "12", DB_REPORTS: "2" }) },
    {
      pools: [{ client: "api", pool: "reporting", library: "node-postgres", ...reporting }],
      demand: [{ service: "api (reporting)", peakRequestsPerSecond: 100 }],
    },
  );

describe("two pools in one container", () => {
  it("are told apart in the table of a report", () => {
    const report = two({ values: { poolMax: 4, acquireTimeoutMs: 1000 } });
    expect(report.budgets[0]?.clients.map(({ pool }) => pool)).toEqual([null, "reporting"]);
    expect(toText(report, shown)).toMatch(/^ +api \(reporting\) +\d/m);
    expect(toMarkdown(report)).toMatch(/^\| `api \(reporting\)` \|/m);
  });

  it("are told apart in a finding about the size, with the place that sets it", () => {
    const given = only(two({ values: { poolMax: 1, acquireTimeoutMs: 1000 } }), "pool-floor");
    expect(given.message).toContain("`pool.max` of api (reporting) is 1 (the policy configuration), below");
    expect(given.fix).toMatch(
      /^Set `values\.poolMax` of api \(reporting\) under `pools` in the policy configuration to \d/,
    );
    const named = only(
      two({ variables: { poolMax: ["DB_REPORTS"] }, values: { acquireTimeoutMs: 1000 } }),
      "pool-floor",
    );
    expect(named.fix).toMatch(/^Set `DB_REPORTS` of container `api` in task definition `api-task` to \d/);
  });

  it("do not send the reader to the variables of the first pool", () => {
    const [finding] = by(two({ values: { poolMax: 4 } }), "acquire-timeout");
    expect(finding?.message).toContain("The acquire timeout of api (reporting) is not set");
    expect(finding?.fix).toMatch(
      /^Set `values\.acquireTimeoutMs` of api \(reporting\) under `pools` in the policy configuration to a value below/,
    );
  });

  it("are told apart where a size is assumed", () => {
    expect(two({ values: { acquireTimeoutMs: 1000 } }).coverage.unexamined).toEqual([
      {
        resource: expect.stringMatching(/::api$/),
        reason:
          "api (reporting): `values.poolMax` is not set in full: a pool of 10 is assumed (node-postgres's default)",
      },
    ]);
  });
});
