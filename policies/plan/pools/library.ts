import { type Reading, type Unknown, unknown } from "../reading";

/** Everything the rules ask of one process's pool and server. */
export type PoolSetting =
  | "poolMax"
  | "acquireTimeoutMs"
  | "idleTimeoutMs"
  | "queueMax"
  | "statementTimeoutMs"
  | "lockTimeoutMs"
  | "queryTimeoutMs"
  | "idleInTransactionMs"
  | "maxLifetimeMs"
  | "requestTimeoutMs"
  | "keepAliveTimeoutMs"
  | "processesPerTask"
  | "concurrencyPerProcess";

/** How a time is written: bare milliseconds or seconds, Go's `1m30s`, or milliseconds unless a unit is given. */
export type TimeNotation = "ms" | "s" | "min" | "go" | "ms or unit" | "s or unit";

/** One environment name that carries a setting. */
export interface Variable {
  readonly name: string;
  /** Parameter of the URL, or key of ADO.NET's connection string, that the variable holds, where the setting stands in one. */
  readonly parameter?: string;
  /** Option of the session that stands in the variable, or in the parameter, as `-c NAME=VALUE`. */
  readonly option?: string;
  /** The parameter or option is seldom there: a hidden text counts as one without it. */
  readonly isSeldom?: true;
  /** URLs that it stands in, where their kind decides what it means. */
  readonly of?: RegExp;
  /** For times. @default "ms" */
  readonly writtenIn?: TimeNotation;
}

/** How one setting is found in a client's environment. */
export interface SettingSource {
  /** Names that carry the setting. Two of them with different values contradict each other. */
  readonly variables: readonly Variable[];
  /** Names that carry it where none of these is set. */
  readonly otherwise?: readonly Variable[];
  /** Named in messages where the library knows no environment name for the setting. */
  readonly label?: string;
  /** What the library does when nothing is set, and whose default that is. */
  readonly default?: Default;
  readonly unit: "connections" | "ms" | "requests" | "processes" | "threads";
  /** `count` is a whole number from 1. A `duration` of 0, "" or "false" is no limit at all. */
  readonly kind: "count" | "duration" | "bound";
  /** Numbers that mean no bound at all: of a pool, nothing then keeps it from taking every connection there is. */
  readonly unlimited?: (value: number) => boolean;
  /** The least that counts, besides what means no limit; the library refuses or ignores less. */
  readonly least?: number;
  /** What a duration of 0 stands for in milliseconds, where it is not without a limit. */
  readonly zeroMs?: number;
  /** Switches of which "false" takes away every bound. */
  readonly turnedOff?: readonly Variable[];
  /** Added to the setting: connections beyond the pool's own size. */
  readonly plus?: SettingSource;
  /** How it is set in the library or its driver, where no variable of the library's own does: a clause for messages. */
  readonly how?: string;
  /** Set where the library has no such limit of its own and the request's deadline ends the wait. */
  readonly boundedByRequest?: true;
}

export type Default =
  | { readonly value: number; readonly of: string }
  /** Nothing bounds it; says why. */
  | { readonly unlimited: string }
  /** It depends on what no plan shows; says on what, and what to do about it. */
  | { readonly hidden: Unknown };

/** What a database and its clients talk to each other. */
export type Protocol = "postgres" | "mysql";

/**
 * How connections come to be open:
 * - `pool`: as many as are asked for at once, up to the pool's size; the default.
 * - `at once`: the pool fills itself at the start and stays full.
 * - `thread`: no more than one a thread, up to the pool's size.
 * - `no pool`: one for each thread or worker, whatever the number.
 */
export type Opens = "pool" | "at once" | "thread" | "no pool";

