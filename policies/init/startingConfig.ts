import type { PolicyConfig } from "../command/policyConfig";
import type { Report } from "../reports/report";
import { settingsPolicy } from "../rules/config/settingsPolicy";
import { undecidedPolicy } from "../rules/undecided";
import type { Todo } from "./todo";

/** A policy configuration, as it stands in its file. */
export type ConfigFile = { readonly [policy: string]: unknown };

/** What a stack begins with: the file, and the report that it leads to today. */
export interface Beginning {
  readonly file: ConfigFile;
  readonly report: Report;
  /** Rules that find something today and therefore only warn. */
  readonly lowered: readonly string[];
  readonly undecided: "reject" | "warn";
}

/**
 * The strictest configuration that accepts a stack as it is today: rules that find nothing keep their level and are a
 * gate from now on, those that find something only warn. Lowering one rule may bring up what it stood for in another,
 * so it is judged again until nothing rejects.
 */
export async function startingConfig(
  todo: Todo,
  notes: readonly string[],
  parse: (file: ConfigFile) => Promise<PolicyConfig>,
  judge: (config: PolicyConfig) => Report,
): Promise<Beginning> {
  const lowered = new Set<string>();
  let undecided: Beginning["undecided"] = "reject";
  for (;;) {
    const file = fileOf([...lowered], undecided, todo, notes);
    const report = judge(await parse(file));
    const open = report.violations.filter(({ level }) => level === "mandatory").map(({ rule }) => rule);
    if (open.length === 0) return { file, report, lowered: [...lowered], undecided };
    const before = lowered.size;
    for (const rule of open) if (rule !== undecidedPolicy.id || undecided === "warn") lowered.add(rule);
    const isWarned = undecided === "reject" && open.includes(undecidedPolicy.id);
    if (isWarned) undecided = "warn";
    else if (lowered.size === before) throw new Error(`${open.join(", ")} reject at level advisory`);
  }
}

function fileOf(
  lowered: readonly string[],
  undecided: Beginning["undecided"],
  { demand, databases }: Todo,
  notes: readonly string[],
): ConfigFile {
  return {
    ...Object.fromEntries([...lowered].sort().map((rule) => [rule, "advisory"])),
    [settingsPolicy.id]: {
      undecided,
      ...(demand.length === 0 ? {} : { demand: demand.map(({ name, note }) => ({ service: name, note })) }),
      ...(databases.length === 0 ? {} : { databases }),
      notes,
    },
  };
}
