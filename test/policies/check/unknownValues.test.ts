import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UndecryptedConfig } from "../../../policies/check/undecrypted";
import { onlyEmbeds } from "../../../policies/check/unknownValues";
import { InputError } from "../../../policies/kit/errors";
import { UNKNOWN } from "../../../policies/plan/plan";
import { fromWire } from "../../../policies/plan/wire";
import type { Report } from "../../../policies/reports/report";
import { installedCommand } from "../command";

const tag = (_: TemplateStringsArray, ...values: readonly unknown[]): unknown => values[0];

describe("a callback that only embeds its argument", () => {
  it.each<[string, (value: never) => unknown]>([
    ["a template", (host) => `postgres://app@${host}:5432/app?x=${host}`],
    ["a concatenation", (host) => `a${host}b`],
    ["JSON", ([host, port]: unknown[]) => JSON.stringify([{ name: "HOST", value: host, port: `${port}` }])],
    ["texts that hold signs of code", (host) => `if [ -f "${host}" ]; then echo 'a' && b; fi`],
    ["a list that is mapped", (env) => Object.entries(env).map(([name, value]) => ({ name, value }))],
  ])("is %s", (_, callback) => {
    expect(onlyEmbeds(callback)).toBe(true);
  });

  it.each<[string, (value: never) => unknown]>([
    ["a condition", (host) => (host === "a" ? "1" : "2")],
    ["a default", (host) => host ?? "x"],
    ["a logical operator", (host) => host && "x"],
    ["arithmetic", (n) => n * 2],
    ["a call of something else", (host) => parseInt(host, 10)],
    ["a method that takes apart", (host: never) => (host as string).split(":")],
    ["a call of a call", (host) => ((x: unknown) => x)(host)],
    ["a tagged template", (host) => tag`${host}`],
    ["a new resource", (host) => new Map([["x", host]])],
    [
      "a statement",
      (host) => {
        if (host) return 1;
        return 2;
      },
    ],
    ["a built-in function", String.prototype.trim],
  ])("is not %s", (_, callback) => {
    expect(onlyEmbeds(callback)).toBe(false);
  });
});

