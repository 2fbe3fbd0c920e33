import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACTIONS } from "../../../drills/review/live/permissions";
import { ROOT } from "./support/expected";

const guide = readFileSync(join(ROOT, "docs/guides/review.md"), "utf8");
const judge = readdirSync(join(ROOT, "drills/review/judge"))
  .map((file) => readFileSync(join(ROOT, "drills/review/judge", file), "utf8"))
  .join("\n");

describe("the guide", () => {
  it("explains each finding that the code makes, and no other", () => {
    const made = [...judge.matchAll(/\bid: (?:\w+ \? )?"([\w-]+)"(?: : "([\w-]+)")?/g)].flatMap(
      ([, one, other]) => (other === undefined ? [one] : [one, other]),
    );
    const explained = [...guide.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, id]) => id),
    );
    expect([...new Set(made)].sort()).toEqual([...new Set(explained)].sort());
    expect(made.length).toBeGreaterThan(20);
  });

  it("lists each permission with what it is for", () => {
    const listed = [...guide.matchAll(/^\| `([a-z-]+:\w+)` \| (.+) \|$/gm)].map(([, action, what]) => [
      action,
      what,
    ]);
    expect(Object.fromEntries(listed)).toEqual(ACTIONS);
  });

  it("and the runbooks have each page and heading that a finding links to", () => {
    for (const [, page = ""] of judge.matchAll(/"(docs\/[^"#]+)[^"]*"/g)) {
      expect(existsSync(join(ROOT, page)), page).toBe(true);
    }
    const anchors = [...judge.matchAll(/\$\{GUIDE\}#([\w-]+)/g)].map(([, anchor = ""]) => anchor);
    expect(anchors.length).toBeGreaterThan(3);
    for (const anchor of anchors) {
      expect(guide.toLowerCase()).toContain(`## ${anchor.replace(/-/g, " ")}\n`);
    }
  });
});