/** One pool library: how its settings are named and what it does without them. */
export interface PoolProfile {
  readonly library: string;
  /** @default "pool" */
  readonly opens?: Opens;
  /** How its programs serve many requests: by threads of one process, by an event loop, or (where nothing is said) by processes. */
  readonly runtime?: "threads" | "loop";
  /** A library of which it is the one version or setup that its marks tell; with both, it is this one. */
  readonly refines?: string;
  /** Images that hold it and nothing else: a published program, which nobody would name in a tag. */
  readonly image?: RegExp;
  /** Where an idle connection counts as closed only while the pool holds fewer than it may. */
  readonly keepsIdle?: { readonly variables: readonly Variable[]; readonly keepAlive: readonly Variable[] };
  /** Where no more than a number of connections stay open without work: names that set it, and the number unless they do. */
  readonly keptIdle?: { readonly variables: readonly Variable[]; readonly otherwise: number };
  /** Whether it sends what an RDS Proxy has to keep for one session alone: such a session is pinned. */
  readonly pins?: string;
  /** The only protocol it speaks: PostgreSQL's, or that of MySQL and MariaDB. Undefined where a driver decides. */
  readonly speaks?: Protocol;
  /** Environment names that nobody but this library's users would set: it is recognised by them. */
  readonly marks: readonly Mark[];
  /** Names that its programs set for other reasons: they tell which library it is, and not that there is a pool. */
  readonly signs?: readonly string[];
  /** Names that its tools read, for schema changes, and its programs do not. */
  readonly ofTools?: readonly string[];
  /** Names that cap the size, where 0 caps nothing. */
  readonly cap?: string;
  /** What Spring's `SPRING_DATASOURCE_TYPE` says where it is this one. */
  readonly typed?: RegExp;
  /** Names of variables that hold its connection string (ADO.NET); the first of a container is the one that counts. */
  readonly connectionString?: RegExp;
  readonly settings: { readonly [setting in PoolSetting]: SettingSource };
}

/** An environment name, or a query parameter in the URL that it holds. */
export type Mark = string | Pick<Variable, "name" | "parameter">;

/** A reading, with the environment name that carries it (for messages). */
export interface SettingReading {
  readonly variable: string;
  readonly unit: SettingSource["unit"];
  readonly reading: Reading<number>;
  /** How the variable writes a time, where that is not milliseconds. */
  readonly writtenIn?: TimeNotation;
  /** How it is set in the library or its driver, where no variable of the library's own does. */
  readonly how?: string;
  /** The library has no such limit of its own: the request's deadline ends the wait. */
  readonly boundedByRequest?: true;
}

export type PoolSettings = { readonly [setting in PoolSetting]: SettingReading };

/** Environment names, each written in the same notation. */
export const named = (names: string, writtenIn?: TimeNotation): readonly Variable[] =>
  names
    .split(/\s+/)
    .filter((name) => name !== "")
    .map((name) => (writtenIn === undefined ? { name } : { name, writtenIn }));

/** The URL of the one database of a program, whatever the variable is called that holds it. */
export const URL_VARIABLE = "DATABASE_URL";

/** Parameters of that URL which a library takes some of its settings from. */
export const inUrl = (
  parameters: string,
  writtenIn?: TimeNotation,
  name = URL_VARIABLE,
): readonly Variable[] =>
  parameters.split(" ").map((parameter) => ({
    name,
    parameter,
    isSeldom: true,
    ...(writtenIn === undefined ? {} : { writtenIn }),
  }));

/** How a library takes options of its sessions over: from libpq's variable, or from its URLs. */
interface SessionOptions {
  readonly environment?: true;
  /** Variables with URLs whose `options` it sends, `-c statement_timeout=3000`. */
  readonly urls?: readonly string[];
  /** Whether a parameter of the URL is sent as it is, `?statement_timeout=3000`. */
  readonly isDirect?: true;
}

/** PostgreSQL takes milliseconds unless a unit is given. */
const sessionOption = (
  { environment, urls = [], isDirect }: SessionOptions,
  option: string,
): readonly Variable[] => {
  const shared = { isSeldom: true, writtenIn: "ms or unit" } as const;
  return [
    ...(environment ? [{ name: "PGOPTIONS", option, ...shared }] : []),
    ...urls.map((name) => ({
      name,
      parameter: name.startsWith("Conn") ? "Options" : "options",
      option,
      ...shared,
    })),
    ...(isDirect ? urls.map((name) => ({ name, parameter: option, ...shared })) : []),
  ];
};

/**
 * Names for the size of a pool that programs on every library use, and that say nothing about which one it is.
 * Public capacity checks look for the same ones.
 */
export const SHARED_POOL_MAX = named(
  "DB_POOL_MAX DB_POOL_SIZE POOL_MAX POOL_SIZE POOL_MAX_SIZE DB_POOL_MAX_SIZE DATABASE_POOL_SIZE DATABASE_POOL_MAX DB_MAX_POOL_SIZE DB_POOL",
);

const KEEP_ALIVE = "HTTP_KEEP_ALIVE_TIMEOUT_MS";

/** How long the HTTP server keeps an idle connection; no pool library says which server that is. */
export const keepAlive = (more: readonly Variable[] = []): SettingSource => ({
  variables: [...named(KEEP_ALIVE), ...more],
  default: {
    hidden: {
      ...unknown(
        KEEP_ALIVE,
        "the keep-alive timeout of its HTTP server is not set, and its default depends on the server",
      ),
      fix: `Set \`${KEEP_ALIVE}\` in its environment to the server's value, or \`values.keepAliveTimeoutMs\` of the client under \`pools\` in the policy configuration`,
    },
  },
  unit: "ms",
  kind: "duration",
});

