import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { poolproof } from "../../policies/command/commandLine";
import { compilePack, removeFolder, temporaryFolder } from "./compiledPack";

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ENVIRONMENT: NodeJS.ProcessEnv = { ...process.env, AWS_REGION: "eu-west-1", NO_COLOR: "1" };

/** The `poolproof` command as people have it, compiled from what is there now, for the tests of one file. */
export function installedCommand() {
  let pack = "";
  const folders: string[] = [];
  beforeAll(() => {
    pack = compilePack();
  }, 60_000);
  afterAll(() => {
    for (const folder of [pack, ...folders]) removeFolder(folder);
  });
  return {
    /** A folder of its own with these files. */
    folder(files: { readonly [name: string]: string }): string {
      const folder = temporaryFolder("command");
      folders.push(folder);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), text);
      }
      return folder;
    },
    /** @param stdin - What the command finds there; nothing by default. */
    run(args: readonly string[], { cwd = process.cwd(), stdin = "", env = ENVIRONMENT } = {}): Promise<Run> {
      const bin = path.join(pack, "bin", "poolproof.js");
      return new Promise((resolve) => {
        const child = execFile(process.execPath, [bin, ...args], { cwd, env }, (error, stdout, stderr) =>
          resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
        );
        child.stdin?.end(stdin);
      });
    },
  };
}

const none = async () => 0;

/** The help of each command of poolproof, by its name. */
export const COMMANDS: ReadonlyMap<string, string> = new Map(
  poolproof(
    { check: none, analyze: none, explain: none, init: none, answers: none },
    "0",
    () => {},
  ).commands.map((command) => [command.name(), command.helpInformation()]),
);
