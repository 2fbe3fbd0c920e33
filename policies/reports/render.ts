import { junitXml, type TestCase } from "../kit/junit";
import { printable } from "../kit/text";
import { CATALOGUE } from "../rules/catalogue";
import { terms } from "./exceptions";
import type { Levels } from "./findings";
import { groupUndecided, nameOf } from "./headline";
import { toJson } from "./json";
import { toMarkdown } from "./markdown";
import type { Report, ReportedViolation } from "./report";
import { toSarif } from "./sarif";
import { type TextOptions, toText } from "./text";

export const FORMATS = ["text", "json", "sarif", "junit", "markdown"] as const;
export type Format = (typeof FORMATS)[number];

interface RenderOptions extends TextOptions {
  /** Levels in force; `junit` tells a disabled rule from one that passed. */
  readonly levels?: Levels | undefined;
  /** How long the judgement took, for `junit`. */
  readonly seconds?: number;
}

/** A report in one of the formats, ending in a line break. */
export function render(report: Report, format: Format, options: RenderOptions): string {
  return RENDERERS[format](report, options);
}

const RENDERERS: { readonly [format in Format]: (report: Report, options: RenderOptions) => string } = {
  text: toText,
  json: (report, { locations }) => toJson(report, locations),
  sarif: (report, { locations }) => toSarif(report, locations),
  junit: (report, { levels, seconds }) => toJunit(report, levels, seconds),
  markdown: toMarkdown,
};

/**
 * The report as JUnit XML, for build servers: a suite for the stack, a test case for each rule. A mandatory violation
 * fails its rule's case. A rule that judged nothing counts as skipped: all its findings are excepted, it is disabled, it is
 * undecided, or the stack has nothing to judge. Warnings and what is undecided go to the case's output.
 * @param seconds - How long the judgement took.
 */
export function toJunit(report: Report, levels?: Levels, seconds?: number): string {
  const cases = CATALOGUE.map(({ id }) => testCase(id, report, levels));
  return junitXml("poolproof", [{ name: printable(report.stack), cases }], seconds);
}

function testCase(id: string, report: Report, levels: Levels | undefined): TestCase {
  const own = report.violations.filter(({ rule }) => rule === id);
  const failing = own.filter(({ level }) => level === "mandatory");
  const undecided = groupUndecided({ undecided: report.undecided.filter(({ rule }) => rule === id) });
  const excepted = report.exceptions.flatMap((exception) =>
    exception.findings
      .filter(({ rule }) => rule === id)
      .map((finding) => printed(`${terms(exception)}: ${exception.reason}\n${shown(finding)}`)),
  );
  const notes = [...own.filter(({ level }) => level === "advisory").map(shown), ...excepted, ...undecided];
  const reasons = own.length > 0 ? [] : reasonsToSkip(id, report, levels, { excepted, undecided });
  return {
    name: id,
    failures: failing.map(shown),
    headline: failing.length > 1 ? `${failing.length} findings` : failing[0] && printable(failing[0].message),
    skipped: reasons[0],
    notes,
  };
}

function reasonsToSkip(
  id: string,
  { coverage }: Report,
  levels: Levels | undefined,
  { excepted, undecided }: { readonly excepted: readonly string[]; readonly undecided: readonly string[] },
): string[] {
  // The settings are judged on every stack, whatever their own level.
  if (excepted.length > 0) return ["every finding is excepted"];
  if (id === CATALOGUE[0]?.id) return [];
  return [
    ...(levels !== undefined && levels[id] === undefined ? ["disabled in the policy configuration"] : []),
    ...(undecided.length > 0 ? ["undecided before the deployment"] : []),
    ...(coverage.databases.length + coverage.clients.length === 0
      ? ["the stack has no database and no client of one"]
      : []),
  ];
}

const shown = ({ resource, message }: ReportedViolation): string =>
  printed(`${nameOf(resource)}: ${message}`);

const printed = (text: string): string => text.split("\n").map(printable).join("\n");
