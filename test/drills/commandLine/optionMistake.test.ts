import { describe, expect, it } from "vitest";
import { parseCommandLine as replay } from "../../../drills/replay/cli";
import { parseArguments as review } from "../../../drills/review/arguments";
import { parseCommandLine as stress } from "../../../drills/stress/commandLine";

/** Node's own words for a command line that it refuses: none of them may be seen. */
const NODES_WORDS = /ambiguous|argument missing|does not take|'-|<value>|To specify|Unknown option/;

const parsers = { replay, review, stress };

function said(command: keyof typeof parsers, argv: readonly string[]): string {
  try {
    parsers[command](argv);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "nothing";
}

describe("a command line that cannot be read is told in one line of our own", () => {
  it.each([
    ["stress", ["dev", "--rate", "-5"], '--rate is "-5" and must be above 0 and at most 1000000 requests/s'],
    ["stress", ["dev", "--hold-ms", "-.5"], '--hold-ms is "-.5" and must be above 0'],
    ["stress", ["dev", "--html"], "--html needs a value: write one after it, as in --html report.html"],
    [
      "stress",
      ["dev", "--html", "--smoke"],
      "--html needs a value, and --smoke follows: write one after it, as in --html report.html",
    ],
    [
      "stress",
      ["dev", "--duration", "banana"],
      '--duration is "banana" and must be a time from 5s to 60m, such as 30s or 2m',
    ],
    ["stress", ["dev", "--smoke=yes"], "--smoke takes no value: write --smoke alone"],
    ["stress", ["dev", "-x"], "there is no option -x: `npm run stress -- --help` lists them"],
    ["stress", ["dev", "--durration", "5s"], "there is no option --durration; did you mean --duration?"],
    ["stress", ["dev", "--database-url", ""], "--database-url is empty"],
    ["stress", ["dev", "--scale", "-1"], '--scale is "-1" and must be a share'],
    ["stress", ["dev", "--pools", "8,-2"], '--pools is "-2" and must be a whole number from 1'],
    ["replay", ["--html"], "--html needs a value: write one after it, as in --html page.html"],
    ["replay", ["--trace", "--stack", "prod"], "--trace needs a value, and --stack follows"],
    ["replay", ["--stack"], "--stack needs a value: write one after it, as in --stack prod"],
    ["replay", ["-s"], "--stack needs a value: write one after it, as in --stack prod"],
    ["replay", ["--ingestion-delay", "-5"], "--ingestion-delay is -5, and it is a time such as 60s or 2m"],
    ["replay", ["--list=3"], "--list takes no value: write --list alone"],
    ["replay", ["--trace", ""], "--trace is empty: name one after it"],
    ["replay", ["--formt", "json"], "there is no option --formt; did you mean --format?"],
    ["review", ["prod", "--days", "-3"], '--days is "-3" and must be a whole number from 1 to 14'],
    ["review", ["prod", "--days"], "--days needs a value: write one after it, as in --days 7"],
    ["review", ["prod", "--propose", "--write"], "--propose needs a value, and --write follows"],
    ["review", ["prod", "--write=1"], "--write takes no value: write --write alone"],
    ["review", ["prod", "--nope"], "there is no option --nope: `npm run review -- --help` lists them"],
  ] as const)("%s %j", (command, argv, message) => {
    const line = said(command, argv);
    expect(line).toContain(message);
    expect(line).not.toMatch(NODES_WORDS);
    expect(line).not.toContain("\n");
  });

  it("leaves alone what stands after `--`, and a file whose name begins with a dash when it is tied", () => {
    expect(replay(["--output=-5.txt"])).toMatchObject({ output: "-5.txt" });
    expect(replay(["--", "-5"])).toMatchObject({ selection: { scenarios: ["-5"] } });
  });

  it.each([
    "replay",
    "stress",
    "review",
  ] as const)("%s has an example for each option that takes a value", (command) => {
    const stack = command === "replay" ? [] : ["prod"];
    for (const name of OPTIONS[command]) {
      expect(said(command, [...stack, `--${name}`])).toMatch(
        new RegExp(`^--${name} needs a value: write one after it, as in --${name} (?!VALUE)\\S+$`),
      );
    }
  });
});

const OPTIONS = {
  replay: ["stack", "trace", "alarms", "ingestion-delay", "format", "output", "html"],
  stress: [
    ..."duration rate hold-ms seed scale pool-max pools format output html trace emit".split(" "),
    ..."database-url database-port drill".split(" "),
  ],
  review: [
    ..."format output days confirmed-max-connections propose policy-config region endpoint-url".split(" "),
  ],
};
