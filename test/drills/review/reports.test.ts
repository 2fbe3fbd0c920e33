import { describe, expect, it } from "vitest";
import { proposalOf } from "../../../drills/review/propose/proposal";
import { toHtml } from "../../../drills/review/reports/html";
import { toMarkdown } from "../../../drills/review/reports/markdown";
import { FORMATS, render } from "../../../drills/review/reports/render";
import { reviewOf } from "../../../drills/review/reports/review";
import { toText } from "../../../drills/review/reports/text";
import { ROOT } from "./support/expected";
import { judged, liveState, metrics, series } from "./support/sample";

const files = { root: ROOT, stackFile: `${ROOT}/stacks/Pulumi.prod.yaml`, policyConfig: undefined };
const plain = { color: false, width: 100 };

function review(live = liveState(), exceptions: Parameters<typeof judged>[1] = {}) {
  const judgement = judged(live, exceptions);
  return reviewOf(judgement, proposalOf(judgement.evidence, files));
}

const grown = () =>
  liveState({
    metrics: metrics({
      requests: series(60, 30_000),
      holds: series(60, 33_000),
      holdSeconds: series(60, 660),
    }),
    notReviewed: [
      {
        what: "the alarms",
        action: "cloudwatch:DescribeAlarms",
        reason: "cloudwatch:DescribeAlarms is not allowed",
        fix: "Allow it",
      },
    ],
  });

describe("the text", () => {
  it("of a clean review says so first, and shows what was seen", () => {
    expect(toText(review(), plain)).toBe(`✔ prod: clean: it runs as the program says, within what was declared
  eu-west-1, account 123456789012; 14 days until 2026-03-16 12:00 UTC

what was seen
                             planned  seen  when
  requests at peak, /s           400   380  2026-03-10 18:06
  tasks at that peak               8     8
  hold time, ms                   20    20
  acquisitions a request         1.1   1.1
  open connections               165    70  2026-03-10 18:06
  pool in use, %                   –    15  2026-03-10 18:05
  wait, 99th percentile, ms       50     2  2026-03-10 18:05
  acquire timeouts                 0     0  2026-03-10 18:05

pool auth-prod: 8 set, floor 3, ceiling 15; max_connections 400 (the parameter group), 389 usable,
165 claimed at peak
`);
  });

  it("has the findings, what was not reviewed, and the patch", () => {
    const text = toText(review(grown()), plain);
    expect(text).toMatch(/^✖ prod: 1 finding, 1 part not reviewed\n/);
    expect(text).toContain(
      "! demand-grew  auth-prod\n  Declared 400 requests/s, seen 500/s (2026-03-10 18:05 UTC).",
    );
    expect(text).toContain(
      "? not reviewed\n  the alarms: cloudwatch:DescribeAlarms is not allowed. Allow it.\n",
    );
    expect(text).toContain("  auth:peakRequestsPerSecond: 400 → 500");
    expect(text).toContain("+  auth:peakRequestsPerSecond: 500\n");
  });
});

describe("a review for machines", () => {
  it("has numbers as numbers, null for what is not known, and a verdict", () => {
    const json = JSON.parse(render(review(grown()), "json", plain));
    expect(json).toMatchObject({
      schemaVersion: 1,
      stack: "prod",
      verdict: "findings",
      pool: { set: 8, floor: 4, floorDeclared: 3, ceiling: 15 },
      limit: { inForce: 400, usable: 389, demandAtPeak: 165 },
      proposal: { changes: [{ key: "auth:peakRequestsPerSecond", from: 400, to: 500 }] },
    });
    expect(json.findings[0]).toMatchObject({ id: "demand-grew", docs: "docs/guides/declaring-demand.md" });
    expect(json.seen[0]).toEqual({
      what: "requests at peak",
      unit: "/s",
      planned: 400,
      seen: 500,
      at: "2026-03-10T18:05:00.000Z",
    });
    expect(JSON.parse(render(review(), "json", plain)).proposal.patch).toBeNull();
  });

  it("that could not look at everything is never clean", () => {
    const { notReviewed } = grown();
    expect(review(liveState({ notReviewed })).verdict).toBe("incomplete");
  });
});

describe("hostile names", () => {
  const exception = {
    rule: "drain-order",
    resource: "<img src=x onerror=alert(1)>\u001b[31m|`@team",
    reason: "</section><script>alert(1)</script>",
    owner: "[owner](https://example.com)",
    expires: "2026-03-20",
  };
  const hostile = () => review(liveState(), { exceptions: [exception] });

  it("are no tags on a page, and the page loads nothing", () => {
    const html = toHtml(hostile());
    expect(html).not.toMatch(/<(img|script)/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<section/g)).toHaveLength(1);
  });

  it("are no links, tags or mentions in Markdown, and move no cursor on a terminal", () => {
    // What stands in code is shown as it is.
    const markdown = toMarkdown(hostile()).replace(/`[^`]*`/g, "");
    expect(markdown).not.toMatch(/<(img|script)|@team/);
    expect(markdown).not.toContain("[owner](https");
    for (const format of FORMATS.filter((each) => each !== "json")) {
      expect(render(hostile(), format, plain)).not.toContain("\u001b");
    }
  });
});
