import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../../drills/stress/commandLine";
import { optionsOf } from "./support/options";

describe("the command line of stress", () => {
  it("takes everything but the stack from the stack", () => {
    const { stack, seed, format, evenIfRejected, rate, holdMs, scale } = optionsOf();
    expect({ stack, seed, format, evenIfRejected }).toEqual({
      stack: "small",
      seed: 1,
      format: "text",
      evenIfRejected: undefined,
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
      trace: "t.json",
    });
    expect(optionsOf("--pools none").pools).toEqual([]);
    expect(optionsOf("--drill stranger").drill).toBe("other-client");
  });

  it.each([
    [[], /stack/],
    [["dev", "prod"], /too many arguments/],
    [["dev", "--rate", "0"], /--rate.*'0'.* 0 .*1000000 requests\/s/],
    [["dev", "--rate", "-5"], /--rate.*'-5'/],
    [["dev", "--rate", "NaN"], /--rate.*'NaN'/],
    [["dev", "--hold-ms", "-.5"], /--hold-ms.*'-.5'.*above 0/],
    [["dev", "--duration", "1s"], /--duration.*'1s'.*5s to 60m/],
    [["dev", "--duration", "soon"], /--duration.*'soon'/],
    [["dev", "--scale", "2"], /--scale.*'2'/],
    [["dev", "--scale", "1/0"], /--scale.*'1\/0'/],
    [["dev", "--pool-max", "0"], /--pool-max.*'0'.*1 to 10000/],
    [["dev", "--pools", "8,-2"], /--pools.*1 to 10000/],
    [["dev", "--format", "jsn"], /text, json, junit.*did you mean json\?/i],
    [["dev", "--drill", "kil"], /did you mean kill\?/i],
    [["dev", "--durration", "5s"], /did you mean --duration\?/i],
    [["dev", "--smoke", "--find-limit"], /--find-limit.*--smoke/],
    [["dev", "--smoke", "--drill", "kill"], /--smoke.*--drill/],
    [["dev", "--database-url", "x", "--database-port", "1"], /--database-url.*--database-port/],
    [["dev", "--database-url", ""], /--database-url/],
    [["dev", "--output", ""], /--output/],
    [["dev", "--html", "--smoke"], /--html.*--smoke/],
  ])("refuses %j", (argv, expected) => {
    expect(() => parseCommandLine(argv)).toThrow(expected);
  });
});
