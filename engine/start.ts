import { repository } from "./boot/install.mjs";
import { duration, Stop } from "./boot/say.mjs";
import { checkStackFile, poolproof } from "./check.js";
import { type Embedded, stateDirectory } from "./embedded.js";
import { provideEngine } from "./engine.js";
import { checkPolicyConfig, type Report, type Violation, verdictLine } from "./pack.js";
import { runPulumi } from "./pulumi.js";
import { stackFile } from "./stacks.js";

/** What the first run shows: a stack that may be deployed, and the one that caused the outage. */
const HEALTHY = "dev";
const OUTAGE = "incident-2024-09-02";
const OUTAGE_RULE = "pool-floor";

const NEXT: readonly (readonly [command: string, shows: string])[] = [
  [`npm run check -- ${OUTAGE}`, "the verdict again, in about two seconds"],
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
 * `start`: from a fresh clone to both verdicts, by `check` first, which needs no engine, and then on the real engine.
 * @param installMs how long the dependencies took to install
 * @returns 0 when both verdicts are as they should be
 */
export async function start(installMs: number, env = process.env): Promise<number> {
  const began = Date.now() - installMs;
  heading(1, `Check ${HEALTHY} and ${OUTAGE}: the program runs in-process, without an engine`);
  const codes: number[] = [];
  await timed(async () => {
    for (const stack of [HEALTHY, OUTAGE]) {
      codes.push(await poolproof("check", [stack]));
      say("");
    }
  });
  if (codes.includes(2)) return 2;

  heading(2, "Find the Pulumi engine, or fetch or build one");
  const engine = await timed(() => provideEngine(env));
  say(`  Pulumi ${engine.version} ${engine.source}: ${engine.pulumi}`);

  heading(3, "The same on the real engine: both previews, gated by the policies");
  const state = { engine, env, stateDir: stateDirectory(env) };
  const healthy = await previewOf(HEALTHY, state);
  const outage = await previewOf(OUTAGE, state);

  const asExpected =
    codes.join() === "0,1" &&
    healthy.verdict === "accepted" &&
    outage.verdict === "rejected" &&
    outage.violations.some(({ rule }) => rule === OUTAGE_RULE);
  say(`\n${summary(healthy, outage, asExpected)}\n\nDone in ${duration(Date.now() - began)}.`);
  return asExpected ? 0 : 2;
}

function previewOf(stack: string, state: Embedded): Promise<Report> {
  return timed(async () => {
    await checkStackFile(stackFile(repository, stack));
    await checkPolicyConfig(stack);
    const { report, reason } = await runPulumi({ command: "preview", stack, show: "outline", ...state });
    if (!report) throw new Stop(reason ?? `${stack} was not judged.`);
    return report;
  });
}

/** What a person who sees this for the first time should know now. */
function summary(healthy: Report, outage: Report, asExpected: boolean): string {
  const first = outage.violations.find(({ rule }) => rule === OUTAGE_RULE) ?? outage.violations[0];
  const lines = [
    `  ${verdictLine(healthy)}`,
    `  ${verdictLine(outage)}`,
    ...(first ? [`    ${first.rule}: ${first.message}`] : []),
    ...windowLine(first),
  ];
  if (!asExpected) {
    return [
      ...lines,
      "",
      `This is not as it should be: ${HEALTHY} is to be accepted, ${OUTAGE} rejected by ${OUTAGE_RULE}, by \`check\` and on the engine.`,
    ].join("\n");
  }
  const width = Math.max(...NEXT.map(([command]) => command.length));
  return [
    ...lines,
    "",
    "Try next:",
    ...NEXT.map(([command, shows]) => `  ${command.padEnd(width)}   ${shows}`),
  ].join("\n");
}

function windowLine(violation: Violation | undefined): string[] {
  const allowed = violation?.allowed;
  if (!allowed) return [];
  if (allowed.max === null) return [`    The pool needs at least ${allowed.min} connections.`];
  if (allowed.min > allowed.max) return ["    No pool size is safe with these settings."];
  return [`    Safe window of the pool: ${allowed.min} to ${allowed.max} connections.`];
}

async function timed<T>(step: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const result = await step();
  say(`  (${duration(Date.now() - started)})`);
  return result;
}

function heading(step: number, title: string): void {
  say(`\n── ${step}/3 ${title} ${"─".repeat(Math.max(3, 90 - title.length))}\n`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