describe("check of a program with values that only the cloud knows", () => {
  const { folder, run } = installedCommand();

  /** The report on a program, and what `check` noted about it. */
  async function check(
    program: string,
  ): Promise<{ readonly report: Report | undefined; readonly stderr: string }> {
    const cwd = folder({
      "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
      "index.js": `${SETTING_UP}\n${program}`,
    });
    const { stdout, stderr } = await run(["check", "dev", "--format", "json"], { cwd });
    return { report: stdout === "" ? undefined : (JSON.parse(stdout) as Report), stderr };
  }

  const SETTING_UP = `
const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const db = new aws.rds.Instance("db", { engine: "postgres", engineVersion: "17", instanceClass: "db.m7g.large" });
const tags = { "poolproof:peak-requests-per-second": "400", "poolproof:db-hold-ms": "90", "poolproof:database": "db" };
const service = (containerDefinitions) => {
  const task = new aws.ecs.TaskDefinition("api", { family: "api", containerDefinitions });
  new aws.ecs.Service("api", { desiredCount: 4, taskDefinition: task.arn, tags });
};
const container = (host, pool) => [{ name: "api", image: "api", environment: [
  { name: "DB_HOST", value: host }, { name: "DB_POOL_MAX", value: pool },
] }];
`;
  const poolOf = (report: Report | undefined): number | null | undefined =>
    report?.budgets.flatMap(({ clients }) => clients).find(({ poolMax }) => poolMax !== undefined)?.poolMax;

  it.each([
    ["jsonStringify", 'service(pulumi.jsonStringify(container(db.address, "3")));'],
    ["concat", 'service(pulumi.jsonStringify(container(pulumi.concat(db.address, ":5432"), "3")));'],
    [
      "apply over all",
      `service(pulumi.all([db.address, db.port]).apply(([host, port]) => JSON.stringify([{ name: "api", image: "api",
        environment: [{ name: "DB_HOST", value: host + ":" + port }, { name: "DB_POOL_MAX", value: "3" }] }])));`,
    ],
    [
      "an awsx component",
      `new pulumi.ComponentResource("awsx:ecs:FargateService", "api", { desiredCount: 4, tags,
        taskDefinitionArgs: { container: container(db.address, "3")[0] } }, {}, true);`,
    ],
    [
      "an awsx task definition",
      `class Task extends pulumi.ComponentResource {
        constructor() { super("awsx:ecs:FargateTaskDefinition", "api", { containers: { api: container(db.address, "3")[0] }, taskDefinition: undefined }, {}, true); }
      }
      const task = new Task();
      new aws.ecs.Service("api", { desiredCount: 4, taskDefinition: task.taskDefinition.arn, tags });`,
    ],
  ])("reads a pool beside an unknown address in %s", async (_, program) => {
    const { report } = await check(program);
    expect(poolOf(report)).toBe(3);
    expect(report?.violations).toContainEqual(expect.objectContaining({ rule: "pool-floor", observed: 3 }));
  });

  it.each([
    [
      "branches on it",
      `service(db.address.apply((host) => JSON.stringify(container(host, host === "x" ? "3" : "30"))));`,
    ],
    [
      "parses it",
      "service(db.address.apply((host) => JSON.stringify(container(host, host.split('.')[0]))));",
    ],
    [
      "computes with text made from it",
      `service(pulumi.interpolate\`\${db.address}\`.apply((url) => JSON.stringify(container("h", url.length > 9 ? "3" : "30"))));`,
    ],
    ["is the pool's size", 'service(pulumi.jsonStringify(container("h", pulumi.concat(db.port))));'],
    [
      "is copied into an environment",
      `service(db.tags.apply((env) => JSON.stringify([{ name: "api", image: "api", environment: Object.entries(env).map(([name, value]) => ({ name, value })) }])));`,
    ],
  ])("is undecided where a program %s", async (_, program) => {
    const { report } = await check(program);
    expect(poolOf(report)).toBeNull();
    expect(report?.undecided).toContainEqual(expect.objectContaining({ rule: "pool-floor" }));
  });

  it.each<[string, string, string, number | null]>([
    [
      "a parameter behind an unknown address",
      "prisma-6",
      `pulumi.interpolate\`postgres://app@\${db.endpoint}/shop?connection_limit=3&pool_timeout=2\``,
      3,
    ],
    [
      "a key of a connection string with an unknown host",
      "npgsql",
      'pulumi.concat("Host=", db.address, ";Database=shop;Maximum Pool Size=3")',
      3,
    ],
    [
      "no parameter behind an unknown address",
      "npgsql",
      'pulumi.concat("Host=", db.address, ";Database=shop")',
      100,
    ],
    [
      "a parameter that is unknown itself",
      "prisma-6",
      `pulumi.interpolate\`postgres://app@h/shop?connection_limit=\${db.port}\``,
      null,
    ],
    [
      "an unknown URL with a parameter appended",
      "prisma-6",
      `pulumi.interpolate\`\${db.endpoint}?connection_limit=3\``,
      null,
    ],
    [
      "an unknown parameter, which may be this one",
      "prisma-6",
      `pulumi.interpolate\`postgres://app@h/shop?\${db.dbName}&x=1\``,
      null,
    ],
    [
      "a connection string that ends with something unknown",
      "npgsql",
      'pulumi.concat("Host=h;Database=shop;", db.address)',
      null,
    ],
  ])("reads a pool in the known part of a URL: %s", async (_, library, url, size) => {
    const variable = library === "npgsql" ? "ConnectionStrings__Default" : "DATABASE_URL";
    const container = `{ name: "api", image: "api", environment: [{ name: "${variable}", value: ${url} }] }`;
    const tagged = `tags["poolproof:pool-library"] = "${library}";`;
    const ofService = await check(`${tagged} service(pulumi.jsonStringify([${container}]));`);
    const ofFunction =
      await check(`${tagged} new aws.lambda.Function("api", { role: "arn:aws:iam::123456789012:role/r",
      tags, reservedConcurrentExecutions: 4, environment: { variables: { ${variable}: ${url} } } });`);
    expect([poolOf(ofService.report), poolOf(ofFunction.report)]).toEqual([size, size]);
  });

  it.each([
    ["a variable of its own", "env: [{ name: 'DATABASE_URL', value: url }]"],
    ["a Secret", "envFrom: [{ secretRef: { name: 's' } }]"],
    [
      "a key of a Secret",
      "env: [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 's', key: 'URL' } } }]",
    ],
  ])("reads a pool in the known part of a URL that a Kubernetes workload takes from %s", async (_, environment) => {
    const { report } = await check(`
      const url = pulumi.interpolate\`postgres://app@\${db.endpoint}/shop?connection_limit=3\`;
      const make = (type, name, args) => new (class extends pulumi.CustomResource {
        constructor() { super("kubernetes:" + type, name, args); }
      })();
      make("core/v1:Secret", "s", { metadata: { name: "s" }, stringData: pulumi.secret({ DATABASE_URL: url, URL: url }) });
      make("apps/v1:Deployment", "api", {
        metadata: { annotations: { "poolproof/pool-library": "prisma-6" } },
        spec: { template: { spec: { containers: [{ name: "api", image: "api", ${environment} }] } } },
      });`);
    expect(poolOf(report)).toBe(3);
    expect(JSON.stringify(report)).not.toContain("postgres://");
  });

  it("takes the answers of look-ups as unknown, in both forms, and says once which they are", async () => {
    const { report, stderr } = await check(`module.exports = (async () => {
      const vpc = await aws.ec2.getVpc({ default: true });
      const { ids } = await aws.ec2.getSubnets({ filters: [{ name: "vpc-id", values: [vpc.id] }] });
      for (const id of ids) new aws.ec2.SecurityGroup(\`of-\${id}\`, { vpcId: vpc.id, description: \`for \${id}\` });
      const image = aws.ec2.getAmiOutput({ owners: ["amazon"] });
      new aws.ec2.Instance("bastion", { ami: image.id, instanceType: "t4g.nano", subnetId: ids[0], tags: { Vpc: \`\${vpc.id}\` } });
      service(pulumi.jsonStringify(container(db.address, "3")));
    })();`);
    expect(poolOf(report)).toBe(3);
    expect(stderr.match(/^note: not looked up in the cloud.*$/gm)).toHaveLength(1);
    expect(stderr).toContain("aws:ec2/getAmi:getAmi, aws:ec2/getVpc:getVpc.");
  });

  it.each([
    ["its field", 'desiredCount: aws.ssm.getParameterOutput({ name: "n" }).value.apply(Number)'],
    ["its field in a resource", 'desiredCount: aws.ssm.getParameterOutput({ name: "n" }).value'],
    [
      "its field in a text",
      `desiredCount: aws.ssm.getParameterOutput({ name: "n" }).apply((p) => \`\${p.value}\`)`,
    ],
    [
      "another in one list",
      `desiredCount: pulumi.all([db.address, aws.ssm.getParameterOutput({ name: "n" })]).apply(([a, p]) => \`\${p.value}\`)`,
    ],
  ])("takes an answer in output form as unknown and never as unset, by %s", async (_, count) => {
    const { report } = await check(`
      const task = new aws.ecs.TaskDefinition("api", { family: "api", containerDefinitions: JSON.stringify(container("h", "3")) });
      new aws.ecs.Service("api", { ${count}, taskDefinition: task.arn, tags });`);
    const [client] = report?.budgets.flatMap(({ clients }) => clients) ?? [];
    expect([client?.poolMax, client?.tasksAtPeak]).toEqual([3, null]);
    expect(report?.undecided).toContainEqual(
      expect.objectContaining({
        rule: "connection-budget",
        reason: expect.stringContaining("not known before"),
      }),
    );
  });

  it("never takes a look-up's answer for a pool's size", async () => {
    const { report } = await check(`module.exports = (async () => {
      const { value } = await aws.ssm.getParameter({ name: "pool" });
      service(JSON.stringify(container("h", \`\${value}\`)));
    })();`);
    expect(poolOf(report)).toBeNull();
  });

  describe("given answers to its look-ups", () => {
    const COMPUTES = `module.exports = (async () => {
      const { secretString } = await aws.secretsmanager.getSecretVersion({ secretId: "app" });
      const { poolMax } = JSON.parse(secretString);
      const zone = aws.route53.getZoneOutput({ name: "example.com" });
      service(JSON.stringify(container("h", String(poolMax))));
      new aws.route53.Record("db", { zoneId: zone.zoneId, name: zone.name, type: "A", records: ["10.0.0.1"] });
    })();`;
    const token = "aws:secretsmanager/getSecretVersion:getSecretVersion";
    const inProject = (answers?: unknown) =>
      folder({
        "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
        "index.js": `${SETTING_UP}\n${COMPUTES}`,
        ...(answers === undefined ? {} : { "answers.json": JSON.stringify(answers) }),
      });
    const file = (...answers: readonly object[]) => ({ poolproofAnswers: 1, answers });
    const check = (cwd: string) =>
      run(["check", "dev", "--format", "json", "--answers", "answers.json"], { cwd });

    it("says which look-up a program fails on, and how to answer it", async () => {
      const { code, stderr } = await run(["check", "dev"], { cwd: inProject() });
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^error: the program failed: .*looks up aws:secretsmanager\/getSecretVersion:getSecretVersion \{"secretId":"app"\}, .*`poolproof answers --output answers\.json`/m,
      );
    });

    it("begins such a file with what the program asked and read", async () => {
      const { code, stdout, stderr } = await run(["answers", "dev"], { cwd: inProject() });
      expect([code, JSON.parse(stdout)]).toEqual([
        0,
        file({ token, args: { secretId: "app" }, result: { secretString: null } }),
      ]);
      expect(stderr).toContain("note: the program failed");
    });

    it("judges the program that computes with them, and keeps what they leave out unknown", async () => {
      const zone = "aws:route53/getZone:getZone";
      const cwd = inProject(
        file(
          { token, args: { secretId: "app" }, result: { secretString: '{"poolMax":3}' } },
          { token: zone, result: { zoneId: "Z1" } },
        ),
      );
      const { stdout, stderr } = await check(cwd);
      expect(poolOf(JSON.parse(stdout) as Report)).toBe(3);
      expect(stderr).toBe("");
    });

    it("warns of an answer that matches no look-up, and stays without it", async () => {
      const cwd = inProject(file({ token, args: { secretId: "other" }, result: { secretString: "{}" } }));
      const { code, stderr } = await check(cwd);
      expect(code).toBe(2);
      expect(stderr).toContain("looks up");
      const answered = inProject(
        file(
          { token, result: { secretString: '{"poolMax":3}' } },
          { token: "aws:ec2/getAmi:getAmi", args: { owners: ["x"] }, result: { id: "ami-1" } },
        ),
      );
      expect((await check(answered)).stderr).toMatch(
        /^note: --answers: no look-up of the program is aws:ec2\/getAmi:getAmi \{"owners":\["x"\]\}: .*$/m,
      );
    });

    it.each<[string, unknown]>([
      ["of another form", { answers: [] }],
      ["with half an answer", file({ token: "hunter2" })],
    ])("refuses a file %s in one line", async (_, answers) => {
      const { code, stderr } = await check(inProject(answers));
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/^error: --answers: answers\.json [^\n]*\n$/),
      ]);
      expect(stderr).not.toContain("hunter2");
    });
  });

  it("judges the rest of a program whose component it cannot run, and names the component", async () => {
    const { report, stderr } = await check(`
      class Network extends pulumi.ComponentResource {
        constructor() { super("awsx:ec2:Vpc", "net", { vpcId: undefined }, {}, true); }
      }
      new aws.ec2.SecurityGroup("sg", { vpcId: new Network().vpcId });
      service(pulumi.jsonStringify(container(db.address, "3")));`);
    expect(poolOf(report)).toBe(3);
    expect(stderr).toContain("net (awsx:ec2:Vpc)");
  });

  it("takes a component that depends on a database for a client that was not examined", async () => {
    const { report } = await check(
      'new pulumi.ComponentResource("acme:app:Service", "app", { host: db.address }, {}, true);',
    );
    expect(report?.violations).toContainEqual(
      expect.objectContaining({ rule: "coverage", resource: expect.stringMatching(/::app$/) }),
    );
  });
});

const MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const VALUES = {
  "shop:key": MARKER,
  "shop:database": `{"host":"db","port":"${MARKER}","users":[{"password":"${MARKER}"}]}`,
  "shop:known": "4",
};

let undecrypted: UndecryptedConfig;
let restore: () => void;
const config = new pulumi.Config("shop");

beforeEach(() => {
  // A preview, in which what is unknown is not computed with.
  pulumi.runtime.setMockOptions({}, "shop", "dev", true);
  pulumi.runtime.setAllConfig(VALUES, ["shop:key", "shop:database"]);
  undecrypted = new UndecryptedConfig({ values: VALUES, secretKeys: [], notes: [] });
  restore = undecrypted.install(pulumi);
});

afterEach(() => restore());

/** A value as it is in the plan when a resource is given it. */
async function planned(value: unknown): Promise<unknown> {
  const wire = await pulumi.runtime.serializeProperties("resource", { value });
  return fromWire(wire.value);
}

const KINDS = ["", "Boolean", "Number", "Object"];
const READERS = ["get", "require"].flatMap((verb) =>
  ["", "Secret"].flatMap((secret) => KINDS.map((kind) => `${verb}${secret}${kind}`)),
);

const read = (reader: string, key = "key"): unknown =>
  (config as unknown as { [reader: string]: (key: string) => unknown })[reader]?.(key);

