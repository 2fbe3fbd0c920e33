import { CATALOGUE } from "../rules/catalogue";
import { terms } from "./exceptions";
import type { Levels } from "./findings";
import { groupUndecided, nameOf, printable } from "./headline";
import type { Report, ReportedViolation } from "./report";

/**
 * The report as JUnit XML, for build servers: a suite for the stack, a test case for each rule. A mandatory violation
 * fails its rule's case; a rule whose findings are all excepted, or that is disabled, counts as skipped; warnings and
 * what is undecided go to the case's output.
 */
export function toJunit(report: Report, levels?: Levels): string {
  const suite = printable(report.stack);
  const cases = CATALOGUE.map(({ id }) => testCase(id, report, levels));
  const count = (outcome: string): number => cases.filter((each) => each.outcome === outcome).length;
  const totals = attributes({
    tests: String(cases.length),
    failures: String(count("failure")),
    errors: "0",
    skipped: String(count("skipped")),
  });
  const inner = cases.map(({ id, lines }) => {
    const open = `    <testcase${attributes({ name: id, classname: `poolproof.${suite}` })}`;
    return lines.length === 0 ? `${open}/>` : `${open}>\n${lines.join("\n")}\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "poolproof" })}${totals}>`,
    `  <testsuite${attributes({ name: suite })}${totals}>`,
    ...inner,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(id: string, report: Report, levels: Levels | undefined) {
  const own = report.violations.filter(({ rule }) => rule === id);
  const failing = own.filter(({ level }) => level === "mandatory");
  const excepted = report.exceptions.flatMap((exception) =>
    exception.findings
      .filter(({ rule }) => rule === id)
      .map((finding) => `${terms(exception)}: ${exception.reason}\n${shown(finding)}`),
  );
  const notes = [
    ...own.filter(({ level }) => level === "advisory").map(shown),
    ...excepted,
    ...groupUndecided({ undecided: report.undecided.filter(({ rule }) => rule === id) }),
  ];
  const output = notes.length === 0 ? [] : [`      <system-out>${text(notes.join("\n\n"))}</system-out>`];
  const [first] = failing;
  if (first !== undefined) {
    const message = failing.length === 1 ? first.message : `${failing.length} findings`;
    const open = `<failure${attributes({ message, type: id })}>`;
    const failure = `      ${open}${text(failing.map(shown).join("\n\n"))}</failure>`;
    return { id, outcome: "failure", lines: [failure, ...output] };
  }
  const skipped = skippedBecause(id, own.length === 0 && excepted.length > 0, levels);
  if (skipped === undefined) return { id, outcome: "passed", lines: output };
  return {
    id,
    outcome: "skipped",
    lines: [`      <skipped${attributes({ message: skipped })}/>`, ...output],
  };
}

function skippedBecause(id: string, isExcepted: boolean, levels: Levels | undefined): string | undefined {
  if (isExcepted) return "every finding is excepted";
  if (levels === undefined || levels[id] !== undefined || id === CATALOGUE[0]?.id) return undefined;
  return "disabled in the policy configuration";
}

const shown = ({ resource, message }: ReportedViolation): string => `${nameOf(resource)}: ${message}`;

const attributes = (values: { readonly [name: string]: string }): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${text(printable(value))}"`)
    .join("");

/** Text that XML 1.0 can hold: section 2.2 allows no control character but line breaks and tabs. */
function text(value: string): string {
  return value
    .split("\n")
    .map(printable)
    .join("\n")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
