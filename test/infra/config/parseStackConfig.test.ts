import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { isFargateSize, nearestFargateSize, parseStackConfig } from "../../../infra/config/parseStackConfig";
import { formatProblems } from "../../../infra/config/problems";
import { NAMESPACE, type Setting, settings } from "../../../infra/config/settings";
import { ROOT, stackConfig } from "../plannedProgram";

function problems(change: { readonly [key: string]: unknown }, remove: readonly string[] = []) {
  const raw: { [key: string]: unknown } = { ...stackConfig("prod"), ...change };
  for (const key of remove) delete raw[key];
  const result = parseStackConfig(raw, "prod");
  return result.ok ? [] : result.problems;
}

function accepted(change: { readonly [key: string]: unknown }) {
  const result = parseStackConfig({ ...stackConfig("prod"), ...change }, "prod");
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config;
}

describe("a value of the wrong type is refused with the command that fixes it", () => {
  it.each([
    ["poolMax", "ten", '"ten" is not an integer (connections)'],
    ["poolMax", "", '"" is not an integer (connections)'],
    ["poolMax", "0x10", '"0x10" is not an integer (connections)'],
    ["poolMax", "NaN", '"NaN" is not an integer (connections)'],
    ["poolMax", Number.NaN, "NaN is not an integer (connections)"],
    ["poolMax", Number.POSITIVE_INFINITY, "Infinity is not an integer (connections)"],
    ["poolMax", "3.5", '"3.5" is not an integer (connections)'],
    ["poolMax", null, "null is not an integer (connections)"],
    ["poolMax", true, "true is not an integer (connections)"],
    ["poolMax", { max: 3 }, '{"max":3} is not an integer (connections)'],
    ["poolMax", "1e400", '"1e400" is not an integer (connections)'],
    ["dbHoldMs", "90 ms", '"90 ms" is not a number (ms)'],
    ["connection", "pgbouncer", '"pgbouncer" is not one of direct, proxy'],
    ["environment", "production", '"production" is not one of dev, prod'],
    ["zones", "4", "4 is outside 2 to 3 zones"],
    ["logRetentionDays", "31", "31 is not one of 1, 3, 5"],
    ["image", "auth", '"auth" is not an image reference with a tag or a digest'],
    ["engineVersion", "9.6", '"9.6" is not a PostgreSQL version from 16 to 18'],
    ["vpcCidr", "10.0.0.0/8", '"10.0.0.0/8" is not an IPv4 block of /16 to /24'],
    ["certificateArn", "arn:aws:iam::1:role/x", "is not the ARN of an ACM certificate"],
    ["alarmSubscriptions", "oncall@example.com", '"oncall@example.com" is not a list'],
    ["alarmSubscriptions", '["oncall"]', '"oncall" is not an e-mail or https:// address'],
    ["alarmSubscriptions", ["http://example.com/hook"], "is not an e-mail or https:// address"],
  ])("%s: %j", (name, value, message) => {
    const found = problems({ [`auth:${name}`]: value });
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain(message);
    expect(found[0]?.at).toBe(`auth:${name}`);
    expect(found[0]?.fix).toMatch(new RegExp(`^pulumi config set (--path ')?auth:${name}`));
    expect(found[0]?.fix).toMatch(/ --stack prod$/);
  });
});

describe("an unsafe value that can be read goes through, for the policies to reject", () => {
  it.each([
    ["poolMax", "0", 0],
    ["poolMax", "-1", -1],
    ["poolMax", "1e9", 1_000_000_000],
    ["poolMax", "1e+09", 1_000_000_000],
    ["poolMax", 3, 3],
    ["acquireTimeoutMs", "0", 0],
    ["peakRequestsPerSecond", "-5", -5],
    ["dbHoldMs", "0.5", 0.5],
    ["maxConnections", "LEAST({DBInstanceClassMemory/0", "LEAST({DBInstanceClassMemory/0"],
    ["maxConnections", 400, "400"],
    ["instanceClass", "db.imaginary.large", "db.imaginary.large"],
  ] as const)("%s: %j is read as %j", (name, value, read) => {
    expect(accepted({ [`auth:${name}`]: value })[name]).toBe(read);
  });
});

