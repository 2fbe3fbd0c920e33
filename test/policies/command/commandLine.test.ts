import { describe, expect, it } from "vitest";
import { COMMAND_HELP, parseCommandLine } from "../../../policies/command/commandLine";
import { InputError } from "../../../policies/command/inputError";

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

  it("answers help, of the whole and of one command, and version before anything else", () => {
    expect(parseCommandLine([])).toEqual({ name: "help", of: undefined });
    expect(parseCommandLine(["--help"])).toEqual({ name: "help", of: undefined });
    expect(parseCommandLine(["help", "explain"])).toEqual({ name: "help", of: "explain" });
    expect(parseCommandLine(["check", "--help"])).toEqual({ name: "help", of: "check" });
    expect(parseCommandLine(["analyze", "-h"])).toEqual({ name: "help", of: "analyze" });
    expect(parseCommandLine(["--version"])).toEqual({ name: "version" });
  });

  it("tells of every option in the help of the command that takes it, and of no other", () => {
    const options = (text: string) =>
      new Set(text.match(/^ +(?:-c, )?--[a-z-]+/gm)?.map((each) => each.trim()));
    const report = ["--base", "--policy-config", "--format", "--output"];
    const project = ["--stack", "--cwd", "-c, --config"];
    expect(options(COMMAND_HELP.check)).toEqual(new Set([...project, ...report]));
    expect(options(COMMAND_HELP.analyze)).toEqual(new Set(["--state", "--stack", ...report]));
    const own = ["--state", "--policy-config", "--format", "--output", "--svg"];
    expect(options(COMMAND_HELP.explain)).toEqual(new Set([...project, ...own]));
  });

  it("takes an export for analyze, with a state to compare it with", () => {
    const argv = ["analyze", "--state", "-", "--base", "before.json", "--stack", "prod", "--format", "sarif"];
    expect(parseCommandLine(argv)).toEqual({
      name: "analyze",
      arguments: {
        state: "-",
        base: "before.json",
        stack: "prod",
        format: "sarif",
        output: undefined,
        policyConfig: undefined,
      },
    });
  });

  it("explains a program's stack or an export", () => {
    expect(parseCommandLine(["explain", "dev", "--svg", "dev.svg"])).toMatchObject({
      arguments: { source: { stack: "dev", config: [] }, svg: "dev.svg", format: "text" },
    });
    expect(parseCommandLine(["explain", "--state", "s.json"])).toMatchObject({
      arguments: { source: { state: "s.json" } },
    });
  });

  it.each([
    [["check"], "which stack? Name it with `--stack STACK`"],
    [["check", "dev", "--stack", "prod"], "one stack at a time, not dev and prod"],
    [["chekc", "dev"], 'there is no command "chekc"; did you mean check?'],
    [["frobnicate"], 'there is no command "frobnicate"; `poolproof --help` lists them'],
    [["--stack", "dev", "check"], "the command comes first: check, analyze, explain, init, not --stack"],
    [["check", "dev", "--formta", "json"], "there is no option --formta; did you mean --format?"],
    [["check", "dev", "--zzzzzz"], "there is no option --zzzzzz: `poolproof check --help` lists them"],
    [
      ["check", "dev", "--state", "s.json"],
      "`poolproof check` takes no --state: analyze, explain and init can",
    ],
    [["explain", "dev", "--base", "s.json"], "`poolproof explain` takes no --base: check and analyze can"],
    [["check", "dev", "--format", "xml"], '--format is "xml" and can be text, json, sarif, junit, markdown'],
    [["check", "dev", "--format", "jsn"], "did you mean json?"],
    [["explain", "dev", "--format", "sarif"], '--format is "sarif" and can be text, json'],
    [["check", "dev", "--config", "novalue"], '--config is "novalue" and must be KEY=VALUE'],
    [["check", "dev", "--output", ""], "--output needs a file name"],
    [["check", "dev", "--base", ""], "--base needs a file name"],
    [["check", "--stack"], "Option '-s, --stack <value>' argument missing"],
    [["analyze"], "which export? Name it with `--state FILE`"],
    [["analyze", "state.json"], '"state.json" is no option: name files with `--state`'],
    [["explain", "--state", "s.json", "--cwd", "."], "--state stands for the program"],
  ])("refuses %j in one line that says what would be right", (argv, message) => {
    const said = refused(...argv);
    expect(said).toContain(message);
    expect(said).not.toContain("\n");
  });
});
