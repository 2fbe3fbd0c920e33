import { readFileSync } from "node:fs";
import * as path from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { isMap, isScalar, parseDocument } from "yaml";
import { computed } from "../../infra/capacity";
import { save } from "../../policies/command/output";
import { InputError, isRecord, reasonOf } from "../../policies/kit/errors";
import { number, utcMinute } from "../../policies/kit/text";
import { poolFloor } from "../../policies/model/poolFloor";
import { hasGrown } from "./judge/demandFindings";
import type { Evidence } from "./judge/finding";
import { seenValue } from "./live/liveState";

/** What a review would write down, and the files with it written down. */
export interface Proposal {
  readonly changes: readonly Change[];
  /** For `git apply`, from the root of the repository; empty where nothing changes. */
  readonly patch: string;
  readonly files: readonly { readonly file: string; readonly text: string }[];
}

/** @throws InputError where a file cannot be read or has no place for the change. */
export function proposalOf(
  evidence: Evidence,
  files: { readonly root: string; readonly stackFile: string; readonly policyConfig: string | undefined },
): Proposal {
  const { root, stackFile, policyConfig } = files;
  const changes = proposedChanges(evidence).filter(
    (change) => change.in === "stack file" || policyConfig !== undefined,
  );
  const edited: { file: string; text: string }[] = [];
  const patches: string[] = [];
  const edit = (file: string, change: (text: string) => string): void => {
    const before = read(file);
    const after = change(before);
    patches.push(unifiedDiff(path.relative(root, file).split(path.sep).join("/"), before, after));
    edited.push({ file, text: after });
  };
  const inStack = changes.filter((change) => change.in === "stack file");
  if (inStack.length > 0) edit(stackFile, (text) => editStackFile(text, inStack));
  for (const { key, to } of changes.filter((change) => change.in === "policy configuration")) {
    const database = key.slice(key.indexOf(".") + 1);
    if (policyConfig !== undefined) edit(policyConfig, (text) => editPolicyConfig(text, database, to));
  }
  return { changes, patch: patches.join(""), files: edited };
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}

/** Writes the changed files, each at once or not at all. @throws InputError */
export function writeProposal({ files }: Proposal): void {
  for (const { file, text } of files) save(file, text, "--write");
}

/** The difference of two texts as `git apply` takes it, or nothing where there is none. */
export const unifiedDiff = (file: string, before: string, after: string): string =>
  before === after
    ? ""
    : createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after, undefined, undefined, {
        context: 3,
        headerOptions: FILE_HEADERS_ONLY,
      });

/** One number that a review would write down. */
interface Change {
  readonly in: "stack file" | "policy configuration";
  /** `auth:dbHoldMs`, or the path in the policy configuration. */
  readonly key: string;
  readonly from: number | undefined;
  readonly to: number;
  readonly reason: string;
}

/**
 * What was measured, as the settings that should say it. Only upwards: a quiet fortnight is no reason to plan for less
 * than was declared. A pool that is below the new floor is set to it, where the database has room for that.
 */
export function proposedChanges(evidence: Evidence): readonly Change[] {
  const { expected, windows, measured, capacity } = evidence;
  const { demand, service } = expected;
  const peak = measured.requestsPerSecond;
  const seen = {
    peakRequestsPerSecond: raised(demand.peakRequestsPerSecond, peak?.value, 0),
    holdMs: raised(demand.holdMs, measured.holdMs, 1),
    acquisitionsPerRequest: raised(demand.acquisitionsPerRequest, measured.acquisitionsPerRequest, 2),
  };
  const declaredTasks = demand.tasksAtPeak ?? service.minTasks;
  // Below the minimum they cannot be declared: that fewer ran is then the fault to look for.
  const tasks = Math.min(declaredTasks, Math.max(service.minTasks, measured.tasksAtPeak ?? declaredTasks));
  const changes: Change[] = [];
  const change = (key: string, from: number, to: number, reason: string): void => {
    if (to !== from) changes.push({ in: "stack file", key, from, to, reason });
  };
  change(
    "auth:peakRequestsPerSecond",
    demand.peakRequestsPerSecond,
    seen.peakRequestsPerSecond,
    `${number(peak?.value ?? 0)} requests/s were seen (${utcMinute(peak?.at ?? 0)})`,
  );
  change("auth:dbHoldMs", demand.holdMs, seen.holdMs, "mean hold time in the busy minutes");
  change(
    "auth:dbAcquisitionsPerRequest",
    demand.acquisitionsPerRequest,
    seen.acquisitionsPerRequest,
    "acquisitions for each request in the busy minutes",
  );
  change("auth:tasksAtPeak", declaredTasks, tasks, "tasks that ran in the busiest minute");
  const floor = computed(() => poolFloor({ ...windows.seen, ...seen }, capacity));
  const { ceiling } = windows;
  if (floor !== undefined && service.pool.max < floor && (ceiling === undefined || floor <= ceiling)) {
    change("auth:poolMax", service.pool.max, floor, "the floor of the demand that was seen");
  }
  return [...changes, ...confirmedLimit(evidence)];
}