/** What a service sets beside its pool, whichever library that is. */
export const COMMON = {
  queueMax: { variables: named("DB_POOL_QUEUE_MAX"), unit: "requests", kind: "bound" },
  statementTimeoutMs: { variables: named("DB_STATEMENT_TIMEOUT_MS"), unit: "ms", kind: "duration" },
  lockTimeoutMs: { variables: named("DB_LOCK_TIMEOUT_MS"), unit: "ms", kind: "duration" },
  idleInTransactionMs: {
    variables: named("DB_IDLE_IN_TRANSACTION_TIMEOUT_MS"),
    unit: "ms",
    kind: "duration",
  },
  requestTimeoutMs: { variables: named("REQUEST_TIMEOUT_MS"), unit: "ms", kind: "duration" },
  keepAliveTimeoutMs: keepAlive(),
  processesPerTask: {
    variables: named("WEB_CONCURRENCY UVICORN_WORKERS GUNICORN_WORKERS"),
    default: { value: 1, of: "one process" },
    unit: "processes",
    kind: "count",
  },
  concurrencyPerProcess: { variables: [], label: "concurrencyPerProcess", unit: "threads", kind: "count" },
} as const satisfies Partial<PoolProfile["settings"]>;

/**
 * The same for libraries whose programs have ways of their own: the names count where a program reads them, and what
 * is not set is not asked for by a name that nothing reads.
 */
export const ELSEWHERE = {
  ...COMMON,
  statementTimeoutMs: { ...COMMON.statementTimeoutMs, how: "the server's parameter" },
  lockTimeoutMs: { ...COMMON.lockTimeoutMs, how: "the server's parameter" },
  requestTimeoutMs: {
    ...COMMON.requestTimeoutMs,
    how: "its HTTP server's or framework's limit on a request",
  },
} as const satisfies Partial<PoolProfile["settings"]>;

/** Settings that only a pool has: a request timeout alone does not make a client of a database. */
export const POOL_MARKS: readonly PoolSetting[] = [
  "poolMax",
  "acquireTimeoutMs",
  "idleTimeoutMs",
  "maxLifetimeMs",
  "queueMax",
];

/** A client's limit on a statement, which these libraries do not have unless the driver's option is used. */
export const queryTimeout = (of: string, how?: string): SettingSource => ({
  variables: named("DB_QUERY_TIMEOUT_MS"),
  default: { value: 0, of },
  unit: "ms",
  kind: "duration",
  ...(how === undefined ? {} : { how }),
});

/** A time as a library has it: milliseconds without a word from the program, and the names that set it. */
export interface Time {
  /** 0 is never; undefined where no plan shows it. */
  readonly ms: number;
  readonly names?: string | readonly Variable[];
  readonly writtenIn?: TimeNotation;
  readonly least?: number;
  readonly zeroMs?: number;
  readonly how?: string;
  readonly unlimited?: (value: number) => boolean;
  readonly boundedByRequest?: true;
}

/** Without a pool nobody waits and nothing stays idle: a millisecond is the shortest time that has an end. */
export const AT_ONCE: Time = { ms: 1 };

/** A library in the few words in which most of them differ. */
interface LibraryFacts extends Omit<PoolProfile, "marks" | "settings"> {
  /** Whose default a number is, for messages: "Knex". */
  readonly title: string;
  /** Names that only its users set, beside those of `size` and the times that are not shared. */
  readonly marks: string | readonly Mark[];
  /** Names that carry the size; those that every library's users share come on top. */
  readonly size: string | readonly Variable[];
  /** Names that carry it where none of these is set. */
  readonly sizeElse?: string;
  /** Names of what is opened beyond the size when it is used up; nothing unless it is set. */
  readonly reserve?: string;
  /** Connections without a word from the program, or why that is not known. */
  readonly max: number | { readonly hidden: string; readonly fix: string } | { readonly unlimited: string };
  /** Sizes that mean no bound. */
  readonly unlimited?: (size: number) => boolean;
  readonly acquire: Time;
  readonly idle: Time;
  readonly lifetime: Time;
  /** How a query is ended. */
  readonly query?: string;
  /** Node's own HTTP server, whose keep-alive is 5 s. */
  readonly server?: "node";
  readonly session?: SessionOptions;
  readonly settings?: Partial<PoolProfile["settings"]>;
}

