import { CommandLine, choice, fileName, InvalidArgumentError, wholeNumber } from "../../policies/kit/cli";
import { InputError } from "../../policies/kit/errors";
import { FORMATS, type Format } from "./report";

/** CloudWatch keeps minutes for 15 days. */
const MAX_DAYS = 14;

export interface ReviewArguments {
  readonly stack: string;
  readonly format: Format;
  readonly output?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly days: number;
  readonly confirmedMaxConnections?: number;
  readonly policyConfig?: string;
  readonly propose?: string;
  readonly write?: boolean;
  readonly printIamPolicy?: boolean;
}

const commandLine = (): CommandLine =>
  new CommandLine("npm run --silent review --")
    .description(
      "Compares what runs in AWS with what the program says, and the last days with what was declared. Only reads.",
    )
    .argument("[stack]", "a stack of stacks/")
    .option("--format <format>", FORMATS.join(", "), choice(FORMATS), "text")
    .option("--output <file>", "write the report there instead of to stdout", fileName)
    .option("--days <n>", `how far to look back, 1 to ${MAX_DAYS}`, wholeNumber(1, MAX_DAYS), MAX_DAYS)
    .option(
      "--confirmed-max-connections <n>",
      "what `SHOW max_connections` says now",
      wholeNumber(1, 262_143),
    )
    .option("--propose <file>", "write what was measured as a patch of the stack file", fileName)
    .option("--write", "write it into the stack file and the policy configuration")
    .option("--policy-config <file>", "the policy configuration to read and propose changes of", fileName)
    .option("--region <region>", "instead of the stack's aws:region", named)
    .option("--endpoint-url <url>", "instead of AWS: moto, LocalStack", url)
    .option("--print-iam-policy", "print the permissions that a review needs, and ask nothing")
    .addHelpText(
      "after",
      `
Exit codes: 0 clean, 1 findings, or a part that could not be reviewed, 2 the review cannot be done.
docs/guides/review.md`,
    );

/** @throws InputError or commander's error naming what is wrong with the command line. */
export function parseArguments(argv: readonly string[]): ReviewArguments {
  const line = commandLine().parse(argv, { from: "user" });
  const [stack] = line.args;
  if (!stack) throw new InputError("which stack? npm run review -- STACK [flags]");
  return { ...line.opts<Omit<ReviewArguments, "stack">>(), stack };
}

function named(text: string): string {
  if (text === "") throw new InvalidArgumentError("A name is needed.");
  return text;
}

function url(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: undefined };
  if (protocol === "http:" || protocol === "https:") return text;
  throw new InvalidArgumentError("It must be a URL such as http://127.0.0.1:5000.");
}
