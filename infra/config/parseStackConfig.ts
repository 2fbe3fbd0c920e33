import { crossFields } from "./crossFields";
import { closest, configSet, type Problem } from "./problems";
import { NAMESPACE, type SettingName, type Settings, settings } from "./settings";
import { type StackConfig, toStackConfig } from "./stackConfig";

/** A stack's configuration, or everything that is wrong with it. */
export type ParseResult =
  | { readonly ok: true; readonly config: StackConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Values by full key, such as `auth:poolMax`: text as Pulumi hands it over, or what YAML made of it. */
export type RawConfig = { readonly [key: string]: unknown };

const names = Object.keys(settings) as readonly SettingName[];

/**
 * Reads a stack's configuration once, at the edge, and reports all problems together. Types, typing errors and
 * facts between settings are held here; safety is not, so that an unsafe stack reaches the policies.
 * @param stack - Named in the commands that fix a problem.
 */
export function parseStackConfig(given: RawConfig, stack?: string): ParseResult {
  const raw = withNamespaces(given);
  const problems: Problem[] = unknownKeys(raw, stack);
  const read: { [name: string]: unknown } = {};
  for (const name of names) {
    const { value, problem } = readSetting(name, raw[`${NAMESPACE}:${name}`], stack);
    if (problem === undefined) read[name] = value;
    else problems.push(problem);
  }
  problems.push(...crossFieldProblems(read, stack));
  const region = raw["aws:region"];
  if (typeof region !== "string" || region === "") {
    problems.push({
      message: "aws:region is missing: the stack would go wherever the shell happens to point",
      at: "aws:region",
      fix: configSet("aws:region", "eu-west-1", stack),
    });
  }
  if (problems.length > 0 || typeof region !== "string") return { ok: false, problems };
  // Every name was read without a problem, so every setting is there with its own type.
  return { ok: true, config: toStackConfig(read as Settings, region) };
}

/** Pulumi takes a key without a namespace as the project's own (sdk/go, `workspace.ParseConfigKey`). */
function withNamespaces(given: RawConfig): RawConfig {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key.includes(":") ? key : `${NAMESPACE}:${key}`, value]),
  );
}

function readSetting(name: SettingName, value: unknown, stack: string | undefined) {
  const setting = settings[name];
  const at = `${NAMESPACE}:${name}`;
  const fix = configSet(at, setting.example, stack);
  if (value === undefined) {
    if (setting.default !== undefined) return { value: setting.default };
    return { problem: { message: `${name} is missing. ${setting.meaning}`, at, fix } };
  }
  if (isSecret(value)) {
    const message = `${name} is stored as a secret: it would make the whole container definition one, which the policies then cannot read`;
    return { problem: { message, at, fix: `${fix} --plaintext` } };
  }
  const result = setting.schema.safeParse(value);
  if (result.success) return { value: result.data };
  const message = `${name}: ${result.error.issues.map((issue) => issue.message).join("; ")}`;
  return { problem: { message, at, fix } };
}

/** `{ secure: "…" }` is how a stack file holds an encrypted value. */
function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

function unknownKeys(raw: RawConfig, stack: string | undefined): Problem[] {
  return Object.keys(raw).flatMap((key): Problem[] => {
    const [namespace, name = ""] = key.split(/:(.*)/s);
    if (namespace !== NAMESPACE || Object.hasOwn(settings, name)) return [];
    const meant = closest(name, names);
    const message = `${name} is not a setting of this project${meant ? `; did you mean ${meant}?` : ""}`;
    const forStack = stack === undefined ? "" : ` --stack ${stack}`;
    const remove = `pulumi config rm ${key}${forStack}`;
    const value = raw[key];
    // The value that was meant for it, where it is one that can be shown; a number of our own would be a change nobody asked for.
    const fix =
      meant && (typeof value === "string" || typeof value === "number")
        ? `${remove} && ${configSet(`${NAMESPACE}:${meant}`, String(value), stack)}`
        : remove;
    return [{ message, at: key, fix }];
  });
}

function crossFieldProblems(
  read: { readonly [name: string]: unknown },
  stack: string | undefined,
): Problem[] {
  return crossFields.flatMap(({ needs, check }): Problem[] => {
    // A setting that could not be read has its own problem already.
    if (!needs.every((name) => name in read)) return [];
    const finding = check(read as Settings);
    if (finding === undefined) return [];
    const at = `${NAMESPACE}:${finding.at}`;
    return [{ message: finding.message, at, fix: configSet(at, String(finding.value), stack) }];
  });
}
