import { z } from "zod";
import { closest } from "../kit/text";
import { DEFAULT_SETTINGS, type ExceptionRequest, type Settings } from "../plan/settings";
import { CATALOGUE as POLICIES } from "../rules/catalogue";
import { settingsPolicy } from "../rules/config/settingsPolicy";
import { exceptionSchema, settingsSchema } from "./settingsSchema";

/** Settings, or what is wrong with them: all problems, each with its path. */
export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * What is parsed is what is published, but for one thing: an exception that is not whole must not make a command fail,
 * and must not lift anything either. It is kept with what is wrong with it, and reported as a violation.
 */
const parsedSchema = settingsSchema.extend({ exceptions: z.array(z.unknown()).optional() });

/** Parses the properties of `poolproof-settings`; what is not set has its documented default. */
export function parseSettings(input: unknown): ParsedSettings {
  const result = parsedSchema.safeParse(input, { reportInput: true });
  const unknown = unknownRules(input);
  if (!result.success) {
    const problems = [...problemLines(settingsSchema, result.error.issues), ...unknown];
    return { ok: false, problems };
  }
  const {
    budgetShare,
    peakFactor,
    waitTargetMs,
    waitExceedance,
    operationsReserve,
    surviveZoneLoss,
    notes: _,
    ...own
  } = result.data;
  if (unknown.length > 0) return { ok: false, problems: unknown };
  const capacity = filled(DEFAULT_SETTINGS.capacity, {
    budgetShare,
    peakFactor,
    waitTargetMs,
    exceedance: waitExceedance,
    operationsReserve,
    surviveZoneLoss,
  });
  const exceptions = (own.exceptions ?? []).map(exceptionRequest);
  return { ok: true, settings: filled(DEFAULT_SETTINGS, { ...own, capacity, exceptions }) };
}

/** The defaults, but for what is set. */
function filled<T extends object>(
  defaults: T,
  set: { readonly [field in keyof T]?: T[field] | undefined },
): T {
  const entries = Object.entries(set).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(entries) as Partial<T>) };
}

/** Ids of the policies whose findings an exception may name. */
const RULE_IDS = POLICIES.map(({ id }) => id).filter((id) => id !== settingsPolicy.id);

/** Looked for in what was given, so that they are said beside whatever else is wrong with it. */
function unknownRules(input: unknown): string[] {
  const given =
    typeof input === "object" && input !== null && "neverExcepted" in input ? input.neverExcepted : [];
  if (!Array.isArray(given)) return [];
  return given.flatMap((id: unknown, i) =>
    typeof id !== "string" || id === "" || RULE_IDS.includes(id)
      ? []
      : [`neverExcepted.${i}: ${noSuchRule(id).replace(/[\p{Cc}\u2028\u2029]+/gu, " ")}`],
  );
}

function noSuchRule(id: string): string {
  const near = closest(id, RULE_IDS);
  return `there is no rule "${id}"${near ? `; did you mean "${near}"?` : ""}`;
}

function exceptionRequest(entry: unknown): ExceptionRequest {
  const parsed = exceptionSchema.safeParse(entry, { reportInput: true });
  const problems = parsed.success
    ? [parsed.data.rule].filter((id) => !RULE_IDS.includes(id)).map(noSuchRule)
    : problemLines(exceptionSchema, parsed.error.issues).map((line) =>
        line.replace(/^settings: /, "the entry "),
      );
  const request = { ...NOTHING_SAID, ...(parsed.success ? parsed.data : textsOf(entry)) };
  return problems.length === 0 ? request : { ...request, malformed: problems.join("; ") };
}

const NOTHING_SAID = { rule: "", resource: "", reason: "", owner: "", expires: "" };

function textsOf(entry: unknown): Partial<ExceptionRequest> {
  const fields = typeof entry === "object" && entry !== null ? Object.entries(entry) : [];
  return Object.fromEntries(
    fields.filter(([field, value]) => Object.hasOwn(NOTHING_SAID, field) && typeof value === "string"),
  );
}

/** What zod found wrong, as one line for each problem: the path, what must hold, what was found. */
export function problemLines(schema: z.ZodType, issues: readonly z.core.$ZodIssue[]): string[] {
  const lines = issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys") return [`${path.join(".") || "settings"}: ${wording(issue)}`];
    const known = keysAt(z.toJSONSchema(schema, { io: "input" }), path);
    return issue.keys.map(
      (key) => `${[...path, key].join(".")}: there is no such setting${meant(key, known)}`,
    );
  });
  return lines.map((line) => line.replace(/[\p{Cc}\u2028\u2029]+/gu, " "));
}

function wording(issue: z.core.$ZodIssue): string {
  const found = shown(issue.input);
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? "is missing"
        : `must be ${EXPECTED[issue.expected] ?? issue.expected}, is ${found}`;
    case "too_small":
      if (issue.origin === "string" || issue.origin === "array") return "must not be empty";
      return `must be ${issue.inclusive ? "at least" : "above"} ${issue.minimum}, is ${found}`;
    case "too_big":
      return `must be ${issue.inclusive ? "at most" : "below"} ${issue.maximum}, is ${found}`;
    case "invalid_value": {
      const values = issue.values.map(String);
      const near = typeof issue.input === "string" ? closest(issue.input, values) : undefined;
      const hint = near === undefined ? "" : `; did you mean "${near}"?`;
      return `can be ${values.map((value) => `"${value}"`).join(" or ")}, is ${found}${hint}`;
    }
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  }
}

const EXPECTED: { readonly [type: string]: string } = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function meant(typed: string, known: readonly string[]): string {
  const near = closest(typed, known);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return known.length === 0 || known.length > 20 ? "" : `; there are ${known.join(", ")}`;
}

/** The start of a value as JSON writes it, which keeps a line a line. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Names that an object of the schema may have at a path; empty where any name is allowed. */
function keysAt(schema: object, path: readonly string[]): string[] {
  let at: { readonly [keyword: string]: unknown } = { ...schema };
  for (const step of path) {
    const properties: { readonly [name: string]: unknown } = { ...objectOr(at.properties) };
    at = { ...objectOr(properties[step] ?? at.items ?? at.additionalProperties) };
  }
  const { enum: names = Object.keys(objectOr(at.properties)) }: { readonly enum?: unknown } = objectOr(
    at.propertyNames,
  );
  return Array.isArray(names) ? names.map(String) : [];
}

const objectOr = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});
