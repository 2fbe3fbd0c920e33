import { computed } from "../../../infra/capacity";
import { list, number, percent, utcMinute } from "../../../policies/kit/text";
import { poolAtPeak } from "../../../policies/model/poolFloor";
import type { Evidence, Finding } from "./finding";
import type { Peak } from "./measured";

/**
 * Above the declared number by more than this is more than was declared: the model plans for a quarter more than is
 * declared, so that a demand that is met now and then is none the worse for it.
 */
export const TOLERANCE = 1.05;

export const hasGrown = (declared: number, seen: number | undefined): seen is number =>
  seen !== undefined && seen > TOLERANCE * declared;

/** The demand that was seen against the demand that is declared, and what that does to the floor. */
export function demandFindings(evidence: Evidence): readonly Finding[] {
  const { expected, windows, measured } = evidence;
  const { floorSeen, floorDeclared, set } = windows;
  const grown = whatHasGrown(evidence);
  const isBelow = floorSeen !== undefined && set < floorSeen;
  if (grown.length === 0 && !isBelow) return [];
  const resource = expected.service.pool.name;
  const floor = floorText(floorDeclared, floorSeen, set);
  if (!isBelow) {
    return [
      {
        id: "demand-grew",
        resource,
        urgency: "soon",
        observed: sentence(grown),
        limit: floor,
        consequence: "The policies judge the next change by a demand that is no longer so.",
        fix: `Declare what was seen: \`npm run review -- ${expected.stack} --propose FILE\` writes the change`,
        docs: "docs/guides/declaring-demand.md",
      },
    ];
  }
  const load = measured.requestsPerSecond;
  return [
    {
      id: "pool-floor",
      resource,
      urgency: "now",
      observed:
        grown.length > 0
          ? sentence(grown)
          : `The declared demand is met by fewer tasks: ${windows.seen.tasksServingPeak}.`,
      limit: floor,
      consequence: consequence(evidence, load),
      fix: fix(evidence),
      docs: "docs/runbooks/pool-floor.md",
    },
  ];
}

function sentence(grown: readonly string[]): string {
  const text = list(grown);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function whatHasGrown({ expected, measured }: Evidence): readonly string[] {
  const { demand } = expected;
  const { requestsPerSecond, holdMs, acquisitionsPerRequest } = measured;
  const rate = requestsPerSecond?.value;
  const { tasksAtPeak: declaredTasks = expected.service.minTasks } = demand;
  return [
    ...(hasGrown(demand.peakRequestsPerSecond, rate)
      ? [
          `declared ${number(demand.peakRequestsPerSecond)} requests/s, seen ${number(rate)}/s (${utcMinute(requestsPerSecond?.at ?? 0)})`,
        ]
      : []),
    ...(measured.tasksAtPeak !== undefined && measured.tasksAtPeak < declaredTasks
      ? [`declared ${number(declaredTasks)} tasks at peak, seen ${number(measured.tasksAtPeak)}`]
      : []),
    ...(hasGrown(demand.holdMs, holdMs)
      ? [`declared ${number(demand.holdMs, 1)} ms for each hold, seen ${number(holdMs, 1)} ms`]
      : []),
    ...(hasGrown(demand.acquisitionsPerRequest, acquisitionsPerRequest)
      ? [
          `declared ${number(demand.acquisitionsPerRequest, 2)} acquisitions a request, seen ${number(acquisitionsPerRequest, 2)}`,
        ]
      : []),
  ];
}

function floorText(declared: number | undefined, seen: number | undefined, set: number): string {
  if (seen === undefined) return `The floor can no longer be computed; \`pool.max\` is ${set}.`;
  return declared === seen
    ? `The floor stays ${seen}; \`pool.max\` is ${set}.`
    : `The floor is now ${seen}${declared === undefined ? "" : ` (declared: ${declared})`}; \`pool.max\` is ${set}.`;
}

/** What the pool does at the peak that was seen. */
function consequence({ windows, expected, capacity }: Evidence, peak: Peak | undefined): string {
  const { acquireTimeoutMs } = expected.service.pool;
  const at = computed(() => poolAtPeak(windows.set, windows.seen, capacity.waitTargetMs, acquireTimeoutMs));
  if (at === undefined) return "Nothing can be said of what it does at that peak.";
  const then = peak === undefined ? "At the peak" : "At such a peak";
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
