import { existsSync } from "node:fs";
import { join } from "node:path";
import { POLICIES } from "../../policies/config/policies";
import { settingsPolicy } from "../../policies/rules/config/settingsPolicy";
import { table } from "./sections";

/** Every rule with its level and severity; `pages` is the folder of the runbooks as the document sees it. */
export function ruleTable(pages: string): string {
  return table(
    ["rule", "what it bounds", "level", "severity"],
    POLICIES.map(({ id, description, level, severity }) => [
      `[${id}](${pages}${id}.md)`,
      description,
      level,
      severity,
    ]),
  );
}

/** A heading for each rule: where the pack's links lead (`url` of each policy in `policies/index.ts`). */
export function ruleHeadings(): string {
  return POLICIES.map(
    ({ id, description, level, severity, remediationSteps }) =>
      `### ${id}\n\n${description} ${remediationSteps}\n\nLevel: ${level}. Severity: ${severity}.`,
  ).join("\n\n");
}

/** What the rules of each folder of `policies/rules` ask; `config` has those about the reading itself. */
const QUESTIONS: { readonly [folder: string]: string } = {
  pools: "Does each pool carry its peak, and do all together fit their database?",
  timeouts: "Does each wait end before the one around it?",
  database: "Do the database's limit, class and parameters hold what is asked of them?",
  proxy: "Does an RDS Proxy leave its clients enough?",
  alarms: "Would an alarm say so at 02:15?",
  config: "Has nothing passed unseen?",
};

/** The rules by what they ask, as the first page lists them. */
export function questionTable(pages: string): string {
  const folderOf = (id: string): string =>
    Object.keys(QUESTIONS).find((folder) => existsSync(join(RULES, folder, `${fileOf(id)}.ts`))) ?? "config";
  const judging = POLICIES.filter(({ id }) => id !== settingsPolicy.id);
  return table(
    ["the question", "rules"],
    Object.entries(QUESTIONS).map(([folder, question]) => [
      question,
      judging
        .filter(({ id }) => folderOf(id) === folder)
        .map(({ id }) => `[${id}](${pages}${id}.md)`)
        .join(", "),
    ]),
  );
}

const RULES = join(__dirname, "../../policies/rules");
const fileOf = (id: string): string => id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
