import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Cleanup, makeTemporaryFolder, otherLabsNote } from "../../../../drills/stress/lab/cleanup";

describe("what has to be undone", () => {
  it("is undone once, the last first, past whatever fails", async () => {
    const undone: string[] = [];
    const cleanup = new Cleanup();
    cleanup.add("first", () => void undone.push("first"));
    const early = cleanup.add("early", () => void undone.push("early"));
    cleanup.add("broken", () => {
      throw new Error("stuck");
    });
    cleanup.add("last", async () => void undone.push("last"));
    await early();
    const [failures, again] = await Promise.all([cleanup.all(), cleanup.all()]);
    expect(undone).toEqual(["early", "last", "first"]);
    expect(failures).toEqual(["broken: stuck"]);
    expect(again).toEqual(failures);
  });
});

describe("the lab's folder", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "stress-cleanup-test-"));
  });
  afterEach(() => {
    rmSync(parent, { recursive: true, force: true });
  });

  it("is named where it cannot be made", () => {
    const file = join(parent, "a-file");
    writeFileSync(file, "", { mode: 0o777 });
    expect(() => makeTemporaryFolder(file, 1000)).toThrow(/a-file.*TMPDIR/);
  });

  it("tells other labs that this one runs, as long as it does", () => {
    makeTemporaryFolder(parent, 1000);
    expect(otherLabsNote(parent)).toEqual([]);
    const ended = spawnSync(process.execPath, ["-e", ""]).pid;
    for (const pid of [process.ppid, ended]) mkdirSync(join(parent, `poolproof-stress-${pid}-abcdef`));
    expect(otherLabsNote(parent)).toEqual([expect.stringContaining(`process ${process.ppid})`)]);
  });

  it("is not made where the user that runs the database may not go", () => {
    chmodSync(parent, 0o700);
    expect(() => makeTemporaryFolder(parent, 0)).toThrow(/stress-cleanup-test-.*TMPDIR/);
    expect(readdirSync(parent)).toEqual([]);
    const own = makeTemporaryFolder(parent, 1000);
    expect(readdirSync(parent)).toEqual([basename(own)]);
  });
});
