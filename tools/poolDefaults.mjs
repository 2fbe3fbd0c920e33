// @ts-check
/**
 * Writes policies/plan/pools/poolDefaults.data.json: what pool libraries do when nothing is set, as the libraries
 * themselves say when they are asked, each with its version and the day.
 *
 *     npm run tables:pools
 *
 * Installs the libraries of npm and PyPI into a temporary folder, makes a pool of each that connects to nothing and reads
 * its options. Where a registry cannot be reached, or a library has changed its shape, it says so and the entries of the
 * present file stay as they are. TypeORM is not among them: it takes its driver's pool.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {{ poolMax: number, acquireTimeoutMs: number, idleTimeoutMs: number, maxLifetimeMs: number }} Values 0 ms is no limit.
 * @typedef {{ registry: "npm" | "PyPI", package: string, version: string, date: string, values: Values }} Measured
 */

const TARGET = resolve(
  dirname(fileURLToPath(import.meta.url)),
  "../policies/plan/pools/poolDefaults.data.json",
);
/** Packages of npm by the library that they are; knex and sequelize are asked with a driver. */
const NPM = {
  "node-postgres": "pg",
  mysql2: "mysql2",
  mariadb: "mariadb",
  knex: "knex",
  sequelize: "sequelize",
  "postgres.js": "postgres",
};
const PYPI = {
  sqlalchemy: "SQLAlchemy",
  "psycopg-pool": "psycopg_pool",
  asyncpg: "asyncpg",
  aiomysql: "aiomysql",
};

