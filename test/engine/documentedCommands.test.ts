import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { embeddedEnvironment } from "../../engine/embedded.js";
import {
  classOf,
  commandsOf,
  copyOfCheckout,
  expectCode,
  filledIn,
  pagesWithCommands,
  projectWithPackage,
  removeAll,
  shell,
} from "../support/documentedCommands.js";
import { engine, skipReason, temporaryFolder, title } from "./support.js";

/** Of several pages that print the same command the first runs it. */
const commands = [
  ...new Set(
    pagesWithCommands()
      .flatMap(commandsOf)
      .filter((command) => classOf(command) === "engine"),
  ),
];

/** A verdict, whichever: what it is of, an earlier command of the page has changed. */
const VERDICT = /npm run check/;

describe.skipIf(skipReason)(
  title("the commands of the documents that need an engine work as printed"),
  { timeout: 900_000 },
  () => {
    let checkout = "";
    let project = "";
    const stateDir = temporaryFolder();
    const env: NodeJS.ProcessEnv = {
      ...embeddedEnvironment({ stateDir, engine }),
      PULUMI_SKIP_CONFIRMATIONS: "true",
    };
    const said = async (command: string, cwd: string) =>
      expectCode(command, await shell(command, cwd, env), [0]);

    beforeAll(async () => {
      mkdirSync(join(stateDir, "backend"));
      checkout = copyOfCheckout();
      project = projectWithPackage(checkout).folder;
      // What a reader has by then: deployed stacks, and the policy configs that `init` wrote.
      await said("pulumi stack init dev && pulumi up -s dev", checkout);
      await said("pulumi stack init dev && pulumi stack init prod && pulumi up -s prod", project);
      await said("npx poolproof init --stack dev && mkdir policy ../policy", project);
      await said("cp poolproof.json policy/prod.json && cp poolproof.json ../policy/prod.json", project);
      await said("ln -s ../node_modules policy/node_modules && mkdir ../reports", project);
    }, 900_000);
    afterAll(removeAll, 900_000);

    it.each(commands)("%s", async (printed) => {
      const command = filledIn(printed);
      const [, name, value] = /^export (\w+)=(.+)$/.exec(command) ?? [];
      if (name !== undefined) {
        env[name] = value;
        return;
      }
      if (/ init --plan /.test(command)) rmSync(join(project, "poolproof.json"));
      const cwd = !/poolproof|now\.json" pulumi/.test(command)
        ? checkout
        : command.startsWith("for ")
          ? join(project, "..")
          : project;
      if (cwd === checkout && /(-s|--stack) prod/.test(command)) {
        await shell("pulumi stack init prod", checkout, env);
      }
      expectCode(command, await shell(command, cwd, env), VERDICT.test(command) ? [0, 1] : [0]);
    });
  },
);
