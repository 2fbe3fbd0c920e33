import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeTemporaryFolder } from "../../../drills/stress/temporaryFolder";

const ROOT = join(__dirname, "..", "..", "..");
const CLI = join(ROOT, "drills", "stress", "cli.ts");

/** The lab's folders go there, so that a test sees its own alone. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stress-cli-test-"));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", CLI, ...args], {
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = start(args, env);
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, ...said };
}

/** Processes that were told a path below the folder: the server in its arguments, the tasks in their environment. */
function leftRunning(): string[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) =>
      ["cmdline", "environ"].some((name) => {
        try {
          return readFileSync(`/proc/${pid}/${name}`, "utf8").includes(`${folder}/poolproof-stress-`);
        } catch {
          return false; // it has gone meanwhile
        }
      }),
    );
}

/** Starts a run and waits until tasks and database are at work. */
async function underWay(): Promise<ChildProcess> {
  const child = start(["dev", "--duration", "60s", "--pools", "none"]);
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (/calibration: 5 of/.test(said)) resolve();
    });
    child.once("close", () => reject(new Error(`it ended before it was under way: ${said}`)));
  });
  return child;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once("close", (code) => resolve(code)));

describe("input that the stress lab cannot use", { timeout: 120_000 }, () => {
  it.each([
    [["nope"], /there is no stack "nope".*dev/],
    [["dev", "--rate", "0"], /--rate is "0"/],
    [["dev", "--rate", "900000"], /900000 requests\/s over 1 tasks are more than this machine/],
    [["dev", "--hold-ms", "2000"], /mean hold of 2000 ms is not below the statement timeout of 2000 ms/],
    [["dev", "--database-url", "mysql://u:secret@h/d"], /--database-url is not of the form/],
    [
      ["dev", "--database-url", "postgresql://u:secret@127.0.0.1:1/d"],
      /127\.0\.0\.1:1\/d cannot be reached as u/,
    ],
  ])("%j: one clear line, exit code 2, nothing left", async (args, expected) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toMatch(expected);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("secret");
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(readdirSync(folder).filter((name) => name.startsWith("poolproof-stress-"))).toEqual([]);
  });

  it("says which folder cannot be written", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "", { mode: 0o777 });
    expect(() => makeTemporaryFolder(file, 1000)).toThrow(
      /no folder for the database can be made in .*a-file.*TMPDIR/,
    );
    // The command says it before anything is compiled, which needs that folder too.
    const child = spawn(process.execPath, [join(ROOT, "engine", "run.mjs"), "stress", "dev"], {
      env: { ...process.env, TMPDIR: file },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    expect(await ended(child)).toBe(2);
    expect(said).toMatch(
      /^The folder for temporary files .*a-file cannot be written to: name another in TMPDIR\.\n$/,
    );
  });

  it("says which folder is closed to the user that runs the database", () => {
    chmodSync(folder, 0o700);
    expect(() => makeTemporaryFolder(folder, 0)).toThrow(/stress-cli-test-.* is open to root alone.*TMPDIR/);
    expect(readdirSync(folder)).toEqual([]);
    const own = makeTemporaryFolder(folder, 1000);
    expect(readdirSync(folder)).toEqual([basename(own)]);
  });
});

describe("a run that is stopped", { timeout: 180_000 }, () => {
  it.each(["SIGINT", "SIGTERM"] as const)("by %s leaves no process and no file", async (signal) => {
    const child = await underWay();
    expect(leftRunning().length).toBeGreaterThan(1);
    child.kill(signal);
    expect(await ended(child)).toBe(signal === "SIGINT" ? 130 : 143);
    expect(leftRunning()).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith("poolproof-stress-"))).toEqual([]);
  });

  it("by SIGKILL, which it cannot notice, is tidied up after it", async () => {
    const child = await underWay();
    child.kill("SIGKILL");
    await ended(child);
    for (let tries = 0; tries < 200 && leftRunning().length > 0; tries++) await sleep(100);
    expect(leftRunning()).toEqual([]);
    for (
      let tries = 0;
      tries < 50 && readdirSync(folder).some((name) => name.startsWith("poolproof"));
      tries++
    ) {
      await sleep(100);
    }
    expect(readdirSync(folder).filter((name) => name.startsWith("poolproof-stress-"))).toEqual([]);
  });
});
