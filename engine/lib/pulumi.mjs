// @ts-check
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative, resolve } from "node:path";
import { hasFlag } from "./arguments.mjs";
import { run } from "./child.mjs";
import { embeddedBase, exportedBase } from "./deployed.mjs";
import { embeddedEnvironment, prepareStack } from "./embedded.mjs";
import { byLine, isPlainStep, pluginNotes } from "./output.mjs";
import { repository } from "./paths.mjs";
import { applyPulumiExceptions } from "./policyConfig.mjs";
import { Stop } from "./say.mjs";
import { policyConfigOf, stackFile } from "./stackFiles.mjs";
import { exitFor, readReport } from "./verdict.mjs";

/**
 * @typedef {"preview" | "up" | "destroy"} PulumiCommand
 * @typedef {{ code: 0 | 1 | 2; reason?: string; pulumiCode: number; report?: import("./verdict.mjs").Report;
 *   stdout: string; stderr: string }} PulumiOutcome
 *   `code` is the verdict as an exit code; `reason` says why nothing could be decided
 */

/**
 * Previews, deploys or destroys a stack in the embedded default, with the policy pack as the gate.
 *
 * @param {import("./embedded.mjs").Embedded & { command: PulumiCommand; stack: string; flags?: readonly string[];
 *   file?: string; reportFile?: string; show?: boolean | "outline" }} options
 *   `file` is the stack's configuration (default: the one in stacks/); `reportFile` is kept (default: a temporary one);
 *   `show` writes Pulumi's output through as it comes, "outline" without the resources that only go as planned
 * @returns {Promise<PulumiOutcome>}
 */
export async function runPulumi({ command, stack, flags = [], file, reportFile, show = false, ...embedded }) {
  const source = file ?? stackFile(repository, stack);
  const project = projectName();
  const copy = await prepareStack({ ...embedded, stack, file: source, project });
  const colours = show && process.stdout.isTTY && !process.env.NO_COLOR && !hasFlag(flags, "--color");
  const always = [
    "--non-interactive",
    "--suppress-progress",
    "--config-file",
    copy,
    ...(colours ? ["--color", "always"] : []),
  ];
  const agreed = command === "preview" ? [] : ["--yes"];
  return withReport(
    reportFile,
    async (report, folder) => {
      const own = embeddedEnvironment(embedded);
      const place = { stateDir: embedded.stateDir, project, stack };
      const base = givenBase(own) ?? embeddedBase(place, join(folder, "base.json"));
      const notes = pluginNotes(embedded.engine.directories);
      /** @param {string} line */
      const rewrite = (line) => (show === "outline" && isPlainStep(line) ? undefined : notes(line));
      const out = byLine((text) => process.stdout.write(text), rewrite);
      const err = byLine((text) => process.stderr.write(text), rewrite);
      const ended = await run(
        embedded.engine.pulumi,
        [command, "--stack", stack, ...always, ...agreed, ...gate(command, stack, flags), ...flags],
        {
          cwd: repository,
          env: withFiles(own, report, base),
          ...(show ? { onStdout: out.write, onStderr: err.write } : {}),
        },
      );
      if (show) {
        out.end();
        err.end();
      }
      return ended;
    },
    { command, stack, project, flags },
  );
}

/** The project's name, by which Pulumi files its stacks. */
function projectName() {
  const name = /^name:\s*([\w.-]+)/m.exec(readFileSync(join(repository, "Pulumi.yaml"), "utf8"))?.[1];
  if (!name) throw new Stop("Pulumi.yaml names no project.");
  return name;
}

/**
 * The same commands on the user's own backend, credentials and providers, with the same gate. Pulumi keeps the
 * terminal, so that it can ask before it deploys.
 * @param {{ command: PulumiCommand; stack: string; flags: readonly string[]; env: NodeJS.ProcessEnv;
 *   engine: import("./embedded.mjs").EnginePlace; reportFile?: string }} options
 * @returns {Promise<PulumiOutcome>}
 */
export async function runPulumiForReal({ command, stack, flags, env, engine, reportFile }) {
  // The preview is the gate: this variable is `--skip-preview` by another name.
  const { PULUMI_OPTION_SKIP_PREVIEW: _, ...allowed } = env;
  const path = [...engine.directories, env.PATH ?? ""].join(delimiter);
  return withReport(
    reportFile,
    async (report, folder) => {
      const own = { ...allowed, PATH: path };
      const place = { pulumi: engine.pulumi, stack, cwd: repository, env: own };
      const isJudged = command !== "destroy";
      const base =
        givenBase(env) ?? (isJudged ? await exportedBase(place, join(folder, "base.json")) : undefined);
      return run(engine.pulumi, [command, "--stack", stack, ...gate(command, stack, flags), ...flags], {
        cwd: repository,
        env: withFiles(own, report, base),
        foreground: true,
      });
    },
    { command, stack, project: projectName(), flags },
  );
}

/**
 * The flags that put the policy pack before every change; a configuration named by the user comes first.
 * @param {PulumiCommand} command
 * @param {string} stack
 * @param {readonly string[]} flags
 */
function gate(command, stack, flags) {
  if (command === "destroy") return [];
  const config = policyConfigOf(repository, stack);
  const configured = hasFlag(flags, "--policy-pack-config") || !existsSync(config);
  return [
    "--policy-pack",
    "policies",
    ...(configured ? [] : ["--policy-pack-config", relative(repository, config)]),
  ];
}

/**
 * The deployed state that the user names, which comes before what is found. In full: the pack runs in a folder of its own.
 * @param {NodeJS.ProcessEnv} env
 */
function givenBase({ POOLPROOF_BASE: given }) {
  return given ? resolve(given) : undefined;
}

/**
 * The environment in which the pack finds the files that it reads and writes.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} report
 * @param {string | undefined} base the stack as it is deployed
 */
function withFiles(env, report, base) {
  return { ...env, POOLPROOF_REPORT: report, ...(base ? { POOLPROOF_BASE: base } : {}) };
}

/**
 * Runs Pulumi with a place for the pack's report and reads the verdict from it.
 * @param {string | undefined} given
 * @param {(reportFile: string, folder: string) => Promise<import("./child.mjs").Ended>} start
 *   `folder` is its own, and gone afterwards
 * @param {{ command: PulumiCommand; stack: string; project: string; flags: readonly string[] }} judged
 * @returns {Promise<PulumiOutcome>}
 */
async function withReport(given, start, judged) {
  const folder = mkdtempSync(join(tmpdir(), "poolproof-"));
  const file = given ?? join(folder, "report.json");
  try {
    rmSync(file, { force: true });
    const ended = await start(file, folder);
    const outcome = { pulumiCode: ended.code, stdout: ended.stdout, stderr: ended.stderr };
    if (judged.command === "destroy") return { ...outcome, ...destroyExit(ended.code) };
    await applyPulumiExceptions(file, judged);
    const report = readReport(file);
    return { ...outcome, ...exitFor(report, ended.code), ...(report ? { report } : {}) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {number} code
 * @returns {{ code: 0 | 2; reason?: string }}
 */
function destroyExit(code) {
  return code === 0
    ? { code: 0 }
    : { code: 2, reason: `Pulumi failed (code ${code}): its messages above say why.` };
}