describe("facts between settings", () => {
  it.each([
    [{ "auth:minTasks": "20" }, "maxTasks is 18, below minTasks 20"],
    [{ "auth:tasksAtPeak": "11" }, "tasksAtPeak is 11, but the service runs 12 to 18 tasks"],
    [{ "auth:tasksAtPeak": "19" }, "tasksAtPeak is 19, but the service runs 12 to 18 tasks"],
    [{ "auth:maximumPercent": "100" }, "maximumPercent is 100 and minimumHealthyPercent 100"],
    [{ "auth:certificateArn": "" }, "certificateArn is missing: outside dev"],
    [{ "auth:taskMemoryMib": "1024" }, "Fargate has no task of 2048 CPU units with 1024 MiB"],
    [{ "auth:maxStorageGib": "100" }, "maxStorageGib is 100, below storageGib 200"],
    [{ "auth:alarms": "disabled" }, "alarms are disabled without a reason"],
    [
      { "auth:egress": "endpoints", "auth:image": "ghcr.io/example/auth:1.0.0" },
      "the image ghcr.io/example/auth:1.0.0 is not in ECR: no task could pull it",
    ],
  ])("%j", (change, message) => {
    const found = problems(change);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain(message);
  });

  it("the fix of a fact between settings does fix it", () => {
    for (const change of [
      { "auth:minTasks": "20", "auth:tasksAtPeak": "20" },
      { "auth:taskMemoryMib": "1024" },
      { "auth:maximumPercent": "100" },
      { "auth:maxStorageGib": "100" },
      { "auth:alarms": "disabled" },
      { "auth:egress": "endpoints", "auth:image": "ghcr.io/example/auth:1.0.0" },
    ]) {
      const [problem] = problems(change);
      const [, key = "", value = ""] =
        /^pulumi config set (\S+) (?:'([^']*)'|\S+)/.exec(problem?.fix ?? "") ?? [];
      const plain = / (\S+) --stack/.exec(problem?.fix ?? "")?.[1] ?? "";
      expect(problems({ ...change, [key]: value || plain })).toEqual([]);
    }
  });

  it("endpoints with an image in ECR, and any image beside NAT, are fine", () => {
    expect(problems({ "auth:egress": "endpoints" })).toEqual([]);
    expect(problems({ "auth:image": "ghcr.io/example/auth:1.0.0" })).toEqual([]);
  });

  it("dev may listen on plain HTTP, and says so as a choice of its own", () => {
    const config = accepted({ "auth:environment": "dev", "auth:certificateArn": "" });
    expect(config.listening).toEqual({ kind: "http" });
    expect(config.production).toBe(false);
  });
});

describe("what a person gets to read", () => {
  it("is every problem at once, each with its place and its command", () => {
    const found = problems({ "auth:poolMax": "ten", "auth:minTasks": "20", "auth:dbHoldMS": "5" }, [
      "auth:instanceClass",
      "aws:region",
    ]);
    expect(formatProblems(found)).toBe(
      [
        "✖ dbHoldMS is not a setting of this project; did you mean dbHoldMs?",
        "  → at auth:dbHoldMS; fix it with: pulumi config rm auth:dbHoldMS --stack prod && pulumi config set auth:dbHoldMs 5 --stack prod",
        '✖ poolMax: "ten" is not an integer (connections)',
        "  → at auth:poolMax; fix it with: pulumi config set auth:poolMax 12 --stack prod",
        "✖ instanceClass is missing. Class of the database instance.",
        "  → at auth:instanceClass; fix it with: pulumi config set auth:instanceClass db.m7g.large --stack prod",
        "✖ maxTasks is 18, below minTasks 20: autoscaling has no range",
        "  → at auth:maxTasks; fix it with: pulumi config set auth:maxTasks 20 --stack prod",
        "✖ aws:region is missing: the stack would be deployed to the region of the current shell",
        "  → at aws:region; fix it with: pulumi config set aws:region eu-west-1 --stack prod",
      ].join("\n"),
    );
  });

  it("takes a key without a namespace as the project's own, as Pulumi does", () => {
    expect(problems({ poolMax: "many" })[0]).toMatchObject({ at: "auth:poolMax" });
    expect(problems({ poolmax: 3 })[0]?.message).toContain("did you mean poolMax?");
  });

  it("names a key that belongs to nobody", () => {
    expect(problems({ "auth:favouriteColour": "blue" })[0]).toMatchObject({
      message: "favouriteColour is not a setting of this project",
      fix: "pulumi config rm auth:favouriteColour --stack prod",
    });
  });

  it("does not print the value of a setting stored as a secret", () => {
    const [problem] = problems({ "auth:poolMax": { secure: "v1:abcdefgh" } });
    expect(problem?.message).toContain("stored as a secret");
    expect(JSON.stringify(problem)).not.toContain("abcdefgh");
  });

  it("leaves the settings of providers and of Pulumi alone", () => {
    expect(problems({ "aws:defaultTags": { tags: {} }, "pulumi:disable-default-providers": [] })).toEqual([]);
  });
});

