import { unknown } from "../../reading";
import {
  inUrl,
  keepAlive,
  named,
  type PoolProfile,
  profileOf,
  queryTimeout,
  type TimeNotation,
} from "../library";

const words = (text: string): string => text.split(/\s+/).filter(Boolean).join(" ");

/**
 * A property of Spring Boot's by the names it binds it to, with the dashes left out and (the older form) as underscores.
 * @see https://docs.spring.io/spring-boot/reference/features/external-config.html "Binding From Environment Variables"
 */
const spring = (prefix: string, ...properties: readonly string[]): string =>
  words(
    properties
      .flatMap((property) => [`${prefix}_${property.replaceAll("_", "")}`, `${prefix}_${property}`])
      .filter((name, at, all) => all.indexOf(name) === at)
      .join(" "),
  );

/** How long the HTTP server keeps a connection depends on which one Spring starts. */
const springKeepAlive = keepAlive(
  named("SERVER_TOMCAT_KEEPALIVETIMEOUT SERVER_TOMCAT_KEEP_ALIVE_TIMEOUT", "ms or unit"),
);

/**
 * The driver's `socketTimeout` in the JDBC URL ends a query: pgJDBC takes seconds (jdbc.postgresql.org, "Connection
 * Parameters"), Connector/J and MariaDB's milliseconds (dev.mysql.com, "Networking"; mariadb.com/kb, "About MariaDB Connector/J").
 */
const jdbc = (title: string, url: string) => ({
  session: { urls: [url] },
  query: {
    ...queryTimeout(`${title}'s default`, "the driver's `socketTimeout` in the JDBC URL"),
    otherwise: [
      ...inUrl("socketTimeout", "s", url).map((each) => ({ ...each, of: /postgresql:/ })),
      ...inUrl("socketTimeout", "ms", url).map((each) => ({ ...each, of: /mysql:|mariadb:/ })),
    ],
  },
});
const springJdbc = (title: string) => jdbc(title, "SPRING_DATASOURCE_URL");

/** By Spring's names, and by the plain ones that programs without Spring read it from. */
const hikari = (property: string): string =>
  `${spring("SPRING_DATASOURCE_HIKARI", property)} HIKARI_${property}`;

const HIKARI_SIZE = `${hikari("MAXIMUM_POOL_SIZE")} HIKARI_MAX_POOL_SIZE`;
const MINIMUM_IDLE = hikari("MINIMUM_IDLE");

/**
 * HikariCP: 10 connections, 30 s for one (0 has no timeout, anything else under 250 ms is refused), and every connection
 * ends after 30 min. It keeps `minimumIdle` open, which is `maximumPoolSize` unless it is set, and closes idle ones after
 * 10 min only above that (README and HikariConfig.java, github.com/brettwooldridge/HikariCP). Spring Boot takes it
 * wherever it is on the class path, so a data source URL of Spring's is a sign of it.
 */
const hikaricp = profileOf({
  library: "hikaricp",
  title: "HikariCP",
  opens: "at once",
  keepsIdle: { variables: named(MINIMUM_IDLE), keepAlive: named(hikari("KEEPALIVE_TIME")) },
  marks: `${HIKARI_SIZE} ${["CONNECTION_TIMEOUT", "IDLE_TIMEOUT", "MAX_LIFETIME", "KEEPALIVE_TIME"].map(hikari).join(" ")} ${MINIMUM_IDLE} SPRING_DATASOURCE_URL`,
  size: HIKARI_SIZE,
  max: 10,
  acquire: { ms: 30_000, names: hikari("CONNECTION_TIMEOUT"), least: 250 },
  idle: { ms: 600_000, names: hikari("IDLE_TIMEOUT"), least: 10_000 },
  lifetime: { ms: 1_800_000, names: hikari("MAX_LIFETIME"), least: 30_000 },
  session: springJdbc("HikariCP").session,
  settings: { keepAliveTimeoutMs: springKeepAlive, queryTimeoutMs: springJdbc("HikariCP").query },
});

const tomcat = (property: string): string => spring("SPRING_DATASOURCE_TOMCAT", property);

