import type { SettingReading } from "../pools/library";
import { known, type Malformed, malformed, type Reading, type Unknown, unknown, unset } from "../reading";
import type { Container } from "./containers";
import { splitWords } from "./properties";

/** How many processes a container runs, each with a pool of its own, and how many requests one serves at once. */
export interface ServerReading {
  /** The program that says so: "gunicorn"; undefined where neither command nor variables name one. */
  readonly server: string | undefined;
  readonly processesPerTask: SettingReading;
  /** Unset for an event loop, where nothing bounds it but the load. */
  readonly concurrencyPerProcess: SettingReading;
  /** What the number counts: threads want a connection each, requests of an event loop share a pool. */
  readonly counts: "threads" | "requests";
  /** Variables that it was read from. */
  readonly reads: readonly string[];
}

/** Where a server takes one of its counts from, the nearest first: its command line, then its variables. */
interface Count {
  readonly flags?: readonly string[];
  readonly variables?: readonly string[];
  /** Without a word from anybody; a text says why no plan shows it. */
  readonly otherwise: number | string;
  /** 0 stands for one (Puma's single mode). */
  readonly zeroIsOne?: true;
}

interface Server {
  readonly name: string;
  /** Names of its executable; a second word has to follow where one is given: `fastapi run`. */
  readonly commands: readonly string[];
  readonly processes: Count;
  /** `unbounded`: an event loop, or a thread for each connection. */
  readonly threads: Count | "unbounded";
  /** A variable that holds more of its command line. */
  readonly argumentsIn?: string;
  /** Names that only its users set, where no command is at hand. */
  readonly signs?: readonly string[];
  /** Options that name a file which may set the counts. */
  readonly file?: RegExp;
  /** The library of pools that goes with it. */
  readonly library?: string;
}

const CPUS = "it is as many as the machine has CPUs unless it is set";
const IN_A_FILE = "a file of the image sets it";

const FPM = [
  "PHP_FPM_PM_MAX_CHILDREN",
  "PHP_FPM_MAX_CHILDREN",
  "FPM_PM_MAX_CHILDREN",
  "PHP_PM_MAX_CHILDREN",
  "PHP_MAX_CHILDREN",
] as const;
const one: Count = { otherwise: 1 };
const PUMA_THREADS = ["RAILS_MAX_THREADS", "PUMA_MAX_THREADS", "MAX_THREADS", "PUMA_THREADS"] as const;

/**
 * Servers by their executable, with their own defaults:
 * - gunicorn 23 (config.py): 1 worker, 1 thread; `WEB_CONCURRENCY`; `GUNICORN_CMD_ARGS` before the command line.
 * - uvicorn (main.py), hypercorn, granian, `fastapi run`: 1 worker, an event loop each.
 * - Puma: no workers (one process), 5 threads on MRI (lib/puma/configuration.rb); Sidekiq 7: 5 threads, 10 before.
 * - Celery (apps/worker.py): as many prefork children as CPUs. PM2: one instance. PHP-FPM: `pm.max_children` 5
 *   (www.conf). Apache prefork: `MaxRequestWorkers` 150 (Debian's mpm_prefork.conf).
 */
