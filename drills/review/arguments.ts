import { parseArgs } from "node:util";
import { InputError } from "../../policies/kit/errors";
import { closest } from "../../policies/kit/text";
import { optionMistake, withNegativeValues } from "../commandLine/optionMistake";
import { FORMATS, type Format } from "./report/render";

/** CloudWatch keeps minutes for 15 days. */
const MOST_DAYS = 14;

export interface ReviewArguments {
  readonly stack: string;
  readonly format: Format;
  readonly output: string | undefined;
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
  readonly days: number;
  readonly confirmedMaxConnections: number | undefined;
  readonly policyConfig: string | undefined;
  readonly propose: string | undefined;
  readonly write: boolean;
  readonly printIamPolicy: boolean;
}

export const HELP = `npm run --silent review -- STACK [flags]

Compares what runs in AWS with what the program says, and the last days with what was declared. Only reads.
Exit 0: clean. 1: findings, or a part that could not be reviewed. 2: the review cannot be done.

  --format text|json|markdown|html   how the report is written (text)
  --output FILE                      write it there instead of stdout
  --days N                           how far to look back, 1 to ${MOST_DAYS} (${MOST_DAYS})
  --confirmed-max-connections N      what \`SHOW max_connections\` says now
  --propose FILE                     write what was measured as a patch of the stack file
  --write                            write it into the stack file and the policy configuration
  --policy-config FILE               the policy configuration to read and propose changes of
  --region REGION                    instead of the stack's aws:region
  --endpoint-url URL                 instead of AWS: moto, LocalStack
  --print-iam-policy                 print the permissions that a review needs, and ask nothing

docs/guides/review.md`;

const OPTIONS = {
  format: { type: "string" },
  output: { type: "string" },
  days: { type: "string" },
  "confirmed-max-connections": { type: "string" },
  propose: { type: "string" },
  write: { type: "boolean" },
  "policy-config": { type: "string" },
  region: { type: "string" },
  "endpoint-url": { type: "string" },
  "print-iam-policy": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** Undefined where help is asked for. @throws InputError naming what is wrong with the command line. */
export function parseArguments(argv: readonly string[]): ReviewArguments | undefined {
  const { values, positionals } = parse(argv);
  if (values.help === true) return undefined;
  const [stack, ...more] = positionals;
  if (stack === undefined || stack === "") {
    throw new InputError("which stack? npm run review -- STACK [flags]");
  }
  if (more.length > 0) throw new InputError(`one stack at a time, not ${positionals.join(" and ")}`);
  return {
    stack,
    format: formatOf(values.format ?? "text"),
    output: text("output", values.output),
    region: text("region", values.region),
    endpointUrl: urlOf(values["endpoint-url"]),
    days: wholeNumber("days", values.days ?? String(MOST_DAYS), 1, MOST_DAYS),
    confirmedMaxConnections:
      values["confirmed-max-connections"] === undefined
        ? undefined
        : wholeNumber("confirmed-max-connections", values["confirmed-max-connections"], 1, 262_143),
    policyConfig: text("policy-config", values["policy-config"]),
    propose: text("propose", values.propose),
    write: values.write === true,
    printIamPolicy: values["print-iam-policy"] === true,
  };
}

const EXAMPLES = {
  format: "json",
  output: "review.txt",
  days: "7",
  "confirmed-max-connections": "400",
  propose: "review.patch",
  "policy-config": "policies/config/prod.json",
  region: "eu-west-1",
  "endpoint-url": "http://127.0.0.1:5000",
} as const;

function parse(argv: readonly string[]) {
  try {
    const args = withNegativeValues(argv, OPTIONS);
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const words = { options: OPTIONS, examples: EXAMPLES, help: "npm run review -- --help" };
    throw new InputError(optionMistake(error, argv, words));
  }
}

function formatOf(given: string): Format {
  const found = FORMATS.find((each) => each === given);
  if (found !== undefined) return found;
  const near = closest(given, FORMATS);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new InputError(`--format is "${given}" and can be ${FORMATS.join(", ")}${hint}`);
}

function text(option: string, given: string | undefined): string | undefined {
  if (given === "") throw new InputError(`--${option} needs a value`);
  return given;
}

function wholeNumber(option: string, given: string, min: number, max: number): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= min && value <= max) return value;
  throw new InputError(`--${option} is "${given}" and must be a whole number from ${min} to ${max}`);
}

function urlOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return given;
  throw new InputError(`--endpoint-url is "${given}" and must be a URL such as http://127.0.0.1:5000`);
}
