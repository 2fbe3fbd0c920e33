import { chmodSync, cpSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Binaries,
  findBinaries,
  installed,
  runnableFolder,
  serverAccount,
} from "../../../../drills/stress/lab/postgresBinaries";

const [embedded] = installed().filter((each) => each.embedded !== undefined);
const isRoot = process.getuid?.() === 0;

/** npm's package as it is where npm runs no install scripts: without the links that it cannot carry. */
function unhydrated(root: string): Binaries {
  if (embedded?.embedded === undefined) throw new Error("npm's PostgreSQL is not offered for this system");
  cpSync(embedded.embedded, root, { recursive: true, verbatimSymlinks: true });
  for (const link of links(root)) rmSync(link, { force: true });
  return { ...embedded, embedded: root, folder: join(root, "native", "bin") };
}

function links(root: string): string[] {
  const listed = JSON.parse(readFileSync(join(root, "native", "pg-symlinks.json"), "utf8"));
  return listed.map(({ target }: { target: string }) => join(root, target));
}

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
    for (const link of links(join(folder, "package"))) {
      expect(lstatSync(link).isSymbolicLink(), link).toBe(true);
    }
  });

  it.skipIf(!isRoot)("is copied where the user that runs it may not look", () => {
    const binaries = unhydrated(join(folder, "closed", "package"));
    chmodSync(join(folder, "closed"), 0o700);
    const copy = runnableFolder(binaries, serverAccount(), join(folder, "private"));
    expect(copy).toBe(join(folder, "private", "postgresql", "native", "bin"));
  });

  it("is refused by its folder where it is another package's and cannot be started", () => {
    const broken: Binaries = { folder: join(folder, "nothing"), version: "17.10", major: 17, source: "PATH" };
    expect(() => runnableFolder(broken, undefined, folder)).toThrow(/nothing.*--database-url/);
  });
});

describe("who runs the server", () => {
  const passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";

  it.each([
    ["the user themselves", 1000, passwd, undefined],
    ["for root nobody", 0, passwd, { uid: 65534, gid: 65534 }],
    [
      "for root postgres before others",
      0,
      `${passwd}postgres:x:101:104::/:/bin/sh\n`,
      { uid: 101, gid: 104 },
    ],
  ])("is %s", (_who, uid, text, account) => {
    expect(serverAccount(uid, () => text)).toEqual(account);
  });

  it("is refused where nobody can", () => {
    expect(() => serverAccount(0, () => "root:x:0:0::/root:/bin/sh\n")).toThrow(/postgres or nobody/);
  });
});

describe("which PostgreSQL", () => {
  const of = (major: number) => ({ major, folder: `/pg${major}`, version: `${major}.1`, source: "PATH" });

  it("is the stack's major version wherever it is, else the first there is", () => {
    expect(findBinaries(16, [of(17), of(16)]).folder).toBe("/pg16");
    expect(findBinaries(18, [of(17), of(16)]).folder).toBe("/pg17");
    expect(() => findBinaries(17, [])).toThrow(/PostgreSQL 17 .*--database-url/);
  });
});
