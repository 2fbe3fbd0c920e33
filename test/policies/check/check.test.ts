import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { sayWhatIsWaitedFor } from "../../../policies/check/runProgram";
import type { PlanResource } from "../../../policies/plan/plan";
import type { Report } from "../../../policies/reports/report";
import { installedCommand } from "../command";
import { CLIENTS_BY_DEPENDENCY, CLIENTS_BY_TEXT, UNREAD_DATABASES } from "../plan/kindsOfClients";

const { folder, run } = installedCommand();

/** A Pulumi project in a folder of its own. */
const project = (files: { readonly [name: string]: string }): string =>
  folder({ "Pulumi.yaml": "name: shop\nruntime: nodejs\n", "Pulumi.dev.yaml": "config: {}\n", ...files });

const check = (cwd: string, ...more: string[]) => run(["check", "--cwd", cwd, ...more]);
const checkDev = (cwd: string, ...more: string[]) => check(cwd, "--stack", "dev", ...more);

/** A service, its database and nothing else; `DB_POOL_MAX` from the config key `shop:poolMax`. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const ecs = require("@pulumi/aws/ecs");
const rds = require("@pulumi/aws/rds");
console.log("a program that prints to stdout");
const config = new pulumi.Config();
const group = new rds.ParameterGroup("params", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
    ...["log_connections", "log_disconnections", "log_lock_waits"].map((name) => ({ name, value: "1" })),
  ],
});
new rds.Instance("db", {
  engine: "postgres", engineVersion: "17", instanceClass: "db.m7g.4xlarge", parameterGroupName: group.name,
  enabledCloudwatchLogsExports: ["postgresql"],
});
const task = new ecs.TaskDefinition("task", {
  family: "api",
  containerDefinitions: JSON.stringify([{
    name: "api",
    environment: Object.entries({
      DB_POOL_MAX: config.require("poolMax"), DB_POOL_ACQUIRE_TIMEOUT_MS: "1000", DB_LOCK_TIMEOUT_MS: "1500",
      DB_STATEMENT_TIMEOUT_MS: "2000", DB_QUERY_TIMEOUT_MS: "2500", REQUEST_TIMEOUT_MS: "8000",
    }).map(([name, value]) => ({ name, value })),
  }]),
});
class Api extends pulumi.ComponentResource {
  constructor(name) {
    super("shop:index:Api", name);
    new ecs.Service(name, {
      taskDefinition: task.arn,
      desiredCount: 8,
      tags: { "poolproof:peak-requests-per-second": "400", "poolproof:db-hold-ms": "90", "poolproof:db-acquisitions-per-request": "1.1" },
    }, { parent: this });
    this.registerOutputs();
  }
}
new Api("api");
`;

const shop = (poolMax: string, files: { readonly [name: string]: string } = {}) =>
  project({ "index.js": PROGRAM, "Pulumi.dev.yaml": `config:\n  shop:poolMax: ${poolMax}\n`, ...files });

/** The stack's file where `shop:poolMax` is a secret, encrypted with a key that is not here. */
const SECRET_POOL_MAX = { "Pulumi.dev.yaml": "config:\n  shop:poolMax:\n    secure: v1:c2VjcmV0\n" };

const report = (stdout: string): Report => JSON.parse(stdout) as Report;

/** Rules whose findings reject. */
const mandatory = (stdout: string): string[] =>
  report(stdout).violations.flatMap(({ rule, level }) => (level === "mandatory" ? [rule] : []));

