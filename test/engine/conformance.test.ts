import { describe, expect, it } from "vitest";
import { stackNames } from "../../engine/lib/stackFiles.mjs";
import { check, preview, root, skipReason, title } from "./support.js";

const stacks = stackNames(root);

describe.skipIf(skipReason)(title("check and the engine are one judgement"), () => {
  it("has stacks to compare", () => {
    expect(stacks).toContain("dev");
    expect(stacks).toContain("prod");
    expect(stacks).toContain("incident-2024-09-02");
  });

  it.each(stacks)("%s: the same report from both", async (stack) => {
    const inProcess = check(stack);
    const onEngine = await preview(stack);
    expect(onEngine.report).toEqual(inProcess.report);
    expect(onEngine.code).toBe(inProcess.code);
  });
});