/** The profile of a library whose settings have the usual shape. */
export function profileOf(facts: LibraryFacts): PoolProfile {
  const {
    title,
    marks,
    size,
    sizeElse,
    reserve,
    max,
    unlimited,
    acquire,
    idle,
    lifetime,
    query,
    server,
    session = {},
    settings,
    ...rest
  } = facts;
  const of = `${title}'s default`;
  const variables = (names: string | readonly Variable[], writtenIn?: TimeNotation): readonly Variable[] =>
    typeof names === "string" ? named(names, writtenIn) : names;
  const time = ({ ms, names = "", writtenIn, ...more }: Time, label: string): SettingSource => ({
    variables: variables(names, writtenIn),
    label,
    default: { value: ms, of },
    unit: "ms",
    kind: "duration",
    ...more,
  });
  const sizes = variables(size);
  const sent = (setting: "statementTimeoutMs" | "lockTimeoutMs" | "idleInTransactionMs", option: string) => {
    const source: SettingSource = settings?.[setting] ?? ELSEWHERE[setting];
    const more = sessionOption(session, option);
    return {
      [setting]: more.length === 0 ? source : { ...source, variables: [...source.variables, ...more] },
    };
  };
  return {
    ...rest,
    marks: typeof marks === "string" ? marks.split(/\s+/).filter((mark) => mark !== "") : marks,
    settings: {
      ...ELSEWHERE,
      poolMax: {
        variables: [
          ...sizes,
          ...SHARED_POOL_MAX.filter(({ name }) => !sizes.some((own) => own.name === name)),
        ],
        default:
          typeof max === "number"
            ? { value: max, of }
            : "unlimited" in max
              ? max
              : { hidden: { ...unknown(sizes[0]?.name ?? "poolMax", max.hidden), fix: max.fix } },
        unit: "connections",
        kind: "count",
        ...(reserve === undefined
          ? {}
          : {
              plus: {
                variables: named(reserve),
                default: { value: 0, of },
                unit: "connections",
                kind: "bound",
              },
            }),
        ...(unlimited === undefined ? {} : { unlimited }),
        ...(sizeElse === undefined ? {} : { otherwise: named(sizeElse) }),
      },
      acquireTimeoutMs: time(acquire, "acquire timeout"),
      idleTimeoutMs: time(idle, "idle timeout"),
      queryTimeoutMs: queryTimeout(of, query),
      maxLifetimeMs: time(lifetime, "maximum lifetime"),
      ...(server === "node"
        ? { keepAliveTimeoutMs: { ...keepAlive(), default: { value: 5_000, of: "Node's default" } } }
        : {}),
      ...settings,
      ...sent("statementTimeoutMs", "statement_timeout"),
      ...sent("lockTimeoutMs", "lock_timeout"),
      ...sent("idleInTransactionMs", "idle_in_transaction_session_timeout"),
    },
  };
}

/**
 * A pool whose library nobody names: what is set counts, and what a library would do without it is not guessed.
 * @param why - Why the library is not known, and what to do about it.
 * @param likely - A library whose names are used, though it cannot be the one that holds the pool.
 */
export function unnamedLibrary(why: Unknown, likely?: PoolProfile): PoolProfile {
  const fallback: Default = { hidden: why };
  const hidden = { variables: [], default: fallback, unit: "ms", kind: "duration" } as const;
  if (likely) return { ...likely, library: "", settings: withoutDefaults(likely.settings, fallback) };
  return {
    library: "",
    marks: [],
    settings: {
      ...COMMON,
      poolMax: { variables: SHARED_POOL_MAX, default: fallback, unit: "connections", kind: "count" },
      acquireTimeoutMs: { ...hidden, label: "acquire timeout" },
      idleTimeoutMs: { ...hidden, label: "idle timeout" },
      queryTimeoutMs: { ...queryTimeout(""), default: fallback },
      maxLifetimeMs: { ...hidden, label: "maximum lifetime" },
      keepAliveTimeoutMs: { ...COMMON.keepAliveTimeoutMs, default: fallback },
    },
  };
}

function withoutDefaults(settings: PoolProfile["settings"], fallback: Default): PoolProfile["settings"] {
  const hidden: { [setting in PoolSetting]: SettingSource } = { ...settings };
  for (const name of LIBRARYS_OWN) hidden[name] = { ...settings[name], default: fallback };
  return hidden;
}

/** Settings whose defaults are the library's. */
const LIBRARYS_OWN = [
  "poolMax",
  "acquireTimeoutMs",
  "idleTimeoutMs",
  "queryTimeoutMs",
  "maxLifetimeMs",
  "keepAliveTimeoutMs",
] as const satisfies readonly PoolSetting[];
