import type { Container } from "./containers";

/** Variables that hold a mode, as libpq, and the frameworks after it, spell it. */
const MODE_VARIABLES = [
  "PGSSLMODE",
  "DB_SSLMODE",
  "DB_SSL_MODE",
  "DATABASE_SSLMODE",
  "POSTGRES_SSLMODE",
] as const;
/** Variables that hold a switch. */
const SWITCH_VARIABLES = ["DB_SSL", "DATABASE_SSL"] as const;
/** Variables that hold a URL, whose parameters may say it; the rest of the value is never looked at. */
const URL_VARIABLES = [
  "DATABASE_URL",
  "DB_URL",
  "POSTGRES_URL",
  "MYSQL_URL",
  "JDBC_DATABASE_URL",
  "SPRING_DATASOURCE_URL",
  "SQLALCHEMY_DATABASE_URI",
] as const;

/** `sslmode=disable` (libpq, pgJDBC), `ssl-mode=DISABLED` (MySQL), `sslMode=DISABLED` and `useSSL=false` (Connector/J). */
const OFF_IN_URL = /[?&;](?:ssl-?mode=disabled?|usessl=false|ssl=(?:false|0))(?=$|[&;#])/i;
const OFF_MODES = new Set(["disable", "disabled"]);
const OFF_SWITCHES = new Set(["false", "0", "off", "no"]);

/**
 * The variable with which a container turns TLS to its database off; undefined where none does. Modes that try TLS
 * first and fall back are not named here: a server that requires TLS never lets them fall back.
 */
export function tlsTurnedOffBy(container: Container | undefined): string | undefined {
  const find = (variables: readonly string[], isOff: (text: string) => boolean): string | undefined =>
    variables.find((variable) => {
      const value = container?.environment(variable);
      return value?.state === "known" && isOff(value.value.trim());
    });
  return (
    find(MODE_VARIABLES, (text) => OFF_MODES.has(text.toLowerCase())) ??
    find(SWITCH_VARIABLES, (text) => OFF_SWITCHES.has(text.toLowerCase())) ??
    find(URL_VARIABLES, (text) => OFF_IN_URL.test(text))
  );
}
