import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { OUTAGE } from "../docs/pictures/safeWindow";
import { everyAlarm, SETTING_ROWS } from "../docs/tables/tables";
import { settings } from "../infra/config/settings";
import { describe as describeAlarm } from "../infra/monitoring/alarmSpec";
import { POLICIES, settingsPolicy } from "../policies/config/policies";
import policyConfigSchema from "../policies/config/policy-config.schema.json";
import { engineLimits } from "../policies/model/engines";
import { POOL_PROFILES } from "../policies/plan/pools/libraries";
import { compared, GENERATED } from "../tools/generate";
import { COMMANDS } from "./policies/command";
import { bannedWordsIn, proseOf } from "./support/bannedWords";

const root = resolve(__dirname, "..");

/** The documents of the repository, those not committed yet included. */
function markdownFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z", "*.md"], { cwd: root });
  return list
    .toString()
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .map((path) => join(root, path));
}

/** The TypeScript files of a room, what is built from them left out. */
function sourcesOf(room: string): string[] {
  return readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/(^|\/)(dist|node_modules)\//.test(path))
    .map((path) => join(root, room, path));
}

/** The anchors that a forge makes of a page's headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#{1,6}\s+(.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[`*_]/g, "")
      .replace(/[^\p{L}\p{N}\s-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

/** What people read; messages that a test renders are no page. */
const pages = markdownFiles().filter((path) => !relative(root, path).startsWith("test"));

describe("the documents", () => {
  it.each(pages.map((path) => [relative(root, path), path]))("%s has no dead link", (_name, path) => {
    const text = readFileSync(path, "utf8");
    const prose = text.replace(/```[\s\S]*?```/g, "");
    const dead = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !/^(https?:|mailto:)/.test(link))
      .filter((link) => {
        const [file = "", anchor] = link.split("#");
        const target = file === "" ? path : resolve(dirname(path), file);
        if (!existsSync(target)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).includes(anchor);
      });
    expect(dead).toEqual([]);
  });

  it("name no path of one machine", () => {
    for (const path of pages) {
      expect(readFileSync(path, "utf8"), relative(root, path)).not.toMatch(/\/(home|root|Users|work)\/\w/);
    }
  });
});

describe("the runbooks", () => {
  const alarms = everyAlarm().map(({ id }) => id);
  const rules = POLICIES.map(({ id }) => id);
  const there = readdirSync(join(root, "docs/runbooks"))
    .map((file) => file.replace(/\.md$/, ""))
    .filter((name) => name !== "README");

  it("are one for each rule and each alarm, and none of nothing", () => {
    // idle-in-transaction is both a rule and a cause: one page, since it is one thing.
    expect([...there].sort()).toEqual([...new Set([...rules, ...alarms])].sort());
  });

  it.each(
    there,
  )("%s says meaning, impact, diagnosis, mitigation and what comes after, in this order", (name) => {
    const text = readFileSync(join(root, "docs/runbooks", `${name}.md`), "utf8");
    const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(["Meaning", "Impact", "Diagnosis", "Mitigation", "After"]);
  });

  it.each(
    everyAlarm().map(({ id, severity }) => [id, severity] as const),
  )("%s, an alarm: has what to paste, what healthy looks like and, where it acts, the way back", (id, severity) => {
    const text = readFileSync(join(root, "docs/runbooks", `${id}.md`), "utf8");
    const [, diagnosis = "", mitigation = ""] = text.split(/^## (?:Diagnosis|Mitigation)$/m);
    expect(diagnosis).toMatch(/^ *```(sh|sql)$|`SELECT |`aws /m);
    expect(diagnosis).toMatch(/healthy/i);
    // What a signal leads to is fixed, and taken back, where the cause is explained.
    if (severity !== "signal") expect(mitigation).toMatch(/to go back|way back|rolls? (itself )?back/i);
  });

  it("are listed in their index", () => {
    const index = readFileSync(join(root, "docs/runbooks/README.md"), "utf8");
    for (const name of there) expect(index).toContain(`(${name}.md)`);
  });

  it("are what the package's page names as well: each policy's link has its heading", () => {
    const anchors = anchorsOf(readFileSync(join(root, "policies/README.md"), "utf8"));
    for (const rule of rules) expect(anchors).toContain(rule);
  });
});

describe("the tables of the documents", () => {
  it.each(
    SETTING_ROWS.map((row) => [row.name, row] as const),
  )("say what the setting %s means", (_name, row) => {
    expect(row.meaning).toMatch(/^[A-Z].+\.$/);
  });

  it("name each environment variable of a Node.js service that its guide explains", () => {
    const guide = readFileSync(join(root, "docs/guides/environment.md"), "utf8");
    const profile = POOL_PROFILES.get("node-postgres");
    const read = Object.values(profile?.settings ?? {}).flatMap(({ variables }) => variables[0]?.name ?? []);
    const explained = [...guide.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    expect([...explained].sort()).toEqual([...read].sort());
  });
});

describe("the page of poolproof's own variables", () => {
  it("names each that the pack and the command read, and no other", () => {
    const page = readFileSync(join(root, "docs/guides/own-variables.md"), "utf8");
    const explained = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    const files = readdirSync(join(root, "policies"), { recursive: true, encoding: "utf8" });
    const code = files
      .filter((file) => /^[^.]+\.ts$/.test(file) && !/^(dist|node_modules)\b/.test(file))
      .map((file) => readFileSync(join(root, "policies", file), "utf8"));
    const read = code.flatMap((text) =>
      [...text.matchAll(/(?:process\.env\.|fileIn\(")(POOLPROOF_\w+|NO_COLOR)/g)].map((match) => match[1]),
    );
    expect([...explained].sort()).toEqual([...new Set(read)].sort());
  });
});

describe("what the documents say of limits", () => {
  it("is the default that the model has for each engine", () => {
    const guide = readFileSync(join(root, "docs/guides/databases.md"), "utf8");
    for (const engine of ["postgres", "mysql", "mariadb"] as const) {
      expect(guide).toContain(`\`${engineLimits(engine).defaultFormula}\``);
    }
  });
});

