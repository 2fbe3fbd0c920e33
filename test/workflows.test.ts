import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import manifest from "../package.json";

const root = resolve(__dirname, "..");
const folder = join(root, ".github/workflows");

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: { readonly [input: string]: unknown };
}

interface Job {
  readonly permissions?: { readonly [scope: string]: string };
  readonly "timeout-minutes"?: number;
  readonly "runs-on"?: string;
  readonly environment?: unknown;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions?: object;
  readonly concurrency?: unknown;
  readonly on: { readonly [event: string]: unknown };
  readonly jobs: { readonly [name: string]: Job };
}

/** The linters, where they are installed; the workflow `CI` always runs them. */
const found = (command: string): boolean => spawnSync(command, ["--version"]).status === 0;
const where = (command: string): string => (found(command) ? "" : ` (skipped: ${command} is not installed)`);

const workflows = readdirSync(folder)
  .sort()
  .map((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return { name, text, content: parse(text) as Workflow };
  });
const jobs = workflows.flatMap(({ name, content }) =>
  Object.entries(content.jobs).map(([job, of]) => [`${name}, ${job}`, of] as const),
);
const scripts = jobs.flatMap(([name, { steps }]) =>
  steps.flatMap(({ run }) => (run === undefined ? [] : [[name, run] as const])),
);

