import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCommandLine } from "../../../drills/stress/commandLine";
import { ended, REPOSITORY, startEntry } from "../../../drills/stress/lab/childProcess";
import { optionsOf } from "./support";

/** The lab's folders go there, so that a test sees its own alone. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stress-cli-test-"));
  chmodSync(folder, 0o755);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const start = (args: readonly string[]): ChildProcess =>
  startEntry("drills/stress/cli.ts", args, { ...process.env, TMPDIR: folder });

const foldersLeft = (): string[] =>
  readdirSync(folder).filter((name) => name.startsWith("poolproof-stress-"));

/** Processes that were told a path below the folder: the server in its arguments, the tasks in their environment. */
function leftRunning(): string[] {
  const isTold = (pid: string, file: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8").includes(`${folder}/poolproof-stress-`);
    } catch {
      return false; // it has gone meanwhile
    }
  };
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => isTold(pid, "cmdline") || isTold(pid, "environ"));
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

describe("input that the stress lab cannot use", { timeout: 120_000 }, () => {
  it.each([
    [["nope"], /"nope".*dev/],
    [["dev", "--rate", "0"], /--rate.*'0'/],
    [["dev", "--rate", "900000"], /900000 requests\/s over 1 task/],
    [["dev", "--hold-ms", "2000"], /2000 ms/],
    [["dev", "--database-url", "mysql://u:secret@h/d"], /--database-url/],
    [["dev", "--database-url", "postgresql://u:secret@127.0.0.1:1/d"], /127\.0\.0\.1:1\/d .* u:/],
  ])("%j: one line, exit code 2, nothing left", async (args, expected) => {
    const { code, stdout, stderr } = await ended(start(args));
    expect(stderr).toMatch(expected);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("secret");
    expect({ code, stdout, left: foldersLeft() }).toEqual({ code: 2, stdout: "", left: [] });
  });

  it("names a folder that cannot be written before anything is compiled, which needs it too", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "", { mode: 0o777 });
    const { code, stderr } = await ended(
      spawn(process.execPath, [join(REPOSITORY, "engine", "run.mjs"), "stress", "dev"], {
        env: { ...process.env, TMPDIR: file },
        stdio: ["ignore", "ignore", "pipe"],
      }),
    );
    expect(stderr).toMatch(/^.*a-file.*TMPDIR.*\n$/);
    expect(code).toBe(2);
  });
});

describe("a run that is stopped", { timeout: 180_000 }, () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s leaves no process and no file", async (signal, code) => {
    const child = await underWay();
    expect(leftRunning().length).toBeGreaterThan(1);
    child.kill(signal);
    expect((await ended(child)).code).toBe(code);
    expect(leftRunning()).toEqual([]);
    expect(foldersLeft()).toEqual([]);
  });

  it("by SIGKILL, which it cannot notice, is cleaned up after it", async () => {
    const child = await underWay();
    child.kill("SIGKILL");
    await ended(child);
    for (let tries = 0; tries < 250 && leftRunning().length + foldersLeft().length > 0; tries++) {
      await sleep(100);
    }
    expect(leftRunning()).toEqual([]);
    expect(foldersLeft()).toEqual([]);
  });
});

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
