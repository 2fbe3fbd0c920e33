import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { settingsPolicy } from "./config/settingsPolicy";
import { RULES } from "./index";
import type { Rule } from "./rule";
import { undecidedPolicy } from "./undecided";

/** What every policy of the pack says about itself. */
export type PolicyDescription = Omit<Rule, "evaluate">;

/** The policies that findings may be of, in the pack's order: the one that carries the settings comes first. */
export const CATALOGUE: readonly PolicyDescription[] = [settingsPolicy, ...RULES, undecidedPolicy];

/** The repository that a release was packed from, by its address; a package that was built from a checkout names none. */
export const repository = releasedFrom(__dirname);

/** Where a rule is explained on the web; undefined where no release says where that is. Every package has the page as a file. */
export const pageOf = (rule: string): string | undefined =>
  repository && `${repository.url}/blob/v${repository.version}/docs/runbooks/${rule}.md`;

/** From the `package.json` of the package that a folder is part of. */
function releasedFrom(folder: string): { readonly url: string; readonly version: string } | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return folder === dirname(folder) ? undefined : releasedFrom(dirname(folder));
  const { repository: from, version } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly repository?: { readonly url: string };
    readonly version: string;
  };
  return from && { url: from.url.replace(/^git\+|\.git$/g, ""), version };
}
