import { readFileSync } from "node:fs";
import { InputError, isRecord, messageOf } from "../kit/errors";
import type { Plan, PlanResource } from "../plan/plan";
import { stackAndProject } from "../plan/planIndex";
import { isSecret, propertiesFromWire, SECRET_SIGNATURE, SIGNATURE_KEY } from "../plan/wire";

/** Names stdin, as in `pulumi stack export | poolproof analyze --state -`. */
const STDIN = "-";

/** What names an export: an option of the command, or the variable that the pack reads. */
export type StateOption = "--state" | "--base" | "POOLPROOF_BASE";

/**
 * Reads a `pulumi stack export` from a file, or from stdin.
 * @param option - What named it, for messages.
 * @throws InputError in one line, which quotes nothing of the file: it may hold secrets in clear.
 */
export async function readState(file: string, option: StateOption): Promise<Plan> {
  const text = file === STDIN ? await readStdin(option) : readText(file, option);
  const shown = file === STDIN ? "what stdin holds" : file;
  const refuse = (what: string): never => {
    throw new InputError(`${option}: ${shown} ${what}; write one with \`pulumi stack export --file FILE\``);
  };
  if (text.trim() === "") return refuse("is empty, not a stack export");
  const exported = parse(text);
  if (exported === undefined) return refuse("is not JSON, so not a stack export");
  try {
    const plan = planFromState(exported);
    // A base may be empty: then everything is new.
    if (plan.resources.length > 0 || option !== "--state") return plan;
  } catch (error) {
    return refuse(`is not a stack export: it ${messageOf(error)}`);
  }
  throw new InputError(`${option}: ${shown} has no resources: nothing is deployed that could be judged`);
}

/**
 * Of another stack nothing would be found again, and what judges the change would have nothing to say.
 * @throws InputError where the base is of another stack than the plan
 */
export function ofSameStack(base: Plan, plan: Plan, option: StateOption): Plan {
  if (base.resources.length === 0 || plan.resources.length === 0) return base;
  const [before, after] = [stackAndProject(base), stackAndProject(plan)];
  if (before.stack === after.stack && before.project === after.project) return base;
  const [was, is] = [before, after].map(({ stack, project }) => `${project}/${stack}`);
  throw new InputError(
    `${option} holds the stack ${was}, and ${is} is judged: export that one, \`pulumi stack export --stack ${after.stack}\``,
  );
}

function readText(file: string, option: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`${option}: ${file} cannot be read: ${messageOf(error)}`);
  }
}

async function readStdin(option: string): Promise<string> {
  if (process.stdin.isTTY) {
    throw new InputError(`${option} - reads stdin: \`pulumi stack export | poolproof analyze --state -\``);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined for what is not JSON: the parser's own message quotes the text. */
function parse(text: string): unknown {
  try {
    // PowerShell's `>` puts a byte order mark first.
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

type JsonObject = { readonly [key: string]: unknown };

/** Of the export's format; 3 is what today's Pulumi writes, 4 the same with features it needs named. */
const VERSIONS: readonly unknown[] = [3, 4];

const ENCRYPTED =
  "is encrypted in this export: write the export with `pulumi stack export --show-secrets` to have it judged";

/**
 * What a `pulumi stack export` says is deployed, as a plan: outputs as properties, secrets in clear where the export
 * has them so, everything else known. What a replacement has left to be deleted is no part of it.
 * @throws Error saying, in words that follow "it", why the JSON is no export. Values are never quoted.
 */
export function planFromState(exported: unknown): Plan {
  if (!isRecord(exported)) throw new Error("is not a JSON object");
  const { version, deployment } = exported;
  if (!isRecord(deployment)) throw new Error("has no `deployment`");
  if (!VERSIONS.includes(version)) {
    const shown = typeof version === "number" ? `version ${version}` : "no version";
    throw new Error(`has ${shown} of the format, and ${VERSIONS.join(" and ")} can be read`);
  }
  // A stack that was never deployed, or was destroyed, has none.
  const resources = deployment.resources ?? [];
  if (!Array.isArray(resources)) throw new Error("has `resources` that are no list");
  return {
    resources: resources.flatMap((entry: unknown, position) => {
      if (!isRecord(entry) || typeof entry.urn !== "string" || typeof entry.type !== "string") {
        throw new Error(`has a resource without \`urn\` or \`type\` (number ${position + 1})`);
      }
      return entry.delete === true ? [] : [toPlanResource(entry, entry.urn, entry.type)];
    }),
  };
}

function toPlanResource(entry: JsonObject, urn: string, type: string): PlanResource {
  const outputs = outputsOf(entry);
  const encrypted = Object.keys(outputs).filter((property) => holdsCiphertext(outputs[property]));
  return {
    urn,
    type,
    name: urn.split("::").slice(3).join("::"),
    properties: propertiesFromWire(inClear(outputs)),
    secretProperties: encrypted,
    whyUnknown: tableOf(encrypted.map((property) => [property, `\`${property}\` ${ENCRYPTED}`])),
    propertyDependencies: tableOf(
      Object.entries(isRecord(entry.propertyDependencies) ? entry.propertyDependencies : {})
        .map(([property, urns]) => [property, texts(urns)] as const)
        .filter(([, urns]) => urns.length > 0),
    ),
    dependencies: texts(entry.dependencies),
    parent: typeof entry.parent === "string" ? entry.parent : undefined,
    isCustom: typeof entry.custom === "boolean" ? entry.custom : undefined,
  };
}

/** A view, which is how the state holds a resource of a Terraform module, has all that it is in its inputs. */
function outputsOf({ outputs, inputs, viewOf }: JsonObject): JsonObject {
  const own = isRecord(outputs) ? outputs : {};
  const isBareView = typeof viewOf === "string" && Object.keys(own).length === 0;
  return isBareView && isRecord(inputs) ? inputs : own;
}

/** `--show-secrets` writes a secret as JSON in a text; the plan's own form of it holds the value. */
function inClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inClear);
  if (!isRecord(value)) return value;
  if (!isSecret(value)) return tableOf(Object.entries(value).map(([key, item]) => [key, inClear(item)]));
  const { plaintext } = value;
  if (typeof plaintext !== "string") return value;
  try {
    return inClear(JSON.parse(plaintext));
  } catch {
    return { [SIGNATURE_KEY]: SECRET_SIGNATURE };
  }
}

function holdsCiphertext(value: unknown): boolean {
  if (isRecord(value) && isSecret(value)) return typeof value.plaintext !== "string";
  return typeof value === "object" && value !== null && Object.values(value).some(holdsCiphertext);
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

/** An object without a prototype: the keys are the export's, and `__proto__` may be one of them. */
function tableOf<T>(entries: readonly (readonly [string, T])[]): { readonly [key: string]: T } {
  const table: { [key: string]: T } = Object.create(null);
  for (const [key, value] of entries) table[key] = value;
  return table;
}
