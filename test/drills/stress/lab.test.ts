import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { throwawayCertificates } from "../../../drills/stress/lab/certificates";
import { Cleanup, makeTemporaryFolder, otherLabsNote } from "../../../drills/stress/lab/cleanup";
import { asArguments, serverSettings } from "../../../drills/stress/lab/cluster";
import { sleepDistribution } from "../../../drills/stress/lab/holds";
import {
  type Binaries,
  findBinaries,
  installed,
  runnableFolder,
  serverAccount,
} from "../../../drills/stress/lab/postgresBinaries";
import { readDatabaseUrl } from "../../../drills/stress/lab/server";
import { exponential, seeded } from "../../../policies/kit/random";

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

describe("a database of one's own", () => {
  it("is read from its URL, with what is escaped in it", () => {
    const { admin, address } = readDatabaseUrl("postgresql://me:p%40ss@localhost:5433/a%20b");
    expect(admin).toMatchObject({
      host: "localhost",
      port: 5433,
      user: "me",
      password: "p@ss",
      database: "a b",
    });
    expect(address).toEqual({ DB_HOST: "localhost", DB_PORT: "5433", DB_NAME: "a b", DB_SSL_CA: "" });
  });

  it.each([
    ["localhost:5432/auth", /form postgresql:\/\/USER/],
    ["mysql://u:secret@h/d", /form postgresql:\/\/USER/],
    ["postgresql://u:secret@localhost/", /a user, a password, a host or a database/],
    ["postgresql://u@localhost/d", /a user, a password, a host or a database/],
    ["postgresql://u:secret@db.example.com/d", /db\.example\.com.*sslrootcert/],
    ["postgresql://u:secret@db.example.com/d?sslrootcert=/no/such/file", /sslrootcert=\/no\/such\/file/],
  ])("%s is refused without showing the password", (url, expected) => {
    expect(() => readDatabaseUrl(url)).toThrow(expected);
    expect(() => readDatabaseUrl(url)).not.toThrow(/secret/);
  });
});

it("throwaway certificates are verified by their own authority, for the loopback names", () => {
  const { authority, serverCertificate, serverKey } = throwawayCertificates();
  const ca = new X509Certificate(authority);
  const server = new X509Certificate(serverCertificate);
  expect(ca.ca).toBe(true);
  expect(server.verify(ca.publicKey)).toBe(true);
  expect(server.checkIssued(ca)).toBe(true);
  expect(server.checkHost("localhost")).toBe("localhost");
  expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(serverKey).toContain("BEGIN PRIVATE KEY");
  expect(server.verify(new X509Certificate(throwawayCertificates().authority).publicKey)).toBe(false);
});

describe("the lab's sleeps", () => {
  it.each([
    [90, 2],
    [12, 3],
    [12, 8],
    [12, 0],
  ])("give holds of %d ms with a cost of %d ms in them the mean and variance of an exponential", (meanMs, overheadMs) => {
    const { share, scaleMs } = sleepDistribution(meanMs, overheadMs) ?? { share: 0, scaleMs: 0 };
    const random = seeded(9);
    const holds = Array.from(
      { length: 400_000 },
      () => overheadMs + (random() < share ? scaleMs * exponential(random) : 0),
    );
    const mean = holds.reduce((sum, hold) => sum + hold, 0) / holds.length;
    const variance = holds.reduce((sum, hold) => sum + (hold - mean) ** 2, 0) / holds.length;
    expect(Math.abs(mean / meanMs - 1)).toBeLessThan(0.01);
    expect(Math.abs(variance / meanMs ** 2 - 1)).toBeLessThan(0.04);
  });

  it("do not exist where the cost alone takes that long", () => {
    expect(sleepDistribution(2, 2)).toBeUndefined();
    expect(sleepDistribution(2, 5)).toBeUndefined();
  });
});

it("a parameter group on a plain PostgreSQL is applied as far as that knows it, the rest listed by name", () => {
  const settings = serverSettings(
    [
      { name: "max_connections", value: "LEAST({DBInstanceClassMemory/9531392},5000)" },
      { name: "statement_timeout", value: "2000" },
      { name: "rds.force_ssl", value: "1" },
      { name: "shared_buffers", value: "{DBInstanceClassMemory/32768}" },
    ],
    789,
  );
  expect(settings.applied).toEqual([
    { name: "max_connections", value: "789" },
    { name: "statement_timeout", value: "2000" },
  ]);
  expect(asArguments(settings)).toEqual(expect.arrayContaining(["max_connections=789", "fsync=off"]));
  expect(settings.notReproduced.slice(0, 3).map((line) => line.split("=")[0])).toEqual([
    "max_connections",
    "rds.force_ssl",
    "shared_buffers",
  ]);
});

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
