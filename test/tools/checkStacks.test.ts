import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { folder } from "./reports.js";

const root = resolve(import.meta.dirname, "../..");
const tool = join(root, "tools/ci/checkStacks.mjs");

/** A repository whose `check` answers by the stack's name, and leaves what it was asked for. */
function repository(stacks: readonly string[]): string {
  const check = `
    const [stack, ...args] = process.argv.slice(2);
    if (stack.includes("broken")) { console.error("error: no such class"); process.exit(2); }
    require("fs").writeFileSync(args[args.indexOf("--output") + 1], args[args.indexOf("--format") + 1]);
    process.exit(stack.includes("bad") || stack.includes("incident") ? 1 : 0);`;
  return folder({
    "package.json": JSON.stringify({ name: "auth", scripts: { check: "node check.js" } }),
    "check.js": check,
    ...Object.fromEntries(stacks.map((stack) => [`stacks/Pulumi.${stack}.yaml`, ""])),
  });
}

function checkStacks(stacks: readonly string[]) {
  const output = join(folder(), "reports");
  const cwd = repository(stacks);
  const ended = spawnSync(process.execPath, [tool, "--root", cwd, "--output", output], { encoding: "utf8" });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr, output };
}

describe("judging every stack", () => {
  it("accepts what is accepted and an incident that is rejected, and keeps every report", () => {
    const { code, stdout, output } = checkStacks(["prod", "incident-2024-09-02"]);
    expect(code).toBe(0);
    expect(stdout).toBe("✔ incident-2024-09-02: rejected\n✔ prod: accepted\n");
    expect(readdirSync(output).sort()).toEqual(
      ["incident-2024-09-02", "prod"].flatMap((stack) => [`${stack}.json`, `${stack}.md`, `${stack}.sarif`]),
    );
    expect(readFileSync(join(output, "prod.sarif"), "utf8")).toBe("sarif");
  }, 60_000);

  it.each([
    [["bad", "prod"], 1, "✖ bad: rejected, must be accepted"],
    [["broken", "prod"], 2, "✖ broken: cannot be judged, must be accepted: error: no such class"],
  ])(
    "fails for %j with %i, after all were judged",
    (stacks, expected, line) => {
      const { code, stdout, stderr } = checkStacks(stacks);
      expect(code).toBe(expected);
      expect(stdout).toContain(`${line}\n`);
      expect(stdout).toContain("✔ prod: accepted");
      expect(stderr).toMatch(/^error: (bad|broken): see the reports in [^\n]+\n$/);
    },
    60_000,
  );

  it("refuses a repository without stacks and an option that does not exist", () => {
    const none = spawnSync(process.execPath, [tool, "--stack", "prod"], { encoding: "utf8" });
    expect([none.status, none.stderr]).toEqual([2, "error: there is no option --stack: --output, --root\n"]);
  });
});
