import { computed } from "../../../infra/capacity";
import { list, number, percent, utcMinute } from "../../../policies/kit/text";
import { poolAtPeak } from "../../../policies/model/poolFloor";
import type { Evidence, Finding } from "./finding";
import type { Windows } from "./windows";

/**
 * Above the declared number by more than this is more than was declared: the model plans for a quarter more than is
 * declared, so that a demand that is met now and then is none the worse for it.
 */
const TOLERANCE = 1.05;

export const hasGrown = (declared: number, seen: number | undefined): seen is number =>
  seen !== undefined && seen > TOLERANCE * declared;

/** The demand that was seen against the demand that is declared, and what that does to the floor. */
export function demandFindings(evidence: Evidence): readonly Finding[] {
  const { expected, windows } = evidence;
  const { floorSeen, set, seen } = windows;
  const grown = list(whatHasGrown(evidence));
  const isBelow = floorSeen !== undefined && set < floorSeen;
  if (grown === "" && !isBelow) return [];
  const observed =
    grown === ""
      ? `The declared demand is met by fewer tasks: ${seen.tasksServingPeak}.`
      : `${grown.charAt(0).toUpperCase()}${grown.slice(1)}.`;
  return [
    {
      id: isBelow ? "pool-floor" : "demand-grew",
      resource: expected.service.pool.name,
      urgency: isBelow ? "now" : "soon",
      observed,
      limit: floorText(windows),
      consequence: isBelow
        ? consequence(evidence)
        : "The policies judge the next change by a demand that is out of date.",
      fix: isBelow
        ? fix(evidence)
        : `Declare what was seen: \`npm run review -- ${expected.stack} --propose FILE\` writes the change`,
      docs: isBelow ? "docs/runbooks/pool-floor.md" : "docs/guides/declaring-demand.md",
    },
  ];
}

function whatHasGrown({ expected, measured }: Evidence): readonly string[] {
  const { demand } = expected;
  const { requestsPerSecond: peak, holdMs, acquisitionsPerRequest, tasksAtPeak } = measured;
  const declaredTasks = demand.tasksAtPeak ?? expected.service.minTasks;
  const grown: string[] = [];
  if (hasGrown(demand.peakRequestsPerSecond, peak?.value)) {
    const seen = `${number(peak?.value ?? 0)}/s (${utcMinute(peak?.at ?? 0)})`;
    grown.push(`declared ${number(demand.peakRequestsPerSecond)} requests/s, seen ${seen}`);
  }
  if (tasksAtPeak !== undefined && tasksAtPeak < declaredTasks) {
    grown.push(`declared ${number(declaredTasks)} tasks at peak, seen ${number(tasksAtPeak)}`);
  }
  if (hasGrown(demand.holdMs, holdMs)) {
    grown.push(`declared ${number(demand.holdMs, 1)} ms for each hold, seen ${number(holdMs, 1)} ms`);
  }
  if (hasGrown(demand.acquisitionsPerRequest, acquisitionsPerRequest)) {
    const seen = number(acquisitionsPerRequest, 2);
    grown.push(`declared ${number(demand.acquisitionsPerRequest, 2)} acquisitions a request, seen ${seen}`);
  }
  return grown;
}

function floorText({ floorDeclared: declared, floorSeen: seen, set }: Windows): string {
  if (seen === undefined) return `The floor can no longer be computed; \`pool.max\` is ${set}.`;
  return declared === seen
    ? `The floor stays ${seen}; \`pool.max\` is ${set}.`
    : `The floor is now ${seen}${declared === undefined ? "" : ` (declared: ${declared})`}; \`pool.max\` is ${set}.`;
}

/** What the pool does at the peak that was seen. */
function consequence({ windows, expected, capacity, measured }: Evidence): string {
  const { acquireTimeoutMs } = expected.service.pool;
  const at = computed(() => poolAtPeak(windows.set, windows.seen, capacity.waitTargetMs, acquireTimeoutMs));
  if (at === undefined) return "Nothing can be said of what it does at that peak.";
  const then = measured.requestsPerSecond === undefined ? "At the peak" : "At such a peak";
  if (at.overloaded) return `${then} at least ${percent(at.failingShare)} of the requests fail.`;
  return `${then} ${percent(at.waitBeyondTarget)} of acquisitions wait longer than ${capacity.waitTargetMs} ms, and a quarter more traffic is no longer provided for.`;
}

function fix({ windows, expected }: Evidence): string {
  const { floorSeen = 0, ceiling } = windows;
  if (ceiling !== undefined && ceiling < floorSeen) {
    return `No \`pool.max\` is safe any more (the ceiling is ${ceiling}): \`npm run explain -- ${expected.stack}\` names the lever that opens the window`;
  }
  const window = ceiling === undefined ? `${floorSeen} or more` : `${floorSeen}–${ceiling}`;
  return `Declare what was seen and set \`auth:poolMax\` to ${window}: \`pulumi config set auth:poolMax ${floorSeen} --stack ${expected.stack}\`; \`npm run review -- ${expected.stack} --propose FILE\` writes both`;
}
