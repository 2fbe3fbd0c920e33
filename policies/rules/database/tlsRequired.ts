import { knownValue, type Reading, unknown } from "../../plan/reading";
import type { DatabaseReading, ParameterGroupReading, ProxyReading } from "../../plan/types";
import { inContainer } from "../format";
import { type RuleContext, rule } from "../rule";
import { dialectOf, groupsInForce, inGroup, majorOf, serverFlag } from "./parameterGroups";

/** Passwords and rows never cross the network unencrypted, whatever a client's own settings are. */
export const tlsRequired = rule({
  id: "tls-required",
  title: "Connections are encrypted",
  severity: "high",
  level: "mandatory",
  description:
    "The server refuses connections without TLS (`rds.force_ssl`, `require_secure_transport`), so does an RDS Proxy, and no client turns TLS off.",
  remediationSteps:
    "Set `rds.force_ssl` (PostgreSQL) or `require_secure_transport` (MySQL, MariaDB) to 1, `requireTls` of a proxy to true, and give clients the certificate authority of RDS.",
  check(context) {
    for (const database of context.stack.databases) checkServer(database, context);
    for (const proxy of context.stack.proxies) checkProxy(proxy, context);
    for (const client of context.stack.clients) {
      if (client.tlsTurnedOffBy === undefined) continue;
      context.violation({
        resource: client.resource.urn,
        text: `\`${client.tlsTurnedOffBy}\` of ${client.name} turns TLS off: its password and every row cross the network unencrypted, and a server that requires TLS refuses the pool altogether.`,
        fix: context.naming.set(
          client.tlsTurnedOffBy,
          inContainer(client),
          "a mode that encrypts and checks the certificate, such as `verify-full`",
        ),
      });
    }
  },
});

function checkServer(database: DatabaseReading, context: RuleContext): void {
  const { engine, engineVersion, resource } = database;
  if (engine.state !== "known") {
    if (database.kind !== "declared") context.cannotDecide(resource.urn, engineOf(engine));
    return;
  }
  const name = dialectOf(engine.value) === "postgres" ? "rds.force_ssl" : "require_secure_transport";
  for (const group of groupsInForce(database)) {
    const isSet = group.parameter(name).value.state !== "unset";
    if (!isSet && engineVersion.state !== "known" && engineVersion.state !== "unset") {
      context.cannotDecide(resource.urn, engineVersion);
      continue;
    }
    const isRequired = requiredByDefault(database, engine.value);
    const reading = serverFlag(group, name, { value: isRequired, of: "AWS's default for this version" });
    if (reading.state !== "known") context.cannotDecide(group.resource.urn, reading);
    else if (!reading.value) context.violation(notRequired(name, group, reading.assumed, context));
  }
}

const engineOf = (engine: Reading<string>): Reading<string> =>
  engine.state === "unset" ? unknown("engine", "`engine` is not set") : engine;

/**
 * What holds where no group sets it: `rds.force_ssl` is 1 from PostgreSQL 15 (Amazon RDS User Guide, "Using SSL with
 * a PostgreSQL DB instance") and from Aurora PostgreSQL 17 (Aurora User Guide, "Securing Aurora PostgreSQL data with
 * SSL/TLS"); `require_secure_transport` is ON from MariaDB 11.8 and OFF in MySQL (RDS User Guide, "Requiring SSL/TLS
 * for all connections"). A version that nobody names is a current one, for PostgreSQL alone: AWS has not moved the
 * default of MariaDB's oldest supported versions.
 */
function requiredByDefault(database: DatabaseReading, engine: string): boolean {
  const major = majorOf(database);
  if (dialectOf(engine) === "postgres") return (major ?? 17) >= (engine.startsWith("aurora") ? 17 : 15);
  if (dialectOf(engine) !== "mariadb") return false;
  const [, whole, minor = "0"] = /^(\d+)(?:\.(\d+))?/.exec(knownValue(database.engineVersion) ?? "") ?? [];
  return Number(whole) > 11 || (Number(whole) === 11 && Number(minor) >= 8);
}

function notRequired(
  name: string,
  group: ParameterGroupReading,
  assumed: string | undefined,
  context: RuleContext,
) {
  const shown = assumed === undefined ? "off" : `off (${assumed})`;
  return {
    resource: group.resource.urn,
    text: `\`${name}\` of ${group.resource.name} is ${shown}: the server takes connections without TLS, and a client that falls back to one sends its password and every row unencrypted.`,
    fix: context.naming.set(name, inGroup(group), "1", 1),
    observed: 0,
    allowed: { min: 1, max: 1 },
  };
}

function checkProxy({ resource, requireTls }: ProxyReading, context: RuleContext): void {
  context.cannotDecide(resource.urn, requireTls);
  if (knownValue(requireTls) !== false) return;
  const shown = requireTls.state === "known" && requireTls.assumed !== undefined ? "not set" : "false";
  context.violation({
    resource: resource.urn,
    text: `\`requireTls\` of ${resource.name} is ${shown}: the proxy takes connections without TLS, whatever the database behind it requires, and passwords and rows cross the network unencrypted.`,
    fix: context.naming.set("requireTls", ` of proxy \`${resource.name}\``, "true", "true"),
  });
}