const table: readonly (readonly [string, Setting<unknown>])[] = Object.entries(settings);

it.each(table)("%s: its own example and default can be read", (_name, {
  schema,
  example,
  default: fallback,
}) => {
  expect(schema.safeParse(example).error).toBeUndefined();
  if (fallback !== undefined) expect(schema.parse(fallback)).toEqual(fallback);
});

it("the settings are those of the project that Pulumi.yaml names", () => {
  expect(parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"))).toMatchObject({ name: NAMESPACE });
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-files-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(...path: readonly string[]) {
  const ended = spawnSync(process.execPath, [join(ROOT, "infra", "config", "checkStackFile.js"), ...path], {
    encoding: "utf8",
    cwd: ROOT,
  });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("node infra/config/checkStackFile.js", () => {
  it.each(readdirSync(join(ROOT, "stacks")))("accepts stacks/%s and says nothing", (name) => {
    expect(check(join("stacks", name))).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("tells every problem of a file in one go, and exits 2", () => {
    const dev = readFileSync(join(ROOT, "stacks", "Pulumi.dev.yaml"), "utf8");
    const broken = dev.replace('poolMax: "6"', "poolMax: ten").replace('zones: "2"', 'zones: "9"');
    const { code, stdout, stderr } = check(file("Pulumi.broken.yaml", broken));
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain('✖ poolMax: "ten" is not an integer (connections)');
    expect(stderr).toContain("pulumi config set auth:poolMax 12 --stack broken");
    expect(stderr).toContain("✖ zones: 9 is outside 2 to 3 zones");
  });

  it.each([
    ["a file that is not there", () => join(folder, "Pulumi.nowhere.yaml"), "does not exist"],
    ["a folder", () => folder, "cannot be read"],
    ["a file that is not YAML", () => file("Pulumi.torn.yaml", "config: ["), "is not YAML"],
    ["a file that is a list", () => file("Pulumi.list.yaml", "- 1"), "has no `config:` block"],
    ["settings that are no mapping", () => file("Pulumi.word.yaml", "config: ten"), "has no `config:` block"],
  ])("says in one line what is wrong with %s, and exits 2", (_what, path, message) => {
    const { code, stderr } = check(path());
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("says how it is called", () => {
    expect(check()).toMatchObject({ code: 2, stderr: expect.stringContaining("usage:") });
  });
});

describe("Fargate task sizes", () => {
  it.each([
    [256, 512, true],
    [256, 1536, false],
    [512, 1024, true],
    [2048, 4096, true],
    [2048, 3072, false],
    [8192, 16_384, true],
    [8192, 18_432, false],
    [16_384, 122_880, true],
    [1000, 2048, false],
  ])("%d CPU units with %d MiB: %s", (cpu, memoryMib, sold) => {
    expect(isFargateSize(cpu, memoryMib)).toBe(sold);
  });

  it.each([
    [2048, 1024, 2048, 4096],
    [256, 4096, 512, 4096],
    [1000, 2048, 1024, 2048],
    [99_999, 1, 16_384, 122_880],
  ])("the nearest to %d with %d MiB is %d with %d", (cpu, memoryMib, nearCpu, nearMemoryMib) => {
    const nearest = nearestFargateSize(cpu, memoryMib);
    expect(nearest).toEqual({ cpu: nearCpu, memoryMib: nearMemoryMib });
    expect(isFargateSize(nearest.cpu, nearest.memoryMib)).toBe(true);
  });
});
