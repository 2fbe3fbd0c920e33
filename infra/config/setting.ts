import { z } from "zod";

/** The types that Pulumi.yaml knows. It has none for fractions: those are `string` there and numbers here. */
export type PulumiType = "string" | "integer" | "boolean" | "array";

/** What a person needs to know about one setting. */
export interface SettingDocs {
  /** One sentence of meaning; it is the description in Pulumi.yaml too. */
  readonly meaning: string;
  /** Unit of the value, for numbers. */
  readonly unit?: string;
  /** A value that reads well in `pulumi config set`. */
  readonly example: string;
}

/** One setting of the stack: how its value is read, and what it means. */
export interface Setting<T> extends SettingDocs {
  readonly pulumiType: PulumiType;
  /** Undefined where the value has to be stated in every stack. */
  readonly default: T | undefined;
  /** Reads what YAML or Pulumi hand over, which may be the text of the value, and refuses what is no such value. */
  readonly schema: z.ZodType<T>;
}

type Docs<T> = SettingDocs & { readonly default?: T };

function setting<T>(pulumiType: PulumiType, schema: z.ZodType<T>, { default: fallback, ...docs }: Docs<T>) {
  return { pulumiType, schema, default: fallback, ...docs } satisfies Setting<T>;
}

function show(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

/** Text such as `12`, `0.5`, `-1` or `1e9`; not `ten`, not an empty string, not `0x10`. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function readNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && DECIMAL.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/**
 * A number, fractions allowed. Any sign and size is read: what is safe is for the policies to say, which
 * can only judge what reaches them.
 */
export function number(docs: Docs<number> & { unit: string }): Setting<number> {
  const schema = z.unknown().transform((value, context): number => {
    const number = readNumber(value);
    if (number !== undefined) return number;
    context.addIssue(`${show(value)} is not a number of ${docs.unit}`);
    return z.NEVER;
  });
  return setting("string", schema, docs);
}

/**
 * A whole number. `min`, `max` and `among` are for what AWS itself refuses to create, with `limit` saying so;
 * a value that could be deployed but should not be is for the policies to reject.
 */
export function integer(
  docs: Docs<number> & {
    unit: string;
    min?: number;
    max?: number;
    among?: readonly number[];
    limit?: string;
  },
): Setting<number> {
  const { min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, among, limit, ...rest } = docs;
  const schema = z.unknown().transform((value, context): number => {
    const number = readNumber(value);
    if (number === undefined || !Number.isSafeInteger(number)) {
      context.addIssue(`${show(value)} is not a whole number of ${docs.unit}`);
      return z.NEVER;
    }
    const reason = limit ? `: ${limit}` : "";
    if (number < min || number > max) {
      context.addIssue(`${number} is outside ${min} to ${max} ${docs.unit}${reason}`);
      return z.NEVER;
    }
    if (among !== undefined && !among.includes(number)) {
      context.addIssue(`${number} is none of ${among.join(", ")} ${docs.unit}${reason}`);
      return z.NEVER;
    }
    return number;
  });
  return setting("integer", schema, rest);
}

/** A line of text. `pattern` describes its shape, `shape` names it in the message. */
export function text(docs: Docs<string> & { pattern?: RegExp; shape?: string }): Setting<string> {
  const { pattern, shape = "text", ...rest } = docs;
  const schema = z.unknown().transform((value, context): string => {
    const line = typeof value === "number" ? String(value) : value;
    if (typeof line === "string" && (pattern === undefined || pattern.test(line))) return line;
    context.addIssue(`${show(value)} is not ${shape}`);
    return z.NEVER;
  });
  return setting("string", schema, rest);
}

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[], docs: Docs<NoInfer<W>>): Setting<W> {
  const schema = z.unknown().transform((value, context): W => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    context.addIssue(`${show(value)} is none of ${words.join(", ")}`);
    return z.NEVER;
  });
  return setting("string", schema, docs);
}

/** A list of lines. The engine hands a list over as JSON text, YAML as a list. */
export function list(
  docs: Docs<readonly string[]> & { pattern: RegExp; shape: string },
): Setting<readonly string[]> {
  const { pattern, shape, ...rest } = docs;
  const schema = z.unknown().transform((value, context): readonly string[] => {
    const items = typeof value === "string" ? parseJson(value) : value;
    if (!Array.isArray(items)) {
      context.addIssue(`${show(value)} is not a list`);
      return z.NEVER;
    }
    return items.filter((item): item is string => {
      const good = typeof item === "string" && pattern.test(item);
      if (!good) context.addIssue(`${show(item)} is not ${shape}`);
      return good;
    });
  });
  return setting("array", schema, rest);
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
