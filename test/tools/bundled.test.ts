import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../..");
// Within the repository, so that packages are found from it.
mkdirSync(join(root, ".state"), { recursive: true });
const folder = mkdtempSync(join(root, ".state", "bundled-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads `main.ts` of these files in a process of its own and calls what it exports. */
function run(files: { readonly [name: string]: string }, env: NodeJS.ProcessEnv = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const script = `require("${root}/tools/compile/bundled").load(${JSON.stringify(join(folder, "main.ts"))}).program()`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

const main = 'import { part } from "./part";\nexport const program = () => part();\n';

describe("a program that is compiled as it loads", () => {
  it("runs with the files it imports, and requires packages as they are", () => {
    const part =
      'import { parse } from "yaml";\nexport function part(): void {\n  console.log(parse("a: 3").a as number);\n}\n';
    expect(run({ "main.ts": main, "part.ts": part })).toMatchObject({ status: 0, stdout: "3\n" });
  });

  it("is what the files say now, not what they said before", () => {
    for (const word of ["first", "second"]) {
      const part = `export const part = (): void => console.log("${word}");\n`;
      expect(run({ "main.ts": main, "part.ts": part }).stdout).toBe(`${word}\n`);
    }
  });

  it("names file, line and mistake where it cannot be compiled", () => {
    const { status, stderr } = run({ "main.ts": main, "part.ts": "export const part = 3 +;\n" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/bundled-\w+\/part\.ts:1:23: ERROR: Unexpected ";"/);
  });

  it("gives the lines of the source in a stack trace where those are asked for", () => {
    const part = '// one\n// two\nexport function part(): void {\n  throw new Error("boom");\n}\n';
    const { stderr } = run({ "main.ts": main, "part.ts": part }, { PULUMI_STACK_TRACES: "1" });
    expect(stderr).toMatch(/at part .*part\.ts:4:9/);
    expect(stderr).toMatch(/at .*program.*main\.ts:2:\d+/);
  });
});
