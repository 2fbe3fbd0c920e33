import { describe, expect, it } from "vitest";
import { runbook, runbooksFor } from "../../../policies/rules/rule";

describe("the page of a rule", () => {
  it("lies at this repository's root", () => {
    expect(runbook("pool-floor")).toBe("docs/runbooks/pool-floor.md");
  });

  it.each([
    ["/srv/shop/node_modules/poolproof/dist/rules", "node_modules/poolproof/docs/runbooks"],
    [
      "/srv/shop/node_modules/.pnpm/poolproof@1.0.0/node_modules/poolproof/dist/rules",
      "node_modules/poolproof/docs/runbooks",
    ],
    ["C:\\shop\\node_modules\\poolproof\\dist\\rules", "node_modules/poolproof/docs/runbooks"],
    ["/shop/node_modules/@acme/poolproof/dist/rules", "node_modules/@acme/poolproof/docs/runbooks"],
    ["/srv/poolproof/policies/dist/rules", "docs/runbooks"],
  ])("lies in the package where it is installed: %s", (folder, expected) => {
    expect(runbooksFor(folder)).toBe(expected);
  });
});
