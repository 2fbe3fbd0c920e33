import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wildcard } from "../../../policies/plan/settings";

describe("a pattern for names", () => {
  it.each([
    ["api", "api", true],
    ["api", "api-2", false],
    ["api*", "api-2", true],
    ["*api", "my-api", true],
    ["a*i", "ai", true],
    ["a*a", "a", false],
    ["a*b*c", "a-b-b-c", true],
    ["*ab*ab", "ab", false],
    ["*", "", true],
    ["", "", true],
    [
      "urn:pulumi:*::aws:rds/instance:Instance::db",
      "urn:pulumi:prod::shop::aws:rds/instance:Instance::db",
      true,
    ],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
  ])("%j fits %j: %j", (pattern, name, fits) => {
    expect(wildcard(pattern).test(name)).toBe(fits);
  });

  it("means what the same pattern means as a regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "."), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
    fc.assert(
      fc.property(text, name, (pattern, candidate) => {
        const parts = pattern.split("*").map((part) => part.replaceAll(".", "\\."));
        expect(wildcard(pattern).test(candidate)).toBe(new RegExp(`^${parts.join(".*")}$`).test(candidate));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes no longer for a pattern that almost fits in very many ways", () => {
    const started = performance.now();
    expect(wildcard(`${"a*".repeat(60)}b`).test("a".repeat(5_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