const SERVERS: readonly Server[] = [
  {
    name: "gunicorn",
    commands: ["gunicorn"],
    processes: {
      flags: ["-w", "--workers"],
      variables: ["GUNICORN_WORKERS", "WEB_CONCURRENCY"],
      otherwise: 1,
    },
    threads: { flags: ["--threads"], variables: ["GUNICORN_THREADS"], otherwise: 1 },
    argumentsIn: "GUNICORN_CMD_ARGS",
    signs: ["GUNICORN_CMD_ARGS", "GUNICORN_WORKERS", "GUNICORN_THREADS", "GUNICORN_WORKER_CLASS"],
    file: /^(?:-c|--config)/,
  },
  {
    name: "uvicorn",
    commands: ["uvicorn"],
    processes: { flags: ["--workers"], variables: ["UVICORN_WORKERS", "WEB_CONCURRENCY"], otherwise: 1 },
    threads: "unbounded",
    signs: ["UVICORN_WORKERS"],
  },
  {
    name: "fastapi run",
    commands: ["fastapi run"],
    processes: { flags: ["--workers"], variables: ["WEB_CONCURRENCY"], otherwise: 1 },
    threads: "unbounded",
  },
  {
    name: "hypercorn",
    commands: ["hypercorn"],
    processes: { flags: ["-w", "--workers"], variables: ["WEB_CONCURRENCY"], otherwise: 1 },
    threads: "unbounded",
    file: /^(?:-c|--config)/,
  },
  {
    name: "granian",
    commands: ["granian"],
    processes: { flags: ["--workers"], variables: ["GRANIAN_WORKERS"], otherwise: 1 },
    threads: "unbounded",
    signs: ["GRANIAN_WORKERS"],
  },
  { name: "daphne", commands: ["daphne"], processes: one, threads: "unbounded" },
  {
    name: "sidekiq",
    commands: ["sidekiq"],
    processes: one,
    threads: {
      flags: ["-c", "--concurrency"],
      variables: ["SIDEKIQ_CONCURRENCY", "RAILS_MAX_THREADS"],
      otherwise: 5,
    },
    library: "active-record",
    file: /^(?:-C|--config)/,
  },
  {
    // GoodJob 4: 5 threads (README, "Configuration options"); Delayed Job and Resque take one job at a time.
    name: "good_job",
    commands: ["good_job start", "good_job"],
    processes: one,
    threads: { flags: ["--max-threads"], variables: ["GOOD_JOB_MAX_THREADS"], otherwise: 5 },
    library: "active-record",
  },
  {
    name: "a worker of jobs",
    commands: ["jobs:work", "delayed_job", "resque:work"],
    processes: one,
    threads: one,
    library: "active-record",
  },
  {
    name: "puma",
    commands: ["puma", "rails server", "rails s"],
    processes: {
      flags: ["-w", "--workers"],
      variables: ["WEB_CONCURRENCY", "PUMA_WORKERS"],
      otherwise: 1,
      zeroIsOne: true,
    },
    threads: { flags: ["-t", "--threads"], variables: PUMA_THREADS, otherwise: 5 },
    signs: ["PUMA_WORKERS", "PUMA_MAX_THREADS", "PUMA_THREADS"],
    library: "active-record",
  },
  {
    name: "unicorn",
    commands: ["unicorn", "unicorn_rails"],
    processes: { variables: ["WEB_CONCURRENCY", "UNICORN_WORKERS"], otherwise: IN_A_FILE },
    threads: one,
    library: "active-record",
  },
  {
    name: "passenger",
    commands: ["passenger"],
    processes: { flags: ["--max-pool-size"], variables: ["PASSENGER_MAX_POOL_SIZE"], otherwise: 6 },
    threads: one,
    signs: ["PASSENGER_MAX_POOL_SIZE"],
    library: "active-record",
  },
  {
    name: "celery",
    commands: ["celery"],
    processes: {
      flags: ["-c", "--concurrency"],
      variables: ["CELERY_CONCURRENCY", "CELERYD_CONCURRENCY", "CELERY_WORKER_CONCURRENCY"],
      otherwise: CPUS,
    },
    threads: one,
    signs: ["CELERY_CONCURRENCY", "CELERYD_CONCURRENCY", "CELERY_WORKER_CONCURRENCY"],
  },
  // The clock of Celery's schedule: a process of its own that serves nothing at once.
  { name: "celery beat", commands: ["celery"], processes: one, threads: one },
  { name: "rq", commands: ["rq worker"], processes: one, threads: one },
  {
    name: "dramatiq",
    commands: ["dramatiq"],
    processes: { flags: ["-p", "--processes"], otherwise: CPUS },
    threads: { flags: ["-t", "--threads"], otherwise: 8 },
  },
  {
    name: "uwsgi",
    commands: ["uwsgi"],
    processes: {
      flags: ["-p", "--processes", "--workers"],
      variables: ["UWSGI_PROCESSES", "UWSGI_WORKERS"],
      otherwise: 1,
    },
    threads: { flags: ["--threads"], variables: ["UWSGI_THREADS"], otherwise: 1 },
    signs: ["UWSGI_PROCESSES", "UWSGI_WORKERS"],
    file: /\.ini$|^--(?:ini|yaml|emperor)/,
  },
  {
    name: "waitress",
    commands: ["waitress-serve"],
    processes: one,
    threads: { flags: ["--threads"], otherwise: 4 },
  },
  {
    name: "pm2",
    commands: ["pm2", "pm2-runtime"],
    processes: { flags: ["-i", "--instances"], variables: ["PM2_INSTANCES"], otherwise: 1 },
    threads: "unbounded",
    file: /(?:ecosystem|\.config\.c?js$|process\.(?:json|ya?ml)$)/,
  },
  {
    name: "php-fpm",
    commands: ["php-fpm", "php-fpm8", "php-fpm7", "php-fpm8.1", "php-fpm8.2", "php-fpm8.3", "php-fpm8.4"],
    processes: { variables: FPM, otherwise: 5 },
    threads: one,
    signs: [...FPM, "PHP_FPM_PM"],
    library: "php",
  },
  {
    name: "Apache",
    commands: ["apache2-foreground", "httpd-foreground", "apache2ctl", "apachectl"],
    processes: { variables: ["APACHE_MAX_REQUEST_WORKERS", "MAX_REQUEST_WORKERS"], otherwise: 150 },
    threads: one,
    signs: ["APACHE_MAX_REQUEST_WORKERS"],
    library: "php",
  },
  {
    name: "Laravel Octane",
    commands: ["octane:start", "octane:frankenphp", "octane:swoole", "octane:roadrunner"],
    processes: { flags: ["--workers"], variables: ["OCTANE_WORKERS"], otherwise: CPUS },
    threads: one,
    signs: ["OCTANE_WORKERS"],
    library: "php",
  },
  {
    name: "Laravel's queue",
    commands: ["queue:work", "queue:listen"],
    processes: one,
    threads: one,
    library: "php",
  },
  {
    // `pool_count`: several pools of the same size in one node (hexdocs.pm/ecto_sql, Ecto.Adapters.Postgres).
    name: "Ecto",
    commands: [],
    processes: { variables: ["ECTO_POOL_COUNT"], otherwise: 1 },
    threads: "unbounded",
    signs: ["ECTO_POOL_COUNT"],
    library: "ecto",
  },
  {
    name: "supervisord",
    commands: ["supervisord", "horizon"],
    processes: { otherwise: IN_A_FILE },
    threads: "unbounded",
  },
];

