import { alarmList, compositeTable, thresholdTable } from "./alarms";
import { poolTables } from "./pools";
import { questionTable, ruleHeadings, ruleTable } from "./rules";
import type { Section } from "./sections";
import { settingsTable } from "./settings";

/** Every part of a document that follows from the code: what the rules, the schema and the pool profiles say today. */
export const SECTIONS: readonly Section[] = [
  { file: "README.md", name: "questions", text: questionTable("docs/runbooks/") },
  { file: "policies/README.md", name: "rules", text: ruleHeadings() },
  { file: "docs/runbooks/README.md", name: "rules", text: ruleTable("") },
  { file: "docs/runbooks/README.md", name: "alarms", text: alarmList("") },
  { file: "docs/guides/alarms.md", name: "composites", text: compositeTable("../runbooks/") },
  { file: "docs/guides/alarms.md", name: "thresholds", text: thresholdTable("../runbooks/") },
  { file: "docs/guides/policy-config.md", name: "settings", text: settingsTable() },
  { file: "docs/guides/clients.md", name: "pools", text: poolTables() },
];
