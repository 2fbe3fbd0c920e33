import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Client, Report, Violation } from "../../tools/ci/support.js";

const urn = (name: string): string => `urn:pulumi:prod::auth::aws:ecs/service:Service::${name}`;

export const client = (over: Partial<Client> = {}): Client => ({
  resource: urn("auth"),
  container: "auth",
  pool: null,
  poolMax: 8,
  floor: 5,
  ceiling: 9,
  failingShare: 0,
  ...over,
});

export const violation = (over: Partial<Violation> = {}): Violation => ({
  rule: "pool-floor",
  level: "mandatory",
  resource: urn("auth"),
  message: "`pool.max` is 3, below the floor of 11",
  ...over,
});

type Undecided = Report["undecided"][number];

export const undecided = (over: Partial<Undecided> = {}): Undecided => ({
  rule: "pool-floor",
  resource: urn("auth"),
  property: "containerDefinitions",
  reason: "it is not known before the deployment",
  ...over,
});

/** A report of poolproof, as far as the tools read it. */
export const report = (over: Partial<Report> & { readonly clients?: Client[] } = {}): Report => {
  const { clients = [client()], ...fields } = over;
  return {
    schemaVersion: 1,
    stack: "prod",
    verdict: "accepted",
    violations: [],
    undecided: [],
    budgets: [{ database: urn("database"), clients }],
    ...fields,
  };
};

/** A folder with these files, gone after the test. */
export function folder(files: { readonly [name: string]: string } = {}): string {
  const path = mkdtempSync(join(tmpdir(), "tools-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}
