import type { ProgramSdk, SdkInternals } from "./programSdk";
import { ANSWERED, UNANSWERED } from "./recordingMonitor";

/**
 * What a program gets in place of values that only the deployment or the cloud knows.
 *
 * Three forms, each as safe as what the program can do with it:
 * - An output stays unknown, as in a first preview of the engine.
 * - A plain value (the result of `await aws.ec2.getAmi()`) is a placeholder: every property of it is one too, it can be
 *   iterated once, a resource takes it as an unknown input, and text made with it is unknown to the rules.
 * - A callback of `apply` that only puts its argument into text or structures (`interpolate`, `JSON.stringify`, templates)
 *   runs with placeholders, so that one unknown address does not hide the container definition around it. One that may
 *   branch or compute never sees a placeholder: its result is unknown.
 */
export class UnknownValues {
  /** By the token of each look-up that was awaited: the fields that the program has read of its answers. */
  readonly read = new Map<string, Set<string>>();
  /** Token of the look-up whose answer the program used last. */
  lastUsed: string | undefined;
  private readonly embedding = new WeakSet<object>();
  private readonly internals: SdkInternals;
  private readonly marker: string;
  private readonly unknown: unknown;

  constructor({ internals }: Pick<ProgramSdk, "internals">) {
    this.internals = internals;
    this.marker = internals.unknownValue;
    this.unknown = internals.output.unknown;
  }

  /** Replaces functions of the program's SDK; a second copy of the SDK in the program's tree is not changed. */
  install(): void {
    const { invoke, output } = this.internals;
    for (const name of ["invoke", "invokeSingle"] as const) {
      const original = invoke[name];
      this.replace(name, async (token: string, ...args: readonly unknown[]) => {
        const answer = await original(token, ...args);
        if (!isUnanswered(answer) && !this.isUnknown(answer)) return this.completed(answer);
        const fields = this.read.get(token) ?? new Set<string>();
        this.read.set(token, fields);
        return this.placeholder(1, (field) => {
          this.lastUsed = token;
          if (field !== undefined) fields.add(field);
        });
      });
    }
    this.replace("interpolate", (literals: TemplateStringsArray, ...values: readonly unknown[]) =>
      this.embed(values, (known) =>
        literals.reduce((text, literal, i) => `${text}${String(known[i - 1])}${literal}`),
      ),
    );
    this.replace("concat", (...values: readonly unknown[]) => this.embed(values, (known) => known.join("")));
    this.replace("jsonStringify", (value: unknown, replacer?: undefined, space?: string | number) =>
      this.embed(value, (known) => JSON.stringify(known, replacer, space)),
    );
    this.patchApply(output.Output.prototype);
  }

  /** SDKs hand functions on by copies or by getters, depending on the compiler that built them. */
  private replace(name: string, value: (...args: never[]) => unknown): void {
    for (const module of this.internals.exporting) {
      const current = Object.getOwnPropertyDescriptor(module, name);
      if (current?.writable) Object.defineProperty(module, name, { ...current, value });
    }
  }

  private embed<T>(value: T, write: (known: T) => unknown): unknown {
    this.embedding.add(write);
    return this.internals.output.output(value).apply(write as (known: unknown) => unknown);
  }

  private patchApply(prototype: SdkInternals["output"]["Output"]["prototype"]): void {
    const original = prototype.apply;
    const values = this;
    prototype.apply = function apply(callback, runWithUnknowns) {
      // The SDK's own access to a property of an output.
      if (runWithUnknowns) {
        const lifted = (value: unknown): unknown =>
          callback(isMarked(value, UNANSWERED) ? values.unknown : values.completed(value));
        return original.call(this, lifted, true);
      }
      if (!values.embedding.has(callback) && !onlyEmbeds(callback)) {
        return original.call(this, (value) =>
          values.holds(value) ? values.unknown : callback(values.completed(value)),
        );
      }
      const embedded = async (value: unknown): Promise<unknown> => {
        if (!values.hides(value)) return callback(values.completed(value));
        try {
          return await callback(values.replaced(values.completed(value)));
        } catch {
          return values.unknown;
        }
      };
      return original.call(this, embedded, true);
    };
  }

