import { describe, expect, it } from "vitest";
import { containerOf } from "../../../policies/plan/clients/containers";
import { UNKNOWN } from "../../../policies/plan/plan";
import { POOL_PROFILES, type PoolSetting } from "../../../policies/plan/pools/libraries";
import type { SettingSource } from "../../../policies/plan/pools/library";
import MEASURED from "../../../policies/plan/pools/poolDefaults.data.json";
import { readSettings } from "../../../policies/plan/pools/settings";
import { knownValue } from "../../../policies/plan/reading";
import { readStack } from "../../../policies/plan/stack";
import { clientOf, clientsOf, judge, only } from "../rules/judge";
import { samplePlan, tags } from "../samplePlan";

/** What a library does when nothing but its name is given. */
const defaults = (library: string) => {
  const { settings } = clientOf({}, library);
  return Object.fromEntries(
    (Object.keys(settings) as PoolSetting[]).map((name) => [name, knownValue(settings[name].reading)]),
  );
};
const setting = (name: PoolSetting, environment: { [name: string]: string }, library?: string) =>
  clientOf(environment, library).settings[name];

describe("a pool library that is only named", () => {
  it.each([
    ["node-postgres", { poolMax: 10, acquireTimeoutMs: 0, idleTimeoutMs: 10_000, maxLifetimeMs: 0 }],
    ["hikaricp", { poolMax: 10, acquireTimeoutMs: 30_000, idleTimeoutMs: 0, maxLifetimeMs: 1_800_000 }],
    ["sqlalchemy", { poolMax: 15, acquireTimeoutMs: 30_000, idleTimeoutMs: 0, maxLifetimeMs: 0 }],
    ["go-database-sql", { poolMax: undefined, acquireTimeoutMs: 0, idleTimeoutMs: 0, maxLifetimeMs: 0 }],
    ["prisma-6", { poolMax: undefined, acquireTimeoutMs: 10_000 }],
    ["prisma", { poolMax: undefined, acquireTimeoutMs: undefined, idleTimeoutMs: undefined }],
  ])("has the documented defaults of %s", (library, expected) => {
    expect(defaults(library)).toMatchObject(expected);
    expect(defaults(library).processesPerTask).toBe(1);
  });

  it("shows whose defaults they are", () => {
    expect(setting("poolMax", {}, "hikaricp").reading).toMatchObject({ assumed: "HikariCP's default" });
    expect(setting("poolMax", {}, "sqlalchemy").reading).toMatchObject({
      assumed: "5, SQLAlchemy's default `pool_size` and 10, SQLAlchemy's default `max_overflow`",
    });
  });

  it("is bounded by nothing in Go until `SetMaxOpenConns` is called", () => {
    expect(setting("poolMax", {}, "go-database-sql").reading).toMatchObject({
      state: "malformed",
      shown: "unlimited: without `SetMaxOpenConns`, database/sql opens an unlimited number of connections",
    });
  });

  it("has as many connections as the machine has CPUs for Prisma, which no plan shows", () => {
    expect(setting("poolMax", { DATABASE_URL: "postgres://u:p@h/d" }, "prisma-6").reading).toMatchObject({
      state: "unknown",
      fix: expect.stringContaining("Add `connection_limit` to the URL in `DATABASE_URL`"),
    });
  });

  it("says nothing of the HTTP server, unless it is Node's", () => {
    expect(defaults("node-postgres").keepAliveTimeoutMs).toBe(5_000);
    for (const library of ["hikaricp", "sqlalchemy", "go-database-sql"])
      expect(defaults(library).keepAliveTimeoutMs).toBeUndefined();
  });
});

