import { z } from "zod";
import { closest } from "./closest";

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
