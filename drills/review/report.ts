import { circumstances } from "../../policies/command/output";
import { escapeXml, htmlPage, htmlTable, inlineCode } from "../../policies/kit/markup";
import { columns, count, number, printable, utcMinute } from "../../policies/kit/text";
import { code, escaped } from "../../policies/reports/markdown";
import { painter, wrap } from "../../policies/reports/text";
import { type Finding, messageOf } from "./judge/finding";
import type { Judgement } from "./judge/judge";
import type { NotReviewed } from "./live/liveState";
import type { Proposal } from "./propose";

/** What a review found, for machines as it is and for people through a renderer. */
interface Review {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly region: string;
  readonly account: string | null;
  readonly since: string;
  readonly until: string;
  /** `incomplete`: nothing was found, and something could not be looked at. */
  readonly verdict: "clean" | "findings" | "incomplete";
  readonly findings: readonly (Finding & { readonly message: string })[];
  readonly notReviewed: readonly { readonly [field in keyof NotReviewed]: string | null }[];
  readonly seen: readonly Seen[];
  readonly pool: {
    readonly name: string;
    readonly set: number;
    readonly floor: number | null;
    readonly floorDeclared: number | null;
    readonly ceiling: number | null;
  };
  readonly limit: {
    readonly inForce: number | null;
    readonly from: string | null;
    readonly usable: number | null;
    readonly demandAtPeak: number;
  };
  readonly proposal: { readonly changes: Proposal["changes"]; readonly patch: string | null };
}

/** One number of the last days beside the one it was planned with. */
interface Seen {
  readonly what: string;
  readonly unit: string;
  readonly planned: number | null;
  readonly seen: number | null;
  /** ISO 8601; null for what is a mean over many minutes. */
  readonly at: string | null;
}

export function reviewOf({ evidence, findings }: Judgement, proposal: Proposal): Review {
  const { expected, live, limit, windows } = evidence;
  const notReviewed = live.notReviewed.map((each) => ({ ...each, action: each.action ?? null }));
  return {
    schemaVersion: 1,
    stack: expected.stack,
    region: expected.region,
    account: live.account ?? null,
    since: live.since.toISOString(),
    until: live.until.toISOString(),
    verdict: findings.length > 0 ? "findings" : notReviewed.length > 0 ? "incomplete" : "clean",
    findings: findings.map((finding) => ({ ...finding, message: messageOf(finding) })),
    notReviewed,
    seen: seenOf(evidence),
    pool: {
      name: expected.service.pool.name,
      set: windows.set,
      floor: windows.floorSeen ?? null,
      floorDeclared: windows.floorDeclared ?? null,
      ceiling: windows.ceiling ?? null,
    },
    limit: {
      inForce: limit.inForce ?? null,
      from: limit.from ?? null,
      usable: limit.usable ?? null,
      demandAtPeak: windows.demandAtPeak,
    },
    proposal: { changes: proposal.changes, patch: proposal.patch === "" ? null : proposal.patch },
  };
}

function seenOf({ expected, measured, windows, capacity }: Judgement["evidence"]): readonly Seen[] {
  const { demand, service } = expected;
  const { poolUse, timeouts } = measured;
  type Value = number | { readonly value: number; readonly at: number } | undefined;
  const row = (what: string, unit: string, planned: number | null, value: Value, decimals = 0): Seen => {
    const { value: seen, at } = typeof value === "object" ? value : { value, at: undefined };
    return {
      what,
      unit,
      planned,
      seen: seen === undefined ? null : Math.round(seen * 10 ** decimals) / 10 ** decimals,
      at: at === undefined ? null : new Date(at).toISOString(),
    };
  };
  const tasks = demand.tasksAtPeak ?? service.minTasks;
  const inUse = poolUse && { ...poolUse, value: 100 * poolUse.value };
  const gaveUp = timeouts && { ...timeouts, value: timeouts.total };
  return [
    row("requests at peak", "/s", demand.peakRequestsPerSecond, measured.requestsPerSecond),
    row("tasks at that peak", "", tasks, measured.tasksAtPeak),
    row("hold time", "ms", demand.holdMs, measured.holdMs, 1),
    row("acquisitions a request", "", demand.acquisitionsPerRequest, measured.acquisitionsPerRequest, 2),
    row("open connections", "", windows.demandAtPeak, measured.connections),
    row("pool in use", "%", null, inUse),
    row("wait, 99th percentile", "ms", capacity.waitTargetMs, measured.waitMs, 1),
    row("acquire timeouts", "", 0, gaveUp),
  ];
}