describe("a pool library that nobody names", () => {
  it.each([
    ["hikaricp", "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "17", 17],
    ["hikaricp", "SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE", "17", 17],
    ["hikaricp", "HIKARI_MAXIMUM_POOL_SIZE", "17", 17],
    ["hikaricp", "SPRING_DATASOURCE_URL", "jdbc:postgresql://h/d", 10],
    ["sqlalchemy", "SQLALCHEMY_POOL_SIZE", "7", 17],
    ["sqlalchemy", "SQLALCHEMY_MAX_OVERFLOW", "0", 5],
    ["go-database-sql", "DB_MAX_OPEN_CONNS", "23", 23],
    ["node-postgres", "PGPOOL_MAX", "9", 9],
  ])("is recognised as %s by %s", (library, variable, text, max) => {
    const client = clientOf({ [variable]: text });
    expect(client.library).toMatchObject({
      value: library,
      assumed: expect.stringMatching(`^recognised by \`.*${variable}\`$`),
    });
    expect(client.settings.poolMax.reading).toMatchObject({ value: max });
  });

  it.each([
    "DB_POOL_MAX",
    "DB_POOL_SIZE",
    "POOL_MAX",
    "DATABASE_POOL_SIZE",
    "DATABASE_POOL_MAX",
  ])("stays unnamed when all that is set is %s: the size counts, and no library's defaults do", (variable) => {
    const { settings, library } = clientOf({ [variable]: "14" });
    expect(settings.poolMax).toMatchObject({ variable, reading: { value: 14 } });
    for (const name of ["acquireTimeoutMs", "idleTimeoutMs", "keepAliveTimeoutMs"] as const)
      expect(settings[name].reading).toMatchObject({
        state: "unknown",
        reason:
          "its pool is set by a variable that several libraries use, and it is not known which library holds the pool",
      });
    expect(library.state).toBe("unknown");
  });

  it("stays unnamed when the names of two are set", () => {
    const client = clientOf({ PG_POOL_MAX: "4", SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE: "4" });
    expect(client.settings.poolMax.reading).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining(
        "`PG_POOL_MAX` is a variable of node-postgres and `SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE` one of hikaricp",
      ),
    });
  });

  it("has names of its own for each library, so that a name recognises one", () => {
    const marks = [...POOL_PROFILES.values()].flatMap(({ marks: own }) =>
      [...own].map((mark) => JSON.stringify(mark)),
    );
    expect(new Set(marks).size).toBe(marks.length);
  });
});

describe("the size of a pool", () => {
  it("is SQLAlchemy's pool and its overflow together", () => {
    const sum = setting("poolMax", { SQLALCHEMY_POOL_SIZE: "20", SQLALCHEMY_MAX_OVERFLOW: "5" });
    expect(sum).toMatchObject({
      variable: "SQLALCHEMY_POOL_SIZE + SQLALCHEMY_MAX_OVERFLOW",
      reading: { state: "known", value: 25 },
    });
    expect(sum.reading).not.toHaveProperty("assumed");
    expect(setting("poolMax", { DB_POOL_SIZE: "20", DB_MAX_OVERFLOW: "0" }).reading).toMatchObject({
      value: 20,
    });
  });

  it.each([
    ["go-database-sql", { DB_MAX_OPEN_CONNS: "0" }, "unlimited (`DB_MAX_OPEN_CONNS` is 0)"],
    ["go-database-sql", { DB_MAX_OPEN_CONNS: "-1" }, "unlimited (`DB_MAX_OPEN_CONNS` is -1)"],
    ["sqlalchemy", { SQLALCHEMY_POOL_SIZE: "0" }, "unlimited (`SQLALCHEMY_POOL_SIZE` is 0)"],
    [
      "sqlalchemy",
      { SQLALCHEMY_POOL_SIZE: "5", SQLALCHEMY_MAX_OVERFLOW: "-1" },
      "unlimited (`SQLALCHEMY_MAX_OVERFLOW` is -1)",
    ],
  ])("is refused in %s where %j bounds nothing", (_library, environment, shown) => {
    expect(setting("poolMax", environment).reading).toMatchObject({ state: "malformed", shown });
  });

  it("does not silently take the first of two names that disagree, whichever comes first", () => {
    for (const [a, b] of [
      ["5", "20"],
      ["20", "5"],
    ]) {
      const { reading } = setting("poolMax", { DB_POOL_MAX: a ?? "", POOL_MAX: b ?? "" });
      expect(reading).toMatchObject({
        state: "malformed",
        shown: `${a} by \`DB_POOL_MAX\` and ${b} by \`POOL_MAX\``,
        expected: "one value",
      });
    }
    expect(setting("poolMax", { DB_POOL_MAX: "5", POOL_MAX: "5" }).reading).toMatchObject({ value: 5 });
    expect(setting("poolMax", { DB_POOL_MAX: "5", POOL_MAX: "x" }).reading.state).toBe("malformed");
  });

  it("is not 3 for a name with text behind the digits, in any library", () => {
    for (const variable of ["DB_MAX_OPEN_CONNS", "HIKARI_MAXIMUM_POOL_SIZE", "SQLALCHEMY_POOL_SIZE"])
      expect(setting("poolMax", { [variable]: "3 # was 10" }).reading.state).toBe("malformed");
  });
});

