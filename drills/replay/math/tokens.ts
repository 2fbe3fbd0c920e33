import { ReplayInputError } from "../inputError";

/** A piece of an expression, and where it begins. */
export interface Token {
  readonly kind: "number" | "word" | "string" | "symbol" | "end";
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|"([^"]*)"|'([^']*)'|(==|!=|<=|>=|&&|\|\||[-+*/^()[\],<>]))/y;

/** @throws ReplayInputError at the first character that begins nothing. */
export function tokensOf(text: string, origin: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const rest = text.slice(from).trimStart();
      throw new ReplayInputError(`${origin}: \`${rest.charAt(0)}\` in \`${text}\` is not understood`);
    }
    const [, number, word, double, single, symbol] = match;
    const at = from;
    if (number !== undefined) tokens.push({ kind: "number", text: number, at });
    else if (word !== undefined) tokens.push({ kind: "word", text: word, at });
    else if (symbol !== undefined) tokens.push({ kind: "symbol", text: symbol, at });
    else tokens.push({ kind: "string", text: double ?? single ?? "", at });
  }
  tokens.push({ kind: "end", text: "the end", at: end });
  return tokens;
}