const today = new Date().toISOString().slice(0, 10);
const folder = mkdtempSync(join(tmpdir(), "pool-defaults-"));
/** @type {{ [library: string]: Measured }} */
const before = existsSync(TARGET) ? JSON.parse(readFileSync(TARGET, "utf8")) : {};
const found = { ...before };
let failures = 0;
try {
  attempt("npm", () => Object.assign(found, measuredInNode()));
  attempt("PyPI", () => Object.assign(found, measuredInPython()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const sorted = Object.fromEntries(
  Object.entries(found)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    // A day alone is no change.
    .map(([name, now]) => {
      const old = before[name];
      return [name, JSON.stringify({ ...now, date: old?.date }) === JSON.stringify(old) ? old : now];
    }),
);
writeFileSync(TARGET, `${JSON.stringify(sorted, null, 2)}\n`);
process.stderr.write(`${Object.keys(sorted).length} libraries in ${TARGET}\n`);
// A registry out of reach changes nothing, and is not taken for a check that passed.
process.exitCode = failures > 0 ? 1 : 0;

/**
 * @param {string} what
 * @param {() => void} measure
 */
function attempt(what, measure) {
  try {
    measure();
  } catch (error) {
    failures += 1;
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    process.stderr.write(`${what}: not measured, so the file keeps its entries (${why})\n`);
  }
}

/** @returns {{ [library: string]: Measured }} */
function measuredInNode() {
  const root = join(folder, "node");
  execFileSync(
    "npm",
    [
      "install",
      "--prefix",
      root,
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--silent",
      ...Object.values(NPM),
    ],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const load = createRequire(join(root, "index.js"));
  const file = (/** @type {string} */ path) => load(join(root, "node_modules", path));
  /** @type {{ [library: string]: () => Values }} */
  const readers = {
    "node-postgres": () => {
      const { options } = new (load("pg").Pool)();
      return values(
        options.max,
        options.connectionTimeoutMillis ?? 0,
        options.idleTimeoutMillis,
        options.maxLifetimeSeconds * 1000,
      );
    },
    mysql2: () => {
      const { connectionLimit, maxIdle, idleTimeout } = load("mysql2").createPool({}).config;
      // Only connections above `maxIdle` are closed; and it has neither an acquire timeout nor a maximum lifetime.
      return values(connectionLimit, 0, maxIdle < connectionLimit ? idleTimeout : 0, 0);
    },
    mariadb: () => {
      const of = new (file("mariadb/lib/config/pool-options.js").default)({});
      return values(of.connectionLimit, of.acquireTimeout, of.idleTimeout * 1000, 0);
    },
    knex: () => {
      const { pool } = load("knex")({ client: "pg", connection: {} }).client;
      return values(pool.max, pool.acquireTimeoutMillis, pool.idleTimeoutMillis, 0);
    },
    sequelize: () => {
      const { Sequelize } = load("sequelize");
      const { pool } = new Sequelize({ dialect: "postgres", logging: false }).connectionManager.config;
      return values(pool.max, pool.acquire, pool.idle, 0);
    },
    "postgres.js": () => {
      const make = load("postgres");
      const { max, idle_timeout: idle, max_lifetime: drawn } = make({ host: "localhost" }).options;
      const lifetimes = Array.from({ length: 2_000 }, () => drawn());
      // At random for each: the longest of many, as a number of minutes.
      return values(max, 0, (idle ?? 0) * 1000, Math.ceil(Math.max(...lifetimes) / 60) * 60_000);
    },
  };
  return gathered("npm", NPM, readers, (name) => file(`${name}/package.json`).version);
}

/** @returns {{ [library: string]: Measured }} */
function measuredInPython() {
  const site = join(folder, "site");
  const python = process.env.PYTHON ?? "python3";
  const packages = [...Object.values(PYPI), "psycopg[binary]"];
  execFileSync(python, ["-m", "pip", "install", "--quiet", "--target", site, ...packages], {
    stdio: ["ignore", "inherit", "ignore"],
  });
  const program = `
import inspect, json
from importlib.metadata import version
def defaults(f):
    return {n: p.default for n, p in inspect.signature(f).parameters.items() if p.default is not inspect.Parameter.empty}
def ms(seconds):
    return 0 if seconds is None or seconds < 0 else round(seconds * 1000)
def sqlalchemy():
    from sqlalchemy import pool
    own, base = defaults(pool.QueuePool.__init__), defaults(pool.Pool.__init__)
    return [own["pool_size"] + own["max_overflow"], ms(own["timeout"]), 0, ms(base["recycle"])]
def psycopg():
    import psycopg_pool
    of = defaults(psycopg_pool.ConnectionPool.__init__)
    return [of["min_size"] if of["max_size"] is None else of["max_size"], ms(of["timeout"]), ms(of["max_idle"]), ms(of["max_lifetime"])]
def asyncpg():
    from asyncpg import pool, create_pool
    of = defaults(create_pool)
    return [of["max_size"], ms(defaults(pool.Pool.acquire)["timeout"]), ms(of["max_inactive_connection_lifetime"]), 0]
def aiomysql():
    import aiomysql
    of = defaults(aiomysql.create_pool)
    return [of["maxsize"], 0, 0, ms(of["pool_recycle"])]
print(json.dumps({"sqlalchemy": [version("SQLAlchemy"), sqlalchemy()], "psycopg-pool": [version("psycopg_pool"), psycopg()],
  "asyncpg": [version("asyncpg"), asyncpg()], "aiomysql": [version("aiomysql"), aiomysql()]}))
`;
  const text = execFileSync(python, ["-c", program], {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: site },
  });
  /** @type {{ [library: string]: [version: string, values: [number, number, number, number]] }} */
  const read = JSON.parse(text);
  const readers = Object.fromEntries(
    Object.entries(read).map(([name, [, of]]) => [name, () => values(...of)]),
  );
  const versions = Object.fromEntries(Object.entries(read).map(([name, [version]]) => [name, version]));
  return gathered("PyPI", PYPI, readers, (_, library) => versions[library] ?? "");
}

/**
 * @param {"npm" | "PyPI"} registry
 * @param {{ [library: string]: string }} packages
 * @param {{ [library: string]: () => Values }} readers
 * @param {(name: string, library: string) => string} versionOf
 */
function gathered(registry, packages, readers, versionOf) {
  /** @type {{ [library: string]: Measured }} */
  const all = {};
  for (const [library, name] of Object.entries(packages))
    attempt(library, () => {
      const read = readers[library]?.();
      if (read === undefined) throw new Error("nothing reads it");
      all[library] = {
        registry,
        package: name,
        version: versionOf(name, library),
        date: today,
        values: read,
      };
    });
  return all;
}

/**
 * @param {unknown[]} of Size, then three times in milliseconds.
 * @returns {Values}
 */
function values(...of) {
  const [poolMax, acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs] = of.map((each) => {
    if (typeof each !== "number" || !Number.isFinite(each))
      throw new Error(`${String(each)} is not a number`);
    return each;
  });
  return /** @type {Values} */ ({ poolMax, acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs });
}