describe("a time", () => {
  it("is read in the unit of its variable", () => {
    const go = clientOf({
      DB_MAX_OPEN_CONNS: "8",
      DB_CONN_MAX_LIFETIME: "5m",
      DB_CONN_MAX_IDLE_TIME: "1m30s",
    });
    expect(go.settings).toMatchObject({
      maxLifetimeMs: { reading: { value: 300_000 }, writtenIn: "go" },
      idleTimeoutMs: { reading: { value: 90_000 } },
    });
    expect(setting("acquireTimeoutMs", { SQLALCHEMY_POOL_TIMEOUT: "2.5" })).toMatchObject({
      reading: { value: 2_500 },
      writtenIn: "s",
    });
    expect(setting("acquireTimeoutMs", { SPRING_DATASOURCE_HIKARI_CONNECTION_TIMEOUT: "900" })).toMatchObject(
      {
        reading: { value: 900 },
      },
    );
    expect(
      setting(
        "acquireTimeoutMs",
        { DATABASE_URL: "mysql://h/d?connection_limit=3&pool_timeout=7" },
        "prisma-6",
      ),
    ).toMatchObject({ variable: "pool_timeout in DATABASE_URL", reading: { value: 7_000 } });
    expect(
      setting("keepAliveTimeoutMs", {
        SPRING_DATASOURCE_URL: "jdbc:x",
        SERVER_TOMCAT_KEEP_ALIVE_TIMEOUT: "75s",
      }).reading,
    ).toMatchObject({ value: 75_000 });
  });

  it.each([
    [
      "a Go duration without its unit",
      { DB_MAX_OPEN_CONNS: "8", DB_CONN_MAX_LIFETIME: "300" },
      "maxLifetimeMs",
    ],
    [
      "seconds with a unit where SQLAlchemy takes none",
      { SQLALCHEMY_POOL_TIMEOUT: "30s" },
      "acquireTimeoutMs",
    ],
    ["a wait that HikariCP refuses", { HIKARI_CONNECTION_TIMEOUT: "249" }, "acquireTimeoutMs"],
    ["a lifetime that HikariCP ignores", { HIKARI_MAX_LIFETIME: "29999" }, "maxLifetimeMs"],
  ] as const)("is refused when it is %s", (_name, environment, name) => {
    expect(clientOf(environment).settings[name].reading.state).toBe("malformed");
  });

  it("that means no limit differs from one that means at once", () => {
    expect(setting("acquireTimeoutMs", { HIKARI_CONNECTION_TIMEOUT: "0" }).reading).toMatchObject({
      value: 0,
    });
    expect(setting("acquireTimeoutMs", { SQLALCHEMY_POOL_TIMEOUT: "0" }).reading).toMatchObject({ value: 1 });
    expect(setting("maxLifetimeMs", { SQLALCHEMY_POOL_RECYCLE: "-1" }).reading).toMatchObject({ value: 0 });
    expect(setting("maxLifetimeMs", { DB_CONN_MAX_LIFETIME: "-1s" }).reading).toMatchObject({ value: 0 });
  });
});

describe("a pool in a URL", () => {
  const url = (query: string) => ({
    DATABASE_URL: `postgresql://app:hunter2%3F@db.example:5432/shop${query}`,
  });

  it("is read from the parameter alone, and nothing else of the URL is shown", () => {
    const shown = JSON.stringify(clientOf(url("?connection_limit=6#f"), "prisma-6").settings);
    expect(JSON.parse(shown).poolMax.reading.value).toBe(6);
    for (const query of [
      "?connection_limit=x@hunter2",
      "?connection_limit=1&connection_limit=2",
      "?connection_limit=",
    ]) {
      const { reading } = clientOf(url(query), "prisma-6").settings.poolMax;
      expect(reading.state).toBe("malformed");
      expect(JSON.stringify(reading)).not.toContain("hunter2");
    }
  });

  it("is unknown where the URL is a secret", () => {
    const definitions = JSON.stringify([
      { name: "api", secrets: [{ name: "DATABASE_URL", valueFrom: "arn:aws:ssm:::parameter/db/url" }] },
    ]);
    const [client] = clientsFrom(definitions);
    expect(client?.settings.poolMax.reading).toMatchObject({
      state: "unknown",
      reason: "`DATABASE_URL` comes from a secret",
    });
  });
});