/** The declared number, or what was seen where that is more, rounded up to some decimals. */
function raised(declared: number, seen: number | undefined, decimals: number): number {
  if (!hasGrown(declared, seen)) return declared;
  const factor = 10 ** decimals;
  return Math.ceil(seen * factor - 1e-9) / factor;
}

/** What the server said, in the place of an estimate. */
function confirmedLimit({ limit, expected, live }: Evidence): readonly Change[] {
  const { inForce, judged, from } = limit;
  if (from !== "SHOW max_connections" || inForce === undefined || limit.pendingReboot) return [];
  if (judged === undefined || judged.source === "explicit" || judged.maxConnections === inForce) return [];
  const database = seenValue(live.database)?.identifier ?? expected.database.identifier;
  return [
    {
      in: "policy configuration",
      key: `confirmedMaxConnections.${database}`,
      from: judged.source === "confirmed" ? judged.maxConnections : undefined,
      to: inForce,
      reason: `\`SHOW max_connections\` says ${number(inForce)}, ${judged.source} were ${number(judged.maxConnections)}`,
    },
  ];
}

/**
 * Sets numbers in the `config:` block of a stack file and leaves every other byte of it as it is, comments above all.
 * @throws InputError where the file has no `config:` block.
 */
export const editStackFile = (
  text: string,
  changes: readonly { readonly key: string; readonly to: number }[],
): string => changes.reduce((edited, { key, to }) => setNumber(edited, key, String(to)), text);

function setNumber(text: string, key: string, value: string): string {
  const config = parseDocument(text).get("config");
  const first = isMap(config) ? config.items[0]?.key : undefined;
  if (!isMap(config) || !isScalar(first) || !first.range) {
    throw new InputError("the stack file has no `config:` block to propose a change of");
  }
  // Pulumi takes a key without a namespace as the project's own.
  const names = [key, key.slice(key.indexOf(":") + 1)];
  const pair = config.items.find((item) => isScalar(item.key) && names.includes(String(item.key.value)));
  if (pair !== undefined) {
    if (!isScalar(pair.value) || !pair.value.range) {
      throw new InputError(`${key} is not a plain number in the stack file: change it by hand`);
    }
    const [start, end] = pair.value.range;
    // Pulumi itself writes every value as a quoted string.
    const written = pair.value.type === "QUOTE_DOUBLE" ? `"${value}"` : value;
    return text.slice(0, start) + written + text.slice(end);
  }
  // A setting that has its default so far gets a line of its own, before the others.
  const lineStart = text.lastIndexOf("\n", first.range[0]) + 1;
  const indent = text.slice(lineStart, first.range[0]);
  return `${text.slice(0, lineStart)}${indent}${key}: ${value}\n${text.slice(lineStart)}`;
}

const SETTINGS = "poolproof-settings";
const CONFIRMED = "confirmedMaxConnections";

/**
 * Writes what `SHOW max_connections` says of a database into a policy configuration. Of the text only the entry changes:
 * the file keeps the form its editors gave it.
 * @throws InputError where the file holds one number for every database, or no settings.
 */
export function editPolicyConfig(text: string, database: string, maxConnections: number): string {
  const confirmed = settingsIn(text)?.[CONFIRMED];
  if (settingsIn(text) === undefined) {
    throw new InputError(`the policy configuration has no "${SETTINGS}" to write ${CONFIRMED} into`);
  }
  if (confirmed !== undefined && !isRecord(confirmed)) {
    throw new InputError(`${CONFIRMED} is one number for every database: make it one for each, by name`);
  }
  const entry = `${JSON.stringify(database)}: ${maxConnections}`;
  const edited = withConfirmed(text, database, entry, String(maxConnections));
  const written = settingsIn(edited)?.[CONFIRMED];
  if (isRecord(written) && written[database] === maxConnections) return edited;
  throw new InputError(
    `write ${CONFIRMED} { ${entry} } into the policy configuration by hand: its form is unusual`,
  );
}

function settingsIn(text: string): { readonly [setting: string]: unknown } | undefined {
  const content: unknown = JSON.parse(text);
  const settings = isRecord(content) ? content[SETTINGS] : undefined;
  return isRecord(settings) ? settings : undefined;
}

/** JSON is YAML: the same parser tells where a value stands. */
function withConfirmed(text: string, database: string, entry: string, value: string): string {
  const json = parseDocument(text);
  const own = json.getIn([SETTINGS, CONFIRMED, database], true);
  if (isScalar(own) && own.range) return text.slice(0, own.range[0]) + value + text.slice(own.range[1]);
  const confirmed = json.getIn([SETTINGS, CONFIRMED]);
  return confirmed === undefined
    ? withEntry(text, json.get(SETTINGS), `"${CONFIRMED}": { ${entry} }`)
    : withEntry(text, confirmed, entry);
}

/** Puts an entry first into an object, with the blanks that stand before its others. */
function withEntry(text: string, object: unknown, entry: string): string {
  if (!isMap(object) || !object.range) return text;
  const start = object.range[0] + 1;
  const blanks = /^\s*/.exec(text.slice(start))?.[0] ?? "";
  const comma = object.items.length > 0 ? "," : "";
  return `${text.slice(0, start)}${blanks}${entry}${comma}${blanks}${text.slice(start + blanks.length)}`;
}
