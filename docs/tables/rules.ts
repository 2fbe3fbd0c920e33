import { POLICIES } from "../../policies/config/policies";
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
