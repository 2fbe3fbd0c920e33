import { readFileSync } from "node:fs";
import { loadSettings } from "../config/loadSettings";
import { POLICIES, settingsPolicy } from "../config/policyIds";
import { DEFAULT_LEVELS, type Levels } from "../reports/assess";
import { printable } from "../reports/names";
import { RULES } from "../rules/index";
import type { Level } from "../rules/rule";
import { DEFAULT_SETTINGS, type Settings } from "../rules/settings";
import { closest, InputError, messageOf } from "./inputError";
import { isRecord } from "./isRecord";

export interface PolicyConfig {
  readonly settings: Settings;
  readonly levels: Levels;
  /** What is allowed and hardly meant; a command says it on stderr. */
  readonly notes: readonly string[];
}

/** Pulumi's words for how strictly a policy counts; for stack policies `remediate` means `mandatory`. */
const ENFORCEMENT: { readonly [level: string]: Level | "disabled" } = {
  advisory: "advisory",
  mandatory: "mandatory",
  remediate: "mandatory",
  disabled: "disabled",
};

/**
 * Reads a policy configuration in Pulumi's own format: `{ "all": LEVEL, "pool-floor": LEVEL | { "enforcementLevel":
 * LEVEL }, "poolproof-settings": { … } }`. Without a file, the documented defaults.
 * @throws InputError naming everything that is wrong in the file, a line for each where there are several.
 */
export async function readPolicyConfig(file: string | undefined): Promise<PolicyConfig> {
  if (file === undefined) return { settings: DEFAULT_SETTINGS, levels: DEFAULT_LEVELS, notes: [] };
  return parsePolicyConfig(readJson(file), file);
}

/**
 * The same of a configuration that is at hand.
 * @param file - What messages call it.
 * @throws InputError as `readPolicyConfig` does
 */
export async function parsePolicyConfig(
  content: { readonly [policy: string]: unknown },
  file: string,
): Promise<PolicyConfig> {
  const problems: string[] = [];
  const levels: { [policy: string]: Level } = {};
  const all = "all" in content ? levelOf("all", content.all, problems) : undefined;
  for (const { id, level } of POLICIES) {
    const own = Object.hasOwn(content, id) ? levelOf(id, content[id], problems) : undefined;
    const effective = own ?? all ?? level;
    if (effective !== "disabled") levels[id] = effective;
  }
  problems.push(...strangers(content));
  // The engine hands a policy that is disabled no settings, so there the rules use their defaults.
  const isRead = levels[settingsPolicy.id] !== undefined;
  const settings = isRead ? await settingsFrom(content[settingsPolicy.id], problems) : DEFAULT_SETTINGS;
  if (problems.length > 0) throw new InputError(listed(file, problems));
  const isIdle = RULES.every(({ id }) => levels[id] === undefined);
  return { settings, levels, notes: isIdle ? [`${file} disables every rule: nothing is judged`] : [] };
}

function listed(file: string, problems: readonly string[]): string {
  const [first, ...others] = problems;
  if (others.length === 0) return `${file}: ${first}`;
  return [`${file} has ${problems.length} problems:`, ...problems.map((problem) => `  ${problem}`)].join(
    "\n",
  );
}

/** What the file holds beside policies: Pulumi takes `environments`, and everything else for a policy's name. */
function strangers(content: { readonly [policy: string]: unknown }): string[] {
  const known = ["all", "environments", ...POLICIES.map(({ id }) => id)];
  return Object.keys(content).flatMap((name) => {
    if (name === "$schema") {
      return [
        '"$schema" is refused by Pulumi, which takes it for a policy: name the schema in your editor\'s settings',
      ];
    }
    if (name === "environments" && !isListOfTexts(content[name])) {
      return ['"environments" must be a list of names of Pulumi ESC environments'];
    }
    if (known.includes(name)) return [];
    const near = closest(name, known);
    return [`there is no policy "${printable(name)}"${near ? `; did you mean "${near}"?` : ""}`];
  });
}

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

function readJson(file: string): { readonly [policy: string]: unknown } {
  let content: unknown;
  try {
    const text = readFileSync(file, "utf8");
    // Pulumi takes an empty file for an empty configuration.
    content = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new InputError(`the policy configuration ${file} cannot be read: ${printable(messageOf(error))}`);
  }
  if (isRecord(content)) return content;
  throw new InputError(`the policy configuration ${file} must be a JSON object of policies`);
}

function levelOf(name: string, value: unknown, problems: string[]): Level | "disabled" | undefined {
  const { enforcementLevel: level, ...settings } = isRecord(value) ? value : { enforcementLevel: value };
  if (Object.keys(settings).length > 0 && name !== settingsPolicy.id) {
    problems.push(`"${name}" takes no settings: they belong to "${settingsPolicy.id}"`);
  }
  if (level === undefined) return undefined;
  const known =
    typeof level === "string" && Object.hasOwn(ENFORCEMENT, level) ? ENFORCEMENT[level] : undefined;
  if (!known) problems.push(`"${name}" can be ${Object.keys(ENFORCEMENT).join(", ")}`);
  return known;
}

async function settingsFrom(value: unknown, problems: string[]): Promise<Settings> {
  const { enforcementLevel: _, ...properties } = isRecord(value) ? value : {};
  const parsed = await loadSettings(properties);
  if (parsed.ok) return parsed.settings;
  problems.push(...parsed.problems.map((problem) => `${settingsPolicy.id}.${problem}`));
  return DEFAULT_SETTINGS;
}
