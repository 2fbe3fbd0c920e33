import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Report, root, temporaryFolder } from "./support.js";

// `check` stands in for the engine towards the program's own @pulumi/pulumi, whichever that is: what the SDK asks of an engine
// changes with its versions, so the oldest that the pack takes, the one pinned here and the newest that npm serves are tried.

const manifest = (...folder: string[]) =>
  JSON.parse(readFileSync(join(root, ...folder, "package.json"), "utf8"));
const { dependencies } = manifest() as { readonly dependencies: { readonly [name: string]: string } };
const { peerDependencies } = manifest("policies") as {
  readonly peerDependencies: { "@pulumi/pulumi": string };
};
const oldest = peerDependencies["@pulumi/pulumi"].replace(/^\^/, "");
const pinned = dependencies["@pulumi/pulumi"];

/** Installing takes half a minute, and several where the disk or the network is busy. */
const INSTALL_MS = 900_000;
const CHECK_MS = 300_000;

const OFFLINE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/;

const FILES = {
  "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
  "Pulumi.dev.yaml":
    "config:\n  aws:region: eu-west-1\n  shop:limit: { secure: v1:c2VjcmV0 }\n  shop:password: { secure: v1:c2VjcmV0 }\n",
};

/** A database whose limit is a number that cannot be decrypted. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const aws = require("@pulumi/aws");
const config = new pulumi.Config();
const group = new aws.rds.ParameterGroup("group", {
  family: "postgres17",
  parameters: [{ name: "max_connections", value: config.requireNumber("limit"), applyMethod: "pending-reboot" }],
});
new aws.rds.Instance("db", {
  engine: "postgres", engineVersion: "17.4", instanceClass: "db.t4g.micro", allocatedStorage: 20, username: "owner",
  password: config.requireSecret("password"), parameterGroupName: group.name, skipFinalSnapshot: true,
});
exports.limit = config.requireObject("limit");
`;

const COMPUTES = PROGRAM.replace('config.requireNumber("limit")', 'config.requireNumber("limit") * 2');

const MISTYPED = `import * as pulumi from "@pulumi/pulumi";

export const size: number = pulumi.getStack();
`;

const MODULE = {
  "package.json": '{ "type": "module", "main": "index.ts" }',
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      target: "ES2022",
      module: "nodenext",
      moduleResolution: "nodenext",
      skipLibCheck: true,
      types: [],
    },
    files: ["index.ts"],
  }),
  "index.ts": MISTYPED,
};

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Run> {
  const env = { ...process.env, NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(command, [...args], { cwd, env, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

function write(folder: string, files: { readonly [name: string]: string }): void {
  for (const [name, text] of Object.entries({ ...FILES, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

describe.each([
  ["the oldest supported", oldest],
  ["the pinned", pinned],
  ["the newest", "latest"],
])("check, with %s @pulumi/pulumi (%s)", (_which, version) => {
  // Outside the repository, so that nothing resolves from its node_modules.
  const folder = temporaryFolder();
  let offline: string | undefined;

  beforeAll(async () => {
    const needed = {
      "@pulumi/pulumi": version,
      "@pulumi/aws": dependencies["@pulumi/aws"],
      "ts-node": "^10.9.2",
      typescript: "~5.9.3",
    };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: needed }));
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
    const { code, stderr } = await run("npm", args, folder);
    if (code === 0) return;
    if (!OFFLINE.test(stderr) || process.env.REQUIRE_REGISTRY === "1") {
      throw new Error(`npm install failed: ${stderr}`);
    }
    offline = "the npm registry cannot be reached";
  }, INSTALL_MS);

  const check = (program: string, files: { readonly [name: string]: string }): Promise<Run> => {
    const cwd = join(folder, program);
    write(cwd, files);
    const bin = join(root, "policies", "bin", "poolproof.js");
    return run(process.execPath, [bin, "check", "--cwd", cwd, "--stack", "dev", "--format", "json"], root);
  };

  it("judges a program, with what cannot be decrypted as unknown", { timeout: CHECK_MS }, async ({
    skip,
  }) => {
    skip(offline !== undefined, offline);
    const { code, stdout, stderr } = await check("judged", { "index.js": PROGRAM });
    expect(stderr).not.toMatch(/^error:/m);
    expect(code).toBe(1);
    const { budgets, violations } = JSON.parse(stdout) as Report & { readonly budgets: readonly object[] };
    const database = "urn:pulumi:dev::shop::aws:rds/instance:Instance::db";
    expect(budgets).toEqual([expect.objectContaining({ database, maxConnections: null })]);
    expect(violations.map(({ rule }) => rule)).toContain("coverage");
  });

  it("stops a program that computes with such a number", { timeout: CHECK_MS }, async ({ skip }) => {
    skip(offline !== undefined, offline);
    const { code, stdout, stderr } = await check("computes", { "index.js": COMPUTES });
    expect(stderr).toMatch(/^error: the program computes with shop:limit, .*`--config shop:limit=NUMBER`$/m);
    expect([code, stdout]).toEqual([2, ""]);
  });

  it("hands on a compile error of an ES module", { timeout: CHECK_MS }, async ({ skip }) => {
    skip(offline !== undefined, offline);
    const { code, stdout, stderr } = await check("module", MODULE);
    expect(stderr).toMatch(/^error: the program failed: .*index\.ts\(3,14\): error TS2322: /m);
    expect([code, stdout]).toEqual([2, ""]);
  });
});
