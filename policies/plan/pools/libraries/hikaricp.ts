import { ELSEWHERE, keepAlive, named, type PoolProfile, queryTimeout, SHARED_POOL_MAX } from "../library";

const HIKARI = "HikariCP's default";

/**
 * A HikariCP property by the names Spring Boot binds it to, with the dashes left out and (the older form) as
 * underscores, and by the plain name that programs without Spring read it from.
 * @see https://docs.spring.io/spring-boot/reference/features/external-config.html "Binding From Environment Variables"
 */
const bound = (property: string): string =>
  [
    `SPRING_DATASOURCE_HIKARI_${property.replaceAll("_", "")}`,
    `SPRING_DATASOURCE_HIKARI_${property}`,
    `HIKARI_${property}`,
  ].join(" ");

const POOL_MAX = `${bound("MAXIMUM_POOL_SIZE")} HIKARI_MAX_POOL_SIZE`;
const CONNECTION_TIMEOUT = bound("CONNECTION_TIMEOUT");
const IDLE_TIMEOUT = bound("IDLE_TIMEOUT");
const MAX_LIFETIME = bound("MAX_LIFETIME");
const OTHERS = `${bound("MINIMUM_IDLE")} ${bound("KEEPALIVE_TIME")}`;

/**
 * HikariCP: 10 connections, 30 s for one (0 is for ever, anything else under 250 ms is refused), idle ones close
 * after 10 min and every one after 30 min (README and HikariConfig.java, github.com/brettwooldridge/HikariCP).
 * Spring Boot takes it wherever it is on the class path, so a data source URL of Spring's is a sign of it. How long
 * the HTTP server keeps a connection depends on which one Spring starts: `server.tomcat.keep-alive-timeout`.
 */
export const hikaricp: PoolProfile = {
  library: "hikaricp",
  marks:
    `${POOL_MAX} ${CONNECTION_TIMEOUT} ${IDLE_TIMEOUT} ${MAX_LIFETIME} ${OTHERS} SPRING_DATASOURCE_URL`.split(
      " ",
    ),
  settings: {
    ...ELSEWHERE,
    poolMax: {
      variables: [...named(POOL_MAX), ...SHARED_POOL_MAX],
      default: { value: 10, of: HIKARI },
      unit: "connections",
      kind: "count",
    },
    acquireTimeoutMs: {
      variables: named(CONNECTION_TIMEOUT),
      default: { value: 30_000, of: HIKARI },
      unit: "ms",
      kind: "duration",
      least: 250,
    },
    idleTimeoutMs: {
      variables: named(IDLE_TIMEOUT),
      default: { value: 600_000, of: HIKARI },
      unit: "ms",
      kind: "duration",
      least: 10_000,
    },
    queryTimeoutMs: queryTimeout("JDBC's default", "the driver's `socketTimeout` in the JDBC URL"),
    maxLifetimeMs: {
      variables: named(MAX_LIFETIME),
      default: { value: 1_800_000, of: HIKARI },
      unit: "ms",
      kind: "duration",
      least: 30_000,
    },
    keepAliveTimeoutMs: keepAlive(
      named("SERVER_TOMCAT_KEEPALIVETIMEOUT SERVER_TOMCAT_KEEP_ALIVE_TIMEOUT", "ms or unit"),
    ),
  },
};