  /** A recorded answer, whose fields that nobody recorded are unknown. */
  private completed(value: unknown): unknown {
    if (Array.isArray(value))
      return value.some(isRecorded) ? value.map((each) => this.completed(each)) : value;
    if (!isMarked(value, ANSWERED)) return value;
    const { [ANSWERED]: _, ...given } = value;
    const made = new Proxy(given, {
      get: (target, property) =>
        typeof property === "symbol" || property in target || OF_ANSWERS.test(property)
          ? Reflect.get(target, property)
          : this.placeholder(1),
    });
    recorded.add(made);
    return made;
  }

  private isUnknown(value: unknown): boolean {
    return this.internals.output.isUnknown(value);
  }

  /** Whether something in a known value is a placeholder, or text made with one. */
  private holds(value: unknown): boolean {
    return some(value, (each) => this.isMade(each));
  }

  /** Whether something in the value is unknown. */
  private hides(value: unknown): boolean {
    return some(value, (each) => this.isUnknown(each) || this.isMade(each));
  }

  private isMade(value: unknown): boolean {
    return typeof value === "string" ? value.includes(this.marker) : placeholders.has(value as object);
  }

  private replaced(value: unknown): unknown {
    if (this.isUnknown(value) || isMarked(value, UNANSWERED)) return this.placeholder(DESTRUCTURED);
    if (Array.isArray(value)) return value.map((each) => this.replaced(each));
    if (!isPlain(value) || recorded.has(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.replaced(each)]));
  }

  /**
   * An unknown output that can also be used as a text, a list of `length` or an object.
   * @param used - Told when the program uses it, with the field that it reads.
   */
  private placeholder(length: number, used: (field?: string) => void = () => {}): object {
    const { Output: UnknownOutput } = this.internals.output;
    const unknown = new UnknownOutput(
      new Set(),
      Promise.resolve(undefined),
      Promise.resolve(false),
      Promise.resolve(false),
      Promise.resolve(new Set()),
    );
    const text = (): string => this.marker;
    const use = (): void => used();
    const list = (): object[] => Array.from({ length }, () => this.placeholder(1, use));
    const made: object = new Proxy(unknown, {
      get: (target, property) => {
        if (property === "then") return undefined;
        const isField = typeof property === "string" && !OF_LANGUAGE.has(property);
        if (typeof property === "symbol" || !(property.startsWith("__") || OF_OUTPUTS.has(property))) {
          used(isField ? property : undefined);
        }
        if (property === Symbol.toPrimitive || property === "toString" || property === "toJSON") return text;
        if (property === Symbol.iterator) return () => list()[Symbol.iterator]();
        if (property === "length") return length;
        if (typeof property === "symbol" || property.startsWith("__") || OF_OUTPUTS.has(property)) {
          return Reflect.get(target, property);
        }
        const method: unknown = Reflect.get(Array.prototype, property);
        if (typeof method === "function") return method.bind(list());
        return property in String.prototype ? () => this.placeholder(1, use) : this.placeholder(length, use);
      },
      // Whatever is copied out of it is unknown as a whole; see `fromWire`.
      ownKeys: () => [this.marker],
      getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: this.marker }),
    });
    placeholders.add(made);
    return made;
  }
}

/** What any text, list or object has: no fields of an answer. */
const OF_LANGUAGE = new Set(
  [String.prototype, Array.prototype, Object.prototype].flatMap((each) => Object.getOwnPropertyNames(each)),
).add("toJSON");
/** What the SDK and the language ask of any object. */
const OF_ANSWERS = /^(?:then|toJSON|__.*)$/;

const isMarked = (value: unknown, mark: string): value is { readonly [field: string]: unknown } =>
  typeof value === "object" && value !== null && Object.hasOwn(value, mark);
const isRecorded = (value: unknown) => isMarked(value, ANSWERED);

