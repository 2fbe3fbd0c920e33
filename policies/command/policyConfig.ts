import { readFileSync } from "node:fs";
import { loadSettings, POLICIES, settingsPolicy } from "../config/policies";
import { InputError, isRecord, reasonOf } from "../kit/errors";
import { closest, printable } from "../kit/text";
import { DEFAULT_SETTINGS, type PulumiException, type Settings } from "../plan/settings";
import { DEFAULT_LEVELS, type Levels } from "../reports/assess";
import { RULES } from "../rules/index";
import type { Level } from "../rules/rule";

export interface PolicyConfig {
  readonly settings: Settings;
  readonly levels: Levels;
  /** Those of a file of version 2, in the order in which Pulumi's engine applies them. */
  readonly pulumiExceptions: readonly PulumiException[];
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

/** A JSON object, as it stands in the file. */
type Content = { readonly [key: string]: unknown };

/**
 * Reads a policy configuration in either of Pulumi's formats: `{ "all": LEVEL, "pool-floor": LEVEL | { "enforcementLevel":
 * LEVEL }, "poolproof-settings": { … } }`, or version 2, which has the same under `policies` and `exceptions` of its own
 * (pkg/v3 3.276.0, resource/analyzer/config.go). Without a file, the documented defaults.
 * @throws InputError naming everything that is wrong in the file, a line for each where there are several.
 */
export async function readPolicyConfig(file: string | undefined): Promise<PolicyConfig> {
  if (file === undefined) {
    return { settings: DEFAULT_SETTINGS, levels: DEFAULT_LEVELS, pulumiExceptions: [], notes: [] };
  }
  const { content, text } = readJson(file);
  // The unversioned format is read as ever; in version 2 the engine merges what is written twice, or keeps the last.
  return configFrom(content, file, isVersioned(content) ? repeatedKeys(text) : []);
}

/**
 * The same of a configuration that is at hand.
 * @param file - What messages call it.
 * @throws InputError as `readPolicyConfig` does
 */
export const parsePolicyConfig = (content: Content, file: string): Promise<PolicyConfig> =>
  configFrom(content, file, []);

async function configFrom(
  content: Content,
  file: string,
  repeated: readonly string[],
): Promise<PolicyConfig> {
  const problems = repeated.map((key) => `${key}: is written twice; keep one`);
  const policies = policiesOf(content, problems);
  const levels: { [policy: string]: Level } = {};
  const all = Object.hasOwn(policies, "all") ? levelOf("all", policies.all, problems) : undefined;
  for (const { id, level } of POLICIES) {
    const own = Object.hasOwn(policies, id) ? levelOf(id, policies[id], problems) : undefined;
    const effective = own ?? all ?? level;
    if (effective !== "disabled") levels[id] = effective;
  }
  // The engine hands a policy that is disabled no settings, so there the rules use their defaults.
  const isRead = levels[settingsPolicy.id] !== undefined;
  const settings = isRead ? await settingsFrom(policies[settingsPolicy.id], problems) : DEFAULT_SETTINGS;
  const pulumiExceptions = isVersioned(content) ? await exceptionsFrom(content.exceptions, problems) : [];
  if (problems.length > 0) throw new InputError(listed(file, problems));
  return { settings, levels, pulumiExceptions, notes: notesOn(file, levels, pulumiExceptions) };
}

function notesOn(file: string, levels: Levels, exceptions: readonly PulumiException[]): string[] {
  const ids = exceptions.map(({ id }) => id).join(", ");
  return [
    ...(RULES.every(({ id }) => levels[id] === undefined)
      ? [`${file} disables every rule: nothing is judged`]
      : []),
    ...(exceptions.length === 0
      ? []
      : [
          `${file}: Pulumi's own exceptions are permanent (${ids}): they end when they are removed from the file. Those of ${settingsPolicy.id} end on a day (docs/guides/exceptions.md)`,
        ]),
  ];
}

/** A numeric version marks a file of version 2; any other value is a policy of that name to the engine. */
const isVersioned = ({ version }: Content): boolean => typeof version === "number";

/** The part of a file that names policies, in either format. */
function policiesOf(content: Content, problems: string[]): Content {
  if (!isVersioned(content)) {
    problems.push(...unknownPolicies(content, ["all", "environments", ...POLICY_IDS]));
    return content;
  }
  if (content.version !== 2) {
    problems.push(
      `"version" can be 2, is ${content.version}: write 2, or remove it for the format that names policies at the top`,
    );
    return {};
  }
  problems.push(...unknownFields(content));
  const { policies } = content;
  if (policies === undefined || policies === null) return {};
  if (!isRecord(policies)) {
    problems.push('"policies" must be an object of policies by name');
    return {};
  }
  problems.push(...unknownPolicies(policies, ["all", ...POLICY_IDS], "policies"));
  return policies;
}

const POLICY_IDS = POLICIES.map(({ id }) => id);
const FIELDS_OF_VERSION_2 = ["version", "policies", "exceptions", "environments", "$schema"];

/** What a file of version 2 holds at its top that the engine would ignore. */
function unknownFields(content: Content): string[] {
  return Object.keys(content).flatMap((name) => {
    if (name === "environments") return content[name] === null ? [] : environmentsIn(content);
    if (FIELDS_OF_VERSION_2.includes(name)) return [];
    if (name === "all" || POLICY_IDS.includes(name)) {
      return [`"${name}" must move under "policies": with "version": 2 Pulumi ignores it at the top`];
    }
    const near = closest(name, FIELDS_OF_VERSION_2);
    const hint = near
      ? `did you mean "${near}"?`
      : "version 2 has version, policies, exceptions and environments";
    return [`Pulumi ignores "${printable(name)}" with "version": 2; ${hint}`];
  });
}

async function exceptionsFrom(value: unknown, problems: string[]): Promise<readonly PulumiException[]> {
  if (value === undefined || value === null) return [];
  const { parsePulumiExceptions } = await import("../config/pulumiExceptions.js");
  const parsed = parsePulumiExceptions(value);
  problems.push(...parsed.problems.map(printable));
  return parsed.exceptions;
}

function listed(file: string, problems: readonly string[]): string {
  const [first, ...others] = problems;
  if (others.length === 0) return `${file}: ${first}`;
  return [`${file} has ${problems.length} problems:`, ...problems.map((problem) => `  ${problem}`)].join(
    "\n",
  );
}

/** What the file holds besides policies: Pulumi takes `environments`, and everything else for a policy's name. */
function unknownPolicies(content: Content, known: readonly string[], at?: "policies"): string[] {
  return Object.keys(content).flatMap((name) => {
    if (known.includes(name)) return name === "environments" ? environmentsIn(content) : [];
    if (at === undefined && name === "$schema") {
      return [
        '"$schema" is refused by Pulumi, which takes it for a policy: name the schema in your editor\'s settings',
      ];
    }
    if (at === undefined && name === "version") return ['"version" must be the number 2, or left out'];
    if (at === undefined && (name === "policies" || name === "exceptions")) {
      return [
        `"${name}" is read in version 2 alone: add "version": 2 and move every policy under "policies", or remove it`,
      ];
    }
    const near = closest(name, known);
    const where = at === undefined ? "" : `${at}: `;
    return [`${where}there is no policy "${printable(name)}"${near ? `; did you mean "${near}"?` : ""}`];
  });
}

function environmentsIn({ environments }: Content): string[] {
  return isListOfTexts(environments)
    ? []
    : ['"environments" must be a list of names of Pulumi ESC environments'];
}

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

function readJson(file: string): { readonly content: Content; readonly text: string } {
  let content: unknown;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
    // Pulumi takes an empty file for an empty configuration.
    content = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new InputError(`the policy configuration ${file} cannot be read: ${printable(reasonOf(error))}`);
  }
  if (isRecord(content)) return { content, text };
  throw new InputError(`the policy configuration ${file} must be a JSON object of policies`);
}

/** The path of each key that an object of a JSON text has twice; `JSON.parse` keeps the last one in silence. */
function repeatedKeys(text: string): string[] {
  const repeated = new Set<string>();
  const open: { readonly keys: Set<string>; key: string }[] = [];
  let last = "";
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    const object = open.at(-1);
    if (token === "{" || token === "[") open.push({ keys: new Set(), key: "" });
    else if (token === "}" || token === "]") open.pop();
    else if (token !== ":") last = token;
    else if (object !== undefined) {
      object.key = String(JSON.parse(last));
      const path = open.flatMap(({ key }) => (key === "" ? [] : [printable(key)])).join(".");
      if (object.keys.has(object.key)) repeated.add(path);
      object.keys.add(object.key);
    }
  }
  return [...repeated];
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