function clientsFrom(containerDefinitions: string) {
  return readStack(
    samplePlan({
      taskDefinition: { containerDefinitions },
      tags: tags({ "poolproof:pool-library": "prisma-6" }),
    }),
  ).clients;
}

/** What a profile takes for granted when nothing is set, with what is opened beyond the size. */
function assumed({ default: own, plus }: SettingSource): unknown {
  const value = own !== undefined && "value" in own ? own.value : undefined;
  return value === undefined || plus === undefined ? value : value + Number(assumed(plus));
}

describe("the defaults of pool libraries, as the libraries themselves say them", () => {
  it.each(Object.entries(MEASURED))("%s", (library, { values }) => {
    const settings = POOL_PROFILES.get(library)?.settings;
    const taken = Object.fromEntries(
      (["poolMax", "acquireTimeoutMs", "idleTimeoutMs", "maxLifetimeMs"] as const).map((name) => [
        name,
        settings && assumed(settings[name]),
      ]),
    );
    expect(taken).toEqual(values);
  });

  it("are measured for the libraries that registries serve", () => {
    expect(Object.keys(MEASURED)).toEqual([
      "aiomysql",
      "asyncpg",
      "dbcp2",
      "hikaricp",
      "knex",
      "mariadb",
      "mysql2",
      "node-postgres",
      "pgxpool",
      "postgres.js",
      "psycopg-pool",
      "r2dbc-pool",
      "sequelize",
      "sqlalchemy",
      "sqlx",
      "tomcat-jdbc",
    ]);
  });
});

describe("programs whose pools depend on what no plan shows", () => {
  it.each([
    ["metabase", "MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE"],
    ["hasura", "HASURA_GRAPHQL_PG_CONNECTIONS"],
  ])("%s is open, whether its size is set or not", (library, size) => {
    for (const variables of [{ REQUEST_TIMEOUT_MS: "1000" }, { [size]: "20" }]) {
      const { settings } = clientOf(variables, library);
      expect([settings.poolMax.reading.state, settings.acquireTimeoutMs.reading.state]).toEqual([
        "unknown",
        "unknown",
      ]);
    }
  });
});

const poolMax = (clients: ReturnType<typeof clientsOf>) =>
  clients.map(({ name, settings }) => [name, settings.poolMax.variable, settings.poolMax.reading]);