const byName = (name: string): Server => SERVERS.find((each) => each.name === name) as Server;

/** Every variable that a server takes one of its counts from. */
export const SERVER_VARIABLES: readonly string[] = SERVERS.flatMap(({ processes, threads }) => [
  ...(processes.variables ?? []),
  ...(threads === "unbounded" ? [] : (threads.variables ?? [])),
]);

/** The pool library that goes with the server in a container's command. */
export const libraryOfServer = (container: Container): string | undefined =>
  serverIn(container)?.server.library;

/** What a profile says of how its programs are served. */
interface Served {
  readonly library: string;
  readonly opens?: string | undefined;
}

/** Reads the counts of the server in a container: from its command, from its variables, else by its own defaults. */
export function readServer(container: Container, profile: Served): ServerReading {
  const found = serverIn(container);
  const server = found?.server ?? serverBySigns(container, profile);
  if (server === undefined) return byVariablesAlone(container, profile);
  const given = server.argumentsIn === undefined ? [] : argumentsOf(container, server.argumentsIn);
  const words = [...given, ...(found?.words ?? [])];
  const isInFile = server.file !== undefined && words.some((word) => server.file?.test(word));
  const read = new Counts(container, server, words, isInFile);
  const processes = read.count(server.processes, "processes");
  const { reading: concurrency, counts } = concurrencyOf(server, words, read, found !== undefined);
  const [perTask, perProcess] =
    server.name === "celery" ? celery(words, processes, concurrency) : [processes, concurrency];
  return {
    server: server.name,
    processesPerTask: perTask,
    concurrencyPerProcess: perProcess,
    counts,
    reads: [
      ...(server.argumentsIn === undefined ? [] : [server.argumentsIn]),
      ...(server.signs ?? []),
      ...(server.processes.variables ?? []),
      ...(server.threads === "unbounded" ? [] : (server.threads.variables ?? [])),
    ],
  };
}

const setting = (
  variable: string,
  unit: SettingReading["unit"],
  reading: Reading<number>,
): SettingReading => ({
  variable,
  unit,
  reading,
});

/**
 * No server in sight: a number of processes may stand in a variable that many servers read, and what one of them serves at
 * once is then known of Node alone. Python's are as often gunicorn's, which serve one request each, as an event loop's.
 */
function byVariablesAlone(container: Container, { library, opens }: Served): ServerReading {
  const count: Count = { variables: ["WEB_CONCURRENCY"], otherwise: 1 };
  const processes = new Counts(container, { name: "the server" }, [], false).count(count, "processes");
  const isForked = container.sets("WEB_CONCURRENCY");
  const isOpen = (isForked && library === "sqlalchemy") || opens === "no pool";
  return {
    server: undefined,
    processesPerTask: processes,
    concurrencyPerProcess: setting(
      "concurrencyPerProcess",
      "threads",
      isOpen
        ? fixed(
            unknown(
              "concurrencyPerProcess",
              "nothing says how many requests one process serves at once: the server is not in its command",
            ),
          )
        : unset("concurrencyPerProcess"),
    ),
    counts: "threads",
    reads: ["WEB_CONCURRENCY"],
  };
}

