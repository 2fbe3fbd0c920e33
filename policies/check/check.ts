import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { AnswersArguments, CheckArguments } from "../command/commandLine";
import { deliver, destination, fileFor, save } from "../command/output";
import { readPolicyConfig } from "../command/policyConfig";
import { InputError, isRecord } from "../kit/errors";
import { UNKNOWN } from "../plan/plan";
import { nameSuffix } from "../plan/provider";
import { secret, toWire } from "../plan/wire";
import { configKeyOf, editOf, type Locations, type SourceLocation } from "../reports/locations";
import { reportFor } from "../reports/pulumiExceptions";
import { render } from "../reports/render";
import { planToText, STRUCTURED } from "../state/planFile";
import { provenanceOf } from "../state/provenance";
import { ofSameStack, readState } from "../state/readState";
import { Answers, readAnswers } from "./answers";
import { type PlannedSource, planFrom } from "./planSource";
import { type Project, qualifiedKey } from "./project";
import type { SourcePosition, SourcePositions } from "./recordingMonitor";
import { type PlannedProject, planProject } from "./runProgram";

/** Judges one stack of a Pulumi project, by its program or by a plan of it. Returns the exit code: 0 accepted, 1 rejected. @throws InputError */
export async function check(options: CheckArguments): Promise<number> {
  const { notes, ...policies } = await readPolicyConfig(options.policyConfig);
  const base = options.base === undefined ? undefined : await readState(options.base, "--base");
  const to = destination(options.output);
  if (options.writeReading !== undefined && "plan" in options) {
    throw new InputError(
      "--write-reading is made from the program, and --plan stands for it: use one of them",
    );
  }
  const reading =
    options.writeReading === undefined ? undefined : fileFor(options.writeReading, "--write-reading");
  // A terminal gets the line of a config key alone: where a resource is made costs a stack trace for each.
  const planned = await planFrom(options, { positions: options.format === "sarif" });
  if ("exitCode" in planned) return planned.exitCode;
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  if (reading !== undefined) save(reading, readingOf(planned, reading), "--write-reading");
  const report = reportFor(
    planned.plan,
    policies,
    planned.stack,
    base && ofSameStack(base, planned.plan, "--base"),
  );
  const needsPlaces = ["json", "sarif", "text"].includes(options.format);
  const locations =
    needsPlaces && planned.project && report.violations.length > 0
      ? projectLocations(planned.project)
      : undefined;
  deliver(
    render(report, options.format, {
      ...to,
      locations,
      levels: policies.levels,
      seconds: performance.now() / 1000,
    }),
    to,
  );
  return report.verdict === "accepted" ? 0 : 1;
}

/** What the program says of pools, for a preview of the same program that does not know it. */
function readingOf({ plan, project }: PlannedSource, file: string): string {
  if (project === undefined) throw new InputError("--write-reading: a reading is of a program");
  // Names that the provider generates are others in the engine.
  const generated = plan.resources.map(({ urn }) => nameSuffix(urn));
  // What is known of a component's resources by its inputs alone is not all that it gives them.
  const read = plan.resources.filter(
    ({ properties, type, urn }) =>
      type === "pulumi:pulumi:Stack" ||
      (!urn.includes("::awsx:") && Object.keys(properties).some((property) => STRUCTURED.has(property))),
  );
  return planToText(
    { resources: read },
    ({ properties, secretProperties = [] }) =>
      Object.fromEntries(
        Object.entries(properties).flatMap(([property, value]) => {
          if (!STRUCTURED.has(property)) return [];
          const wire = withoutGenerated(toWire(value), generated);
          const isSecret = secretProperties.includes(property);
          return [[property, isSecret ? secret(wire) : wire]];
        }),
      ),
    provenanceOf(project.project.root, project.config, file),
  );
}