describe("a pool that the policy configuration describes", () => {
  it("is read from the names it gives, in place of the library's own", () => {
    const pools = [
      {
        client: "api",
        library: "hikaricp",
        variables: { poolMax: ["ORDERS_POOL"], acquireTimeoutMs: ["ORDERS_WAIT"] },
      },
    ];
    const [client] = clientsOf({ ORDERS_POOL: "13", ORDERS_WAIT: "2s", DB_POOL_SIZE: "99" }, { pools });
    expect(client).toMatchObject({
      library: { value: "hikaricp" },
      settings: {
        poolMax: { variable: "ORDERS_POOL", reading: { value: 13 } },
        acquireTimeoutMs: { reading: { value: 2_000 } },
        maxLifetimeMs: { reading: { value: 1_800_000 } },
      },
    });
  });

  it("has the values it gives, where the environment sets none or the same", () => {
    const pools = [{ client: "api-*", values: { poolMax: 21, keepAliveTimeoutMs: 90_000 } }];
    const [client] = clientsOf({ DB_POOL_MAX: "21" }, { pools });
    expect(client?.settings.poolMax).toMatchObject({
      variable: "values.poolMax",
      reading: { value: 21, assumed: "the policy configuration" },
    });
    expect(client?.settings.keepAliveTimeoutMs.reading).toMatchObject({ value: 90_000 });
    const [overruled] = clientsOf({ DB_POOL_MAX: "60" }, { pools });
    expect(overruled?.settings.poolMax.reading).toMatchObject({
      state: "malformed",
      property: "DB_POOL_MAX",
    });
    const wrong = clientsOf({}, { pools: [{ client: "api", values: { poolMax: 0 } }] });
    expect(wrong[0]?.settings.poolMax.reading.state).toBe("malformed");
  });

  it("is one more pool of the container when it has a name, and both are in the budget", () => {
    const pools = [
      {
        client: "api",
        pool: "reporting",
        variables: { poolMax: ["REPORTING_POOL"] },
        library: "node-postgres",
      },
    ];
    const environment = { DB_POOL_MAX: "12", REPORTING_POOL: "4" };
    expect(poolMax(clientsOf(environment, { pools }))).toEqual([
      ["api", "DB_POOL_MAX", { state: "known", value: 12 }],
      ["api (reporting)", "REPORTING_POOL", { state: "known", value: 4 }],
    ]);
    const [budget] = judge({ environment }, { pools }).budgets;
    expect(budget?.demandAtPeak).toBe(16 * (12 + 4) + 5);
  });

  it("does not count the usual names twice", () => {
    const pools = [
      { client: "api", pool: "main", variables: { poolMax: ["MAIN"] } },
      { client: "api", pool: "reporting", values: { poolMax: 2 } },
    ];
    expect(poolMax(clientsOf({ MAIN: "6" }, { pools })).map(([name]) => name)).toEqual([
      "api (main)",
      "api (reporting)",
    ]);
    const [main, second] = clientsOf(
      { MAIN: "6", PG_POOL_MAX: "8" },
      { pools: [{ client: "api", pool: "other" }] },
    );
    expect(main?.settings.poolMax.reading).toMatchObject({ value: 8 });
    expect(second?.settings.poolMax.reading.state).toBe("known");
    expect(second?.settings.poolMax.reading).toMatchObject({ assumed: "node-postgres's default" });
  });

  it("may have a database and a peak of its own", () => {
    const pools = [{ client: "api", pool: "reporting", values: { poolMax: 2 }, database: "elsewhere" }];
    const demand = [{ service: "api (reporting)", peakRequestsPerSecond: 3 }];
    const [, second] = clientsOf({ DB_POOL_MAX: "12" }, { pools, demand });
    expect(second).toMatchObject({
      database: { state: "unlinked", reason: expect.stringContaining('"elsewhere"') },
      declared: { peakRequestsPerSecond: { value: 3 } },
    });
  });

  it("is of one container only where it names one", () => {
    const pools = [{ client: "api", container: "sidecar", values: { poolMax: 5 } }];
    expect(clientsOf({ DB_POOL_MAX: "12" }, { pools })[0]?.settings.poolMax.reading).toMatchObject({
      value: 12,
    });
  });

  it("is named in messages by what sets it", () => {
    const pools = [{ client: "api", variables: { poolMax: ["ORDERS_POOL"] } }];
    const report = judge({ environment: { ORDERS_POOL: "3" } }, { pools });
    expect(only(report, "pool-floor").fix).toMatch(
      /^Set `ORDERS_POOL` of container `api` in task definition/,
    );
  });

  it("has its library's defaults where the environment is hidden and said to set none of its variables", () => {
    const hidden = { taskDefinition: { containerDefinitions: UNKNOWN as never } };
    const entry = { client: "api", library: "node-postgres", environment: "sets none of these" } as const;
    const size = (values: { readonly [setting: string]: number }) =>
      judge(hidden, { pools: [{ ...entry, values }] });
    expect(only(size({ processesPerTask: 1 }), "pool-floor")).toMatchObject({ observed: 10 });
    // The command is hidden too, and may start several processes.
    expect(size({}).undecided.map(({ rule }) => rule)).toContain("pool-floor");
    // Without a library that speaks to the database there are no defaults.
    const wrong = judge(hidden, {
      pools: [{ ...entry, library: "mysql2", values: { processesPerTask: 1 } }],
    });
    expect(wrong.undecided.map(({ rule }) => rule)).toContain("pool-floor");
    const { library: _, ...nameless } = entry;
    const unnamed = judge(hidden, { pools: [{ ...nameless, values: { processesPerTask: 1 } }] });
    expect(unnamed.undecided.map(({ rule }) => rule)).toContain("pool-floor");
  });

  it("keeps what the program sets, whatever the policy configuration says of its environment", () => {
    const pools = [{ client: "api", environment: "sets none of these" } as const];
    const [client] = clientsOf({ DB_POOL_MAX: "12", PGHOST: "db" }, { pools });
    expect(client?.settings.poolMax.reading).toMatchObject({ value: 12 });
  });
});