describe("a config key that cannot be decrypted", () => {
  it.each(READERS)("is unknown in the plan, read by %s", async (reader) => {
    const value = read(reader);
    expect(await planned(value)).toBe(UNKNOWN);
    expect(await planned({ nested: [value] })).toEqual({ nested: [UNKNOWN] });
    expect(await planned(pulumi.all([value, "x"]).apply(([first]) => first))).toBe(UNKNOWN);
    expect(await planned(pulumi.interpolate`postgres://${value as pulumi.Input<string>}@db`)).toBe(UNKNOWN);
    expect(await planned(pulumi.jsonStringify({ value }))).toBe(UNKNOWN);
    expect(undecrypted.problem).toBeUndefined();
  });

  it.each(
    READERS.filter((reader) => reader.includes("Secret")),
  )("is not computed with, read by %s", async (reader) => {
    const computed = (read(reader) as pulumi.Output<unknown>).apply(() => "computed");
    expect(await planned(computed)).toBe(UNKNOWN);
  });

  it.each(
    READERS.filter((reader) => !reader.includes("Secret")),
  )("makes text unknown that is made from it, read by %s", async (reader) => {
    const value = read(reader);
    expect(await planned(`size=${value}`)).toBe(UNKNOWN);
    expect(await planned(JSON.stringify({ environment: [{ name: "DB_POOL_MAX", value }] }))).toBe(UNKNOWN);
  });

  it.each([
    ["a sum", (size: number) => size + 1],
    ["a product", (size: number) => size * 2],
    ["a comparison", (size: number) => size > 3],
    ["its negative", (size: number) => -size],
    ["the larger of two", (size: number) => Math.max(size, 1)],
    ["a count of items", (length: number) => Array.from({ length })],
    ["a whole number of it", (size: number) => Number.parseInt(String(size), 10)],
    ["a number of it", (size: number) => Number.parseFloat(size as unknown as string)],
  ])("stops a program that makes of a number %s", (_what, compute) => {
    expect(() => compute(config.requireNumber("key"))).toThrow(InputError);
    expect(() => compute(config.getNumber("key") ?? 0)).toThrow(InputError);
    // Even one that goes on after the error.
    expect(undecrypted.problem).toMatch(/shop:key, a secret .*`--config shop:key=NUMBER`/);
  });

  it.each([
    ["Number", (text: string) => Number(text)],
    ["parseInt", (text: string) => parseInt(text, 10)],
    ["parseFloat", (text: string) => parseFloat(text)],
    ["Number.parseInt", (text: string) => Number.parseInt(text, 10)],
  ])("stops a program that reads it as a text and a number from it, by %s", (_name, parse) => {
    expect(() => parse(config.require("key"))).toThrow(/shop:key, a secret .*`--config shop:key=NUMBER`/);
    expect(parse(config.require("known"))).toBe(4);
  });

  it("stops a program that counts or lists what is in an object", () => {
    const zones = config.requireObject<string[]>("key");
    expect(() => zones.length > 2).toThrow(InputError);
    expect(() => [...zones]).toThrow(InputError);
    expect(() => ({ ...zones })).toThrow(InputError);
    expect(() => Object.keys(zones)).toThrow(InputError);
  });

  it("is left out of what the program exports", () => {
    const size = config.requireNumber("key");
    const exported = {
      size,
      isOpen: config.requireBoolean("key"),
      list: config.requireObject("key"),
      zone: "a",
    };
    expect(undecrypted.exported(exported)).toEqual({ zone: "a" });
    expect(undecrypted.problem).toBeUndefined();
  });

  it("notices that a boolean decided something, which nothing can stop", async () => {
    const isOpen = config.requireBoolean("key");
    expect(undecrypted.problem).toMatch(/decides by shop:key, a secret .*`--config shop:key=true`/);
    await planned(isOpen);
    expect(undecrypted.problem).toBeUndefined();
  });

  it("takes any text there may be one rule for", () => {
    expect(config.require("key", { allowedValues: ["a", "b"] })).toBe(MARKER);
    expect(config.require("key", { pattern: /^x$/, maxLength: 3 })).toBe(MARKER);
    expect(() => config.requireNumber("key", { min: 1, max: 3 })).not.toThrow();
  });

  it("is unknown in the parts of an object that are secret", async () => {
    interface Database {
      host: string;
      port: number;
      users: { password: string }[];
    }
    const database = config.requireObject<Database>("database");
    const expected = { host: "db", port: UNKNOWN, users: [{ password: UNKNOWN }] };
    expect(await planned(database)).toEqual(expected);
    expect(await planned(config.requireSecretObject("database").apply(() => "computed"))).toBe(UNKNOWN);
    expect(await planned(config.requireSecretObject<Database>("database").host)).toBe("db");
    expect(await planned(`postgres://${database.users[0]?.password}@${database.host}`)).toBe(UNKNOWN);
    expect(await planned(["postgres://", database.users[0]?.password].join(""))).toBe(UNKNOWN);
    expect(() => database.port * 2).toThrow(/shop:database/);
    expect(await planned(config.get("database"))).toBe(UNKNOWN);
  });

  it("leaves every other key, and afterwards the SDK and the numbers, as they were", () => {
    expect(config.requireNumber("known")).toBe(4);
    expect(config.getBoolean("unset")).toBeUndefined();
    expect(() => config.requireObject("unset")).toThrow(/Missing required configuration variable/);
    restore();
    expect(config.requireNumber("key")).toBe(4);
    expect(Number(MARKER)).toBeNaN();
    expect(Number.parseInt).toBe(parseInt);
    expect(parseInt(MARKER, 10)).toBe(4);
  });
});
