import { describe, expect, it } from "vitest";
import { parseArguments } from "../../../drills/review/arguments";

describe("the command line", () => {
  it("reads every option", () => {
    const argv =
      "prod --format html --output x --region x --endpoint-url http://127.0.0.1:5000 --days 7 --propose x --write --policy-config x --confirmed-max-connections 400 --print-iam-policy";
    expect(parseArguments(argv.split(" "))).toEqual({
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
    expect(parseArguments(["prod"])).toEqual({ stack: "prod", format: "text", days: 14 });
  });

  it.each([
    [[], /stack/],
    [["a", "b"], /too many arguments/],
    [["prod", "--fromat", "json"], /--fromat.*did you mean --format\?/is],
    [["prod", "--format", "pdf"], /--format.*'pdf'.*text, json, markdown, html/],
    [["prod", "--days", "15"], /--days.*'15'.*1 to 14/],
    [["prod", "--days", "1e1"], /--days.*'1e1'.*1 to 14/],
    [["prod", "--confirmed-max-connections", "0"], /1 to 262143/],
    [["prod", "--endpoint-url", "localhost:5000"], /http:\/\/127\.0\.0\.1:5000/],
    [["prod", "--output", ""], /--output/],
    [["prod", "--propose", "--write"], /--propose.*--write/],
  ])("%j is refused", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
