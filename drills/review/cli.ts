import * as path from "node:path";
import { InputError, messageOf } from "../../policies/command/inputError";
import { HELP, parseArguments } from "./arguments";
import { review } from "./review";

/** `npm run review -- STACK`. Sets the exit code: 0 clean, 1 findings, 2 no review can be done. */
async function main(argv: readonly string[]): Promise<void> {
  // The SDK tells on stderr how long it will go on with this Node.js: nothing that a review is about.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  try {
    const options = parseArguments(argv);
    if (options === undefined) process.stdout.write(`${HELP}\n`);
    else process.exitCode = await review(options, path.resolve(__dirname, "..", ".."));
  } catch (error) {
    const what = error instanceof InputError ? error.message : `the review failed: ${messageOf(error)}`;
    process.stderr.write(`error: ${what}\n`);
    if (process.env.POOLPROOF_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exitCode = 2;
  }
}

void main(process.argv.slice(2));