describe("what the documents tell people to write", () => {
  const tagsIn = (text: string) =>
    [...text.matchAll(/\bpoolproof:(?!declared)[a-z]+(?:-[a-z0-9]+)*/g)].map(([tag]) => tag);
  const read = new Set(sourcesOf("policies").flatMap((path) => tagsIn(readFileSync(path, "utf8"))));

  it("has only tags that poolproof reads, and all of them on the package's page", () => {
    for (const path of pages) {
      const strangers = tagsIn(readFileSync(path, "utf8")).filter((tag) => !read.has(tag));
      expect([relative(root, path), strangers]).toEqual([relative(root, path), []]);
    }
    const page = readFileSync(join(root, "policies/README.md"), "utf8");
    expect([...read].filter((tag) => !page.includes(`\`${tag}\``))).toEqual([]);
  });

  const blocks = pages.flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/^ *```json\n([\s\S]*?)```/gm)].map(
      (match, index) => [`${relative(root, path)}, ${index + 1}`, match[1] ?? ""] as const,
    ),
  );
  const configs = blocks.filter(([, text]) => text.includes(settingsPolicy.id));
  const validate = new Ajv({ strict: false }).compile(policyConfigSchema);

  it.each(configs)("is a policy config that its schema accepts: %s", (_name, text) => {
    validate(JSON.parse(text));
    expect(validate.errors).toBeNull();
  });

  it.each(
    pages.map((path) => [relative(root, path), path]),
  )("has only options of poolproof that exist: %s", (_name, path) => {
    const text = readFileSync(path, "utf8");
    const strangers = [...COMMANDS].flatMap(([command, help]) =>
      [...text.matchAll(new RegExp(`\\bpoolproof ${command}\\b[^\`\\n|>#]*`, "g"))]
        .flatMap(([line]) => line.match(/--[a-z-]+/g) ?? [])
        .filter((option) => !help.includes(`${option} `)),
    );
    expect(strangers).toEqual([]);
  });
});

describe("the language that users read", () => {
  const used = (texts: readonly (readonly [place: string, text: string])[]): string[] =>
    texts.flatMap(([place, text]) => bannedWordsIn(text).map((word) => `${place}: ${word}`));

  it("of the pages has no banned word, outside code, quotations and the changelog", () => {
    const written = pages.filter((path) => !path.endsWith("CHANGELOG.md"));
    expect(used(written.map((path) => [relative(root, path), proseOf(readFileSync(path, "utf8"))]))).toEqual(
      [],
    );
  });

  it("of the settings has no banned word", () => {
    const ofPolicies = SETTING_ROWS.map(({ name, meaning }) => [name, meaning] as const);
    const ofStack = Object.entries(settings).map(([name, { meaning }]) => [name, meaning] as const);
    expect(used([...ofPolicies, ...ofStack])).toEqual([]);
  });

  it("of the replay's scenarios has no banned word", () => {
    const folder = join(root, "drills/replay/scenarios");
    const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
    expect(files.length).toBeGreaterThan(20);
    expect(used(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]))).toEqual([]);
  });

  it("of the alarms has no banned word: messages, derivations and what missing data means", () => {
    const names = { stack: "prod", prefix: "auth-prod" };
    const texts = everyAlarm().map((spec) => {
      const reason = spec.kind === "metric" ? spec.missingData.reason : (spec.suppression?.reason ?? "");
      return [spec.id, `${describeAlarm(spec, names)} ${reason}`] as const;
    });
    expect(used(texts)).toEqual([]);
  });
});

describe("what the documents show of a command", () => {
  const shown = pages.flatMap((path) =>
    [...readFileSync(path, "utf8").matchAll(/^```console\n\$ (.+)\n([\s\S]*?)^```/gm)].map(
      ([, command = "", output = ""]) => ({ page: relative(root, path), command, output }),
    ),
  );

  it.each(shown)("is what it prints: $page, $command", ({ command, output }) => {
    const args = command
      .replace(/^npm run --silent check -- (\S+)/, "check --stack $1 --policy-config policies/config/$1.json")
      .replace(/^npx poolproof /, "");
    const run = "require('./policies/cli').main(process.argv.slice(1))";
    const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "-e", run, "--", ...args.split(" ")], {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect(stdout.trimEnd()).toBe(output.trimEnd());
  });
});

describe("every generated file is what the code says today (npm run generate)", () => {
  it.each(GENERATED.map((entry) => [entry.file, entry] as const))("%s", (_file, entry) => {
    const { now, wanted } = compared(entry);
    expect(now).toBe(wanted);
  });
});

describe("the README's picture", () => {
  it("shows the settings of the outage's stack", () => {
    const { config } = parse(
      readFileSync(join(__dirname, "../stacks/Pulumi.incident-2024-09-02.yaml"), "utf8"),
    );
    expect(OUTAGE).toEqual({
      demand: {
        peakRequestsPerSecond: Number(config["auth:peakRequestsPerSecond"]),
        holdMs: Number(config["auth:dbHoldMs"]),
        acquisitionsPerRequest: Number(config["auth:dbAcquisitionsPerRequest"]),
        tasksServingPeak: Number(config["auth:tasksAtPeak"]),
      },
      maxConnections: Number(config["auth:maxConnections"]),
      tasksHoldingPools: (Number(config["auth:maxTasks"]) * Number(config["auth:maximumPercent"])) / 100,
      poolMax: Number(config["auth:poolMax"]),
    });
  });
});
