import { counted, groupUndecided, headline, printable } from "../reports/headline";
import { painter, wrap } from "../reports/text";
import { type Todo, withoutEntry } from "./detected";
import type { Beginning } from "./init";

/** All that `init` has to say. */
export interface Introduction {
  /** File that was written, as the user named it. */
  readonly output: string;
  /** The command that judges it, with what it takes: `check --stack dev`. */
  readonly judged: string;
  readonly found: readonly string[];
  readonly assumed: readonly string[];
  readonly todo: Todo;
  readonly beginning: Beginning;
}

/** What was written and why, and what to do next, for a person at a terminal. */
export function introductionToText(of: Introduction, { color, width }: { color: boolean; width: number }) {
  const paint = painter(color);
  const { report, undecided } = of.beginning;
  const { verdict, counts } = headline(report);
  const list = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : ["", paint.bold(title), ...lines.flatMap((line) => item(printable(line), width))];
  const check = `npx poolproof ${of.judged} --policy-config ${of.output}`;
  const lines = [
    `${of.output} is written. With it: ${verdict}, ${counts}`,
    ...list("found", of.found.length > 0 ? of.found : [NOTHING]),
    ...list("assumed", of.assumed),
    ...list("to do", todoLines(of)),
    ...(undecided === "warn"
      ? list("not decided, and not a reason to reject yet", groupUndecided(report))
      : []),
    "",
    "The next step:",
    `  ${check}`,
  ];
  return `${lines.join("\n")}\n`;
}

const NOTHING =
  "no database and no pool that poolproof reads: what uses one from elsewhere is described under `clients` and `databases`";

function item(line: string, width: number): string[] {
  const [first = "", ...rest] = wrap(line, width, "    ");
  return [`  - ${first.trimStart()}`, ...rest];
}

/** In the order in which they are best done: what is not known first, then what is found, then the gate. */
function todoLines({ todo, beginning }: Introduction): string[] {
  const { lowered, report, undecided } = beginning;
  return [
    ...withoutEntry(todo),
    ...todo.demand.map(({ name, note }) => `complete \`demand\` of ${name}: ${withoutMark(note)}`),
    ...todo.databases.map(({ name, note }) => `complete \`databases\` of ${name}: ${withoutMark(note)}`),
    ...lowered.map((rule) => {
      const found = report.violations.filter((each) => each.rule === rule).length;
      return `mend the ${counted(found, "finding")} of ${rule}, then take its line out of the file: it only warns until then`;
    }),
    ...(undecided === "warn"
      ? ['make known what is not decided, then set `undecided` to "reject": a gate that lets it pass is open']
      : []),
  ];
}

const withoutMark = (note: string): string => note.replace(/^to do: /, "");
