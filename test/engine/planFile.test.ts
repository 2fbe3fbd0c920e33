import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { engineCache, engineModule, findGo, searchPath } from "../../engine/build.js";
import { embeddedEnvironment } from "../../engine/embedded.js";
import { runPulumi } from "../../engine/pulumi.js";
import { policyConfigOf, stackNames } from "../../engine/stacks.js";
import {
  changedStackFile,
  check,
  engine,
  plainPulumi,
  type Report,
  root,
  skipReason,
  temporaryFolder,
  title,
  withoutPlaces,
} from "./support.js";

const bin = join(root, "policies", "bin", "poolproof.js");
const poolproof = (cwd: string, ...args: string[]) =>
  spawnSync(process.execPath, [bin, ...args], { cwd, encoding: "utf8" });

describe.skipIf(skipReason)(title("the plan that the pack saw (POOLPROOF_PLAN)"), () => {
  it.each(stackNames(root))("%s: is judged as the preview was", async (stack) => {
    const [stateDir, folder] = [temporaryFolder(), temporaryFolder()];
    const plan = join(folder, "plan.json");
    const env = { ...process.env, POOLPROOF_PLAN: plan };
    const onEngine = await runPulumi({ command: "preview", stack, stateDir, engine, env });
    const file = policyConfigOf(root, stack);
    const config = existsSync(file) ? ["--policy-config", file] : [];
    const judged = poolproof(root, "check", "--plan", plan, ...config, "--format", "json");
    expect(judged.stderr).toBe("");
    expect(withoutPlaces(JSON.parse(judged.stdout))).toEqual(onEngine.report);
    expect(judged.status).toBe(onEngine.code);
  });
});

/** A pool in a definition that a new database's address hides from every preview. */
const HIDDEN = `
const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
const parameters = new aws.rds.ParameterGroup("db", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
    ...["log_connections", "log_disconnections", "log_lock_waits"].map((name) => ({ name, value: "1" })),
  ],
});
const db = new aws.rds.Instance("db", {
  engine: "postgres", engineVersion: "17", instanceClass: "db.t4g.medium", allocatedStorage: 50, username: "app",
  password: pulumi.secret("hunter2"), parameterGroupName: parameters.name, skipFinalSnapshot: true,
  enabledCloudwatchLogsExports: ["postgresql"],
});
const task = new aws.ecs.TaskDefinition("api", {
  family: "api", cpu: "512", memory: "1024",
  containerDefinitions: pulumi.jsonStringify([{ name: "api", image: "shop/api:1", environment: [
    { name: "DB_HOST", value: db.address },
    { name: "DB_NAME", value: parameters.name },
    { name: "DB_POOL_MAX", value: process.env.POOL ?? config.require("pool") },
    { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
    { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
    { name: "DB_LOCK_TIMEOUT_MS", value: "1000" },
    { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
    { name: "REQUEST_TIMEOUT_MS", value: "8000" },
  ] }]),
});
new aws.ecs.Service("api", {
  cluster: new aws.ecs.Cluster("shop").arn, taskDefinition: task.arn, desiredCount: 2, launchType: "FARGATE",
  tags: { "poolproof:peak-requests-per-second": "200", "poolproof:db-hold-ms": "20", "poolproof:database": "db" },
});
`;

describe.skipIf(skipReason)(title("a reading of the same program (POOLPROOF_READING)"), () => {
  const project = temporaryFolder();
  const reports = temporaryFolder();
  writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  writeFileSync(join(project, "package.json"), '{ "name": "shop" }');
  writeFileSync(join(project, "index.js"), HIDDEN);
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  const stateDir = temporaryFolder();
  const on = (extra: NodeJS.ProcessEnv) =>
    plainPulumi(
      project,
      { POOLPROOF_REPORT: join(reports, "report.json"), PWD: project, ...extra },
      stateDir,
    );
  const plain = on({});
  const pack = ["-s", "dev", "--policy-pack", join(root, "policies")];
  const report = () => JSON.parse(readFileSync(join(reports, "report.json"), "utf8")) as Report;
  const rules = () =>
    report()
      .violations.filter(({ level }) => level === "mandatory")
      .map(({ rule }) => rule);
  const reading = join(reports, "reading.json");
  const write = () => poolproof(project, "check", "dev", "--write-reading", reading, "--format", "json");

  beforeAll(() => {
    plain("stack", "init", "dev");
    plain("config", "set", "pool", "10", "-s", "dev");
    plain("config", "set", "aws:region", "eu-west-1", "-s", "dev");
  });

  it("decides what the preview alone cannot, and says so", () => {
    expect(plain("preview", ...pack).status).not.toBe(0);
    expect(rules()).toEqual(["undecided"]);

    expect(write().status).toBe(0);
    expect(readFileSync(reading, "utf8")).not.toContain("hunter2");
    const previewed = on({ POOLPROOF_READING: reading })("preview", ...pack);
    expect(previewed.stdout + previewed.stderr).toContain("POOLPROOF_READING");
    expect(rules()).toEqual([]);
    expect(previewed.status).toBe(0);
  });

  it("rejects what it shows to be wrong, and is refused once it is stale", () => {
    plain("config", "set", "pool", "1", "-s", "dev");
    expect(on({ POOLPROOF_READING: reading })("preview", ...pack).status).not.toBe(0);
    expect(rules()).toEqual(["poolproof-settings", "undecided"]);
    expect(report().violations[0]?.message).toContain("is stale: the config value shop:pool changed since");

    write();
    expect(on({ POOLPROOF_READING: reading })("preview", ...pack).status).not.toBe(0);
    expect(rules()).toEqual(["pool-floor"]);
  });

  it("stops a deployment whose real values are others, and lets the same through", () => {
    plain("config", "set", "pool", "10", "-s", "dev");
    write();
    const other = on({ POOLPROOF_READING: reading, POOL: "99" })("up", "--yes", "--skip-preview", ...pack);
    expect(other.status).not.toBe(0);
    expect(other.stdout + other.stderr).toContain("containerDefinitions.0.environment.2.value");
    const deployed = JSON.parse(plain("stack", "export", "-s", "dev").stdout);
    const types = deployed.deployment.resources.map(({ type }: { type: string }) => type);
    expect(types).not.toContain("aws:ecs/service:Service");

    expect(on({ POOLPROOF_READING: reading })("up", "--yes", ...pack).status).toBe(0);
  });
});

