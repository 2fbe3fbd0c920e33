// @ts-check
/**
 * Writes policies/plan/pools/poolDefaults.data.json: what pool libraries do when nothing is set, as the libraries
 * themselves say when they are asked, each with its version and the day.
 *
 *     npm run tables:pools
 *
 * Installs the libraries of npm, PyPI, Maven Central, the Go module proxy and crates.io into a temporary folder, makes a pool
 * of each that connects to nothing and reads its options. Where a registry or its language cannot be reached, or a library
 * has changed its shape, it says so and the entries of the present file stay as they are. TypeORM is not among them: it takes
 * its driver's pool. A size that follows the machine's CPUs is left out.
 *
 * Exit codes: 0 all are as they were, 1 one has changed, 2 something could not be measured.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {"npm" | "PyPI" | "Maven" | "Go" | "crates"} Registry
 * @typedef {{ poolMax?: number, acquireTimeoutMs: number, idleTimeoutMs: number, maxLifetimeMs: number }} Values 0 ms is no limit.
 * @typedef {{ registry: Registry, package: string, version: string, date: string, values: Values }} Measured
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

/** Artifacts of Maven Central, as `group:artifact`. */
const MAVEN = {
  hikaricp: "com.zaxxer:HikariCP",
  "tomcat-jdbc": "org.apache.tomcat:tomcat-jdbc",
  dbcp2: "org.apache.commons:commons-dbcp2",
  "r2dbc-pool": "io.r2dbc:r2dbc-pool",
};
const GO = { pgxpool: "github.com/jackc/pgx/v5" };
const CRATES = { sqlx: "sqlx-core" };