const fixed = (of: Unknown): Unknown => ({
  ...of,
  fix: "Start the server in `command`, or give `values.concurrencyPerProcess` (and `values.processesPerTask`) of the client under `pools` in the policy configuration",
});

/** Requests that one process serves at once, by gunicorn's class of workers where it is that. */
function concurrencyOf(
  server: Server,
  words: readonly string[],
  read: Counts,
  hasCommand: boolean,
): { readonly reading: SettingReading; readonly counts: ServerReading["counts"] } {
  const label = "concurrencyPerProcess";
  const none = { reading: setting(label, "threads", unset(label)), counts: "requests" } as const;
  if (server.threads === "unbounded") return none;
  if (server.name !== "gunicorn")
    return { reading: read.count(server.threads, "threads"), counts: "threads" };
  const kind = lastOf(words, ["-k", "--worker-class"]) ?? read.text("GUNICORN_WORKER_CLASS");
  if (kind === undefined || /^(?:sync|gthread)$/.test(kind)) {
    const threads = read.count(server.threads, "threads");
    // Only threads show that no other class of workers is chosen in what is not seen.
    const isSaid = threads.reading.state !== "known" || threads.reading.assumed === undefined;
    if (kind !== undefined || isSaid || (hasCommand && !read.isInFile))
      return { reading: threads, counts: "threads" };
    const why =
      "nothing says which class of workers gunicorn starts, and so how many requests one serves at once";
    return { reading: setting(label, "threads", fixed(unknown(label, why))), counts: "threads" };
  }
  if (/gevent|eventlet/.test(kind)) {
    const greenlets = read.count({ flags: ["--worker-connections"], otherwise: 1000 }, "threads");
    return { reading: greenlets, counts: "requests" };
  }
  return none;
}

/** `--autoscale=10,3` bounds the children; `-P threads` and its like make one process of them. */
function celery(
  words: readonly string[],
  processes: SettingReading,
  concurrency: SettingReading,
): readonly [SettingReading, SettingReading] {
  const scaled = lastOf(words, ["--autoscale"])?.split(",")[0];
  const counted =
    scaled === undefined ? processes : { ...processes, reading: wholeNumber(scaled, "--autoscale") };
  const pool = lastOf(words, ["-P", "--pool"]);
  if (pool === "solo") return [{ ...counted, reading: known(1, "a solo pool") }, concurrency];
  if (pool === undefined || pool === "prefork" || pool === "processes") return [counted, concurrency];
  return [
    { ...counted, reading: known(1, "one process") },
    { ...concurrency, reading: counted.reading },
  ];
}

/** Reads counts out of one server's command line and variables. */
class Counts {
  constructor(
    private readonly container: Container,
    private readonly server: Pick<Server, "name">,
    private readonly words: readonly string[],
    readonly isInFile: boolean,
  ) {}

  count(
    { flags = [], variables = [], otherwise, zeroIsOne }: Count,
    unit: "processes" | "threads",
  ): SettingReading {
    const given = lastOf(this.words, flags);
    if (given !== undefined)
      return setting(this.flagIn(flags), unit, this.resolved(given, this.flagIn(flags), zeroIsOne));
    const [variable] = variables.filter((name) => this.container.sets(name));
    if (variable !== undefined) {
      const value = this.container.environment(variable);
      const reading = value.state === "known" ? this.resolved(value.value, variable, zeroIsOne) : value;
      return setting(variable, unit, reading);
    }
    const label =
      variables[0] ?? flags[0] ?? (unit === "threads" ? "concurrencyPerProcess" : "processesPerTask");
    const why =
      typeof otherwise === "string"
        ? otherwise
        : this.isInFile && unit === "processes"
          ? IN_A_FILE
          : undefined;
    if (why !== undefined) {
      const what = unit === "processes" ? "processes" : "requests at once";
      return setting(
        label,
        unit,
        fixed(unknown(label, `how many ${what} ${this.server.name} runs is not known: ${why}`)),
      );
    }
    return setting(label, unit, known(Number(otherwise), `${this.server.name}'s default`));
  }

  text(variable: string): string | undefined {
    const value = this.container.environment(variable);
    return value.state === "known" && this.container.sets(variable) ? value.value.trim() : undefined;
  }

  private flagIn(flags: readonly string[]): string {
    return `${flags.at(-1)} of ${this.server.name}`;
  }

