/** CloudWatch metric math, as far as it can be computed for one point in time: arithmetic, comparisons, a few functions. */
export interface MathExpression {
  /** Ids of the queries that it reads, in the order they first appear. */
  readonly ids: readonly string[];
  /** The result, where each id has one value; NaN where CloudWatch would have no data point. */
  evaluate(values: { readonly [id: string]: number }): number;
}

/**
 * Reads an expression, or says why it cannot be computed here. Functions over time (`RATE`, `ANOMALY_DETECTION_BAND`),
 * over several series (`METRICS`, `SEARCH`) and SQL have no value at one point, and are refused by name.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function parseMetricMath(text: string): MathExpression | { readonly problem: string } {
  const parser = new Parser(text);
  try {
    const node = parser.whole();
    return { ids: [...parser.ids], evaluate: (values) => node(values) };
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message };
    throw error;
  }
}

type Node = (values: { readonly [id: string]: number }) => number;

class Unreadable extends Error {}

/** No alarm's expression is longer (CloudWatch quota), and no parser should recurse deeper than one would nest. */
const LONGEST = 2048;
const DEEPEST = 60;

const TOKEN =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/^()<>,[\]]))/y;

const bool = (value: boolean): number => (value ? 1 : 0);

/** From the loosest to the tightest; `^` and signs bind tighter still. */
const LEVELS: readonly { readonly [operator: string]: (a: number, b: number) => number }[] = [
  { OR: (a, b) => bool(a !== 0 || b !== 0), "||": (a, b) => bool(a !== 0 || b !== 0) },
  { AND: (a, b) => bool(a !== 0 && b !== 0), "&&": (a, b) => bool(a !== 0 && b !== 0) },
  {
    "<": (a, b) => bool(a < b),
    ">": (a, b) => bool(a > b),
    "<=": (a, b) => bool(a <= b),
    ">=": (a, b) => bool(a >= b),
    "==": (a, b) => bool(a === b),
    "!=": (a, b) => bool(a !== b),
  },
  { "+": (a, b) => a + b, "-": (a, b) => a - b },
  // CloudWatch has no data point where it would divide by 0.
  { "*": (a, b) => a * b, "/": (a, b) => (b === 0 ? Number.NaN : a / b) },
];

const sum = (of: readonly number[]): number => of.reduce((total, each) => total + each, 0);

/** Those that have a value at one point in time; `FILL` does nothing where there is data. */
const FUNCTIONS: { readonly [name: string]: (...of: readonly number[]) => number } = {
  ABS: (a = Number.NaN) => Math.abs(a),
  AVG: (...of) => sum(of) / of.length,
  CEIL: (a = Number.NaN) => Math.ceil(a),
  FILL: (a = Number.NaN) => a,
  FLOOR: (a = Number.NaN) => Math.floor(a),
  IF: (condition, yes = Number.NaN, no = Number.NaN) => (condition === 0 ? no : yes),
  MAX: (...of) => Math.max(...of),
  MIN: (...of) => Math.min(...of),
  SUM: (...of) => sum(of),
};

const own = <T>(table: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

class Parser {
  readonly ids = new Set<string>();
  private at = 0;
  private token = "";
  private kind: "number" | "word" | "sign" | "end" = "end";
  private depth = 0;

  constructor(private readonly text: string) {}

  whole(): Node {
    if (this.text.length > LONGEST) throw new Unreadable(`it is longer than ${LONGEST} characters`);
    this.next();
    const node = this.level(0);
    if (this.kind !== "end") throw new Unreadable(`\`${this.token}\` is not expected there`);
    return node;
  }

  private next(): void {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text);
    if (match === null) {
      const rest = this.text.slice(this.at).trim();
      if (rest !== "") throw new Unreadable(`\`${rest.slice(0, 12)}\` cannot be read`);
      [this.kind, this.token] = ["end", "the end"];
      return;
    }
    this.at = TOKEN.lastIndex;
    const [, number, word, sign = ""] = match;
    this.kind = number !== undefined ? "number" : word !== undefined ? "word" : "sign";
    this.token = number ?? word ?? sign;
  }

  private take(sign: string): void {
    if (this.token !== sign) throw new Unreadable(`\`${sign}\` is expected before ${this.token}`);
    this.next();
  }

  private level(index: number): Node {
    const operators = LEVELS[index];
    if (operators === undefined) return this.power();
    let left = this.level(index + 1);
    for (let operate = own(operators, this.token); operate; operate = own(operators, this.token)) {
      this.next();
      const [compute, before, right] = [operate, left, this.level(index + 1)];
      left = (values) => compute(before(values), right(values));
    }
    return left;
  }

  private power(): Node {
    if (++this.depth > DEEPEST) throw new Unreadable("it is nested too deeply");
    const base = this.signed();
    let node = base;
    if (this.token === "^") {
      this.next();
      const exponent = this.power();
      node = (values) => base(values) ** exponent(values);
    }
    this.depth -= 1;
    return node;
  }

  private signed(): Node {
    if (this.token === "-" || this.token === "+") {
      const isMinus = this.token === "-";
      this.next();
      const node = this.power();
      return (values) => (isMinus ? -node(values) : node(values));
    }
    return this.atom();
  }

  private atom(): Node {
    const { kind, token } = this;
    if (kind === "number") {
      this.next();
      return () => Number(token);
    }
    if (token === "(") {
      this.next();
      const node = this.level(0);
      this.take(")");
      return node;
    }
    if (kind !== "word") throw new Unreadable(`\`${token}\` is not expected there`);
    this.next();
    return this.token === "(" ? this.call(token) : this.id(token);
  }

  private id(name: string): Node {
    this.ids.add(name);
    return (values) => values[name] ?? Number.NaN;
  }

  private call(name: string): Node {
    const compute = own(FUNCTIONS, name);
    if (compute === undefined) throw new Unreadable(`\`${name}\` has no value at one point in time`);
    this.take("(");
    const parts = this.list(")");
    this.take(")");
    return (values) => compute(...parts.map((part) => part(values)));
  }

  /** Arguments; `[a, b]` stands for its items, as in `MAX([a, b])`, and `FILL(a, REPEAT)` names a way and no value. */
  private list(end: string): Node[] {
    const parts: Node[] = [];
    while (this.token !== end) {
      if (this.token === "[") {
        this.next();
        parts.push(...this.list("]"));
        this.take("]");
      } else if (this.token === "REPEAT" || this.token === "LINEAR") {
        this.next();
        parts.push(() => Number.NaN);
      } else {
        parts.push(this.level(0));
      }
      if (this.token !== ",") break;
      this.next();
    }
    return parts;
  }
}
