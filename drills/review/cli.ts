import * as path from "node:path";
import { deliver, destination, fileFor, save } from "../../policies/command/output";
import { readPolicyConfig } from "../../policies/command/policyConfig";
import { endedBy } from "../../policies/kit/cli";
import type { Settings } from "../../policies/plan/settings";
import { parseArguments, type ReviewArguments } from "./arguments";
import type { Expected } from "./expected";
import { expectedStack } from "./expected";
import { judge } from "./judge/judge";
import { awsClients, closeClients } from "./live/aws";
import { collect } from "./live/collect";
import type { LiveState } from "./live/liveState";
import { iamPolicy } from "./live/permissions";
import { proposalOf, writeProposal } from "./propose";
import { render, reviewOf } from "./report";

const ROOT = path.resolve(__dirname, "..", "..");
const DAY_MS = 86_400_000;

/** `npm run review -- STACK`. Sets the exit code: 0 clean, 1 findings, 2 no review can be done. */
async function main(argv: readonly string[]): Promise<void> {
  // The SDK tells on stderr how long it will go on with this Node.js: nothing that a review is about.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  try {
    process.exitCode = await review(parseArguments(argv));
  } catch (error) {
    process.exitCode = endedBy(error, "the review failed");
  }
}

/**
 * Reviews one stack of the repository. Returns the exit code: 0 clean, 1 findings or a part not reviewed.
 * @throws InputError where no review can be done.
 */
async function review(options: ReviewArguments): Promise<number> {
  const to = destination(options.output);
  const proposeTo = options.propose === undefined ? undefined : fileFor(options.propose, "--propose");
  const policyConfig = options.policyConfig === undefined ? undefined : path.resolve(options.policyConfig);
  const { settings, notes } = await readPolicyConfig(policyConfig);
  for (const note of notes) say(`note: ${note}`);
  // Before any client: the program is run until the process has nothing left to do.
  const { expected, stackFile } = await expectedStack(ROOT, options.stack, options.region);
  if (options.printIamPolicy) {
    const { region, name, database } = expected;
    const policy = iamPolicy({ region, name, database: database.identifier });
    deliver(`${JSON.stringify(policy, null, 2)}\n`, to);
    return 0;
  }
  const judgement = judge(expected, await lookAt(expected, options), {
    capacity: settings.capacity,
    exceptions: settings.exceptions,
    confirmed: { now: options.confirmedMaxConnections, before: confirmedOf(settings, expected) },
  });
  const proposal = proposalOf(judgement.evidence, { root: ROOT, stackFile, policyConfig });
  const result = reviewOf(judgement, proposal);
  deliver(render(result, options.format, to), to);
  if (proposal.patch === "") {
    if (proposeTo !== undefined || options.write) say("note: nothing was measured that the files do not say");
  } else {
    if (proposeTo !== undefined) save(proposeTo, proposal.patch, "--propose");
    if (options.write) {
      writeProposal(proposal);
      say(`note: written: ${proposal.files.map(({ file }) => path.relative(ROOT, file)).join(", ")}`);
    }
  }
  return result.verdict === "clean" ? 0 : 1;
}

async function lookAt(expected: Expected, { days, endpointUrl }: ReviewArguments): Promise<LiveState> {
  const clients = awsClients(expected.region, endpointUrl);
  const until = new Date();
  try {
    return await collect(clients, expected, { since: new Date(until.getTime() - days * DAY_MS), until });
  } finally {
    closeClients(clients);
  }
}

/** What the policy configuration says was confirmed of the stack's database. */
function confirmedOf(
  { confirmedMaxConnections: confirmed }: Settings,
  { database }: Expected,
): number | undefined {
  return typeof confirmed === "object" ? confirmed[database.identifier] : confirmed;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

void main(process.argv.slice(2));