export const FORMATS = ["text", "json", "markdown", "html"] as const;
export type Format = (typeof FORMATS)[number];

interface TextOptions {
  readonly color: boolean;
  /** Columns to wrap at. */
  readonly width: number;
}

/** A review in one of the formats, ending in a line break. */
export function render(review: Review, format: Format, options: TextOptions): string {
  switch (format) {
    case "text":
      return toText(review, options);
    case "json":
      return `${JSON.stringify(review, null, 2)}\n`;
    case "markdown":
      return toMarkdown(review);
    case "html":
      return toHtml(review);
  }
}

/** What a review comes to, in a few words. */
function verdictOf({ verdict, findings, notReviewed }: Review): string {
  if (verdict === "clean") return "clean: it runs as the program says, within what was declared";
  return [
    ...(findings.length > 0 ? [count(findings.length, "finding")] : []),
    ...(notReviewed.length > 0 ? [`${count(notReviewed.length, "part")} not reviewed`] : []),
  ].join(", ");
}

/** What was looked at: `14 days until 2026-03-16 12:00 UTC`. */
function spanOf({ since, until }: Review): string {
  const days = Math.round((Date.parse(until) - Date.parse(since)) / 86_400_000);
  return `${count(days, "day")} until ${utcMinute(Date.parse(until))}`;
}

/** The numbers of the last days, as the rows of a table. */
function seenRows({ seen }: Review): readonly (readonly string[])[] {
  const shown = (value: number | null): string => (value === null ? "–" : number(value, 2));
  const rows = seen.map(({ what, unit, planned, seen: value, at }) => [
    unit === "" ? what : `${what}, ${unit}`,
    shown(planned),
    shown(value),
    at === null ? "" : at.slice(0, 16).replace("T", " "),
  ]);
  return [["", "planned", "seen", "when"], ...rows];
}

/** The pool between its bounds, in one line. */
function poolLine({ pool, limit }: Review): string {
  const { floor, floorDeclared, ceiling } = pool;
  const declared = floorDeclared === null || floorDeclared === floor ? "" : ` (declared: ${floorDeclared})`;
  const inForce =
    limit.inForce === null
      ? "what is in force of `max_connections` is not known"
      : `max_connections ${number(limit.inForce)} (${limit.from}), ${number(limit.usable ?? 0)} usable, ${number(limit.demandAtPeak)} claimed at peak`;
  return `pool ${pool.name}: ${pool.set} set, floor ${floor ?? "unknown"}${declared}, ceiling ${ceiling ?? "unknown"}; ${inForce}`;
}