/** As many elements as a callback may take out of one list. */
const DESTRUCTURED = 32;
const placeholders = new WeakSet<object>();
const recorded = new WeakSet<object>();
const OF_OUTPUTS = new Set(["apply", "get", "promise", "isKnown", "isSecret", "resources", "allResources"]);

/** The SDK itself answers a look-up whose arguments are unknown with an empty object. */
const isUnanswered = (answer: unknown): boolean =>
  isMarked(answer, UNANSWERED) ||
  (typeof answer === "object" && answer !== null && Object.keys(answer).length === 0);

/** Arrays and objects of the program's own; not resources, assets or class instances, which may hold cycles. */
function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || placeholders.has(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function some(value: unknown, test: (each: unknown) => boolean): boolean {
  if (test(value)) return true;
  if (placeholders.has(value as object)) return false;
  if (Array.isArray(value)) return value.some((each) => some(each, test));
  return isPlain(value) && Object.values(value).some((each) => some(each, test));
}

/** What may make a result depend on more than the text of an argument. */
const DECIDES =
  /[?<>!%*/^~|&-]|==|\+\+|[)\]]\s*\(|[\w$)\]]\s*""|\b(?:if|switch|for|while|do|new|await|yield|throw|try|delete|typeof|instanceof|in|of|this|import|require)\b/;
/** Calls that only rearrange or write down what they get. */
const CALLS = new Set(["JSON.stringify", "String", "Object.entries", "Object.values", "Object.fromEntries"]);
const METHODS = new Set([".toString", ".join", ".concat", ".map"]);
const judged = new Map<string, boolean>();

/** Whether a callback, as far as its source shows, only puts its argument into text or structures. */
export function onlyEmbeds(callback: (value: never) => unknown): boolean {
  const source = Function.prototype.toString.call(callback);
  let answer = judged.get(source);
  if (answer === undefined) {
    answer = embeds(source);
    judged.set(source, answer);
  }
  return answer;
}

function embeds(source: string): boolean {
  const code = codeOf(source);
  if (code === undefined || DECIDES.test(code.replaceAll("=>", ";").replace(/\breturn\b/g, ";")))
    return false;
  const calls = [...code.matchAll(/([\w$.]+)\s*\(/g)].map(([, name = ""]) => name);
  return calls.every(
    (name) =>
      name === "function" ||
      name === "return" ||
      CALLS.has(name) ||
      METHODS.has(name.slice(name.lastIndexOf("."))),
  );
}

/** The code of a function without its texts and comments; the expressions in templates stay. Undefined where it has a regular expression or the like. */
function codeOf(source: string): string | undefined {
  let code = "";
  const templates: number[] = [];
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    const char = source[i] ?? "";
    const two = source.slice(i, i + 2);
    if (two === "//" || two === "/*") {
      const end = source.indexOf(two === "//" ? "\n" : "*/", i + 2);
      if (end < 0) return undefined;
      i = two === "//" ? end : end + 1;
    } else if (char === '"' || char === "'") {
      i = endOfText(source, i, char);
      code += '""';
    } else if (char === "`" || (char === "}" && templates.at(-1) === depth)) {
      if (char === "}") templates.pop();
      const end = endOfTemplate(source, i + 1);
      code += char === "}" ? '+""' : '""';
      i = end;
      if (source[end] === "{") {
        templates.push(depth);
        code += "+";
      }
    } else {
      if (char === "{") depth++;
      if (char === "}") depth--;
      code += char;
    }
  }
  return code;
}

function endOfText(source: string, start: number, quote: string): number {
  let i = start + 1;
  while (i < source.length && source[i] !== quote) i += source[i] === "\\" ? 2 : 1;
  return i;
}

/** The closing backtick, or the brace that opens an expression. */
function endOfTemplate(source: string, start: number): number {
  let i = start;
  while (i < source.length && source[i] !== "`") {
    if (source.startsWith("${", i)) return i + 1;
    i += source[i] === "\\" ? 2 : 1;
  }
  return i;
}