const HOST = "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml";
const VERSION = "v1.25.0";

/**
 * The folder of a YAML language host, which Pulumi's releases bring along: on PATH, or built once from its Go module where
 * `POOLPROOF_BUILD_YAML=1` asks for it, since that takes minutes.
 */
function yamlHost(): { readonly directory: string } | { readonly missing: string } {
  const name = HOST.split("/").pop() ?? "";
  const onPath = [...engine.directories, ...searchPath(process.env)].find((each) =>
    existsSync(join(each, name)),
  );
  if (onPath !== undefined) return { directory: onPath };
  const directory = join(engineCache(), `yaml-${VERSION}`);
  if (existsSync(join(directory, name))) return { directory };
  if (process.env.POOLPROOF_BUILD_YAML !== "1")
    return { missing: "none is on PATH, and POOLPROOF_BUILD_YAML=1 builds it in minutes" };
  const go = findGo(engineModule, process.env);
  if ("failure" in go) return { missing: go.failure };
  const unfinished = temporaryFolder();
  const env = { ...process.env, GOBIN: unfinished, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  const built = spawnSync(go.path, ["install", "-trimpath", `${HOST}@${VERSION}`], {
    env,
    cwd: unfinished,
    encoding: "utf8",
    timeout: 20 * 60_000,
  });
  if (built.status !== 0) return { missing: `its build failed: ${built.stderr.trim().split("\n").pop()}` };
  mkdirSync(dirname(directory), { recursive: true });
  cpSync(unfinished, `${directory}.${process.pid}`, { recursive: true });
  renameSync(`${directory}.${process.pid}`, directory);
  return { directory };
}

const host = skipReason === undefined ? yamlHost() : { missing: skipReason };
const missing = "missing" in host ? host.missing : undefined;

/** What a YAML program may say of each type: the language host asks the provider's schema. */
const TYPES: { readonly [token: string]: string } = {
  "aws:rds/parameterGroup:ParameterGroup": "name family parameters",
  "aws:rds/instance:Instance":
    "identifier engine engineVersion instanceClass allocatedStorage dbName username password parameterGroupName enabledCloudwatchLogsExports skipFinalSnapshot address endpoint port",
  "aws:ecs/cluster:Cluster": "name arn",
  "aws:ecs/taskDefinition:TaskDefinition":
    "family cpu memory networkMode requiresCompatibilities containerDefinitions arn",
  "aws:ecs/service:Service": "name cluster taskDefinition desiredCount launchType tags",
};

function schema(): string {
  const any = { $ref: "pulumi.json#/Any" };
  const resources = Object.entries(TYPES).map(([token, names]) => {
    const properties = Object.fromEntries(names.split(" ").map((name) => [name, any]));
    return [token, { inputProperties: properties, properties }] as const;
  });
  return JSON.stringify({
    name: "aws",
    version: "7.48.0",
    meta: { moduleFormat: "(.*)(?:/[^/]*)" },
    resources: Object.fromEntries(resources),
  });
}

describe.skipIf(missing)(
  `a program in YAML${missing === undefined ? "" : ` (skipped: no YAML language host: ${missing})`}`,
  () => {
    const source = join(root, "test", "foreign", "yaml-services");
    const project = temporaryFolder();
    cpSync(join(source, "Pulumi.yaml"), join(project, "Pulumi.yaml"));
    writeFileSync(join(project, "schema.json"), schema());
    process.env.PATH = ["directory" in host ? host.directory : "", process.env.PATH].join(delimiter);
    const pulumi = plainPulumi(project, {
      POOLPROOF_OFFLINE_SCHEMA: join(project, "schema.json"),
      POOLPROOF_PLAN: "plan.json",
      POOLPROOF_REPORT: join(project, "report.json"),
      PWD: project,
      AWS_REGION: "eu-west-1",
    });
    const said = (result: { stdout: string; stderr: string }) => result.stdout + result.stderr;

    it("has what TypeScript has, by its plan", () => {
      const password = "hunter2-in-yaml";
      expect(said(pulumi("stack", "init", "dev"))).not.toContain("error");
      expect(pulumi("config", "set", "--secret", "dbPassword", password, "-s", "dev").status).toBe(0);
      expect(pulumi("config", "set", "aws:region", "eu-west-1", "-s", "dev").status).toBe(0);
      const previewed = pulumi("preview", "-s", "dev", "--policy-pack", join(root, "policies"));
      expect(said(previewed)).toContain("pool-floor");
      expect(previewed.status).not.toBe(0);

      const onEngine = JSON.parse(readFileSync(join(project, "report.json"), "utf8")) as Report;
      const text = readFileSync(join(project, "plan.json"), "utf8");
      expect(text).not.toContain(password);
      const judged = poolproof(project, "check", "dev", "--plan", "plan.json", "--format", "json");
      expect(judged.stderr).toBe("");
      expect(withoutPlaces(JSON.parse(judged.stdout))).toEqual(onEngine);
      expect(judged.status).toBe(1);

      expect(poolproof(project, "init", "--plan", "plan.json").status).toBe(0);
      expect(
        poolproof(project, "check", "--plan", "plan.json", "--policy-config", "poolproof.json").status,
      ).toBe(0);
      expect(poolproof(project, "explain", "--plan", "plan.json").stdout).toContain("api");
      // What the tests without an engine read.
      if (process.env.UPDATE_PLANS) cpSync(join(project, "plan.json"), join(source, "plan.json"));
      expect(text).toBe(readFileSync(join(source, "plan.json"), "utf8"));
    });
  },
);

/** A policy configuration that lets everything be deployed, so that there is a rejected state to look at. */
const LENIENT = '{ "all": "advisory" }';

describe.skipIf(skipReason)(title("a deployed stack is judged as its preview was"), () => {
  const stateDir = temporaryFolder();
  const env = embeddedEnvironment({ stateDir, engine });

  function pulumi(args: readonly string[], extra: NodeJS.ProcessEnv = {}) {
    return spawnSync(engine.pulumi, [...args], { cwd: root, env: { ...env, ...extra }, encoding: "utf8" });
  }

  /** Deploys a stack, whatever the policies say. */
  async function deploy(stack: string, change: Record<string, string | number>) {
    const lenient = join(temporaryFolder(), "lenient.json");
    writeFileSync(lenient, LENIENT);
    const file = changedStackFile(stack, change);
    const given = ["--policy-pack-config", lenient];
    expect((await runPulumi({ command: "up", stack, file, stateDir, engine, flags: given })).code).toBe(0);
  }

  function exported(stack: string, ...flags: string[]) {
    const state = join(temporaryFolder(), `${stack}.json`);
    expect(pulumi(["stack", "export", "--stack", stack, "--file", state, ...flags]).status).toBe(0);
    return state;
  }

  function analyze(stack: string, state: string): { code: number | null; report: Report } {
    const bin = join(root, "policies", "bin", "poolproof.js");
    const config = ["--policy-config", policyConfigOf(root, stack)];
    const args = [bin, "analyze", "--state", state, "--format", "json", ...config];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return { code: status, report: JSON.parse(stdout) };
  }

  /** The same state, judged by the pack inside `pulumi policy analyze`. */
  function policyAnalyze(stack: string, state: string) {
    const file = join(temporaryFolder(), "report.json");
    const config = ["--policy-pack", "policies", "--policy-pack-config", policyConfigOf(root, stack)];
    const { status, stderr } = pulumi(["policy", "analyze", "--file", state, "--json", ...config], {
      POOLPROOF_REPORT: file,
    });
    if (!existsSync(file)) throw new Error(`the pack left no report: ${stderr}`);
    return { code: status, report: JSON.parse(readFileSync(file, "utf8")) as Report };
  }

  it("accepts what check accepts, with the same report from all three", async () => {
    await deploy("dev", {});
    const state = exported("dev");
    const own = analyze("dev", state);
    expect(own.code).toBe(0);
    expect(own.report).toEqual(check("dev").report);
    const inEngine = policyAnalyze("dev", state);
    expect(inEngine.report).toEqual(own.report);
    expect(inEngine.code).toBe(0);
  });

  it("rejects a starved pool that is deployed, secrets in clear or not", async () => {
    await deploy("dev", { "auth:poolMax": 1 });
    for (const flags of [[], ["--show-secrets"]]) {
      const state = exported("dev", ...flags);
      const own = analyze("dev", state);
      expect(own.code).toBe(1);
      expect(own.report.violations.map(({ rule }) => rule)).toContain("pool-floor");
      const inEngine = policyAnalyze("dev", state);
      expect(inEngine.report).toEqual(own.report);
      expect(inEngine.code).not.toBe(0);
    }
  });
});
