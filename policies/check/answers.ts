import { readFileSync } from "node:fs";
import { InputError, isRecord, reasonOf } from "../kit/errors";
import { UNKNOWN } from "../plan/plan";
import { fromWire, holdsSecret, REDACTED, toWire } from "../plan/wire";

type Fields = { readonly [field: string]: unknown };

/** A look-up that a program asks: a data source and its arguments, secrets left out. */
export interface LookUp {
  readonly token: string;
  readonly args: Fields;
}

interface Entry {
  readonly token: string;
  /** Without them, every look-up of the token is meant. */
  readonly args: Fields | undefined;
  readonly result: Fields;
}

const UNKNOWN_ARGUMENT = "[unknown]";

/** A look-up as an entry of the file names it. */
export function lookUpOf(token: string, given: Fields): LookUp {
  const args = Object.entries(given).map(([name, value]) => {
    const plain = fromWire(value);
    if (holdsSecret(value)) return [name, REDACTED] as const;
    return [name, plain === UNKNOWN ? UNKNOWN_ARGUMENT : toWire(plain ?? null)] as const;
  });
  return { token, args: Object.fromEntries(args) };
}

const keyOf = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );

/** A look-up for messages: `aws:ec2/getVpc:getVpc {"default":true}`. */
export const shownLookUp = ({ token, args }: Pick<Entry, "token" | "args">): string =>
  args === undefined ? token : `${token} ${keyOf(args)}`;

/** Recorded results of the look-ups of a program, which only the cloud knows (`--answers`). */
export class Answers {
  private readonly used = new Set<Entry>();

  constructor(private readonly entries: readonly Entry[] = []) {}

  /** The fields that are answered; undefined where none is. A field that is null waits for its value. */
  to(lookUp: LookUp): Fields | undefined {
    const same = this.entries.filter(({ token }) => token === lookUp.token);
    const entry =
      same.find(({ args }) => args !== undefined && keyOf(args) === keyOf(lookUp.args)) ??
      same.find(({ args }) => args === undefined);
    if (entry === undefined) return undefined;
    this.used.add(entry);
    const given = Object.entries(entry.result).filter(([, value]) => value !== null);
    return given.length === 0 ? undefined : Object.fromEntries(given);
  }

  /** What matches no look-up of the run, in whole sentences. */
  get unused(): readonly string[] {
    return this.entries
      .filter((entry) => !this.used.has(entry))
      .map(
        (entry) =>
          `--answers: no look-up of the program is ${shownLookUp(entry)}: its answer is not used; correct \`token\` and \`args\`, or remove it`,
      );
  }

  /**
   * The text of a file with an entry for each look-up, the answers that there are already included.
   * @param read - The fields that the program has read of a look-up's answer.
   */
  template(lookUps: readonly LookUp[], read: (token: string) => readonly string[]): string {
    const entries = lookUps.map(({ token, args }) => {
      const empty = Object.fromEntries(read(token).map((field) => [field, null]));
      return { token, args, result: { ...empty, ...this.to({ token, args }) } };
    });
    const others = this.entries.filter((entry) => !this.used.has(entry));
    return `${JSON.stringify({ poolproofAnswers: 1, answers: [...entries, ...others] }, null, 2)}\n`;
  }
}

/** @throws InputError in one line, which quotes no answer: it may be a secret. */
export function readAnswers(file: string): Answers {
  const refuse = (what: string): never => {
    throw new InputError(`--answers: ${file} ${what}; \`poolproof answers\` writes such a file`);
  };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    return refuse(error instanceof SyntaxError ? "is not JSON" : `cannot be read: ${reasonOf(error)}`);
  }
  if (!isRecord(content) || content.poolproofAnswers !== 1 || !Array.isArray(content.answers)) {
    return refuse('does not have `"poolproofAnswers": 1` and a list `answers`');
  }
  return new Answers(
    content.answers.map((entry: unknown, position) => {
      const { token, args, result } = isRecord(entry) ? entry : {};
      if (typeof token === "string" && (args === undefined || isRecord(args)) && isRecord(result)) {
        return { token, args, result };
      }
      return refuse(`has no \`token\`, \`args\` and \`result\` in answer ${position + 1}`);
    }),
  );
}
