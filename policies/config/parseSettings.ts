import { z } from "zod";
import { DEFAULT_SETTINGS, type ExceptionRequest, type Settings } from "../plan/settings";
import { closest } from "./closest";
import { POLICIES, settingsPolicy } from "./policyIds";
import { problemLines } from "./settingsProblems";
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
  const strangers = unknownRules(input);
  if (!result.success) {
    const problems = [...problemLines(settingsSchema, result.error.issues), ...strangers];
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
  if (strangers.length > 0) return { ok: false, problems: strangers };
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
