import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { capacityOf } from "../infra/capacity";
import { parseStackConfig } from "../infra/config/parseStackConfig";
import { alarmSpecs } from "../infra/monitoring/alarms";
import { POLICIES } from "../policies/config/policyIds";
import { stackConfig } from "./infra/plannedProgram";

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

const pages = markdownFiles();

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
  const prod = parseStackConfig(stackConfig("prod"), "prod");
  if (!prod.ok) throw new Error("prod cannot be read");
  const alarms = alarmSpecs({ ...prod.config, capacity: capacityOf(prod.config) }).map(({ id }) => id);
  const rules = POLICIES.map(({ id }) => id);
  const there = readdirSync(join(root, "docs/runbooks"))
    .map((file) => file.replace(/\.md$/, ""))
    .filter((name) => name !== "README");

  it("are one for each rule and each alarm, and none of nothing", () => {
    expect([...there].sort()).toEqual([...rules, ...alarms].sort());
  });

  it.each(
    there,
  )("%s says meaning, impact, diagnosis, mitigation and what comes after, in this order", (name) => {
    const text = readFileSync(join(root, "docs/runbooks", `${name}.md`), "utf8");
    const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(["Meaning", "Impact", "Diagnosis", "Mitigation", "After"]);
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