describe.concurrent("poolproof check", { timeout: 60_000 }, async () => {
  it("rejects a starved pool with 1, accepts it within the printed window with 0, rejects one above with 1", async () => {
    const folder = shop("3");
    const starved = await checkDev(folder, "--format", "json");
    expect(starved.code).toBe(1);
    const { violations, coverage } = report(starved.stdout);
    expect(violations[0]).toMatchObject({ rule: "pool-floor", observed: 3, allowed: { min: 11, max: 19 } });
    expect(violations[0]?.location?.file).toMatch(/^[^\\]*\bPulumi\.dev\.yaml$/);
    // URNs as the engine makes them: the component's type before the service's.
    expect(coverage).toEqual({
      databases: ["urn:pulumi:dev::shop::aws:rds/instance:Instance::db"],
      clients: ["urn:pulumi:dev::shop::shop:index:Api$aws:ecs/service:Service::api"],
      unexamined: [],
      resources: 5,
    });
    const { min, max } = violations[0]?.allowed ?? {};
    expect((await checkDev(folder, "-c", `shop:poolMax=${min}`)).code).toBe(0);
    const above = await checkDev(folder, "-c", `shop:poolMax=${(max ?? 0) + 1}`, "--format", "json");
    expect(above.code).toBe(1);
    expect(mandatory(above.stdout)).toEqual(["connection-budget"]);
  });

  it("keeps stdout for the report: what the program prints goes to stderr", async () => {
    const { stdout, stderr } = await checkDev(shop("12"));
    expect(stdout).toMatch(/^✔ dev: accepted/);
    expect(stdout).not.toContain("a program that prints");
    expect(stderr).toContain("a program that prints to stdout");
  });

  it("writes --output as a whole or not at all", async () => {
    const folder = shop("12");
    const file = path.join(folder, "reports", "dev.json");
    mkdirSync(path.dirname(file));
    expect(await checkDev(folder, "--format", "json", "--output", file)).toMatchObject({
      code: 0,
      stdout: "",
    });
    expect(report(readFileSync(file, "utf8")).verdict).toBe("accepted");
    const blocked = await checkDev(folder, "--output", path.join(folder, "index.js", "report.txt"));
    expect(blocked.code).toBe(2);
    expect(blocked.stderr).toMatch(/error: --output: .* is not a folder/);
    expect(readdirSync(path.dirname(file))).toEqual(["dev.json"]);
  });

  it("reads levels and settings from a policy configuration", async () => {
    const policy = JSON.stringify({
      all: "advisory",
      "connection-budget": "disabled",
      "alarms-present": "disabled",
      "poolproof-settings": { configKeys: { DB_POOL_MAX: "shop:poolMax" } },
    });
    const folder = shop("3", { "policy.json": policy });
    const { code, stdout } = await checkDev(
      folder,
      "--format",
      "json",
      "--policy-config",
      path.join(folder, "policy.json"),
    );
    expect(code).toBe(0);
    expect(report(stdout).violations).toEqual([
      expect.objectContaining({
        rule: "pool-floor",
        level: "advisory",
        fix: expect.stringContaining("`shop:poolMax`"),
      }),
    ]);
  });

  it.each([
    [
      "a loader given in nodeargs",
      {
        "Pulumi.yaml":
          "name: shop\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n    nodeargs: --import=tsx\nmain: app.ts\n",
        "app.ts": `const count: number = 1;\n${PROGRAM}\nexport const n = count;`,
      },
    ],
    [
      "an exported async function",
      { "index.js": `module.exports = async () => {\n${PROGRAM}\nreturn { ok: true };\n};` },
    ],
  ])(
    "runs a program that is %s",
    async (_name, files) => {
      const folder = project({ "Pulumi.dev.yaml": "config:\n  shop:poolMax: 3\n", ...files });
      const { code, stdout, stderr } = await checkDev(folder, "--format", "json");
      expect(stderr).not.toContain("error:");
      expect(code).toBe(1);
      expect(report(stdout).violations[0]).toMatchObject({ rule: "pool-floor", observed: 3 });
    },
    60_000,
  );

  it("sees resources that a program registers after its own promise has settled", async () => {
    const late = PROGRAM.replace('new Api("api");', 'setTimeout(() => new Api("api"), 50);');
    expect((await checkDev(shop("3", { "index.js": late }))).code).toBe(1);
  });

  it("takes nothing for granted about a database the program only looks up", async () => {
    const found = PROGRAM.replace(
      /new rds\.Instance\([^;]*;/,
      'rds.Instance.get("db", "db-1", { engine: "postgres", instanceClass: "db.m7g.large" });',
    );
    const { stdout } = await checkDev(shop("12", { "index.js": found }), "--format", "json");
    const { coverage, budgets } = report(stdout);
    expect(coverage.databases).toEqual(["urn:pulumi:dev::shop::aws:rds/instance:Instance::db"]);
    expect(coverage.unexamined).toEqual([
      expect.objectContaining({ resource: "urn:pulumi:dev::shop::aws:rds/instance:Instance::db" }),
    ]);
    expect(budgets[0]).toMatchObject({ maxConnections: null, usable: null });
  });

  it("does not accept a service the program only looks up", async () => {
    const found = PROGRAM.replace('new Api("api");', 'ecs.Service.get("api", "cluster/api");');
    const { code, stdout } = await checkDev(shop("12", { "index.js": found }), "--format", "json");
    expect(code).toBe(1);
    expect(report(stdout).coverage.clients).toEqual(["urn:pulumi:dev::shop::aws:ecs/service:Service::api"]);
  });

  it("leaves the settings alone that a disabled poolproof-settings carries, as the engine does", async () => {
    const settings = { configKeys: { DB_POOL_MAX: "shop:poolMax" } };
    const policies = {
      own: { "poolproof-settings": { enforcementLevel: "disabled", ...settings } },
      all: { all: "disabled", "pool-floor": "mandatory", "poolproof-settings": settings },
      enabled: {
        all: "disabled",
        "pool-floor": "mandatory",
        "poolproof-settings": { enforcementLevel: "mandatory", ...settings },
      },
    };
    const fix = async (name: keyof typeof policies): Promise<string | undefined> => {
      const folder = shop("3", { "policy.json": JSON.stringify(policies[name]) });
      const file = path.join(folder, "policy.json");
      const { stdout } = await checkDev(folder, "--format", "json", "--policy-config", file);
      return report(stdout).violations[0]?.fix;
    };
    expect(await fix("own")).not.toContain("shop:poolMax");
    expect(await fix("all")).not.toContain("shop:poolMax");
    expect(await fix("enabled")).toContain("shop:poolMax");
  });

  it("answers aws.iam.getPolicyDocument, which needs no cloud", async () => {
    const asks = `${PROGRAM}
const iam = require("@pulumi/aws/iam");
const statements = [{ actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: ["ecs-tasks.amazonaws.com"] }] }];
new iam.Role("role", { assumeRolePolicy: iam.getPolicyDocumentOutput({ statements }).json });
iam.getPolicyDocument({ statements }).then(({ minifiedJson }) => console.log(minifiedJson));`;
    const { code, stderr } = await checkDev(shop("12", { "index.js": asks }));
    expect(stderr).toContain('{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks');
    expect(code).toBe(0);
  });

  it("says of what comes from another stack that only the engine can read it", async () => {
    const referring = `const net = new (require("@pulumi/pulumi").StackReference)("acme/net/dev");
${PROGRAM.replace('config.require("poolMax")', 'net.requireOutput("poolMax")')}`.replace(
      /containerDefinitions: JSON\.stringify\(([\s\S]*?)\),\n\}\);/,
      "containerDefinitions: pulumi.jsonStringify($1),\n});",
    );
    const { code, stdout, stderr } = await checkDev(
      shop("12", { "index.js": referring }),
      "--format",
      "json",
    );
    expect(stderr).not.toContain("error:");
    expect(code).toBe(1);
    expect(report(stdout).undecided[0]).toMatchObject({
      property: "containerDefinitions",
      reason: expect.stringContaining("comes from another stack (the stack reference acme/net/dev)"),
    });
  });

  it("takes explicit providers, aliases, protection and other options as the engine does", async () => {
    const optioned = PROGRAM.replace(
      "{ parent: this }",
      `{ parent: this, protect: true, aliases: [{ name: "old" }], deleteBeforeReplace: true, ignoreChanges: ["desiredCount"],
        customTimeouts: { create: "5m" }, replaceOnChanges: ["name"], dependsOn: [task],
        provider: new (require("@pulumi/aws").Provider)("eu", { region: "eu-west-1" }) }`,
    );
    expect((await checkDev(shop("12", { "index.js": optioned }))).code).toBe(0);
    expect((await checkDev(shop("3", { "index.js": optioned }))).code).toBe(1);
  });

  it("takes the older transformations, which run in the program", async () => {
    const tagging = `require("@pulumi/pulumi").runtime.registerStackTransformation(({ type, props, opts }) =>
  type === "aws:ecs/service:Service" ? { props: { ...props, tags: { ...props.tags, "poolproof:tasks-at-peak": "4" } }, opts } : undefined);
${PROGRAM}`;
    const { stdout } = await checkDev(shop("3", { "index.js": tagging }), "--format", "json");
    expect(report(stdout).budgets[0]?.clients[0]).toMatchObject({ tasksServingPeak: 4 });
  });

  it("points at the line that fixes a finding: the stack's key, the program, the stack's file", async () => {
    const policy = { "poolproof-settings": { configKeys: { DB_POOL_MAX: "shop:poolMax" } } };
    const folder = shop("3", { "policy.json": JSON.stringify(policy), ".git/HEAD": "" });
    const places = async (...more: string[]) => {
      const { stdout } = await checkDev(folder, "--format", "sarif", ...more);
      const { runs } = JSON.parse(stdout) as {
        runs: { results: { ruleId: string; locations: { physicalLocation: object }[] }[] }[];
      };
      return runs[0]?.results.map(({ ruleId, locations }) => [ruleId, locations[0]?.physicalLocation]);
    };
    expect(await places("--policy-config", path.join(folder, "policy.json"))).toContainEqual([
      "pool-floor",
      { artifactLocation: expect.objectContaining({ uri: "Pulumi.dev.yaml" }), region: { startLine: 2 } },
    ]);
    const line = PROGRAM.split("\n").findIndex((text) => text.includes("new ecs.Service(name")) + 1;
    expect(await places()).toContainEqual([
      "pool-floor",
      { artifactLocation: expect.objectContaining({ uri: "index.js" }), region: { startLine: line } },
    ]);
  });

  it("judges the change where it is given the state before it", async () => {
    const state = { version: 3, deployment: { resources: [] } };
    const folder = shop("12", { "before.json": JSON.stringify(state) });
    expect((await checkDev(folder, "--base", path.join(folder, "before.json"))).code).toBe(0);
  });

  it("finds the stack's file where Pulumi does: in stackConfigDir, with the project file's ending", async () => {
    const json = project({
      "index.js": PROGRAM,
      "Pulumi.json": '{ "name": "shop", "runtime": "nodejs", "stackConfigDir": "stacks" }',
      "stacks/Pulumi.dev.json": '{ "config": { "shop:poolMax": 3 } }',
      "stacks/Pulumi.dev.yaml": "config:\n  shop:poolMax: 12\n",
    });
    rmSync(path.join(json, "Pulumi.yaml"));
    const { stdout } = await checkDev(json, "--format", "json");
    expect(report(stdout).violations[0]).toMatchObject({ rule: "pool-floor", observed: 3 });
  });

  it("treats a secret it cannot decrypt as unknown, and prints neither it nor its ciphertext", async () => {
    const { code, stdout, stderr } = await checkDev(shop("3", SECRET_POOL_MAX), "--format", "json");
    expect(code).toBe(1);
    expect(mandatory(stdout)).toEqual(["undecided"]);
    expect(stderr).toContain("note: shop:poolMax: secrets that cannot be decrypted here");
    expect(stdout + stderr).not.toContain("c2VjcmV0");
  });

  it.each([
    "requireNumber",
    "getNumber",
    "requireObject",
  ])("takes no number from a secret it cannot decrypt, read by %s", async (reader) => {
    const program = PROGRAM.replace("config.require(", `config.${reader}(`);
    const { code, stdout } = await checkDev(
      shop("3", { ...SECRET_POOL_MAX, "index.js": program }),
      "--format",
      "json",
    );
    expect(code).toBe(1);
    expect(mandatory(stdout)).toEqual(["undecided"]);
  });
});

