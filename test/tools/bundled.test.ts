import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../..");
// Within the repository, so that packages are found from it.
mkdirSync(join(root, ".state"), { recursive: true });
const scratch = mkdtempSync(join(root, ".state", "bundled-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
// Other tests make folders in .state/: what is compiled must not stand next to them.
const folder = join(scratch, "program");
mkdirSync(folder);

/** Loads `main.ts` of these files in a process of its own and calls what it exports. */
function run(files: { readonly [name: string]: string }, env: NodeJS.ProcessEnv = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return runAgain(env);
}

function runAgain(env: NodeJS.ProcessEnv = {}) {
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

  it("is compiled anew when a source, or what is found for an import, has changed since it was kept", async () => {
    const kept = { "main.ts": main, "part.ts": 'export const part = (): void => console.log("kept");\n' };
    run(kept);
    // What has just been written is not kept.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(runAgain().stdout).toBe("kept\n");
    expect(runAgain({ ESBUILD_BINARY_PATH: "/no/compiler" })).toMatchObject({ status: 0, stdout: "kept\n" });
    // esbuild finds .tsx before .ts.
    const found = { "part.tsx": 'export const part = (): void => console.log("found first");\n' };
    expect(run(found).stdout).toBe("found first\n");
    rmSync(join(folder, "part.tsx"));
    expect(runAgain().stdout).toBe("kept\n");
    // A copy that keeps an old time.
    writeFileSync(join(folder, "part.ts"), kept["part.ts"].replace("kept", "copy"));
    utimesSync(join(folder, "part.ts"), 0, 0);
    expect(runAgain().stdout).toBe("copy\n");
  });

  it("names file, line and mistake where it cannot be compiled", () => {
    const { status, stderr } = run({ "main.ts": main, "part.ts": "export const part = 3 +;\n" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/bundled-\w+\/program\/part\.ts:1:23: ERROR: Unexpected ";"/);
  });

  it("gives the lines of the source in a stack trace where those are asked for", () => {
    const part = '// one\n// two\nexport function part(): void {\n  throw new Error("boom");\n}\n';
    const { stderr } = run({ "main.ts": main, "part.ts": part }, { PULUMI_STACK_TRACES: "1" });
    expect(stderr).toMatch(/at part .*part\.ts:4:9/);
    expect(stderr).toMatch(/at .*program.*main\.ts:2:\d+/);
  });
});