/** The review for a person at a terminal: what cannot wait first, the numbers last. */
function toText(review: Review, { color, width }: TextOptions): string {
  const paint = painter(color);
  const wrapped = (text: string, indent = "  "): string[] => wrap(printable(text), width, indent);
  const mark = review.verdict === "clean" ? paint.green("✔") : paint.red("✖");
  const account = review.account === null ? "" : `, account ${review.account}`;
  const lines = [
    `${mark} ${paint.bold(`${review.stack}: ${verdictOf(review)}`)}`,
    paint.dim(`  ${review.region}${account}; ${spanOf(review)}`),
    "",
  ];
  for (const { id, resource, urgency, message } of review.findings) {
    const title = urgency === "now" ? paint.red(`✖ ${id}`) : paint.yellow(`! ${id}`);
    lines.push(`${title}  ${paint.dim(printable(resource))}`, ...wrapped(message), "");
  }
  if (review.notReviewed.length > 0) {
    const parts = review.notReviewed.flatMap(({ what, reason, fix }) =>
      wrapped(`${what}: ${reason}. ${fix}.`),
    );
    lines.push(paint.yellow("? not reviewed"), ...parts, "");
  }
  const table = columns(seenRows(review), [0, 3]).map((line) => `  ${line}`);
  lines.push(paint.bold("what was seen"), ...table, "", ...wrapped(poolLine(review), ""), "");
  const { changes, patch } = review.proposal;
  if (changes.length > 0) {
    const listed = changes.flatMap(({ key, from, to, reason }) =>
      wrap(`${key}: ${from ?? "unset"} → ${to} (${reason})`, width, "  "),
    );
    lines.push(paint.bold("proposed"), ...listed, "", ...(patch ?? "").split("\n"));
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

/** The review as an issue or a page: findings, what was left out, the numbers, the patch. */
function toMarkdown(review: Review): string {
  const account = review.account === null ? "" : `, account ${code(review.account)}`;
  const mark = review.verdict === "clean" ? "✔" : "✖";
  const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  const [head = [], ...rows] = seenRows(review);
  const notReviewed = review.notReviewed.map(
    ({ what, reason, fix }) => `- ${escaped(`${what}: ${reason}. ${fix}.`)}`,
  );
  const { changes, patch } = review.proposal;
  const proposed = changes.map(
    ({ key, from, to, reason }) => `- ${code(key)}: ${from ?? "unset"} → ${to} (${escaped(reason)})`,
  );
  const blocks = [
    `### ${mark} Review of ${escaped(review.stack)}: ${escaped(verdictOf(review))}`,
    `${code(review.region)}${account}; ${spanOf(review)}`,
    ...review.findings.map(
      ({ id, resource, urgency, message }) =>
        `${urgency === "now" ? "✖" : "⚠"} **${escaped(id)}** on ${code(resource)}: ${escaped(message)}`,
    ),
    ...(notReviewed.length === 0 ? [] : ["**Not reviewed**", notReviewed.join("\n")]),
    [row(head), "| --- | ---: | ---: | --- |", ...rows.map(row)].join("\n"),
    escaped(poolLine(review)),
    // A patch is of our own files; a fence longer than any in them keeps it together.
    ...(proposed.length === 0 ? [] : ["**Proposed**", proposed.join("\n"), `~~~~diff\n${patch ?? ""}~~~~`]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** The review as one page that needs nothing else: to be kept, or sent. */
function toHtml(review: Review): string {
  const title = `Review of ${review.stack}: ${verdictOf(review)}`;
  const account = review.account === null ? "" : `, account ${review.account}`;
  const notReviewed = review.notReviewed.map(
    ({ what, reason, fix }) => `<li>${inline(`${what}: ${reason}. ${fix}.`)}</li>`,
  );
  const { changes, patch } = review.proposal;
  const proposed = changes.map(
    ({ key, from, to, reason }) =>
      `<li><code>${text(key)}</code>: ${text(String(from ?? "unset"))} → ${to} (${inline(reason)})</li>`,
  );
  const diff = (patch ?? "").split("\n").map(text).join("\n");
  return htmlPage({
    title,
    passed: review.verdict === "clean",
    facts: [...circumstances(), ["region", `${review.region}${account}`], ["looked at", spanOf(review)]],
    body: [
      ...review.findings.map(
        ({ id, resource, urgency, message }) =>
          `<section class="${urgency}"><h2>${text(id)} <small>${text(resource)}</small></h2><p>${inline(message)}</p></section>`,
      ),
      ...(notReviewed.length === 0 ? [] : [`<h2>Not reviewed</h2><ul>${notReviewed.join("")}</ul>`]),
      `<h2>What was seen</h2>${htmlTable(seenRows(review), text)}`,
      `<p>${inline(poolLine(review))}</p>`,
      ...(proposed.length === 0 ? [] : [`<h2>Proposed</h2><ul>${proposed.join("")}</ul><pre>${diff}</pre>`]),
    ],
  });
}

const text = (value: string): string => escapeXml(printable(value));
const inline = (value: string): string => inlineCode(printable(value));
