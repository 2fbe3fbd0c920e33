// @ts-check
import { provideEngine } from "./engine.mjs";
import { ensureInstalled } from "./install.mjs";
import { repository, stateDirectory } from "./paths.mjs";
import { checkPolicyConfig } from "./policyConfig.mjs";
import { runPulumi } from "./pulumi.mjs";
import { duration, Stop } from "./say.mjs";
import { checkStackFile } from "./stackCommands.mjs";
import { stackFile } from "./stackFiles.mjs";

/** @typedef {import("./verdict.mjs").Report} Report */

/** What the first run shows: a stack that may be deployed, and the one that caused the outage. */
const HEALTHY = "dev";
const OUTAGE = "incident-2024-09-02";
const OUTAGE_RULE = "pool-floor";

/** @type {readonly (readonly [string, string])[]} */
const NEXT = [
  [`npm run check -- ${OUTAGE}`, "the same verdict in about two seconds, without an engine"],
  ["npm run preview -- prod", "the production stack on the engine"],
  [
    `npm run up -- ${HEALTHY}`,
    `deploy to the fictional account in .state/ (and: npm run destroy -- ${HEALTHY})`,
  ],
  ["npm run replay -- outage-2024-09-02", "the outage minute by minute, and the alarm that names its cause"],
  [`npm run stress -- ${OUTAGE}`, "the outage on a real PostgreSQL, then the same load with a safe pool"],
  ["npm test", "all that is proved here"],
];

/**
 * `start`: from a fresh clone to both verdicts on the real engine.
 * @returns {Promise<number>} 0 when both verdicts are as they should be
 */
export async function start(env = process.env) {
  const began = Date.now();
  heading(1, "Install the dependencies and compile the policy pack");
  await timed(() => ensureInstalled(repository));
  heading(2, "Find the Pulumi engine, or fetch or build one");
  const engine = await timed(() => provideEngine(env));
  say(`  Pulumi ${engine.version} ${engine.source}: ${engine.pulumi}`);
  const state = { engine, env, stateDir: stateDirectory(env), show: /** @type {const} */ ("outline") };

  heading(3, `Preview ${HEALTHY}, gated by the policies: a healthy stack`);
  const healthy = await previewOf(HEALTHY, state);
  heading(4, `Preview ${OUTAGE}, gated by the policies: the settings of the outage`);
  const outage = await previewOf(OUTAGE, state);

  const asExpected =
    healthy.verdict === "accepted" &&
    outage.verdict === "rejected" &&
    outage.violations.some(({ rule }) => rule === OUTAGE_RULE);
  say(`\n${summary(healthy, outage, asExpected)}\n\nDone in ${duration(Date.now() - began)}.`);
  return asExpected ? 0 : 2;
}

/**
 * @param {string} stack
 * @param {import("./embedded.mjs").Embedded & { show: "outline" }} state
 * @returns {Promise<Report>}
 */
async function previewOf(stack, state) {
  return timed(async () => {
    await checkStackFile(stackFile(repository, stack));
    await checkPolicyConfig(stack);
    const { report, reason } = await runPulumi({ command: "preview", stack, ...state });
    if (!report) throw new Stop(reason ?? `${stack} was not judged.`);
    return report;
  });
}

/**
 * What a person who sees this for the first time should know now.
 * @param {Report} healthy
 * @param {Report} outage
 * @param {boolean} asExpected
 */
export function summary(healthy, outage, asExpected) {
  const first = outage.violations.find(({ rule }) => rule === OUTAGE_RULE) ?? outage.violations[0];
  const lines = [
    verdictLine(healthy),
    verdictLine(outage),
    ...(first ? [`    ${first.rule}: ${first.message}`] : []),
    ...windowLine(first),
  ];
  if (!asExpected) {
    lines.push(
      "",
      `This is not as it should be: ${HEALTHY} is to be accepted, ${OUTAGE} rejected by ${OUTAGE_RULE}.`,
    );
    return lines.join("\n");
  }
  const width = Math.max(...NEXT.map(([command]) => command.length));
  return [
    ...lines,
    "",
    "Try next:",
    ...NEXT.map(([command, shows]) => `  ${command.padEnd(width)}   ${shows}`),
  ].join("\n");
}

/** @param {Report} report */
function verdictLine(report) {
  const mandatory = report.violations.filter(({ level }) => level === "mandatory").length;
  if (report.verdict === "accepted") return `  ✓ ${report.stack}: accepted`;
  return `  ✗ ${report.stack}: rejected, ${mandatory} ${mandatory === 1 ? "violation" : "violations"}`;
}

/** @param {import("./verdict.mjs").Violation | undefined} violation */
function windowLine(violation) {
  const allowed = violation?.allowed;
  if (!allowed) return [];
  if (allowed.max === null) return [`    The pool needs at least ${allowed.min} connections.`];
  if (allowed.min > allowed.max) return ["    No pool size is safe with these settings."];
  return [`    Safe window of the pool: ${allowed.min} to ${allowed.max} connections.`];
}

/**
 * @template T
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
async function timed(step) {
  const started = Date.now();
  const result = await step();
  say(`  (${duration(Date.now() - started)})`);
  return result;
}

/**
 * @param {number} step
 * @param {string} title
 */
function heading(step, title) {
  say(`\n── ${step}/4 ${title} ${"─".repeat(Math.max(3, 90 - title.length))}\n`);
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}
