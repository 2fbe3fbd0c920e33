import { z } from "zod";
import { closest } from "../kit/text";
import type { PulumiException } from "../plan/settings";
import { problemLines } from "./parseSettings";
import { POLICIES } from "./policies";

/*
 * The exceptions of a policy configuration of version 2, as Pulumi's engine reads them: pkg/v3 3.276.0,
 * resource/analyzer/exceptions.go (the same file in 3.274.0, the first with them; 3.260.0 has none).
 *
 * What the engine refuses is refused here. More is refused where the engine would do something else than the file says: it
 * ignores fields that it does not know (`expires` among them), only warns of a policy that the pack does not have, and
 * compares targets whole, so that `*` matches nothing but a resource of that name.
 */

const POLICY_IDS = POLICIES.map(({ id }) => id);

/** tokens.IsName of Pulumi's SDK. */
const ID = /^[A-Za-z0-9_.-]+$/;

/** URN.IsValid: the prefix and three delimiters. */
const URN = /^urn:pulumi:[^*]*::[^*]*::[^*]*::[^*]*$/;

const matchSchema = z.strictObject({
  policies: z.array(z.enum(POLICY_IDS)).min(1).describe("Ids of the rules whose findings are accepted."),
  targets: z
    .array(z.string().regex(URN))
    .min(1)
    .describe("URNs of the resources that the findings name, in full: Pulumi compares them exactly."),
});

const pulumiExceptionSchema = z.strictObject({
  reason: z.string().regex(/\S/).describe("Why the findings are accepted, and by whom."),
  match: z
    .array(matchSchema)
    .min(1)
    .describe("Each entry accepts the findings of any of its rules on any of its targets."),
});

/** Exceptions by their id: the definition that the published schema is made from. */
export const pulumiExceptionsSchema = z
  .record(z.string().regex(ID), pulumiExceptionSchema)
  .describe(
    "Pulumi's own exceptions, by id. The engine applies them; they have neither an owner nor a last day.",
  );

/** Exceptions in the order in which the engine applies them, or what is wrong with them, a line for each problem. */
export interface ParsedPulumiExceptions {
  readonly exceptions: readonly PulumiException[];
  readonly problems: readonly string[];
}

/** Parses the value of `exceptions` in a policy configuration of version 2. */
export function parsePulumiExceptions(value: unknown): ParsedPulumiExceptions {
  if (Array.isArray(value)) {
    const fix = `a list of exceptions with an owner and a last day belongs in policies.poolproof-settings.exceptions`;
    return {
      exceptions: [],
      problems: [`exceptions: must be an object of Pulumi's exceptions by id; ${fix}`],
    };
  }
  if (typeof value !== "object" || value === null) {
    return { exceptions: [], problems: ["exceptions: must be an object of Pulumi's exceptions by id"] };
  }
  const exceptions: PulumiException[] = [];
  const problems: string[] = [];
  for (const [id, entry] of Object.entries(value)) {
    if (!ID.test(id)) {
      problems.push(
        `exceptions: the id ${JSON.stringify(id)} may contain only letters, digits, "-", "." and "_", and must not be empty`,
      );
    }
    const parsed = pulumiExceptionSchema.safeParse(entry, { reportInput: true });
    if (parsed.success) exceptions.push({ id, ...parsed.data });
    else problems.push(...parsed.error.issues.flatMap((issue) => linesOf(issue, id)));
  }
  return {
    exceptions: exceptions.sort((a, b) => compareIds(a.id, b.id)),
    problems: problems.map((line) => line.replace(/[\p{Cc}\u2028\u2029]+/gu, " ")),
  };
}

function linesOf(issue: z.core.$ZodIssue, id: string): string[] {
  const path = ["exceptions", id, ...issue.path];
  const at = path.join(".");
  if (issue.code === "unrecognized_keys") {
    const known = issue.path.length === 0 ? ["reason", "match"] : ["policies", "targets"];
    return issue.keys.map((key) => `${at}.${key}: ${unknownField(key, known)}`);
  }
  const said = typeof issue.input === "string" ? wrongText(issue.input, path) : undefined;
  return said === undefined ? problemLines(pulumiExceptionSchema, [{ ...issue, path }]) : [`${at}: ${said}`];
}

/** The engine ignores a field that it does not know: worst where the field is a last day. */
function unknownField(key: string, known: readonly string[]): string {
  const elsewhere = "move the exception to policies.poolproof-settings.exceptions, which has the field";
  if (/^(expire|until|end|last|valid)/i.test(key)) {
    return `Pulumi ignores it and applies the exception permanently: remove the field, or ${elsewhere} \`expires\``;
  }
  if (/^owner/i.test(key)) {
    return `Pulumi ignores it: name the owner in \`reason\`, or ${elsewhere} \`owner\``;
  }
  const near = closest(key, known);
  return `Pulumi ignores this field; ${near ? `did you mean "${near}"?` : `it reads ${known.join(" and ")} alone`}`;
}

function wrongText(text: string, path: readonly PropertyKey[]): string | undefined {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
  if (path.includes("policies")) {
    if (text === "all") return '"all" is refused by Pulumi: name each rule';
    if (text.includes("*")) return `is ${shown}: Pulumi compares ids exactly, so name each rule`;
    const near = closest(text, POLICY_IDS);
    return `no rule has the id ${shown}${near ? `; did you mean "${near}"?` : ""}`;
  }
  if (path.includes("targets")) {
    if (text.includes("*")) return `is ${shown}: Pulumi compares targets exactly, so list each URN in full`;
    return `must be a URN in full (urn:pulumi:STACK::PROJECT::TYPE::NAME), is ${shown}; the JSON report has it as "resource"`;
  }
  return path.at(-1) === "reason" ? "must not be blank" : undefined;
}

/** compareExceptionIDs: runs of digits count as numbers, so EXC-2 is before EXC-10. */
function compareIds(a: string, b: string): number {
  const [left, right] = [runsOf(a), runsOf(b)];
  for (const [index, run] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order =
      isNumber(run) && isNumber(other)
        ? withoutZeros(run).length - withoutZeros(other).length ||
          compareTexts(withoutZeros(run), withoutZeros(other))
        : compareTexts(run, other);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareTexts(a, b);
}

const runsOf = (id: string): readonly string[] => id.match(/\d+|\D+/g) ?? [];
const isNumber = (run: string): boolean => /^\d/.test(run);
const withoutZeros = (digits: string): string => digits.replace(/^0+/, "");
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
