import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  classOf,
  commandsOf,
  copyOfCheckout,
  type Ended,
  expectCode,
  filledIn,
  isRunnable,
  pagesWithCommands,
  projectWithPackage,
  removeAll,
  shell,
} from "./support/documentedCommands";

const root = resolve(__dirname, "..");
const pages = pagesWithCommands().map((page) => ({ page, commands: commandsOf(page) }));

describe("the commands of the documents", () => {
  it("are found: in blocks, in text, over several lines", () => {
    const all = pages.flatMap(({ commands }) => commands);
    expect(all.length).toBeGreaterThan(150);
    expect(commandsOf("README.md")).toContain("npm run --silent check -- incident-2024-09-02");
    expect(commandsOf("AGENTS.md")).toContain("npm run check -- STACK -c auth:poolMax=11");
    expect(
      commandsOf("docs/guides/organisations.md").some((each) => /^for project [\s\S]*\ndone$/.test(each)),
    ).toBe(true);
  });

  it("are run here or on the engine, or have a reason why not", () => {
    const unclassed = pages.flatMap(({ page, commands }) =>
      commands.filter((command) => classOf(command) === undefined).map((command) => `${page}: ${command}`),
    );
    expect(unclassed).toEqual([]);
  });
});

/** Commands take seconds each; a machine on which other tests run takes ten times as long. */
const PATIENCE = 900_000;

/** What a command answers where that is not 0: the verdict is that of the stack or of the scenario that it names. */
const CODES: readonly (readonly [command: RegExp, code: number])[] = [
  [/check -- incident-2024-09-02$/, 1],
  // Alarms on the database alone do not see the outage.
  [/--alarms alarms\.json/, 1],
];

describe("the commands of the documents that need neither engine nor network work as printed", () => {
  let checkout = "";
  let project = "";
  beforeAll(() => {
    checkout = copyOfCheckout();
    project = projectWithPackage(checkout).folder;
    const replay = readFileSync(join(root, "docs/guides/replay.md"), "utf8");
    const block = (language: string) =>
      new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(replay)?.[1] ?? "";
    writeFileSync(join(checkout, "my-scenario.yaml"), block("yaml"));
    writeFileSync(
      join(checkout, "access.log"),
      "https 2026-01-05T06:00:00.1Z app\nhttps 2026-01-05T06:00:00.9Z app\nhttps 2026-01-05T06:00:01.1Z app\n",
    );
    writeFileSync(join(checkout, "lab.json"), block("json"));
    copyFileSync(
      join(root, "drills/replay/scenarios/alarm-sets/database-only.json"),
      join(checkout, "alarms.json"),
    );
  }, PATIENCE);
  afterAll(removeAll, PATIENCE);

  /** What was run already: several pages print the same command. */
  const done = new Map<string, Promise<Ended>>();

  it.each(
    pages.filter(({ commands }) =>
      commands.some((command) => /checkout|project/.test(classOf(command) ?? "")),
    ),
  )("$page", { timeout: PATIENCE }, async ({ commands }) => {
    rmSync(join(project, "poolproof.json"), { force: true });
    for (const printed of commands) {
      const where = classOf(printed);
      if (!isRunnable(where) || where === "engine") continue;
      const command = filledIn(printed);
      // What needs a file of the guide's earlier commands.
      if (/--policy-config poolproof\.json/.test(command) && !existsSync(join(project, "poolproof.json"))) {
        await shell("npx poolproof init --stack dev", project);
      }
      // Each `init` of a page begins a project of its own.
      if (/poolproof init/.test(command)) rmSync(join(project, "poolproof.json"), { force: true });
      const once = done.get(command) ?? shell(command, where === "project" ? project : checkout);
      if (!/init|poolproof\.json/.test(command)) done.set(command, once);
      const ended = await once;
      const code = CODES.find(([pattern]) => pattern.test(printed))?.[1] ?? 0;
      expectCode(command, ended, [code]);
    }
  });
});
