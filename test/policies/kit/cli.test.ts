import { describe, expect, it, vi } from "vitest";
import {
  CommandLine,
  choice,
  endedBy,
  fileName,
  numberBetween,
  wholeNumber,
} from "../../../policies/kit/cli";
import { InputError } from "../../../policies/kit/errors";

const line = () =>
  new CommandLine("try")
    .argument("[names...]")
    .option("-o, --output <file>", "where to", fileName)
    .option("--days <n>", "how many", wholeNumber(1, 14))
    .option("--rate <n>", "how fast", numberBetween(0, 1e6, "requests/s"))
    .option("--format <format>", "how", choice(["text", "json"]), "text")
    .option("--write", "do it");

const parsed = (...argv: string[]) => line().parse(argv, { from: "user" });

/** What the command says on stderr, and its exit code. */
function refused(...argv: string[]) {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    parsed(...argv);
  } catch (error) {
    return { code: endedBy(error, "it failed"), said: write.mock.calls.map(([text]) => text).join("") };
  } finally {
    write.mockRestore();
  }
  throw new Error(`${argv.join(" ")} was taken`);
}

describe("a command line", () => {
  it("reads options, their types and what stands after `--`", () => {
    const argv = ["a", "--days", "7", "-o", "x.txt", "--rate", "2.5", "--", "--b"];
    expect(parsed(...argv).opts()).toEqual({ days: 7, output: "x.txt", rate: 2.5, format: "text" });
    expect(parsed(...argv).args).toEqual(["a", "--b"]);
  });

  it.each([
    [["--output", "--write"], /--output.*--write/],
    [["-o", "--write"], /--output.*--write/],
    [["--output", "--anything"], /--output.*--anything/],
    [["--output", "-o"], /--output.*-o/],
    [["--output"], /--output/],
    [["--output", ""], /--output.*file name/],
    [["--days", "-3"], /--days.*'-3'.*from 1 to 14/],
    [["--days", "1e1"], /--days.*'1e1'.*from 1 to 14/],
    [["--rate", "0"], /--rate.*'0'.*above 0 and at most 1000000 requests\/s/],
    [["--rate", "NaN"], /--rate.*'NaN'/],
    [["--format", "jsn"], /--format.*'jsn'.*text, json.*did you mean json\?/i],
    [["--formta", "json"], /--formta.*did you mean --format\?/i],
    [["--write=yes"], /--write' takes no value/],
    [["-x"], /-x/],
  ])("refuses %j in one line that names the option, with exit code 2", (argv, said) => {
    const line = refused(...argv);
    expect(line.code).toBe(2);
    expect(line.said).toMatch(said);
    expect(line.said).toMatch(/^error: [^\n]+\n$/);
  });

  it("takes a file whose name begins with dashes where it is tied to its option, and - for stdin", () => {
    expect(parsed("--output=--write").opts()).toMatchObject({ output: "--write" });
    expect(parsed("--output", "-").opts()).toMatchObject({ output: "-" });
    expect(parsed("--output", "-5.txt").opts()).toMatchObject({ output: "-5.txt" });
  });

  it("prints help on stdout and ends with 0", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    let code: number | undefined;
    try {
      parsed("--help");
    } catch (error) {
      code = endedBy(error, "it failed");
    }
    const said = write.mock.calls.map(([text]) => text).join("");
    write.mockRestore();
    expect(code).toBe(0);
    expect(said).toMatch(/^Usage: try .*--output <file>/s);
  });

  it("tells input that cannot be used from what failed", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const codes = [
      endedBy(new InputError("no such file"), "it failed"),
      endedBy(new Error("x"), "it failed"),
    ];
    const said = write.mock.calls.map(([text]) => text);
    write.mockRestore();
    expect(codes).toEqual([2, 2]);
    expect(said).toEqual(["error: no such file\n", "error: it failed: x\n"]);
  });
});