function withoutGenerated(value: unknown, generated: readonly string[]): unknown {
  if (typeof value === "string") {
    const json = /^\s*[[{]/.test(value) ? parsed(value) : undefined;
    if (json !== undefined) return withoutGenerated(json, generated);
    return generated.some((suffix) => value.includes(suffix)) ? toWire(UNKNOWN) : value;
  }
  if (Array.isArray(value)) return value.map((item) => withoutGenerated(item, generated));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutGenerated(item, generated)]),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Writes a file for the answers to a program's look-ups. A program that ends in an error may ask more once it has the
 * answers to those before. Returns the exit code, which is 0.
 * @throws InputError where the program fails before its first look-up.
 */
export async function answers(options: AnswersArguments): Promise<number> {
  const to = destination(options.output);
  const before = options.answers === undefined ? new Answers() : readAnswers(options.answers);
  let [text, asked] = [before.template([], () => []), 0];
  try {
    const planned = await planProject(options, {
      positions: false,
      asked: (lookUps, read) => {
        asked = lookUps.length;
        text = before.template(lookUps, read);
      },
    });
    if ("exitCode" in planned) return planned.exitCode;
  } catch (error) {
    if (!(error instanceof InputError) || asked === 0) throw error;
    process.stderr.write(`note: ${error.message}\n`);
  }
  deliver(text, to);
  return 0;
}

/**
 * Finds where a finding is fixed: the line in the stack's file (or in the project's, where that declares the default)
 * of the config key that the fix names; else the line of the program that made the resource; else the stack's file. Where
 * one line of a helper makes several resources, it is the call that made this one.
 * Files are named from the repository's root.
 */
export function projectLocations({ project, stackFile, positions }: Omit<PlannedProject, "plan">): Locations {
  const root = repositoryOf(project.root);
  const keys = new Map([
    ...configLines(project.file, project, root),
    ...(stackFile === undefined ? [] : configLines(stackFile, project, root)),
  ]);
  const programLines = linesOf(positions, root);
  const whole = relativeTo(root, stackFile ?? project.file);
  return {
    at(finding) {
      const key = configKeyOf(finding);
      const line = key === undefined ? undefined : keys.get(key);
      const known =
        line === undefined ? programLines.get(finding.resource) : { ...line, edit: editOf(finding) };
      return known ?? (whole === undefined ? undefined : { file: whole });
    },
  };
}

/** The line of each key below `config:`, by its full name. */
function configLines(file: string, project: Project, root: string): (readonly [string, SourceLocation])[] {
  const shown = relativeTo(root, file);
  if (shown === undefined) return [];
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: lines, logLevel: "silent" });
  const config = document.get("config", true);
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key }) => {
    if (!isScalar(key) || !key.range) return [];
    return [
      [
        qualifiedKey(project, String(key.value)),
        { file: shown, line: lines.linePos(key.range[0]).line },
      ] as const,
    ];
  });
}

/** The line of each resource: of those it was made through, the innermost that no other resource of its constructor shares. */
function linesOf(positions: SourcePositions, root: string): ReadonlyMap<string, SourceLocation> {
  const groups = new Map<string, { readonly urn: string; readonly lines: readonly Line[] }[]>();
  for (const [urn, frames] of positions) {
    const lines = frames.flatMap((frame) => programLine(frame, root) ?? []);
    const [innermost] = lines;
    if (!innermost) continue;
    const group = groups.get(keyOf(innermost));
    if (group) group.push({ urn, lines });
    else groups.set(keyOf(innermost), [{ urn, lines }]);
  }
  return new Map(
    [...groups.values()].flatMap((group) => {
      const shared = new Map<string, number>();
      for (const { lines } of group)
        for (const key of new Set(lines.map(keyOf))) shared.set(key, (shared.get(key) ?? 0) + 1);
      return group.flatMap(({ urn, lines }) => {
        const own = lines.find((line) => shared.get(keyOf(line)) === 1) ?? lines[0];
        return own === undefined ? [] : [[urn, own] as const];
      });
    }),
  );
}

type Line = SourceLocation & { readonly line: number };

const keyOf = ({ file, line }: Line): string => `${file}:${line}`;

function programLine({ uri, line }: SourcePosition, root: string): Line | undefined {
  if (!uri.startsWith("file:")) return undefined;
  const file = relativeTo(root, fileURLToPath(uri));
  // A component of a package is not the reader's to change.
  if (file === undefined || file.split("/").includes("node_modules")) return undefined;
  return { file, line };
}

/** The nearest folder above that git keeps, else the project's own. */
function repositoryOf(projectRoot: string): string {
  for (let folder = projectRoot; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, ".git"))) return folder;
    if (folder === path.dirname(folder)) return projectRoot;
  }
}

/** Undefined for what lies outside. */
function relativeTo(root: string, file: string): string | undefined {
  const relative = path.relative(root, file);
  if (relative.startsWith("..") || path.isAbsolute(relative)) return undefined;
  return relative.split(path.sep).join("/");
}