describe("a pool that a JVM program is given by its properties", () => {
  const SIZE = "spring.datasource.hikari.maximum-pool-size";
  const url = { SPRING_DATASOURCE_URL: "jdbc:postgresql://db.example/shop" };
  const size = (environment: { [name: string]: string }, command: readonly string[] = []) => {
    const variables = Object.entries({ ...url, ...environment }).map(([name, value]) => ({ name, value }));
    const definitions = [{ name: "api", image: "example/api:1", command, environment: variables }];
    const [client] = readStack(
      samplePlan({ taskDefinition: { containerDefinitions: JSON.stringify(definitions) } }),
    ).clients;
    const { variable, reading } = client?.settings.poolMax ?? {};
    return [reading && knownValue(reading), variable];
  };

  it.each([
    ["-D in JAVA_OPTS", { JAVA_OPTS: `-Xmx1g -D${SIZE}=60` }, [], 60, `${SIZE} in JAVA_OPTS`],
    ["camel case", { JAVA_TOOL_OPTIONS: "-Dspring.datasource.hikari.maximumPoolSize=60" }, [], 60, undefined],
    ["an argument", {}, ["java", "-jar", "/app.jar", `--${SIZE}=60`], 60, `${SIZE} in command`],
    ["-D before the jar", {}, ["java", `-D${SIZE}=60`, "-jar", "/app.jar"], 60, undefined],
    [
      "-D behind the jar, which nothing reads",
      {},
      ["java", "-jar", "/app.jar", `-D${SIZE}=60`],
      10,
      undefined,
    ],
    [
      "JAVA_OPTS of a command without it",
      { JAVA_OPTS: `-D${SIZE}=60` },
      ["java", "-jar", "/a.jar"],
      10,
      undefined,
    ],
    [
      "JAVA_OPTS of a command with it",
      { JAVA_OPTS: `-D${SIZE}=60` },
      ["sh", "-c", "java $JAVA_OPTS -jar a.jar"],
      60,
      undefined,
    ],
    [
      "nested JSON",
      { SPRING_APPLICATION_JSON: '{"spring":{"datasource":{"hikari":{"maximum-pool-size":60}}}}' },
      [],
      60,
      undefined,
    ],
    ["the property's own name", { [SIZE]: "60" }, [], 60, SIZE],
    [
      "an argument over a variable",
      { SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: "10" },
      [`--${SIZE}=60`],
      60,
      undefined,
    ],
    ["a placeholder", { JAVA_TOOL_OPTIONS: `-D${SIZE}=\${DB_POOL:30}` }, [], 30, undefined],
  ])("is read: %s", (_, environment, command, expected, variable) => {
    expect(size(environment, command)).toEqual([expected, variable ?? expect.any(String)]);
  });

  it("is unknown where what holds the properties is hidden", () => {
    const secret = { name: "SPRING_APPLICATION_JSON", valueFrom: "arn:aws:ssm:::parameter/json" };
    const environment = [{ name: "SPRING_DATASOURCE_URL", value: url.SPRING_DATASOURCE_URL }];
    const [client] = readStack(
      samplePlan({
        taskDefinition: {
          containerDefinitions: JSON.stringify([{ name: "api", secrets: [secret], environment }]),
        },
      }),
    ).clients;
    expect(client?.settings.poolMax.reading.state).toBe("unknown");
  });
});

