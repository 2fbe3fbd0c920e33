import type * as pulumi from "@pulumi/pulumi";
import { InputError, isRecord } from "../kit/errors";
import { type StackConfig, UNDECRYPTED } from "./stackConfig";

/** What a reader of `pulumi.Config` gives, by the end of its name; the plain readers give a text. */
type Kind = "Number" | "Boolean" | "Object";

/** How `--config` sets a key of that kind. */
const EXAMPLES: { readonly [kind in Kind | "Text"]: string } = {
  Number: "NUMBER",
  Boolean: "true",
  Object: "'{…}'",
  Text: "VALUE",
};

/** What `exports` and the namespace of a module inherit from. */
const PLAIN: ReadonlySet<unknown> = new Set([Object.prototype, null]);

const READER = /^(?:get|require)(Secret)?(Number|Boolean|Object)?$/;

/**
 * Makes the config keys that cannot be decrypted unknown, however the program reads them: a number, a boolean or an
 * object is a stand-in that goes into the plan as unknown, and a program that computes with one is stopped with the key's
 * name. Without it `requireNumber` takes the 4 that Pulumi's text for an unknown begins with.
 */
export class UndecryptedConfig {
  /** Why the program could not go on, in whole sentences. */
  readonly refused: string[] = [];
  /** By full key, the text that holds what cannot be decrypted. */
  private readonly texts: ReadonlyMap<string, string>;
  private readonly read = new Set<string>();
  /** Keys whose text the program has in its hands. */
  private readonly madeText = new Set<string>();
  /** Booleans that were read and not seen again so far, as happens to those that only decide something. */
  private readonly unseen = new Map<object, string>();
  private readonly standIns = new WeakMap<object, () => InputError>();

  constructor({ values }: StackConfig) {
    this.texts = new Map(Object.entries(values).filter(([, text]) => text.includes(UNDECRYPTED)));
  }

  /** Returns how to undo it. */
  install(sdk: typeof pulumi): () => void {
    if (this.texts.size === 0) return () => {};
    const restoreReaders = this.replaceReaders(sdk);
    const restoreNumbers = this.guardNumbers();
    return () => {
      restoreReaders();
      restoreNumbers();
    };
  }

  /**
   * What the program may have computed all the same: that a stand-in is truthy cannot be helped, so a boolean that was
   * read and given to nothing has decided something.
   */
  get problem(): string | undefined {
    const [key] = this.unseen.values();
    return this.refused[0] ?? (key === undefined ? undefined : sentence("decides by", [key], "Boolean"));
  }

  /** A program's exports without the stand-ins among them: the SDK would list what is in an output of the stack. */
  exported(value: unknown): unknown {
    if (this.texts.size === 0 || !isRecord(value) || !PLAIN.has(Object.getPrototypeOf(value))) return value;
    return Object.fromEntries(
      Object.entries(value).filter(([, item]) => {
        if (!isRecord(item)) return true;
        this.unseen.delete(item);
        return !this.standIns.has(item);
      }),
    );
  }

  /** For an error of the program's own, which may come from a value it could not know. */
  get hint(): string {
    if (this.read.size === 0) return "";
    return ` (it reads ${[...this.read].join(", ")}, which cannot be decrypted here: set such a key with \`--config KEY=VALUE\`)`;
  }

