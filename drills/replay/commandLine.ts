import { parseArgs } from "node:util";
import { optionMistake, withNegativeValues } from "../commandLine/optionMistake";
import { ReplayInputError } from "./inputError";
import type { Selection } from "./readScenarios";

export const FORMATS = ["text", "json", "junit"] as const;
export type Format = (typeof FORMATS)[number];

export type CommandLine =
  | { readonly kind: "help" }
  | { readonly kind: "list" }
  | {
      readonly kind: "replay";
      readonly selection: Selection;
      readonly format: Format;
      readonly output: string | undefined;
      readonly html: string | undefined;
    };

export const HELP = `npm run replay -- [SCENARIO…] [options]

Replays a stack's alarms against what CloudWatch would have been told, before they are deployed. A SCENARIO is the name of
a shipped one, or the path of a scenario or trace file; without any, all shipped scenarios are replayed.

  --list                   name the shipped scenarios
  --stack STACK            whose alarms, instead of those of the stack that the scenario names
  --trace FILE             replay a trace (as the stress lab writes them) without expectations; may be repeated. A trace
                           does not say whose alarms: needs --stack or --alarms
  --alarms FILE            replay these alarms instead: what \`aws cloudwatch describe-alarms --alarm-types MetricAlarm
                           CompositeAlarm\` prints. Judged by whom they wake and when, not by their names
  --ingestion-delay 60s    from the end of a minute until CloudWatch has its datapoints (60s)
  --format FORMAT          text, json or junit (text)
  --output FILE            write the report there instead of to stdout
  --html FILE              write a page with the series, thresholds and states drawn
  --help

Exit code: 0 all passed, 1 a bar was missed, 2 the input cannot be used.
`;

const OPTIONS = {
  list: { type: "boolean" },
  stack: { type: "string", short: "s" },
  trace: { type: "string", multiple: true },
  alarms: { type: "string" },
  "ingestion-delay": { type: "string" },
  format: { type: "string" },
  output: { type: "string" },
  html: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** @throws ReplayInputError naming what is wrong with the command line. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parsed(argv);
  if (values.help) return { kind: "help" };
  if (values.list) return { kind: "list" };
  for (const name of ["stack", "alarms", "output", "html"] as const) {
    if (values[name] === "") throw new ReplayInputError(`--${name} is empty: name one after it`);
  }
  if (values.trace?.includes("")) throw new ReplayInputError("--trace is empty: name one after it");
  if (values.stack !== undefined && values.alarms !== undefined) {
    throw new ReplayInputError("--stack and --alarms both say whose alarms to replay: give one of them");
  }
  return {
    kind: "replay",
    selection: {
      scenarios: positionals,
      traces: values.trace ?? [],
      stack: values.stack,
      alarms: values.alarms,
      ingestionDelaySeconds: secondsOf(values["ingestion-delay"] ?? "60s"),
    },
    format: formatOf(values.format ?? "text"),
    output: values.output,
    html: values.html,
  };
}

const EXAMPLES = {
  stack: "prod",
  trace: "trace.json",
  alarms: "alarms.json",
  "ingestion-delay": "60s",
  format: "json",
  output: "report.txt",
  html: "page.html",
} as const;

function parsed(argv: readonly string[]) {
  try {
    const args = withNegativeValues(argv, OPTIONS);
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const words = { options: OPTIONS, examples: EXAMPLES, help: "npm run replay -- --help" };
    throw new ReplayInputError(optionMistake(error, argv, words));
  }
}

function formatOf(text: string): Format {
  const format = FORMATS.find((one) => one === text);
  if (format !== undefined) return format;
  throw new ReplayInputError(`--format is ${text}, and it can be ${FORMATS.join(", ")}`);
}

/** `60s`, `2m` or a number of seconds. */
function secondsOf(text: string): number {
  const [, number, unit] = /^(\d{1,5})(s|m|)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new ReplayInputError(`--ingestion-delay is ${text}, and it is a time such as 60s or 2m`);
  }
  return Number(number) * (unit === "m" ? 60 : 1);
}
