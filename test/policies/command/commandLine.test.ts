import { describe, expect, it } from "vitest";
import { type Handlers, poolproof } from "../../../policies/command/commandLine";

/** What the command line runs, with which options. */
async function parsed(...argv: string[]): Promise<{ readonly command: string; readonly options: object }> {
  const ran: { command: string; options: object }[] = [];
  const handler = (command: string) => async (options: object) => {
    ran.push({ command, options });
    return 0;
  };
  const handlers: Handlers = {
    check: handler("check"),
    analyze: handler("analyze"),
    explain: handler("explain"),
    init: handler("init"),
    answers: handler("answers"),
  };
  await poolproof(handlers, "1.2.3", () => {}).parseAsync(argv, { from: "user" });
  const [first] = ran;
  if (first === undefined) throw new Error("nothing was run");
  return first;
}

describe("the command line of poolproof", () => {
  it("takes the stack as an option or as an argument", async () => {
    const expected = { command: "check", options: { stack: "dev", format: "text" } };
    expect(await parsed("check", "--stack", "dev")).toEqual(expected);
    expect(await parsed("check", "-s", "dev")).toEqual(expected);
    expect(await parsed("check", "dev")).toEqual(expected);
  });

  it("takes config values for one run, with `=` inside them", async () => {
    const { options } = await parsed("check", "dev", "-c", "auth:poolMax=3", "--config", "a:b=c=d");
    expect(options).toMatchObject({
      config: [
        ["auth:poolMax", "3"],
        ["a:b", "c=d"],
      ],
    });
  });

  it("takes an export for analyze, with a state to compare it with", async () => {
    const argv = ["analyze", "--state", "-", "--base", "before.json", "--stack", "prod", "--format", "sarif"];
    expect(await parsed(...argv)).toEqual({
      command: "analyze",
      options: { state: "-", base: "before.json", stack: "prod", format: "sarif" },
    });
  });

  it("explains a program's stack or an export, and begins with either", async () => {
    expect(await parsed("explain", "dev", "--svg", "dev.svg")).toEqual({
      command: "explain",
      options: { stack: "dev", svg: "dev.svg", format: "text" },
    });
    expect(await parsed("explain", "--state", "s.json")).toEqual({
      command: "explain",
      options: { state: "s.json", format: "text" },
    });
    expect(await parsed("init", "--state", "s.json", "--force", "--stack", "prod")).toEqual({
      command: "init",
      options: { state: "s.json", stack: "prod", force: true, output: "poolproof.json" },
    });
  });

  it.each([
    [["check"], /--stack/],
    [["check", "dev", "--stack", "prod"], /dev and prod/],
    [["check", "dev", "prod"], /too many arguments/],
    [["chekc", "dev"], /chekc.*did you mean check\?/is],
    [["--stack", "dev", "check"], /--stack.*command first/],
    [["check", "dev", "--formta", "json"], /--formta.*did you mean --format\?/is],
    [["check", "dev", "--state", "s.json"], /--state.*analyze, explain and init/],
    [["explain", "dev", "--base", "s.json"], /--base.*check and analyze/],
    [["check", "dev", "--output", "--format"], /--output.*--format/],
    [["check", "dev", "--format", "jsn"], /text, json, sarif, junit, markdown.*did you mean json\?/i],
    [["explain", "dev", "--format", "sarif"], /text, json/],
    [["check", "dev", "--config", "novalue"], /novalue.*KEY=VALUE/],
    [["check", "dev", "--base", ""], /--base.*file name/],
    [["check", "--stack"], /--stack/],
    [["analyze"], /--state FILE/],
    [["analyze", "state.json"], /too many arguments/],
    [["explain", "--state", "s.json", "--cwd", "."], /--state.*--cwd/],
  ])("refuses %j", async (argv, message) => {
    await expect(parsed(...argv)).rejects.toThrow(message);
  });
});
