import { describe, expect, it } from "vitest";
import { type Options, parseCommandLine } from "../../../../drills/stress/commandLine";
import { checkInput } from "../../../../drills/stress/run/checkInput";
import { smallStack } from "../stackForTests";

function options(...argv: string[]): Options {
  const read = parseCommandLine(["small", ...argv]);
  if (read === "help") throw new Error("not asked for");
  return read;
}
const rejected = {
  ...smallStack,
  verdict: "rejected",
  findings: [
    { rule: "pool-floor", message: "`pool.max` is 3" },
    { rule: "timeout-order", message: "…" },
  ],
} as const;

describe("what the lab refuses to run", () => {
  it("is a stack that would never be deployed, unless it is asked to", () => {
    expect(() => checkInput(rejected, options(), 2)).toThrow(
      /^the policies reject small.*pool-floor \(and 1 more\).*npm run check -- small.*--even-if-rejected$/,
    );
    expect(() => checkInput(rejected, options("--even-if-rejected"), 2)).not.toThrow();
  });

  it("is not an incident that is rehearsed", () => {
    expect(() => checkInput({ ...rejected, stack: "incident-2024-09-02" }, options(), 2)).not.toThrow();
  });

  it("is a hold as long as the statement timeout", () => {
    expect(() => checkInput(smallStack, options("--hold-ms", "2000"), 2)).toThrow(
      /not below the statement timeout of 2000 ms/,
    );
    expect(() => checkInput(smallStack, options("--hold-ms", "500"), 2)).not.toThrow();
  });

  it("is a rate that this machine cannot make", () => {
    expect(() => checkInput(smallStack, options("--rate", "5000"), 2)).toThrow(/5000 requests\/s.*--emit k6/);
  });
});

describe("another demand than the declared one", () => {
  it("has a floor of its own, by the model", () => {
    const { stack, scaled } = checkInput(smallStack, options("--rate", "200"), 2);
    expect(scaled.requestsPerSecond).toBe(200);
    // 200/s × 1.5 × 1.25 × 40 ms = 15 busy connections
    expect(stack.pool.floor).toBeGreaterThan(15);
    expect(checkInput(smallStack, options(), 2).stack.pool.floor).toBe(4);
  });
});
