import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { projectWithPackage, removeAll } from "../support/documentedCommands.js";
import { plainPulumi, type Report, root, skipReason, title, withoutPlaces } from "./support.js";

/**
 * The pack as a stranger gets it: from its tarball, in a project of their own, which is in Pulumi's default TypeScript
 * form. Its dependencies come from this checkout by links, as an `npm install` would lay them out, so that the test
 * needs no registry.
 */
describe.skipIf(skipReason)(
  title("the pack, installed from its tarball into somebody else's project"),
  () => {
    const { folder: project, packed } = projectWithPackage(root);
    const modules = join(project, "node_modules");
    afterAll(removeAll);

    const report = join(project, "report.json");
    const pulumi = plainPulumi(project, { POOLPROOF_REPORT: report });
    const poolproof = (...args: string[]) =>
      spawnSync(process.execPath, [join(modules, "poolproof/bin/poolproof.js"), ...args], {
        cwd: project,
        encoding: "utf8",
      });

    it("holds what it needs to run and nothing of the sources", () => {
      expect(packed).toContain("PulumiPolicy.yaml");
      expect(packed).toContain("dist/index.js");
      expect(packed).toContain("config/prod.json");
      const sources = packed.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"));
      expect(sources).toEqual(["template/index.ts"]);
      expect(packed.filter((path) => /\.map$|\/\./.test(path))).toEqual([]);
    });

    it("holds nothing that an earlier build left", () => {
      const built = packed.flatMap((path) => /^dist\/(.*)\.js$/.exec(path)?.[1] ?? []);
      expect(built.length).toBeGreaterThan(100);
      expect(built.filter((path) => !existsSync(join(root, "policies", `${path}.ts`)))).toEqual([]);
    });

    it("holds whatever its documents link to", () => {
      const folder = join(modules, "poolproof");
      const pages = packed.filter((path) => path.endsWith(".md"));
      const broken = pages.flatMap((page) =>
        [...readFileSync(join(folder, page), "utf8").matchAll(/\]\((?!\w+:|#)([^)#\s]*)/g)]
          .map(([, target = ""]) => target)
          .filter((target) => !existsSync(join(folder, dirname(page), target)))
          .map((target) => `${page}: ${target}`),
      );
      expect(broken).toEqual([]);
    });

    it("judges the stranger's stack in-process and on the engine alike", { timeout: 240_000 }, () => {
      const checked = poolproof("check", "--stack", "dev", "--format", "json");
      // A busy machine may make it say that the program is still running.
      expect(checked.stderr).not.toMatch(/error/i);
      const inProcess = withoutPlaces(JSON.parse(checked.stdout));
      expect(pulumi("stack", "init", "dev").status).toBe(0);
      const previewed = pulumi(
        "preview",
        "-s",
        "dev",
        "--policy-pack",
        "node_modules/poolproof",
        "--non-interactive",
      );
      const onEngine = JSON.parse(readFileSync(report, "utf8")) as Report;
      expect(onEngine).toEqual(inProcess);
      expect(previewed.stdout + previewed.stderr + checked.stdout).not.toContain("correct horse");

      // Two services share one budget: each one's ceiling is what the other leaves.
      // usable = 200 − 3 − 2 − 6 = 189; 80 % less 5 for operations = 146; api runs 6 tasks in a deployment, worker 3.
      const [budget] = inProcess.budgets;
      expect(budget?.clients.map(({ ceiling }) => ceiling)).toEqual([
        Math.floor((0.8 * 189 - 5 - 3 * 5) / 6),
        Math.floor((0.8 * 189 - 5 - 6 * 12) / 3),
      ]);
      expect(inProcess.verdict).toBe("accepted");
      expect(previewed.status).toBe(0);
    });

    it("rejects it when one service takes what the other needs", () => {
      const checked = poolproof("check", "--stack", "dev", "--format", "json", "-c", "shop:apiPool=30");
      const { violations } = JSON.parse(checked.stdout) as Report;
      expect(checked.status).toBe(1);
      expect(violations.map(({ rule }) => rule)).toContain("connection-budget");
    });

    it("gives single policies, with types, to a pack made from its template", { timeout: 240_000 }, () => {
      const template = join(modules, "poolproof/template");
      const own = join(project, "own-pack");
      expect(pulumi("policy", "new", template, "--dir", own, "--generate-only").status).toBe(0);
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      // The declarations of @pulumi/policy 1.21.0 have a mistake of their own (proxy.d.ts lacks two exports): the template's
      // tsconfig.json has skipLibCheck.
      for (const resolution of [[], ["--module", "commonjs", "--moduleResolution", "node10"]]) {
        const { stdout } = spawnSync(process.execPath, [tsc, "--project", own, ...resolution], {
          encoding: "utf8",
        });
        expect(stdout).toBe("");
      }
      pulumi("stack", "select", "dev", "--create");
      const preview = (apiPool: number) =>
        pulumi("preview", "-s", "dev", "--policy-pack", "own-pack", "-c", `shop:apiPool=${apiPool}`);
      expect(preview(12).status).toBe(0);
      const large = preview(30);
      expect(large.status).not.toBe(0);
      const said = large.stdout + large.stderr;
      expect(said).toMatch(/connection-pools@v0\.0\.1/);
      expect(said).toMatch(/\[mandatory\].* connection-budget /);
      // Of no rule that was not chosen.
      expect(said).not.toContain("alarms-present");
    });
  },
);