/** Tomcat's JDBC pool: `maxActive` 100, `maxWait` 30 s, idle ones close after 60 s, no end of life (PoolProperties.java). */
const tomcatJdbc = profileOf({
  library: "tomcat-jdbc",
  title: "Tomcat's JDBC pool",
  refines: "hikaricp",
  marks: ["MAX_ACTIVE", "MAX_WAIT", "MAX_IDLE", "MAX_AGE", "MIN_EVICTABLE_IDLE_TIME_MILLIS"]
    .map(tomcat)
    .join(" "),
  typed: /tomcat/i,
  size: tomcat("MAX_ACTIVE"),
  max: 100,
  acquire: { ms: 30_000, names: tomcat("MAX_WAIT") },
  idle: { ms: 60_000, names: tomcat("MIN_EVICTABLE_IDLE_TIME_MILLIS") },
  lifetime: { ms: 0, names: tomcat("MAX_AGE") },
  session: springJdbc("Tomcat's JDBC pool").session,
  settings: { keepAliveTimeoutMs: springKeepAlive, queryTimeoutMs: springJdbc("Tomcat's JDBC pool").query },
});

const dbcp = (property: string): string => spring("SPRING_DATASOURCE_DBCP2", property);

/** Commons DBCP 2: `maxTotal` 8, no end of a wait (−1), nothing idle is closed unless the evictor runs (BaseObjectPoolConfig.java). */
const dbcp2 = profileOf({
  library: "dbcp2",
  title: "Commons DBCP 2",
  refines: "hikaricp",
  marks: ["MAX_TOTAL", "MAX_WAIT_MILLIS", "MAX_IDLE", "MAX_CONN_LIFETIME_MILLIS"].map(dbcp).join(" "),
  typed: /dbcp2/i,
  size: dbcp("MAX_TOTAL"),
  max: 8,
  acquire: { ms: 0, names: dbcp("MAX_WAIT_MILLIS"), unlimited: (ms) => ms < 0 },
  idle: { ms: 0 },
  lifetime: { ms: 0, names: dbcp("MAX_CONN_LIFETIME_MILLIS"), unlimited: (ms) => ms < 0 },
  session: springJdbc("Commons DBCP 2").session,
  settings: { keepAliveTimeoutMs: springKeepAlive, queryTimeoutMs: springJdbc("Commons DBCP 2").query },
});

const r2dbc = (...properties: readonly string[]): string => spring("SPRING_R2DBC_POOL", ...properties);

/** Of an `r2dbc:pool:` URL, of which the pool takes parameters of its own (r2dbc-pool, README, "Supported ConnectionFactory Discovery Options"). */
const pooled = (parameter: string) => inUrl(parameter, "ms or unit", "SPRING_R2DBC_URL");

/** r2dbc-pool (Spring WebFlux): 10 connections, no end of a wait, idle ones close after 30 min (ConnectionPoolConfiguration.java). */
const r2dbcPool = profileOf({
  library: "r2dbc-pool",
  title: "r2dbc-pool",
  marks: `${r2dbc("MAX_SIZE", "INITIAL_SIZE", "MAX_IDLE_TIME", "MAX_LIFE_TIME", "MAX_ACQUIRE_TIME")} SPRING_R2DBC_URL`,
  size: [...named(r2dbc("MAX_SIZE")), ...pooled("maxSize")],
  max: 10,
  acquire: { ms: 0, names: [...named(r2dbc("MAX_ACQUIRE_TIME"), "ms or unit"), ...pooled("maxAcquireTime")] },
  idle: { ms: 1_800_000, names: [...named(r2dbc("MAX_IDLE_TIME"), "ms or unit"), ...pooled("maxIdleTime")] },
  lifetime: { ms: 0, names: [...named(r2dbc("MAX_LIFE_TIME"), "ms or unit"), ...pooled("maxLifeTime")] },
  query: "`statementTimeout` of the connection factory",
});

const quarkus = (property: string): string => `QUARKUS_DATASOURCE_JDBC_${property}`;

/**
 * Agroal under Quarkus: 20 connections, 50 by Quarkus 3.40, so the size depends on a version that no plan shows; 5 s for
 * one, idle ones close after 5 min (DataSourceJdbcRuntimeConfig of 3.15.1, 3.30.0 and 3.40.1).
 */
