import { describe, expect, it } from "vitest";
import { preview, skipReason, title } from "./support.js";

const outage = "incident-2024-09-02";
const rulesOf = (report: { violations: readonly { rule: string; level: string }[] } | undefined) =>
  report?.violations.filter(({ level }) => level === "mandatory").map(({ rule }) => rule);

describe.skipIf(skipReason)(title("the outage of 2 September 2024 on the real engine"), () => {
  it("is rejected for its pool alone, with the arithmetic in the message", async () => {
    const { code, report, stdout } = await preview(outage);
    expect(code).toBe(1);
    expect(report?.verdict).toBe("rejected");
    expect(rulesOf(report)).toEqual(["pool-floor"]);
    const violation = report?.violations[0];
    expect(violation?.observed).toBe(3);
    expect(violation?.allowed).toEqual({ min: 11, max: 19 });
    expect(violation?.message).toMatch(/\b11\b/);
    expect(violation?.message).toMatch(/\b40 %/);
    // The person at the terminal reads it too, not only the report.
    expect(stdout.replace(/\s+/g, " ")).toContain("below the floor of 11");
  });

  it.each([
    11, 15, 19,
  ])("is accepted with a pool of %d, inside the window, and nothing else changed", async (poolMax) => {
    const { code, report } = await preview(outage, { "auth:poolMax": poolMax });
    expect(rulesOf(report)).toEqual([]);
    expect(code).toBe(0);
  });

  it("is rejected by pool-floor one below the window", async () => {
    const { code, report } = await preview(outage, { "auth:poolMax": 10 });
    expect(code).toBe(1);
    expect(rulesOf(report)).toEqual(["pool-floor"]);
  });

  it("is rejected by connection-budget one above the window", async () => {
    const { code, report } = await preview(outage, { "auth:poolMax": 20 });
    expect(code).toBe(1);
    expect(rulesOf(report)).toEqual(["connection-budget"]);
  });
});
