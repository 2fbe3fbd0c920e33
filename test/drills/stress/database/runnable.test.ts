import { chmodSync, cpSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serverAccount } from "../../../../drills/stress/database/account";
import { type Binaries, installed } from "../../../../drills/stress/database/binaries";
import { runnableFolder } from "../../../../drills/stress/database/runnable";

const [embedded] = installed().filter((each) => each.embedded !== undefined);
const isRoot = process.getuid?.() === 0;

/** npm's package as it is where npm runs no install scripts: without the links that it cannot carry. */
function unhydrated(root: string): Binaries {
  if (embedded?.embedded === undefined) throw new Error("npm's PostgreSQL is not offered for this system");
  cpSync(embedded.embedded, root, { recursive: true, verbatimSymlinks: true });
  for (const { target } of links(root)) rmSync(join(root, target), { force: true });
  return { ...embedded, embedded: root, folder: join(root, "native", "bin") };
}

const links = (root: string): { target: string }[] =>
  JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8"));

describe.skipIf(embedded === undefined)("npm's PostgreSQL", { timeout: 60_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "stress-runnable-"));
    chmodSync(folder, 0o755);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("gets the links that npm left out, where it lies", () => {
    const binaries = unhydrated(join(folder, "package"));
    expect(runnableFolder(binaries, serverAccount(), join(folder, "private"))).toBe(binaries.folder);
    for (const { target } of links(join(folder, "package"))) {
      expect(lstatSync(join(folder, "package", target)).isSymbolicLink(), target).toBe(true);
    }
  });

  it.skipIf(!isRoot)("is copied where the user that runs it may not look", () => {
    const binaries = unhydrated(join(folder, "closed", "package"));
    chmodSync(join(folder, "closed"), 0o700);
    const copy = runnableFolder(binaries, serverAccount(), join(folder, "private"));
    expect(copy).toBe(join(folder, "private", "postgresql", "native", "bin"));
  });

  it("is said in one line where it is another system's package that cannot be started", () => {
    const broken: Binaries = { folder: join(folder, "nothing"), version: "17.10", major: 17, source: "PATH" };
    expect(() => runnableFolder(broken, undefined, folder)).toThrow(
      /nothing cannot be started: .*--database-url/,
    );
  });
});