describe("a setting in the URL of a database", () => {
  const URLS = { pg: "postgres://u:p@db.example/shop" };

  it.each([
    ["mysql2", "poolMax", "connectionLimit=60", 60],
    ["mysql2", "queueMax", "queueLimit=5", 5],
    ["mariadb", "poolMax", "connectionLimit=60", 60],
    ["mariadb", "acquireTimeoutMs", "acquireTimeout=500", 500],
  ] as const)("counts for %s: %s of %s", (library, name, query, expected) => {
    const profile = POOL_PROFILES.get(library);
    if (profile === undefined) throw new Error(library);
    const variables = containerOf({
      environment: [{ name: "DATABASE_URL", value: `mysql://u:p@db.example/shop?${query}` }],
    });
    expect(knownValue(readSettings(profile, variables)[name].reading)).toBe(expected);
  });

  it.each([
    ["postgres.js", "poolMax", { DATABASE_URL: `${URLS.pg}?max=60` }, 60],
    ["node-postgres", "poolMax", { DATABASE_URL: `${URLS.pg}?max=60` }, 10],
    ["active-record", "poolMax", { DATABASE_URL: `${URLS.pg}?pool=2`, RAILS_MAX_THREADS: "5" }, 2],
    ["ecto", "poolMax", { DATABASE_URL: "ecto://u:p@db.example/shop?pool_size=60" }, 60],
    ["r2dbc-pool", "poolMax", { SPRING_R2DBC_URL: "r2dbc:pool:postgresql://db/shop?maxSize=60" }, 60],
    ["pgxpool", "poolMax", { POSTGRES_DSN: `${URLS.pg}?pool_max_conns=60` }, 60],
    ["prisma-6", "poolMax", { POSTGRES_PRISMA_URL: `${URLS.pg}?connection_limit=60` }, 60],
    [
      "hikaricp",
      "queryTimeoutMs",
      { SPRING_DATASOURCE_URL: "jdbc:postgresql://db/shop?socketTimeout=4" },
      4000,
    ],
    [
      "hikaricp",
      "queryTimeoutMs",
      { SPRING_DATASOURCE_URL: "jdbc:mysql://db/shop?socketTimeout=4000" },
      4000,
    ],
    [
      "hikaricp",
      "statementTimeoutMs",
      { SPRING_DATASOURCE_URL: "jdbc:postgresql://db/shop?options=-c%20statement_timeout=3000" },
      3000,
    ],
    [
      "node-postgres",
      "statementTimeoutMs",
      { PGOPTIONS: "-c statement_timeout=3s -c lock_timeout=1000" },
      3000,
    ],
    ["node-postgres", "lockTimeoutMs", { PGOPTIONS: "-c statement_timeout=3s -c lock_timeout=1000" }, 1000],
    ["node-postgres", "statementTimeoutMs", { DATABASE_URL: `${URLS.pg}?statement_timeout=3000` }, 3000],
    ["django", "statementTimeoutMs", { PGOPTIONS: "-c statement_timeout=1min" }, 60_000],
    ["hikaricp", "statementTimeoutMs", { PGOPTIONS: "-c statement_timeout=3s" }, undefined],
  ] as const)("counts for %s: %s of %j", (library, name, environment, expected) => {
    expect(knownValue(setting(name, environment, library).reading)).toBe(expected);
  });

  it("is taken for absent where a secret holds a URL that seldom says it", () => {
    const secrets = [{ name: "DATABASE_URL", valueFrom: "arn:aws:ssm:::parameter/db/url" }];
    const of = (library: string, environment: readonly object[] = []) =>
      readStack(
        samplePlan({
          taskDefinition: { containerDefinitions: JSON.stringify([{ name: "api", secrets, environment }]) },
          tags: tags({ "poolproof:pool-library": library }),
        }),
      ).clients[0]?.settings.poolMax.reading;
    expect(of("postgres.js")).toMatchObject({ value: 10 });
    expect(of("pgxpool")?.state).toBe("unknown");
    expect(of("pgxpool", [{ name: "DB_MAX_CONNS", value: "25" }])).toMatchObject({ value: 25 });
  });
});

describe("a pool of ADO.NET's that is turned off", () => {
  it("has no bound", () => {
    const text = "Host=db;Database=shop;Pooling=false;Maximum Pool Size=10";
    expect(setting("poolMax", { ConnectionStrings__Default: text }).reading).toMatchObject({
      state: "malformed",
      shown: "unlimited (`Pooling in ConnectionStrings__Default` is false)",
    });
  });
});