describe("the workflows", () => {
  it("are those for pull requests, deployments, schedules, releases and this repository's own checks", () => {
    expect(workflows.map(({ name }) => name)).toEqual([
      "ci.yml",
      "deploy.yml",
      "pull-request.yml",
      "release.yml",
      "scheduled.yml",
    ]);
  });

  it.each(workflows)("$name grants nothing to all jobs, and runs once at a time", ({ content }) => {
    expect(content.permissions).toEqual({});
    expect(content.concurrency).toBeDefined();
    // With this trigger the code of a fork would run with the repository's secrets.
    expect(Object.keys(content.on)).not.toContain("pull_request_target");
  });

  it.each(jobs)("%s says what it may, how long it may take, and on which system", (_name, job) => {
    expect(Object.keys(job.permissions ?? {})).toContain("contents");
    const writes = Object.entries(job.permissions ?? {}).filter(([, access]) => access === "write");
    expect(writes.length).toBeLessThanOrEqual(1);
    expect(job["timeout-minutes"]).toBeLessThanOrEqual(120);
    expect(job["runs-on"]).toMatch(/^ubuntu-\d\d\.\d\d$/);
  });

  it.each(workflows)("$name pins each action to one commit, with its version beside it", ({ text }) => {
    const uses = text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line));
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("have the same commit of an action everywhere", () => {
    const pins = workflows.flatMap(({ text }) => [...text.matchAll(/uses: ([\w./-]+)@(\S+ # \S+)/g)]);
    const byAction = new Map<string, Set<string>>();
    for (const [, action = "", pin = ""] of pins)
      byAction.set(action, (byAction.get(action) ?? new Set()).add(pin));
    expect([...byAction].filter(([, each]) => each.size > 1)).toEqual([]);
    expect(byAction.size).toBeGreaterThan(4);
  });

  it.each(jobs)("%s leaves no token behind in the checkout", (_name, { steps }) => {
    for (const { uses, with: inputs } of steps) {
      if (uses?.startsWith("actions/checkout@")) expect(inputs?.["persist-credentials"]).toBe(false);
    }
  });

  it.each(scripts)("%s puts no expression into a script, where its value would be run", (_name, run) => {
    expect(run).not.toContain("${{");
  });

  it.each(scripts)("%s runs only scripts and tools that exist, with options they take", (_name, run) => {
    const line = run.replace(/\\\n\s*/g, " ");
    for (const [, script = ""] of line.matchAll(/\bnpm run (?:--silent )?([\w-]+)/g)) {
      expect(Object.keys(manifest.scripts)).toContain(script);
    }
    for (const [command, tool = ""] of line.matchAll(/\bnpx tsx (tools\/\S+)[^\n|>]*/g)) {
      expect(existsSync(join(root, tool)), tool).toBe(true);
      const source = readFileSync(join(root, tool), "utf8");
      for (const [, option = ""] of command.matchAll(/ --([a-z-]+)/g))
        expect(source).toContain(`"${option}"`);
    }
    for (const [path] of line.matchAll(/\bpolicies\/config\/\S+\.json\b/g)) {
      expect(existsSync(join(root, path)), path).toBe(true);
    }
  });

  it("name guides that exist", () => {
    const named = workflows.flatMap(({ text }) =>
      [...text.matchAll(/docs\/[\w/-]+\.md/g)].map(([path]) => path),
    );
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("the workflow that adopting.md shows", () => {
  const page = readFileSync(join(root, "docs/guides/adopting.md"), "utf8");
  const [, shown = ""] = /```yaml\n(# \.github[\s\S]*?)```/.exec(page) ?? [];

  it("has the pins of this repository's own", () => {
    const uses = shown.split("\n").flatMap((line) => /uses: (.+)$/.exec(line)?.[1] ?? []);
    const own = new Set(
      workflows.flatMap(({ text }) => [...text.matchAll(/uses: (.+)$/gm)].map(([, pin]) => pin)),
    );
    expect(uses.length).toBeGreaterThan(2);
    expect(uses.filter((pin) => !own.has(pin))).toEqual([]);
  });

  it.skipIf(!found("actionlint"))(`passes actionlint${where("actionlint")}`, () => {
    const { status, stdout } = spawnSync("actionlint", ["-no-color", "-"], {
      input: shown,
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([0, ""]);
  });
});

describe("the deployment", () => {
  const { jobs: deploy } = workflows.find(({ name }) => name === "deploy.yml")?.content ?? {
    jobs: {} as Workflow["jobs"],
  };
  const runs = (job: string) => deploy[job]?.steps.map(({ run = "" }) => run.replace(/\\\n\s*/g, " ")) ?? [];

  it("deploys the plan that was judged, after its receipt holds, and asks afterwards whether the pack ran", () => {
    const steps = runs("deploy");
    const at = (part: string) => steps.findIndex((run) => run.includes(part));
    expect(at("receipt.ts verify")).toBeGreaterThan(-1);
    expect(at("receipt.ts verify")).toBeLessThan(at("npm run --silent up"));
    expect(at("npm run --silent up")).toBeLessThan(at("receipt.ts ran"));
    expect(steps[at("npm run --silent up")]).toMatch(/--plan "\$RUNNER_TEMP\/plan\/plan\.json"/);
    expect(deploy.deploy?.environment).toBeDefined();
  });

  it("is judged by production's configuration both times, where what is undecided rejects", () => {
    for (const job of ["plan", "deploy"]) {
      expect(
        runs(job).filter((run) => run.includes("--policy-pack-config policies/config/prod.json")),
      ).toHaveLength(1);
    }
    const prod = JSON.parse(readFileSync(join(root, "policies/config/prod.json"), "utf8")) as {
      readonly "poolproof-settings": { readonly undecided: string };
    };
    expect(prod["poolproof-settings"].undecided).toBe("reject");
  });

  it("never skips the preview", () => {
    for (const { text } of workflows) expect(text).not.toMatch(/--skip-preview|PULUMI_OPTION_SKIP_PREVIEW/);
  });
});

describe("the linters of workflows", () => {
  it.skipIf(!found("actionlint"))(`actionlint finds nothing${where("actionlint")}`, () => {
    const { status, stdout } = spawnSync("actionlint", ["-no-color"], { cwd: root, encoding: "utf8" });
    expect([status, stdout]).toEqual([0, ""]);
  });

  it.skipIf(!found("zizmor"))(
    `zizmor finds nothing, even as a pedant${where("zizmor")}`,
    () => {
      const args = ["--offline", "--quiet", "--no-progress", "--persona", "pedantic", ".github"];
      const { status, stdout } = spawnSync("zizmor", args, { cwd: root, encoding: "utf8" });
      expect([status, stdout.trim()]).toEqual([0, expect.stringMatching(/^(No findings.*)?$/)]);
    },
    60_000,
  );
});