describe.concurrent("input that poolproof check cannot use", { timeout: 60_000 }, () => {
  const said = async (folder: string, ...more: string[]): Promise<string> => {
    const { code, stdout, stderr } = await check(folder, ...more);
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  };

  it("names the stacks there are, and the one that was meant", async () => {
    const folder = project({ "Pulumi.prod.yaml": "" });
    expect(await said(folder, "--stack", "prdo")).toMatch(
      /error: there is no stack "prdo" in .*; did you mean prod\? The stacks are dev, prod\n$/,
    );
  });

  it.each([
    [
      "no Pulumi.yaml",
      "/",
      /there is no Pulumi.yaml in \/ or above it; name the project's folder with `--cwd DIR`/,
    ],
    ["no such folder", "/no/such/folder", /--cwd: there is no folder \/no\/such\/folder/],
  ] as const)("is said in one line: %s", async (_name, cwd, message) => {
    expect(await said(cwd, "--stack", "dev")).toMatch(message);
  });

  const hiding = (program: string) => ({ ...SECRET_POOL_MAX, "index.js": program });

  /** What is wrong with the files of a project, or with its program alone. */
  it.each<[string, string | Parameters<typeof project>[0], RegExp]>([
    [
      "another language",
      { "Pulumi.yaml": "name: shop\nruntime: python\n" },
      /the runtime is "python"; `check` runs nodejs/,
    ],
    ["malformed YAML", { "Pulumi.dev.yaml": "config:\n  a: [1\nb: 2\n" }, /Pulumi\.dev\.yaml, line \d: /],
    [
      "a program that is missing",
      { "Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: gone.js\n" },
      /`main:` names gone\.js, which does not exist/,
    ],
    [
      "config that is missing",
      { "Pulumi.yaml": "name: shop\nruntime: nodejs\nconfig:\n  poolMax:\n    type: integer\n" },
      /shop:poolMax is not set: `pulumi config set shop:poolMax NUMBER --stack dev`/,
    ],
    [
      "a program that throws",
      'throw new Error("no such subnet");',
      /^error: the program failed: no such subnet\n$/,
    ],
    [
      "a program that rejects later",
      'setTimeout(() => Promise.reject(new Error("late")), 5);',
      /^error: the program failed: late\n$/,
    ],
    [
      "a program that never ends",
      "module.exports = () => new Promise(() => {});",
      /it waits for a promise that nothing will resolve/,
    ],
    [
      "a module that is missing",
      'require("not-installed-anywhere");',
      /Cannot find module 'not-installed-anywhere' .*is it installed and built\?/,
    ],
    [
      "config the program requires",
      'new (require("@pulumi/pulumi").Config)().require("poolMax");',
      /Missing required configuration variable 'shop:poolMax'/,
    ],
    [
      "resource transforms, which the engine would call back",
      `require("@pulumi/pulumi").runtime.registerResourceTransform(() => undefined);
new (require("@pulumi/aws").s3.Bucket)("b");`,
      /^error: the program uses transforms, which only the engine can run; use `pulumi preview --policy-pack`\n$/,
    ],
    [
      "a program that ends the process as if all were well",
      `${PROGRAM.replace('config.require("poolMax")', '"3"')}\nsetTimeout(() => process.exit(0), 100);`,
      /error: the program ended the process \(process\.exit\(0\)\) before it was done.*\n$/,
    ],
    [
      "a program that ends the process as if it were rejected",
      "process.exit(1);",
      /^error: the program ended the process \(process\.exit\(1\)\) before it was done.*\n$/,
    ],
    [
      "a resource that is registered and looked up under one name",
      'const s3 = require("@pulumi/aws/s3"); new s3.Bucket("b"); s3.Bucket.get("b", "some-bucket");',
      /two resources have the URN/,
    ],
    [
      "two resources of one name",
      'const s3 = require("@pulumi/aws/s3"); new s3.Bucket("b"); new s3.Bucket("b");',
      /two resources have the URN/,
    ],
    [
      "a number computed from a secret that cannot be decrypted",
      hiding(PROGRAM.replace('config.require("poolMax")', 'config.requireNumber("poolMax") + 1')),
      /^error: the program computes with shop:poolMax, [^\n]*`--config shop:poolMax=NUMBER`\n$/m,
    ],
    [
      "a decision by a secret that cannot be decrypted",
      hiding(PROGRAM.replace('config.require("poolMax")', 'config.getBoolean("poolMax") ? "3" : "12"')),
      /^error: the program decides by shop:poolMax, [^\n]*`--config shop:poolMax=true`\n$/m,
    ],
    [
      "a text made of a secret that cannot be decrypted, which the program refuses",
      hiding('new URL(new (require("@pulumi/pulumi").Config)().require("poolMax"));'),
      /^error: the program failed: Invalid URL \(it reads shop:poolMax, [^\n]*`--config KEY=VALUE`\)\n$/m,
    ],
    [
      "a compile error of a module, in the compiler's own words",
      {
        "package.json": '{ "type": "module", "main": "index.ts" }',
        "Pulumi.yaml":
          "name: shop\nruntime:\n  name: nodejs\n  options:\n    nodeargs: --import=./register.mjs\n",
        // As ts-node/esm reports it: from the loader's thread, by no native error, that says what it is when it is inspected.
        "register.mjs": 'import { register } from "node:module";\nregister("./hooks.mjs", import.meta.url);',
        "hooks.mjs": `import { inspect } from "node:util";
class CompileError { [inspect.custom]() { return "index.ts(8,3): error TS2322: not assignable.\\n"; } }
export const load = (url, context, next) => {
  if (url.endsWith("index.ts")) throw new CompileError();
  return next(url, context);
};`,
        "index.ts": "export {};",
      },
      /^error: the program failed: index\.ts\(8,3\): error TS2322: not assignable\.\n$/,
    ],
    [
      "something thrown that is not an error, without its values",
      'throw Object.assign(Object.create(null), { password: "hunter2" });',
      /^error: the program failed: an object without a message was thrown \(password\)\n$/,
    ],
    [
      "an error the program logged",
      'require("@pulumi/pulumi").log.error("bad");',
      /the program reported an error/,
    ],
  ])("is said in one line: %s", async (_name, given, message) => {
    const files = typeof given === "string" ? { "index.js": given } : given;
    expect(await said(project(files), "--stack", "dev")).toMatch(message);
  });

  it("never shows a secret that the provider would refuse", async () => {
    const program = `
const { secret } = require("@pulumi/pulumi");
const { rds } = require("@pulumi/aws");
new rds.Instance("db", { instanceClass: "db.t4g.micro", engine: "postgres", port: secret("hunter2"), identifier: secret("Hunter2--") });`;
    const stderr = await said(project({ "index.js": program }), "--stack", "dev");
    expect(stderr).toMatch(/`port` must be a number; `identifier` must /);
    expect(stderr).not.toMatch(/hunter2/i);
  });

  it("lists everything that is wrong in a policy configuration, a line for each", async () => {
    const content = {
      "pool-flor": "advisory",
      "poolproof-settings": { budgetShare: 8, neverExcepted: ["pool-flor"], pools: [{ client: 1 }] },
    };
    const folder = project({ "policy.json": JSON.stringify(content) });
    const stderr = await said(folder, "--stack", "dev", "--policy-config", path.join(folder, "policy.json"));
    const [head, ...problems] = stderr.trimEnd().split("\n");
    expect(head).toMatch(/^error: .*policy\.json has 4 problems:$/);
    expect(problems.map((line) => line.trim().split(":")[0])).toEqual([
      'there is no policy "pool-flor"; did you mean "pool-floor"?',
      "poolproof-settings.budgetShare",
      "poolproof-settings.pools.0.client",
      "poolproof-settings.neverExcepted.0",
    ]);
  });

  it("refuses to write into a folder that is not there, and makes none", async () => {
    const folder = project({ "index.js": "" });
    const gone = path.join(folder, "reprots");
    expect(await said(folder, "--stack", "dev", "--output", path.join(gone, "x.json"))).toMatch(
      /^error: --output: there is no folder .*reprots: make it first, or correct the path\n$/,
    );
    expect(existsSync(gone)).toBe(false);
  });

  it("refuses a policy configuration that is missing or is not JSON", async () => {
    const folder = project({ "policy.json": "{" });
    expect(await said(folder, "--stack", "dev", "--policy-config", "/gone.json")).toMatch(
      /\/gone\.json cannot be read/,
    );
    expect(await said(folder, "--stack", "dev", "--policy-config", path.join(folder, "policy.json"))).toMatch(
      /cannot be read/,
    );
  });

  it("says that it is not built when dist is missing", () => {
    const bin = readFileSync(path.resolve(__dirname, "../../../policies/bin/poolproof.js"), "utf8");
    const unbuilt = folder({ "bin/poolproof.js": bin });
    const run = spawnSync(process.execPath, [path.join(unbuilt, "bin/poolproof.js")], { encoding: "utf8" });
    expect(run).toMatchObject({
      status: 2,
      stderr: "error: poolproof is not built yet: run `npm run build` first\n",
    });
    expect(existsSync(path.join(unbuilt, "dist"))).toBe(false);
  });
});

