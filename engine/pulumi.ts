import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative, resolve } from "node:path";
import { type Ended, lastLines, run } from "./boot/child.mjs";
import { repository } from "./boot/install.mjs";
import { note, Stop } from "./boot/say.mjs";
import { languageHost } from "./build.js";
import {
  type Embedded,
  type EnginePlace,
  embeddedBase,
  embeddedEnvironment,
  offlineProvider,
  prepareStack,
} from "./embedded.js";
import { applyPulumiExceptions, type Report, readReport } from "./pack.js";
import { hasFlag, policyConfigOf, stackFile } from "./stacks.js";

export type PulumiCommand = "preview" | "up" | "destroy";

interface Verdict {
  /** The verdict as an exit code. */
  readonly code: 0 | 1 | 2;
  /** Why nothing could be decided. */
  readonly reason?: string;
}

export interface PulumiOutcome extends Verdict {
  readonly pulumiCode: number;
  readonly report?: Report;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PulumiOptions extends Embedded {
  readonly command: PulumiCommand;
  readonly stack: string;
  readonly flags?: readonly string[];
  /** The stack's configuration. @default the one in stacks/ */
  readonly file?: string;
  /** Where the pack's report is kept. @default a temporary file */
  readonly reportFile?: string;
  /** Writes Pulumi's output through as it comes; "outline" without the resources that only go as planned. */
  readonly show?: boolean | "outline";
}

/** Previews, deploys or destroys a stack in the embedded default, with the policy pack as the gate. */
export async function runPulumi({
  command,
  stack,
  flags = [],
  file,
  reportFile,
  show = false,
  ...embedded
}: PulumiOptions): Promise<PulumiOutcome> {
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
  const start = async (report: string, folder: string): Promise<Ended> => {
    const own = embeddedEnvironment(embedded);
    const place = { stateDir: embedded.stateDir, project, stack };
    const base = givenBase(own) ?? embeddedBase(place, join(folder, "base.json"));
    const notes = pluginNotes(embedded.engine.directories);
    const rewrite = (line: string) => (show === "outline" && isPlainStep(line) ? undefined : notes(line));
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
  };
  return withReport(reportFile, start, { command, stack, project, flags });
}

/** The project's name, by which Pulumi files its stacks. */
function projectName(): string {
  const name = /^name:\s*([\w.-]+)/m.exec(readFileSync(join(repository, "Pulumi.yaml"), "utf8"))?.[1];
  if (!name) throw new Stop("Pulumi.yaml names no project.");
  return name;
}

/**
 * The same commands on the user's own backend, credentials and providers, with the same gate. Pulumi keeps the
 * terminal, so that it can ask before it deploys.
 */
export async function runPulumiForReal({
  command,
  stack,
  flags,
  env,
  engine,
  reportFile,
}: {
  readonly command: PulumiCommand;
  readonly stack: string;
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly engine: EnginePlace;
  readonly reportFile?: string;
}): Promise<PulumiOutcome> {
  // The preview is the gate: this variable is `--skip-preview` by another name.
  const { PULUMI_OPTION_SKIP_PREVIEW: _, ...allowed } = env;
  const own = { ...allowed, PATH: [...engine.directories, env.PATH ?? ""].join(delimiter) };
  const start = async (report: string, folder: string): Promise<Ended> => {
    const isJudged = command !== "destroy";
    const exported = () => exportedBase(engine.pulumi, stack, own, join(folder, "base.json"));
    const base = givenBase(env) ?? (isJudged ? await exported() : undefined);
    return run(engine.pulumi, [command, "--stack", stack, ...gate(command, stack, flags), ...flags], {
      cwd: repository,
      env: withFiles(own, report, base),
      foreground: true,
    });
  };
  return withReport(reportFile, start, { command, stack, project: projectName(), flags });
}

/** The flags that put the policy pack before every change; a configuration named by the user comes first. */
function gate(command: PulumiCommand, stack: string, flags: readonly string[]): string[] {
  if (command === "destroy") return [];
  const config = policyConfigOf(repository, stack);
  const configured = hasFlag(flags, "--policy-pack-config") || !existsSync(config);
  return [
    "--policy-pack",
    "policies",
    ...(configured ? [] : ["--policy-pack-config", relative(repository, config)]),
  ];
}

/*
 * The stack as it is deployed, for the rules that judge a change of it: the engine shows a policy pack what is planned
 * alone. The pack finds it by POOLPROOF_BASE. Secrets stay encrypted in it.
 */

/** The deployed state that the user names, which comes before what is found. In full: the pack runs in a folder of its own. */
function givenBase({ POOLPROOF_BASE: given }: NodeJS.ProcessEnv): string | undefined {
  return given ? resolve(given) : undefined;
}

/**
 * Has Pulumi export the state from the user's own backend.
 * @returns the file; undefined where the stack cannot be exported, which is said
 */
async function exportedBase(
  pulumi: string,
  stack: string,
  env: NodeJS.ProcessEnv,
  file: string,
): Promise<string | undefined> {
  const args = ["stack", "export", "--stack", stack, "--file", file, "--non-interactive"];
  const ended = await run(pulumi, args, { cwd: repository, env });
  if (ended.code === 0) return existsSync(file) ? file : undefined;
  const why = lastLines(ended.stderr, 1).replace(/^error: /, "");
  note(`note: ${stack} cannot be exported, so pending-reboot-order has nothing to compare with: ${why}`);
  return undefined;
}

/** The environment in which the pack finds the files that it reads and writes. */
function withFiles(env: NodeJS.ProcessEnv, report: string, base: string | undefined): NodeJS.ProcessEnv {
  return { ...env, POOLPROOF_REPORT: report, ...(base ? { POOLPROOF_BASE: base } : {}) };
}

/**
 * Runs Pulumi with a place for the pack's report and reads the verdict from it.
 * @param start gets a folder of its own, which is gone afterwards
 */
async function withReport(
  given: string | undefined,
  start: (reportFile: string, folder: string) => Promise<Ended>,
  judged: { command: PulumiCommand; stack: string; project: string; flags: readonly string[] },
): Promise<PulumiOutcome> {
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

function destroyExit(code: number): Verdict {
  return code === 0
    ? { code: 0 }
    : { code: 2, reason: `Pulumi failed (code ${code}): its messages above say why.` };
}

/** Pulumi exits 1 for a rejection and for a mistyped setting alike; the report tells them apart. */
export function exitFor(report: Report | undefined, pulumiCode: number): Verdict {
  if (report?.verdict === "rejected") return { code: 1 };
  if (!report) {
    const reason = `Pulumi ended (code ${pulumiCode}) before the policies had judged, so nothing is decided: its messages above say why.`;
    return { code: 2, reason };
  }
  if (pulumiCode === 0) return { code: 0 };
  return {
    code: 2,
    reason: `The policies accept the stack, but Pulumi failed (code ${pulumiCode}): its messages above say why.`,
  };
}

/**
 * Pulumi warns, several times, of every plugin that it takes from PATH. In the embedded default that is the point: the
 * offline provider is named once in each list, as what it is, and our language host not at all.
 * @returns the line to show, undefined for none
 */
export function pluginNotes(engineDirectories: readonly string[]): (line: string) => string | undefined {
  const provider = `using pulumi-resource-aws from $PATH at ${join(offlineProvider, "pulumi-resource-aws")}`;
  const hosts = engineDirectories.map(
    (path) => `using ${languageHost} from $PATH at ${join(path, languageHost)}`,
  );
  let told = false;
  return (line) => {
    if (line.includes("Diagnostics:")) told = false;
    if (hosts.some((warning) => line.includes(warning))) return undefined;
    if (!line.includes(provider)) return line;
    // While it works Pulumi shows each message behind the resource's type; at the end it lists them again.
    if (told || line.includes("pulumi:pulumi:Stack")) return undefined;
    told = true;
    return line.replace(provider, "the offline provider answers in place of AWS: nothing here is real");
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape is how a colour begins
const COLOUR = /\x1b\[[\d;]*m/g;

/** Whether a line says no more than that a resource would be created, changed or deleted: ` +  aws:rds:Instance db create `. */
export function isPlainStep(line: string): boolean {
  return /^ *[-+~]+ +\w+:[\w/-]+:\w+ \S+ (create|update|delete|replace) *$/.test(line.replace(COLOUR, ""));
}

/** Writes a stream on line by line, each as `rewrite` wants it. */
function byLine(write: (text: string) => unknown, rewrite: (line: string) => string | undefined) {
  let rest = "";
  return {
    write(text: string): void {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      const shown = lines.flatMap((line) => rewrite(line) ?? []);
      if (shown.length > 0) write(`${shown.join("\n")}\n`);
    },
    end(): void {
      const shown = rest === "" ? undefined : rewrite(rest);
      if (shown !== undefined) write(shown);
      rest = "";
    },
  };
}