  private replaceReaders(sdk: typeof pulumi): () => void {
    const prototype = sdk.Config.prototype as unknown as { [reader: string]: Reader };
    const originals = Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const [matched, secret, kind] = READER.exec(name) ?? [];
      const original = prototype[name];
      if (matched === undefined || original === undefined) return [];
      const unknown = this.unknown.bind(this);
      prototype[name] = function (key, ...more) {
        const value = unknown(`${this.name}:${key}`, kind as Kind | undefined, secret !== undefined);
        if (value === undefined) return original.call(this, key, ...more);
        return secret === undefined ? value : sdk.secret(value);
      };
      return [[name, original] as const];
    });
    return () => {
      Object.assign(prototype, Object.fromEntries(originals));
    };
  }

  /** What a reader gives for a key; undefined for one that can be read. */
  private unknown(key: string, kind: Kind | undefined, isSecret: boolean): unknown {
    const text = this.texts.get(key);
    if (text === undefined) return undefined;
    this.read.add(key);
    if (kind === "Object" && text !== UNDECRYPTED) return this.withStandIns(key, JSON.parse(text));
    if (kind === undefined && !isSecret) {
      this.madeText.add(key);
      return text;
    }
    const standIn = this.standIn(key, kind ?? "Text");
    if (kind === "Boolean" && !isSecret) this.unseen.set(standIn, key);
    return standIn;
  }

  /** An object of which only some values cannot be decrypted. */
  private withStandIns(key: string, value: unknown): unknown {
    if (value === UNDECRYPTED) return this.standIn(key, "Object");
    if (Array.isArray(value)) return value.map((item) => this.withStandIns(key, item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, this.withStandIns(key, item)]),
    );
  }

  /**
   * A value that the SDK takes for its own `unknown`, whichever copy of it looks. Text made from it holds Pulumi's text
   * for an unknown; what else is computed with it throws.
   */
  private standIn(key: string, kind: Kind | "Text"): object {
    const refuse = (): InputError => this.refusal(sentence("computes with", [key], kind));
    const stop = (): never => {
      throw refuse();
    };
    // `+` joins texts, which most secrets are, and adds numbers.
    const isText = kind === "Text" || kind === "Object";
    const toText = (): string => {
      this.unseen.delete(standIn);
      this.madeText.add(key);
      return UNDECRYPTED;
    };
    const standIn: object = new Proxy(
      {},
      {
        get: (target, property) => {
          switch (property) {
            case "__pulumiUnknown":
              this.unseen.delete(standIn);
              return true;
            case "toJSON":
            case "toString":
              return toText;
            case Symbol.toPrimitive:
              return (hint: string) =>
                hint === "string" || (hint === "default" && isText) ? toText() : stop();
            case Symbol.iterator:
              return stop();
          }
          if (Reflect.has(target, property)) return Reflect.get(target, property);
          // The SDK asks any value what it is, by names of its own, and `await` asks for `then`.
          const isAsked = typeof property === "symbol" || property.startsWith("__") || property === "then";
          return kind === "Object" && !isAsked ? this.standIn(key, kind) : undefined;
        },
        has: stop,
        // As of any number.
        ownKeys: () => (kind === "Object" ? stop() : []),
      },
    );
    this.standIns.set(standIn, refuse);
    return standIn;
  }

  /** `parseInt` and `parseFloat` take the 4 that the text begins with, `Number` makes NaN of it. */
  private guardNumbers(): () => void {
    const originals = { Number, parseInt, parseFloat };
    const guarded = <T extends typeof Number | typeof parseInt | typeof parseFloat>(original: T): T =>
      new Proxy(original, {
        apply: (target, self, args) => {
          const refusal = this.refusalOf(args[0]);
          if (refusal) throw refusal;
          return Reflect.apply(target, self, args);
        },
      });
    const install = (functions: typeof originals): void => {
      Object.assign(globalThis, functions);
      const { Number: toNumber, ...parsers } = functions;
      Object.assign(originals.Number, parsers);
      originals.Number.prototype.constructor = toNumber;
    };
    install({ Number: guarded(Number), parseInt: guarded(parseInt), parseFloat: guarded(parseFloat) });
    return () => install(originals);
  }

  private refusalOf(value: unknown): InputError | undefined {
    if (typeof value === "object" && value !== null) return this.standIns.get(value)?.();
    if (typeof value !== "string" || !value.includes(UNDECRYPTED)) return undefined;
    const keys = this.madeText.size > 0 ? this.madeText : this.texts.keys();
    return this.refusal(sentence("computes with", [...keys], "Number"));
  }

  private refusal(message: string): InputError {
    this.refused.push(message);
    return new InputError(message);
  }
}

type Reader = (this: pulumi.Config, key: string, ...more: readonly unknown[]) => unknown;

function sentence(verb: string, keys: readonly string[], kind: Kind | "Text"): string {
  const remedies = keys.map((key) => `\`--config ${key}=${EXAMPLES[kind]}\``).join(" or ");
  return `the program ${verb} ${keys.join(" or ")}, a secret that cannot be decrypted here; set it with ${remedies}`;
}
