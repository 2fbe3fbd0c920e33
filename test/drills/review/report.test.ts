import { describe, expect, it } from "vitest";
import { proposalOf } from "../../../drills/review/propose";
import { FORMATS, render, reviewOf } from "../../../drills/review/report";
import { ROOT } from "./support/expected";
import { busyMinute, judged, liveState } from "./support/sample";

const files = { root: ROOT, stackFile: `${ROOT}/stacks/Pulumi.prod.yaml`, policyConfig: undefined };
const plain = { color: false, width: 100 };

function review(...given: Parameters<typeof judged>) {
  const judgement = judged(...given);
  return reviewOf(judgement, proposalOf(judgement.evidence, files));
}

const notReviewed = [
  { what: "the alarms", action: "cloudwatch:DescribeAlarms", reason: "not allowed", fix: "Allow it" },
];
const grown = review(liveState({ ...busyMinute(500), notReviewed }));

describe("the text", () => {
  it("of a clean review says so first, and shows what was seen", () => {
    const text = render(review(), "text", plain);
    expect(text).toMatch(/^✔ prod: clean/);
    expect(text).toContain(`
                             planned  seen  when
  requests at peak, /s           400   380  2026-03-10 18:06
  tasks at that peak               8     8
  hold time, ms                   20    20
  acquisitions a request         1.1   1.1
  open connections               165    70  2026-03-10 18:06
  pool in use, %                   –    15  2026-03-10 18:05
  wait, 99th percentile, ms       50     2  2026-03-10 18:05
  acquire timeouts                 0     0  2026-03-10 18:05
`);
    expect(text.split("\n\n").at(-1)?.match(/\d+/g)).toEqual(["8", "3", "15", "400", "389", "165"]);
  });

  it("has the findings, what was not reviewed, and the patch", () => {
    const text = render(grown, "text", plain);
    expect(text).toMatch(/^✖ prod: 1 .*1 /);
    expect(text).toMatch(/^! demand-grew {2}auth-prod\n {2}.*400.*500/m);
    expect(text).toContain("  the alarms: not allowed. Allow it.\n");
    expect(text).toContain("  auth:peakRequestsPerSecond: 400 → 500");
    expect(text).toContain('+  auth:peakRequestsPerSecond: "500"\n');
  });
});

describe("a review for machines", () => {
  it("has numbers as numbers, null for what is not known, and a verdict", () => {
    const json = JSON.parse(render(grown, "json", plain));
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
  const hostile = review(liveState(), { exceptions: [exception] });

  it("are no tags on a page, and the page loads nothing", () => {
    const html = render(hostile, "html", plain);
    expect(html).not.toMatch(/<(img|script)/);
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<section/g)).toHaveLength(1);
  });

  it("are no links, tags or mentions in Markdown, and move no cursor on a terminal", () => {
    // What stands in code is shown as it is.
    const markdown = render(hostile, "markdown", plain).replace(/`[^`]*`/g, "");
    expect(markdown).not.toMatch(/<(img|script)|@team/);
    expect(markdown).not.toContain("[owner](https");
    for (const format of FORMATS.filter((each) => each !== "json")) {
      expect(render(hostile, format, plain)).not.toContain("\u001b");
    }
  });
});