const agroal = profileOf({
  library: "agroal",
  title: "Agroal",
  marks: `${["MAX_SIZE", "MIN_SIZE", "INITIAL_SIZE", "ACQUISITION_TIMEOUT", "IDLE_REMOVAL_INTERVAL", "MAX_LIFETIME", "URL"].map(quarkus).join(" ")}`,
  size: quarkus("MAX_SIZE"),
  max: {
    hidden: "Quarkus takes 20 connections up to 3.30 and 50 by 3.40, and its version is not known",
    fix: `Set \`${quarkus("MAX_SIZE")}\` in its environment`,
  },
  acquire: { ms: 5_000, names: named(quarkus("ACQUISITION_TIMEOUT"), "s or unit") },
  idle: { ms: 300_000, names: named(quarkus("IDLE_REMOVAL_INTERVAL"), "s or unit") },
  lifetime: { ms: 0, names: named(quarkus("MAX_LIFETIME"), "s or unit") },
  session: jdbc("Agroal", quarkus("URL")).session,
  settings: { queryTimeoutMs: jdbc("Agroal", quarkus("URL")).query },
});

/** Keycloak over Agroal: 100 connections unless `db-pool-max-size` says otherwise (keycloak.org/server/all-config, "Database"). */
const keycloak = profileOf({
  library: "keycloak",
  title: "Keycloak",
  image: /(?:^|\/)(?:keycloak|rhbk[\w-]*|[\w-]*keycloak[\w-]*)(?=[:@]|$)/,
  marks: "KC_DB_POOL_MAX_SIZE KC_DB_POOL_MIN_SIZE KC_DB_POOL_INITIAL_SIZE KC_DB KC_DB_URL KC_DB_URL_HOST",
  size: "KC_DB_POOL_MAX_SIZE",
  max: 100,
  acquire: { ms: 5_000 },
  idle: { ms: 300_000 },
  lifetime: { ms: 0, names: named("KC_DB_POOL_MAX_LIFETIME", "s or unit") },
  settings: {
    queryTimeoutMs: {
      ...queryTimeout("Keycloak's default", "`KC_DB_URL_PROPERTIES` with the driver's `socketTimeout`"),
      otherwise: [
        ...inUrl("socketTimeout", "s", "KC_DB_URL"),
        ...inUrl("socketTimeout", "s", "KC_DB_URL_PROPERTIES"),
      ],
    },
  },
});

/**
 * Metabase over c3p0: 15 connections for its own database, and since 2025 two more pools, of 5 each, for Quartz and for
 * its audit queries, 30 s for a connection and an hour of life where there were no limits before
 * (metabase/metabase@0164dad, src/metabase/app_db/connection_pool_setup.clj). Which version an image holds, no plan shows.
 */
const METABASE_VERSION = {
  ...unknown(
    "image",
    "Metabase's pools depend on its version: newer ones open two more pools and have time limits that older ones lack",
  ),
  fix: "Give `values` of the client under `pools` in the policy configuration, with `poolMax` as the sum of its pools",
};
const byVersion = (variable: string, writtenIn?: TimeNotation) =>
  ({
    variables: named(variable, writtenIn),
    default: { hidden: METABASE_VERSION },
    unit: "ms",
    kind: "duration",
  }) as const;
const metabase = profileOf({
  library: "metabase",
  title: "Metabase",
  image: /(?:^|\/)metabase(?:-enterprise)?(?=[:@]|$)/,
  marks: "MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE MB_DB_HOST MB_DB_CONNECTION_URI MB_DB_TYPE",
  size: "MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE",
  max: 15,
  acquire: { ms: 0 },
  idle: { ms: 0 },
  lifetime: { ms: 0 },
  settings: {
    poolMax: {
      variables: named("MB_APPLICATION_DB_MAX_CONNECTION_POOL_SIZE"),
      default: { value: 15, of: "Metabase's default" },
      plus: { variables: [], default: { hidden: METABASE_VERSION }, unit: "connections", kind: "bound" },
      unit: "connections",
      kind: "count",
    },
    acquireTimeoutMs: byVersion("MB_APPLICATION_DB_CHECKOUT_TIMEOUT_MS"),
    idleTimeoutMs: byVersion("MB_APPLICATION_DB_MAX_IDLE_TIME_EXCESS_CONNECTIONS_SECONDS", "s"),
    maxLifetimeMs: byVersion("MB_APPLICATION_DB_MAX_CONNECTION_AGE_SECONDS", "s"),
  },
});

export const JVM_LIBRARIES: readonly PoolProfile[] = [
  hikaricp,
  tomcatJdbc,
  dbcp2,
  r2dbcPool,
  agroal,
  keycloak,
  metabase,
].map((profile) => ({ runtime: "threads", ...profile }));
