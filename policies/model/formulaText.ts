/** A formula that cannot be evaluated: one line in words, and where in the text it goes wrong. */
export class ParameterFormulaError extends Error {
  override readonly name = "ParameterFormulaError";
  /** The problem without its position. */
  readonly problem: string;
  /** Offset into the text, from 0; its length when the text ends too soon. */
  readonly position: number;

  constructor(problem: string, position: number) {
    super(`${problem} (at position ${position})`);
    this.problem = problem;
    this.position = position;
  }
}

/** A formula's text with a place in it. Blanks before every token are skipped. */
export class FormulaText {
  readonly #source: string;
  #offset = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Where the next token begins. */
  position(): number {
    while (/\s/.test(this.#source.charAt(this.#offset))) this.#offset++;
    return this.#offset;
  }

  atEnd(): boolean {
    return this.position() >= this.#source.length;
  }

  /** Reads a token that matches the sticky pattern here, or nothing. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position();
    const token = pattern.exec(this.#source)?.[0];
    this.#offset += token?.length ?? 0;
    return token;
  }

  expect(character: string): void {
    if (this.#source.charAt(this.position()) !== character) {
      this.fail(`expected "${character}", found ${this.described()}`);
    }
    this.#offset++;
  }

  /** The next character in a form that fits a message: never a line break or a control character. */
  described(): string {
    if (this.atEnd()) return "the end of the formula";
    return JSON.stringify(String.fromCodePoint(this.#source.codePointAt(this.#offset) ?? 0));
  }

  fail(problem: string, position = this.position()): never {
    throw new ParameterFormulaError(problem, position);
  }
}
