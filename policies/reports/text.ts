import type { Report, ReportedBudget, ReportedClient, ReportedViolation } from "./report";

export interface TextOptions {
  /** ANSI colours: for terminals whose user has not set NO_COLOR. */
  readonly color: boolean;
  /** Columns to wrap at. */
  readonly width: number;
}

/** The report for a person at a terminal: the verdict first, what to do next, the numbers last. */
export function toText(report: Report, { color, width }: TextOptions): string {
  const paint = painter(color);
  const lines = [headline(report, paint), ""];
  for (const violation of report.violations) lines.push(...violationLines(violation, width, paint), "");
  if (report.undecided.length > 0) lines.push(...undecidedLines(report, width, paint), "");
  for (const budget of report.budgets) lines.push(...budgetLines(budget, paint), "");
  for (const { resource, reason } of report.coverage.unexamined) {
    lines.push(...wrap(`not examined: ${nameOf(resource)}: ${reason}`, width, "  "));
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

type Paint = ReturnType<typeof painter>;

function painter(color: boolean) {
  const code = (open: number, close: number) => (text: string) =>
    color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    red: code(31, 39),
    yellow: code(33, 39),
    green: code(32, 39),
  };
}

function headline(report: Report, paint: Paint): string {
  const mandatory = report.violations.filter(({ level }) => level === "mandatory").length;
  const advisory = report.violations.length - mandatory;
  const advice = advisory === 0 ? "" : `, ${plural(advisory, "warning")}`;
  if (report.verdict === "rejected") {
    return `${paint.red(paint.bold(`✖ ${report.stack}: rejected`))}, ${plural(mandatory, "violation")}${advice}`;
  }
  const { databases, clients } = report.coverage;
  const seen = `${plural(clients.length, "client")} of ${plural(databases.length, "database")} examined`;
  return `${paint.green(paint.bold(`✔ ${report.stack}: accepted`))}, ${seen}${advice}`;
}

function violationLines(
  { rule, level, resource, message }: ReportedViolation,
  width: number,
  paint: Paint,
): string[] {
  const mark = level === "mandatory" ? paint.red(`✖ ${rule}`) : paint.yellow(`! ${rule}`);
  return [`${mark}  ${paint.dim(nameOf(resource))}`, ...wrap(message, width, "  ")];
}

function undecidedLines(report: Report, width: number, paint: Paint): string[] {
  const groups = new Map<string, string[]>();
  for (const { rule, resource, property, reason } of report.undecided) {
    const key = `${nameOf(resource)}: \`${property}\`: ${reason}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  const lines = [...groups].flatMap(([what, rules]) =>
    wrap(`${what} (${[...new Set(rules)].join(", ")})`, width, "  "),
  );
  return [paint.yellow(`? undecided before the deployment`), ...lines];
}

const COLUMNS = ["pool", "tasks", "busy", "floor", "set", "ceiling", "failing"] as const;

function budgetLines(budget: ReportedBudget, paint: Paint): string[] {
  const rows = budget.clients.map(row);
  const widths = COLUMNS.map((name, i) =>
    Math.max(name.length, ...rows.map((cells) => (cells[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  ")}`;
  const title = budget.database === null ? "database not known" : `database ${nameOf(budget.database)}`;
  const numbers = `${shown(budget.maxConnections)} connections${budget.maxConnectionsSource ? ` (${budget.maxConnectionsSource})` : ""}, ${shown(budget.usable)} usable, ${shown(budget.demandAtPeak)} claimed at peak`;
  const head = budget.database === null ? paint.bold(title) : `${paint.bold(title)}: ${numbers}`;
  return rows.length === 0 ? [head, "  no client"] : [head, paint.dim(line(COLUMNS)), ...rows.map(line)];
}

function row(client: ReportedClient): string[] {
  const processes =
    client.processesPerTask !== null && client.processesPerTask > 1 ? `×${client.processesPerTask}` : "";
  const serving = client.tasksServingPeak === client.tasksAtPeak ? "" : `${shown(client.tasksServingPeak)}–`;
  return [
    nameOf(client.resource),
    `${serving}${shown(client.tasksAtPeak)}${processes}`,
    client.offeredLoad === null ? "?" : client.offeredLoad.toFixed(2),
    shown(client.floor),
    shown(client.poolMax),
    shown(client.ceiling),
    client.failingShare === null
      ? "?"
      : client.failingShare === 0
        ? "–"
        : `${Math.round(client.failingShare * 100)} %`,
  ];
}

const shown = (value: number | null): string => (value === null ? "?" : String(value));
const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

/** Logical name of a resource: the last part of its URN. */
const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;

function wrap(text: string, width: number, indent: string): string[] {
  const most = Math.max(40, Math.min(width, 110)) - indent.length;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > most) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, indent + line];
}
