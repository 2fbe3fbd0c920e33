import { isAbsolute } from "node:path";
import { describe, expect, it } from "vitest";
import { HELP, parseCommandLine } from "../../../drills/stress/commandLine";
import { optionsOf } from "./support/options";

describe("the command line of stress", () => {
  it("takes everything but the stack from the stack", () => {
    const { stack, seed, format, evenIfRejected, rate, holdMs, scale } = optionsOf();
    expect({ stack, seed, format, evenIfRejected }).toEqual({
      stack: "small",
      seed: 1,
      format: "text",
      evenIfRejected: false,
    });
    expect([rate, holdMs, scale]).toEqual([undefined, undefined, undefined]);
  });

  it("reads times, shares and lists", () => {
    const options = optionsOf(
      "--duration 2m --scale 1/4 --pools 8,11 --rate 300 --hold-ms 12.5 --seed 7 --trace t.json",
    );
    expect(options).toMatchObject({
      durationSeconds: 120,
      scale: 0.25,
      pools: [8, 11],
      rate: 300,
      holdMs: 12.5,
      seed: 7,
    });
    expect(isAbsolute(options.trace ?? "")).toBe(true);
    expect(optionsOf("--pools none").pools).toEqual([]);
    expect(parseCommandLine(["--help"])).toBe("help");
    expect(HELP).toContain("--pools");
  });

  it.each([
    [[], /stack/],
    [["dev", "prod"], /dev and prod/],
    [["dev", "--rate", "0"], /--rate is "0".* 0 .*1000000 requests\/s/],
    [["dev", "--rate", "1e9"], /--rate is "1e9"/],
    [["dev", "--rate", "NaN"], /--rate is "NaN"/],
    [["dev", "--hold-ms", "-1"], /--hold-ms is "-1"/],
    [["dev", "--duration", "1s"], /--duration is "1s".*5s to 60m/],
    [["dev", "--duration", "soon"], /--duration is "soon"/],
    [["dev", "--scale", "2"], /--scale is "2"/],
    [["dev", "--scale", "1/0"], /--scale is "1\/0"/],
    [["dev", "--pool-max", "0"], /--pool-max is "0".*1 to 10000/],
    [["dev", "--format", "jsn"], /text, json, junit; did you mean json\?/],
    [["dev", "--drill", "kil"], /did you mean kill\?/],
    [["dev", "--durration", "5s"], /did you mean --duration\?/],
    [["dev", "--smoke", "--find-limit"], /--find-limit and --smoke/],
    [["dev", "--output", ""], /--output/],
  ])("refuses %j in one line", (argv, expected) => {
    expect(() => parseCommandLine(argv)).toThrow(expected);
    expect(() => parseCommandLine(argv)).not.toThrow(/\n/);
  });
});
