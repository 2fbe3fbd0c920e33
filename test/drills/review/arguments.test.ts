import { describe, expect, it } from "vitest";
import { HELP, parseArguments } from "../../../drills/review/arguments";

describe("the command line", () => {
  it("reads every flag that the help names", () => {
    const flags = [...HELP.matchAll(/^ {2}--([\w-]+)(?: ([A-Z]+|text\S+))?/gm)];
    const values: { readonly [flag: string]: string } = {
      format: "html",
      days: "7",
      "confirmed-max-connections": "400",
      "endpoint-url": "http://127.0.0.1:5000",
    };
    const argv = flags.flatMap(([, name = "", value]) =>
      value === undefined ? [`--${name}`] : [`--${name}`, values[name] ?? "x"],
    );
    expect(parseArguments(["prod", ...argv])).toEqual({
      stack: "prod",
      format: "html",
      output: "x",
      region: "x",
      endpointUrl: "http://127.0.0.1:5000",
      days: 7,
      confirmedMaxConnections: 400,
      policyConfig: "x",
      propose: "x",
      write: true,
      printIamPolicy: true,
    });
    expect(parseArguments(["--help"])).toBeUndefined();
  });

  it.each([
    [[], /stack/],
    [["a", "b"], /a and b/],
    [["prod", "--fromat", "json"], /--fromat; did you mean --format\?/],
    [["prod", "--format", "pdf"], /--format is "pdf" .*text, json, markdown, html/],
    [["prod", "--days", "15"], /--days is "15" .*1 to 14/],
    [["prod", "--days", "1e1"], /--days is "1e1" .*1 to 14/],
    [["prod", "--confirmed-max-connections", "0"], /1 to 262143/],
    [["prod", "--endpoint-url", "localhost:5000"], /http:\/\/127\.0\.0\.1:5000/],
    [["prod", "--output", ""], /--output/],
  ])("%j is refused", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