const today = new Date().toISOString().slice(0, 10);
const folder = mkdtempSync(join(tmpdir(), "pool-defaults-"));
/** @type {{ [library: string]: Measured }} */
const before = existsSync(TARGET) ? JSON.parse(readFileSync(TARGET, "utf8")) : {};
const found = { ...before };
let failures = 0;
try {
  attempt("npm", () => Object.assign(found, measuredInNode()));
  attempt("PyPI", () => Object.assign(found, measuredInPython()));
  attempt("Maven", () => Object.assign(found, measuredInJava()));
  attempt("Go", () => Object.assign(found, measuredInGo()));
  attempt("crates", () => Object.assign(found, measuredInRust()));
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
const changed = Object.keys(sorted).filter(
  (name) => JSON.stringify(sorted[name]?.values) !== JSON.stringify(before[name]?.values),
);
for (const name of changed)
  process.stdout.write(
    `${name} ${sorted[name]?.version}: ${JSON.stringify(before[name]?.values)} is now ${JSON.stringify(sorted[name]?.values)}\n`,
  );
writeFileSync(TARGET, `${JSON.stringify(sorted, null, 2)}\n`);
process.stderr.write(`${Object.keys(sorted).length} libraries in ${TARGET}\n`);
// A registry out of reach changes nothing, and is not taken for a check that passed.
process.exitCode = failures > 0 ? 2 : changed.length > 0 ? 1 : 0;

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
    process.stdout.write(`${what}: not measured, so the file keeps its entries (${why})\n`);
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

/** @returns {{ [library: string]: Measured }} */
function measuredInJava() {
  const root = join(folder, "java");
  mkdirSync(root);
  const dependencies = Object.values(MAVEN)
    .map((name) => {
      const [group, artifact] = name.split(":");
      return `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>RELEASE</version></dependency>`;
    })
    .join("");
  writeFileSync(
    join(root, "pom.xml"),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies>${dependencies}</dependencies></project>`,
  );
  execFileSync("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(
    join(root, "Read.java"),
    `
import java.lang.reflect.*;
import java.time.Duration;
public class Read {
  static long ms(Object of) {
    long ms = of == null ? 0 : of instanceof Duration d ? d.toMillis() : ((Number) of).longValue();
    return Math.max(0, ms);
  }
  static Object field(Object of, String name) throws Exception {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
  static void say(String library, Object size, Object wait, Object idle, Object life) {
    System.out.println(library + " " + ms(size) + " " + ms(wait) + " " + ms(idle) + " " + ms(life));
  }
  static Object nothing(Class<?> type) {
    return Proxy.newProxyInstance(Read.class.getClassLoader(), new Class<?>[] { type }, (p, m, a) -> m.getName().equals("hashCode") ? 0 : null);
  }
  public static void main(String[] none) throws Exception {
    var hikari = new com.zaxxer.hikari.HikariConfig();
    hikari.setDataSource((javax.sql.DataSource) nothing(javax.sql.DataSource.class));
    hikari.validate();
    say("hikaricp", hikari.getMaximumPoolSize(), hikari.getConnectionTimeout(), hikari.getIdleTimeout(), hikari.getMaxLifetime());
    var tomcat = new org.apache.tomcat.jdbc.pool.PoolProperties();
    say("tomcat-jdbc", tomcat.getMaxActive(), tomcat.getMaxWait(), tomcat.getMinEvictableIdleTimeMillis(), tomcat.getMaxAge());
    var dbcp = new org.apache.commons.dbcp2.BasicDataSource();
    // Nothing is closed for being idle unless the evictor runs.
    var runs = ms(dbcp.getDurationBetweenEvictionRuns()) > 0;
    say("dbcp2", dbcp.getMaxTotal(), dbcp.getMaxWaitDuration(), runs ? dbcp.getMinEvictableIdleDuration() : 0, dbcp.getMaxConnDuration());
    var r2dbc = io.r2dbc.pool.ConnectionPoolConfiguration.builder((io.r2dbc.spi.ConnectionFactory) nothing(io.r2dbc.spi.ConnectionFactory.class)).build();
    say("r2dbc-pool", field(r2dbc, "maxSize"), field(r2dbc, "maxAcquireTime"), field(r2dbc, "maxIdleTime"), field(r2dbc, "maxLifeTime"));
  }
}
`,
  );
  const text = execFileSync("java", ["-cp", join(root, "jars", "*"), join(root, "Read.java")], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const jars = readdirSync(join(root, "jars"));
  return spoken("Maven", MAVEN, text, (name) => {
    const artifact = name.split(":")[1] ?? "";
    const jar = jars.find((file) => file.startsWith(`${artifact}-`)) ?? "";
    return jar.slice(artifact.length + 1, -".jar".length);
  });
}

/** @returns {{ [library: string]: Measured }} */
function measuredInGo() {
  const root = join(folder, "go");
  mkdirSync(root);
  const run = (/** @type {string[]} */ ...words) =>
    execFileSync("go", words, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  run("mod", "init", "x");
  writeFileSync(
    join(root, "main.go"),
    `package main

import (
	"fmt"
	"runtime"

	"github.com/jackc/pgx/v5/pgxpool"
)

func main() {
	config, err := pgxpool.ParseConfig("postgres://localhost/x")
	if err != nil {
		panic(err)
	}
	if config.MaxConns != max(4, int32(runtime.NumCPU())) {
		panic("the size follows something else than the CPUs")
	}
	fmt.Println("pgxpool", "-", 0, config.MaxConnIdleTime.Milliseconds(), config.MaxConnLifetime.Milliseconds())
}
`,
  );
  run("get", `${GO.pgxpool}@latest`);
  run("mod", "tidy");
  const version = run("list", "-m", "-f", "{{.Version}}", GO.pgxpool).trim().replace(/^v/, "");
  return spoken("Go", GO, run("run", "."), () => version);
}

/** @returns {{ [library: string]: Measured }} */
function measuredInRust() {
  const root = join(folder, "rust");
  mkdirSync(join(root, "src"), { recursive: true });
  writeFileSync(
    join(root, "Cargo.toml"),
    `[package]
name = "x"
version = "0.0.0"
edition = "2021"
[dependencies]
${CRATES.sqlx} = { version = "*", default-features = false, features = ["any", "_rt-tokio"] }
`,
  );
  writeFileSync(
    join(root, "src/main.rs"),
    `use sqlx_core::{any::Any, pool::PoolOptions};
use std::time::Duration;
fn main() {
    let of = PoolOptions::<Any>::new();
    let ms = |time: Option<Duration>| time.map_or(0, |time| time.as_millis());
    println!("sqlx {} {} {} {}", of.get_max_connections(), of.get_acquire_timeout().as_millis(), ms(of.get_idle_timeout()), ms(of.get_max_lifetime()));
}
`,
  );
  const text = execFileSync("cargo", ["run", "--quiet"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  return spoken(
    "crates",
    CRATES,
    text,
    (name) => new RegExp(`name = "${name}"\nversion = "([^"]+)"`).exec(lock)?.[1] ?? "",
  );
}

/**
 * What a program said, a line for each library: its name, the size or `-`, and three times in milliseconds.
 * @param {Registry} registry
 * @param {{ [library: string]: string }} packages
 * @param {string} text
 * @param {(name: string) => string} versionOf
 */
function spoken(registry, packages, text, versionOf) {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const readers = Object.fromEntries(
    lines.map(([library = "", size, ...times]) => [
      library,
      () => values(size === "-" ? undefined : Number(size), ...times.map(Number)),
    ]),
  );
  return gathered(registry, packages, readers, versionOf);
}

/**
 * @param {Registry} registry
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
  const [poolMax, acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs] = of.map((each, at) => {
    if (at === 0 && each === undefined) return undefined;
    if (typeof each !== "number" || !Number.isFinite(each))
      throw new Error(`${String(each)} is not a number`);
    return each;
  });
  return /** @type {Values} */ ({ poolMax, acquireTimeoutMs, idleTimeoutMs, maxLifetimeMs });
}