describe("a program with clients and databases of every kind", () => {
  it("has each of them in a violation of coverage", async () => {
    const kinds = [...CLIENTS_BY_DEPENDENCY, ...CLIENTS_BY_TEXT, ...UNREAD_DATABASES].map(
      ({ type, name, properties, propertyDependencies }) => ({
        type,
        name,
        properties,
        made: Object.keys(propertyDependencies),
      }),
    );
    const folder = project({
      "kinds.json": JSON.stringify(kinds),
      "index.js": `${PROGRAM}
const db = new rds.Instance("orders", { engine: "postgres", instanceClass: "db.m7g.large", identifier: "db1234567" });
for (const { type, name, properties, made } of require("./kinds.json")) {
  for (const property of made) properties[property] = db.address;
  new pulumi.CustomResource(type, name, properties);
}
`,
    });
    const { stdout } = await checkDev(folder, "--format", "json", "--config", "shop:poolMax=12");
    const report = JSON.parse(stdout) as Report;
    const named = report.violations.filter(({ rule, level }) => rule === "coverage" && level === "mandatory");
    const names = new Set(named.map(({ resource }) => resource.split("::").pop()));
    expect(kinds.filter(({ name }) => !names.has(name)).map(({ type }) => type)).toEqual([]);
  });
});

describe("a program that does not end", () => {
  it("is told of after half a minute, with what it has registered and keeps open", () => {
    vi.useFakeTimers();
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const resources: PlanResource[] = [];
    // A program that makes a resource while it runs, as any does.
    const waiting = sayWhatIsWaitedFor("dev", { plan: { resources } });
    resources.push({} as PlanResource);
    try {
      vi.advanceTimersByTime(29_000);
      expect(written).not.toHaveBeenCalled();
      vi.advanceTimersByTime(2_000);
      expect(written.mock.calls).toEqual([
        [expect.stringMatching(/^still running: .* stack dev; it has registered 1 resource\b.* open: .*\n$/)],
      ]);
    } finally {
      clearTimeout(waiting);
      written.mockRestore();
      vi.useRealTimers();
    }
  });
});