  /** A number, or what a shell or Kubernetes makes one of: `$WORKERS`, `${WORKERS:-4}`, `$(WORKERS)`. */
  private resolved(text: string, label: string, zeroIsOne?: true): Reading<number> {
    const trimmed = text.trim().replace(/^["']|["']$/g, "");
    const [, name, fallback] = /^\$[{(]?([A-Za-z_]\w*)(?::?-([^}]*))?[})]?$/.exec(trimmed) ?? [];
    if (name !== undefined && name !== "nproc") {
      const value = this.container.environment(name);
      if (value.state === "known" && !value.value.startsWith("$"))
        return this.resolved(value.value, name, zeroIsOne);
      if (value.state === "unset" && fallback !== undefined) return this.resolved(fallback, label, zeroIsOne);
      return fixed(unknown(label, `\`${label}\` is taken from \`${name}\`, which is not known`));
    }
    // Puma takes `5:5`: the most is what counts.
    const most = trimmed.split(":").at(-1) ?? "";
    if (
      /^(?:auto|max|-\d+)$/i.test(most) ||
      /[$`(]/.test(trimmed) ||
      (this.server.name === "pm2" && most === "0")
    )
      return fixed(unknown(label, `\`${label}\` follows the machine's CPUs, which no plan shows`));
    if (zeroIsOne && most === "0") return known(1);
    return wholeNumber(most, label);
  }
}

function wholeNumber(text: string, label: string): Reading<number> {
  const wrong: Malformed = malformed(label, text, "a whole number from 1 up");
  return /^\d{1,7}$/.test(text.trim()) && Number(text) >= 1 ? known(Number(text)) : wrong;
}

/** The last value that one of the flags is given, as every one of these command lines takes it: `-w 4`, `-w4`, `--workers=4`. */
function lastOf(words: readonly string[], flags: readonly string[]): string | undefined {
  let found: string | undefined;
  words.forEach((word, i) => {
    for (const flag of flags) {
      const next = words[i + 1];
      if (word === flag) found = next === undefined || /^--?[A-Za-z]/.test(next) ? "" : next;
      else if (flag.startsWith("--") ? word.startsWith(`${flag}=`) : word.startsWith(`${flag}=`))
        found = word.slice(flag.length + 1);
      else if (!flag.startsWith("--") && /^-\w[\d$]/.test(word) && word.startsWith(flag))
        found = word.slice(flag.length);
    }
  });
  return found;
}

interface Found {
  readonly server: Server;
  /** The words behind its name. */
  readonly words: readonly string[];
}

/** `celery worker` and `celery beat` are two programs, and `celery flower` is neither. */
const isMode = ({ name }: Server, words: readonly string[]): boolean =>
  name === "celery"
    ? words.includes("worker")
    : name !== "celery beat" || (words.includes("beat") && !words.includes("worker"));

/** The first server that a command starts, whatever wraps it: a shell, `bundle exec`, `python -m`, `tini --`. */
function serverIn(container: Container): Found | undefined {
  const words = container.texts.flatMap(splitWords);
  for (let i = 0; i < words.length; i++) {
    const base = (words[i] ?? "").split("/").at(-1) ?? "";
    for (const server of SERVERS) {
      const isIt = server.commands.some((command) => {
        const [first, second] = command.split(" ");
        return base === first && (second === undefined || words[i + 1] === second);
      });
      if (!isIt || !isMode(server, words.slice(i))) continue;
      const rest = words.slice(i + 1);
      const end = rest.findIndex((word) => /^(?:&&|\|\||;|\||&)$/.test(word));
      return { server, words: end < 0 ? rest : rest.slice(0, end) };
    }
  }
  return undefined;
}

/** The server that the variables alone name; two of them say nothing. */
function serverBySigns(container: Container, { library }: Served): Server | undefined {
  const signed = SERVERS.filter(({ signs = [] }) => signs.some((name) => container.sets(name)));
  const fitting = signed.filter((each) => each.library === undefined || each.library === library);
  if (fitting.length === 1) return fitting[0];
  if (library === "active-record") {
    const isWorker = container.sets("SIDEKIQ_CONCURRENCY") && !container.sets("RAILS_MAX_THREADS");
    return byName(isWorker ? "sidekiq" : "puma");
  }
  if (library === "php") return byName("php-fpm");
  if (library === "wordpress") return byName(/fpm/.test(container.image ?? "") ? "php-fpm" : "Apache");
  return undefined;
}

const argumentsOf = (container: Container, variable: string): readonly string[] => {
  const value = container.environment(variable);
  return value.state === "known" ? splitWords(value.value) : [];
};
