import { isAbsolute } from "node:path";
import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../../drills/stress/commandLine";

describe("the command line of stress", () => {
  it("reads a stack and takes the rest from it", () => {
    expect(parseCommandLine(["dev"])).toMatchObject({
      stack: "dev",
      seed: 1,
      format: "text",
      rate: undefined,
      holdMs: undefined,
      scale: undefined,
      evenIfRejected: false,
    });
  });

  it("reads times, shares and lists", () => {
    const options = parseCommandLine([
      ..."prod --duration 2m --scale 1/4 --pools 8,11 --rate 300 --hold-ms 12.5 --seed 7 --trace t.json".split(
        " ",
      ),
    ]);
    expect(options).toMatchObject({
      durationSeconds: 120,
      scale: 0.25,
      pools: [8, 11],
      rate: 300,
      holdMs: 12.5,
      seed: 7,
    });
    expect(options !== "help" && isAbsolute(options.trace ?? "")).toBe(true);
    expect(parseCommandLine(["dev", "--pools", "none"])).toMatchObject({ pools: [] });
    expect(parseCommandLine(["--help"])).toBe("help");
  });

  it.each([
    [[], /which stack\?/],
    [["dev", "prod"], /one stack at a time/],
    [["dev", "--rate", "0"], /--rate is "0" and must be above 0/],
    [["dev", "--rate", "1e9"], /--rate is "1e9".*at most 1000000 requests\/s/],
    [["dev", "--rate", "NaN"], /--rate is "NaN"/],
    [["dev", "--hold-ms", "-1"], /--hold-ms is "-1" and must be above 0/],
    [["dev", "--duration", "1s"], /--duration is "1s".*5s to 60m/],
    [["dev", "--duration", "soon"], /--duration is "soon"/],
    [["dev", "--scale", "2"], /--scale is "2".*at most 1/],
    [["dev", "--scale", "1/0"], /--scale is "1\/0"/],
    [["dev", "--pool-max", "0"], /--pool-max is "0".*from 1/],
    [["dev", "--format", "jsn"], /can be text, json, junit; did you mean json\?/],
    [["dev", "--drill", "kil"], /did you mean kill\?/],
    [["dev", "--durration", "5s"], /no option --durration; did you mean --duration\?/],
    [["dev", "--smoke", "--find-limit"], /runs of their own/],
    [["dev", "--output", ""], /--output needs a file name/],
  ])("refuses %j in one line", (argv, expected) => {
    expect(() => parseCommandLine(argv)).toThrow(expected);
    try {
      parseCommandLine(argv);
    } catch (error) {
      expect(String(error)).not.toContain("\n");
    }
  });
});
