import { describe, expect, it } from "vitest";
import { parseCommandLine } from "../../../policies/check/commandLine";
import { InputError } from "../../../policies/check/inputError";

const refused = (...argv: string[]): string => {
  try {
    parseCommandLine(argv);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error(`${argv.join(" ")} was taken`);
};

describe("the command line", () => {
  it("takes the stack as an option or as an argument", () => {
    const expected = { name: "check", arguments: expect.objectContaining({ stack: "dev", format: "text" }) };
    expect(parseCommandLine(["check", "--stack", "dev"])).toEqual(expected);
    expect(parseCommandLine(["check", "dev"])).toEqual(expected);
  });

  it("takes config values for one run, with `=` inside them", () => {
    const command = parseCommandLine(["check", "dev", "-c", "auth:poolMax=3", "--config", "a:b=c=d"]);
    expect(command).toMatchObject({
      arguments: {
        config: [
          ["auth:poolMax", "3"],
          ["a:b", "c=d"],
        ],
      },
    });
  });

  it("answers help and version before anything else", () => {
    expect(parseCommandLine([])).toEqual({ name: "help" });
    expect(parseCommandLine(["check", "--help"])).toEqual({ name: "help" });
    expect(parseCommandLine(["--version"])).toEqual({ name: "version" });
  });

  it.each([
    [["check"], "which stack? Name it with `--stack STACK`"],
    [["check", "dev", "--stack", "prod"], "one stack at a time, not dev and prod"],
    [["chekc", "dev"], 'there is no command "chekc"'],
    [["check", "dev", "--formta", "json"], "there is no option --formta; did you mean --format?"],
    [["check", "dev", "--format", "xml"], '--format is "xml" and can be text or json'],
    [["check", "dev", "--config", "novalue"], '--config is "novalue" and must be KEY=VALUE'],
    [["check", "dev", "--output", ""], "--output needs a file name"],
    [["check", "--stack"], "Option '-s, --stack <value>' argument missing"],
  ])("refuses %j in one line that says what would be right", (argv, message) => {
    const said = refused(...argv);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
  });
});
