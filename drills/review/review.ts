import * as path from "node:path";
import { deliver, destination } from "../../policies/command/output";
import { readPolicyConfig } from "../../policies/command/policyConfig";
import type { Settings } from "../../policies/plan/settings";
import type { ReviewArguments } from "./arguments";
import type { Expected } from "./expected/expected";
import { expectedStack } from "./expected/expectedStack";
import { judge } from "./judge/judge";
import { awsClients, closeClients } from "./live/clients";
import { collect } from "./live/collect";
import { iamPolicy } from "./live/permissions";
import { proposalOf, save, writeProposal } from "./propose/proposal";
import { render } from "./reports/render";
import { reviewOf } from "./reports/review";

const DAY_MS = 86_400_000;

/**
 * Reviews one stack of the repository. Returns the exit code: 0 clean, 1 findings or a part not reviewed.
 * @param root - The repository.
 * @throws InputError where no review can be done.
 */
export async function review(options: ReviewArguments, root: string): Promise<number> {
  const to = destination(options.output);
  const proposeTo = options.propose === undefined ? undefined : path.resolve(options.propose);
  const policyConfig = options.policyConfig === undefined ? undefined : path.resolve(options.policyConfig);
  const { settings, notes } = await readPolicyConfig(policyConfig);
  for (const note of notes) say(`note: ${note}`);
  // Before any client: the program is run until the process has nothing left to do.
  const { expected, stackFile } = await expectedStack(root, options.stack, options.region);
  if (options.printIamPolicy) {
    deliver(`${JSON.stringify(iamPolicy(namesOf(expected)), null, 2)}\n`, to);
    return 0;
  }
  const live = await lookAt(expected, options);
  const judgement = judge(expected, live, {
    capacity: settings.capacity,
    exceptions: settings.exceptions,
    confirmed: { now: options.confirmedMaxConnections, before: confirmedOf(settings, expected) },
  });
  const proposal = proposalOf(judgement.evidence, { root, stackFile, policyConfig });
  const result = reviewOf(judgement, proposal);
  deliver(render(result, options.format, to), to);
  if (proposal.patch === "") {
    if (proposeTo !== undefined || options.write) say("note: nothing was measured that the files do not say");
  } else {
    if (proposeTo !== undefined) save(proposeTo, proposal.patch);
    if (options.write) {
      writeProposal(proposal);
      say(`note: written: ${proposal.files.map(({ file }) => path.relative(root, file)).join(", ")}`);
    }
  }
  return result.verdict === "clean" ? 0 : 1;
}

async function lookAt(expected: Expected, { days, endpointUrl }: ReviewArguments) {
  const clients = awsClients({ region: expected.region, endpoint: endpointUrl });
  const until = new Date();
  try {
    return await collect(clients, expected, { since: new Date(until.getTime() - days * DAY_MS), until });
  } finally {
    closeClients(clients);
  }
}

const namesOf = ({ region, name, database }: Expected) => ({ region, name, database: database.identifier });

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
