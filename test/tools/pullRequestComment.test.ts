import { describe, expect, it } from "vitest";
import { commentText } from "../../tools/ci/pullRequestComment.mjs";
import { client, report, undecided, violation } from "./reports.js";

const stacks = (...reports: ReturnType<typeof report>[]) =>
  new Map(reports.map((each) => [each.stack, each]));

describe("the comment on a pull request", () => {
  it("shows each window as it was and as it is now", () => {
    const before = stacks(report());
    const after = stacks(report({ clients: [client({ poolMax: 9, ceiling: 12 })] }));
    const text = commentText(after, before);
    expect(text).toContain("### ✔ poolproof: every stack has the verdict it must have");
    expect(text).toContain("| `prod` | ✔ accepted | `auth` | 8 → **9** | 5–9 → **5–12** | 0 % |");
    expect(text).toContain("Nothing was left undecided.");
  });

  it("names the stack that is rejected, with its finding and what fails", () => {
    const starved = report({
      verdict: "rejected",
      violations: [violation()],
      clients: [client({ poolMax: 3, failingShare: 0.4 })],
    });
    const text = commentText(stacks(starved), stacks(report()));
    expect(text).toContain("### ✖ poolproof: prod is rejected");
    expect(text).toContain("| ✔ accepted → **✖ rejected** |");
    expect(text).toContain("| 0 % → **40 %** |");
    expect(text).toContain("✖ `prod` **pool-floor** (new) on `auth`");
  });

  it("takes the stack of an incident for right only while it is rejected", () => {
    const incident = { stack: "incident-2024-09-02", violations: [violation()] };
    const right = commentText(stacks(report({ ...incident, verdict: "rejected" })));
    expect(right).toContain("✔ poolproof");
    expect(right).toContain("| ✔ rejected, as it must be |");
    expect(right).not.toContain("**pool-floor**");
    expect(commentText(stacks(report({ ...incident, verdict: "accepted" })))).toContain(
      "### ✖ poolproof: incident-2024-09-02 is accepted",
    );
  });

  it("says what was not decided, which rules said nothing of it, and whether that rejects", () => {
    const both = [undecided(), undecided({ rule: "connection-budget" })];
    const warned = commentText(stacks(report({ undecided: both })));
    expect(warned).toContain("Not decided, and what it costs (1)");
    expect(warned).toContain("Not judged: pool-floor, connection-budget, so nothing bounds it before");
    const rejects = [violation({ rule: "undecided" })];
    expect(commentText(stacks(report({ undecided: both, violations: rejects })))).toContain(
      "so the stack is rejected",
    );
  });

  it("says a window that is empty, and keeps a warning that was there before to itself", () => {
    const warning = violation({ level: "advisory", rule: "connection-logging" });
    const empty = report({
      violations: [warning],
      clients: [client({ floor: 12, ceiling: 9, poolMax: null })],
    });
    const text = commentText(stacks(empty), stacks(report({ violations: [warning] })));
    expect(text).toContain("none (12 > 9)");
    expect(text).not.toContain("connection-logging");
  });

  it("shows the engine's preview beside check, and a stack that is gone", () => {
    const after = stacks(report());
    const text = commentText(after, stacks(report(), report({ stack: "old" })), after);
    expect(text).toContain("| `prod` (preview) | ✔ accepted |");
    expect(text).toContain("`old` is no longer a stack");
  });

  it("lets a name from the plan neither mention anyone nor break out of its cell", () => {
    const hostile = client({ resource: "urn::a|b`@team <img src=x>" });
    const text = commentText(stacks(report({ clients: [hostile] })));
    const row = text.split("\n").find((line) => line.includes("team")) ?? "";
    expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
    expect(row).toContain("`a\\|b'@team <img src=x>`");
    const found = violation({ message: "see @everyone and <b>this</b>" });
    expect(commentText(stacks(report({ verdict: "rejected", violations: [found] })))).not.toMatch(
      /@everyone|<b>/,
    );
  });

  it("is refused where nothing was judged", () => {
    expect(() => commentText(new Map())).toThrow("no stack was judged");
  });
});
