import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { physicalName } from "../../infra/context";

describe("the name that AWS is given", () => {
  it.each([
    ["auth", "prod", "auth-prod"],
    ["auth", "incident-2024-09-02", "auth-incident-2024-09-02"],
    ["auth", "My_Stack.v2", "auth-my-stack-v2"],
    ["auth", "feature--x-", "auth-feature-x"],
  ])("of project %s and stack %s is %s", (project, stack, name) => {
    expect(physicalName(project, stack)).toBe(name);
  });

  it("is one that RDS takes: letters, digits, single hyphens, none at the end, 63 at most", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (stack) => {
        const name = physicalName("auth", stack);
        expect(name).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
        expect(name.length).toBeLessThanOrEqual(63);
      }),
    );
  });
});
