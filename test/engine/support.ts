import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterAll } from "vitest";
import { type EnginePlace, embeddedEnvironment } from "../../engine/embedded.js";
import { runPulumi } from "../../engine/pulumi.js";

export const root = resolve(import.meta.dirname, "..", "..");

/** `npm test` finds the engine and says where; without one it says why not. */
const directories = process.env.POOLPROOF_ENGINE_BIN?.split(delimiter).filter(Boolean) ?? [];

/** Why the engine tests cannot run, or undefined. Stands in the title of each skipped suite. */
export const skipReason =
  directories.length > 0
    ? undefined
    : (process.env.POOLPROOF_ENGINE_SKIP_REASON ?? "no engine was looked for: run `npm test`");

if (skipReason !== undefined && process.env.REQUIRE_ENGINE === "1") {
  throw new Error(`REQUIRE_ENGINE=1, but the engine tests cannot run: ${skipReason}`);
}

export const engine: EnginePlace = { pulumi: join(directories[0] ?? "", "pulumi"), directories };

export const title = (name: string) => (skipReason === undefined ? name : `${name} (skipped: ${skipReason})`);

/** Pulumi alone, in a project of its own with a fresh file backend: for what people do without any command of ours. */
export function plainPulumi(project: string, extra: NodeJS.ProcessEnv = {}, stateDir = temporaryFolder()) {
  mkdirSync(join(stateDir, "backend"), { recursive: true });
  const env = { ...embeddedEnvironment({ stateDir, engine }), ...extra };
  return (...args: string[]) =>
    spawnSync(engine.pulumi, [...args, "--non-interactive"], { cwd: project, env, encoding: "utf8" });
}

const made: string[] = [];

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "poolproof-test-"));
  made.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What of a report the tests look at. */
export interface Report {
  readonly stack: string;
  readonly verdict: string;
  readonly violations: readonly {
    rule: string;
    level: string;
    message: string;
    observed: unknown;
    allowed: { min: number; max: number } | null;
    location?: { file: string; line?: number };
  }[];
  readonly undecided: readonly unknown[];
  readonly budgets: readonly {
    clients: readonly { floor: number; ceiling: number; failingShare: number }[];
  }[];
}

/** The gated preview of a stack on the real engine, its settings changed as given. */
export async function preview(
  stack: string,
  change: Record<string, string | number> = {},
  stateDir = temporaryFolder(),
) {
  const outcome = await runPulumi({
    command: "preview",
    stack,
    file: changedStackFile(stack, change),
    stateDir,
    engine,
  });
  return { ...outcome, report: outcome.report as Report | undefined };
}

/** The same verdict without an engine, through the public command. */
export function check(
  stack: string,
  cwd = root,
  more: readonly string[] = [],
): { code: number | null; report: Report; stderr: string } {
  const result = spawnSync(
    process.execPath,
    [join(root, "engine/run.mjs"), "check", stack, "--format", "json", ...more],
    {
      cwd,
      encoding: "utf8",
    },
  );
  if (result.stdout === "") throw new Error(`check ${stack} printed no report: ${result.stderr}`);
  return { code: result.status, report: withoutPlaces(JSON.parse(result.stdout)), stderr: result.stderr };
}

/** A report without the places in files, which only `check` knows. */
export const withoutPlaces = (report: Report): Report => ({
  ...report,
  violations: report.violations.map(({ location: _, ...violation }) => violation),
});

/** A copy of a stack's settings with some of them changed: a stack's own file is never touched. */
export function changedStackFile(stack: string, change: Record<string, string | number>): string {
  const source = join(root, "stacks", `Pulumi.${stack}.yaml`);
  const copy = join(temporaryFolder(), `Pulumi.${stack}.yaml`);
  cpSync(source, copy);
  let text = readFileSync(copy, "utf8");
  for (const [key, value] of Object.entries(change)) {
    const line = new RegExp(`^  ${key}:.*$`, "m");
    if (!line.test(text))
      throw new Error(`${stack} does not set ${key}: a change of it would change nothing`);
    text = text.replace(line, `  ${key}: ${JSON.stringify(value)}`);
  }
  writeFileSync(copy, text);
  return copy;
}
