import { InputError, isRecord } from "../kit/errors";
import { type Project, qualifiedKey } from "./project";

/**
 * Stands for a secret that cannot be decrypted without the stack's key. It is the text Pulumi itself uses for an
 * unknown, so whatever text is made from it is unknown in the plan.
 */
export const UNDECRYPTED = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A stack's configuration as the program will see it: text by full key, and the keys that are secret. */
export interface StackConfig {
  readonly values: { readonly [key: string]: string };
  readonly secretKeys: readonly string[];
  /** Why some values may be missing, to be told to the reader. */
  readonly notes: readonly string[];
}

/**
 * Puts together what `pulumi config` would show: the project's defaults, then the stack file, then what the command
 * line sets.
 * @throws InputError naming every missing and mistyped value, with the command that sets each.
 */
export function stackConfig(
  project: Project,
  stack: string,
  stackFile: unknown,
  overrides: readonly (readonly [key: string, value: string])[],
): StackConfig {
  const values: { [key: string]: string } = {};
  const secretKeys = new Set<string>();
  const structured = new Set<string>();
  const declared = declarations(project);
  for (const { key, initial, secret } of declared) {
    if (initial !== undefined) values[key] = toText(initial).text;
    if (isStructure(initial)) structured.add(key);
    if (secret) secretKeys.add(key);
  }
  const own = isRecord(stackFile) && isRecord(stackFile.config) ? stackFile.config : {};
  for (const [name, value] of Object.entries(own)) {
    const key = qualifiedKey(project, name);
    // `key:` with nothing after it is an empty text to the engine.
    const { text, isSecret } = toText(value ?? "");
    values[key] = text;
    if (isStructure(value)) structured.add(key);
    else structured.delete(key);
    if (isSecret) secretKeys.add(key);
  }
  for (const [name, value] of overrides) {
    const key = qualifiedKey(project, name);
    values[key] = value;
    structured.delete(key);
  }

  const problems = declared.flatMap((declaration) =>
    problemOf({ ...declaration, secret: secretKeys.has(declaration.key) }, values, structured, stack),
  );
  if (problems.length > 0) throw new InputError(problems.join("\n  "));
  return { values, secretKeys: [...secretKeys], notes: notes(stackFile, values) };
}

interface Declaration {
  readonly key: string;
  readonly type: string | undefined;
  readonly initial: unknown;
  readonly secret: boolean;
}

/** The project's `config:` block: `key: value`, or `key: { type, default | value, secret }`. */
function declarations(project: Project): Declaration[] {
  return Object.entries(project.config).map(([name, declaration]) => {
    const key = qualifiedKey(project, name);
    if (!isRecord(declaration)) return { key, type: undefined, initial: declaration, secret: false };
    const { type, secret } = declaration;
    return {
      key,
      type: typeof type === "string" ? type : undefined,
      initial: declaration.value ?? declaration.default,
      secret: secret === true,
    };
  });
}

function problemOf(
  { key, type, initial, secret }: Declaration,
  values: StackConfig["values"],
  structured: ReadonlySet<string>,
  stack: string,
): string[] {
  const value = values[key];
  const set = (example: string): string =>
    `\`pulumi config set${secret ? " --secret" : ""} ${key} ${example} --stack ${stack}\``;
  const example = EXAMPLES[type ?? "string"] ?? "VALUE";
  if (value === undefined) {
    return type === undefined || initial !== undefined ? [] : [`${key} is not set: ${set(example)}`];
  }
  if (value === UNDECRYPTED || type === undefined) return [];
  if (fits(value, type) && !(type === "string" && structured.has(key))) return [];
  const shown = secret ? "a secret" : JSON.stringify(value.slice(0, 40));
  return [`${key} is ${shown}, not of type ${type}: ${set(example)}`];
}

const EXAMPLES: { readonly [type: string]: string } = {
  integer: "NUMBER",
  number: "NUMBER",
  boolean: "true",
  array: "'[…]'",
  object: "'{…}'",
};

function fits(value: string, type: string): boolean {
  switch (type) {
    case "integer":
      return /^[+-]?\d+$/.test(value);
    case "number":
      return value.trim() !== "" && Number.isFinite(Number(value));
    case "boolean":
      return value === "true" || value === "false";
    case "array":
      return Array.isArray(parsed(value));
    case "object":
      return isRecord(parsed(value));
    default:
      return true;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A config value as text; `{ secure: … }` anywhere in it makes it secret and its ciphertext unreadable. */
function toText(value: unknown): { text: string; isSecret: boolean } {
  if (typeof value === "string") return { text: value, isSecret: false };
  if (isSecure(value)) return { text: UNDECRYPTED, isSecret: true };
  let isSecret = false;
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (isSecure(item)) {
      isSecret = true;
      return UNDECRYPTED;
    }
    return typeof item === "bigint"
      ? Number.isSafeInteger(Number(item))
        ? Number(item)
        : String(item)
      : item;
  });
  return { text: typeof value === "bigint" ? String(value) : (text ?? ""), isSecret };
}

/** A list or an object of values, which a key of type string cannot hold. */
const isStructure = (value: unknown): boolean =>
  Array.isArray(value) || (isRecord(value) && !isSecure(value));

const isSecure = (value: unknown): boolean =>
  isRecord(value) && typeof value.secure === "string" && Object.keys(value).length === 1;

function notes(stackFile: unknown, values: StackConfig["values"]): string[] {
  const undecrypted = Object.keys(values).filter((key) => values[key]?.includes(UNDECRYPTED));
  return [
    ...(isRecord(stackFile) && stackFile.environment !== undefined
      ? ["the stack imports `environment:` values, which only Pulumi Cloud can open; they are not seen here"]
      : []),
    ...(undecrypted.length > 0
      ? [
          `${undecrypted.join(", ")}: secrets that cannot be decrypted here; set them with \`--config\`, or what is made of them is unknown`,
        ]
      : []),
  ];
}
