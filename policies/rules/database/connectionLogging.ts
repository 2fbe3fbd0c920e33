import { andThen, known, knownValue, malformed, type Reading, whenUnset } from "../../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../../plan/types";
import { type RuleContext, rule } from "../rule";
import { dialectOf, groupsInForce, inGroup, majorOf, serverFlag } from "./parameterGroups";

/** What people look for first when connections fail, and cannot turn on afterwards. */
export const connectionLogging = rule({
  id: "connection-logging",
  title: "Connections are logged",
  severity: "low",
  level: "advisory",
  description:
    "PostgreSQL logs connections, disconnections and lock waits, and the database's log is exported to CloudWatch.",
  remediationSteps:
    "Set `log_connections`, `log_disconnections` and `log_lock_waits` to 1 in the parameter group, and export the log `postgresql` (MySQL, MariaDB: `error`).",
  check(context) {
    for (const database of context.stack.databases) {
      if (database.kind === "declared" || database.engine.state !== "known") continue;
      const isPostgres = dialectOf(database.engine.value) === "postgres";
      if (isPostgres) {
        for (const group of groupsInForce(database)) checkGroup(database, group, context);
      }
      checkExports(database, isPostgres ? "postgresql" : "error", context);
    }
  },
});

const OFF = { value: false, of: "PostgreSQL's default" };

function checkGroup(database: DatabaseReading, group: ParameterGroupReading, context: RuleContext): void {
  const readings = [
    { name: "log_connections", reading: logConnections(database, group) },
    { name: "log_disconnections", reading: serverFlag(group, "log_disconnections", OFF) },
    { name: "log_lock_waits", reading: serverFlag(group, "log_lock_waits", OFF) },
  ];
  for (const { reading } of readings) context.cannotDecide(group.resource.urn, reading);
  const off = readings.flatMap(({ name, reading }) => (knownValue(reading) === false ? [name] : []));
  if (off.length === 0) return;
  const { naming } = context;
  const names = off.map((name) => `\`${name}\``).join(", ");
  context.violation({
    resource: group.resource.urn,
    text: `${names} of ${group.resource.name} ${off.length === 1 ? "is" : "are"} off: when connections fail or queue, the log does not say who held them.`,
    fix: `Set ${off.map((name) => naming.name(name)).join(", ")}${inGroup(group)} to 1`,
    observed: off.join(", "),
  });
}

/** What PostgreSQL 18 can log of a connection (documentation, "Error Reporting and Logging"). */
const ASPECTS = new Set(["receipt", "authentication", "authorization", "setup_durations", "all"]);

/** A switch up to PostgreSQL 17; from 18 a list of aspects, which still takes the switch's values. */
function logConnections(database: DatabaseReading, group: ParameterGroupReading): Reading<boolean> {
  const name = "log_connections";
  const flag = serverFlag(group, name, OFF);
  if (flag.state !== "malformed" || (majorOf(database) ?? 18) < 18) return flag;
  const value = andThen(group.parameter(name).value, (given): Reading<boolean> => {
    const aspects =
      typeof given === "string" ? given.split(",").map((each) => each.trim().toLowerCase()) : [];
    if (given === "") return known(false);
    return aspects.length > 0 && aspects.every((each) => ASPECTS.has(each))
      ? known(true)
      : malformed(`parameters.${name}`, given, `1, 0 or a list of ${[...ASPECTS].join(", ")}`);
  });
  return whenUnset(value, false, OFF.of);
}

function checkExports({ resource, logExports }: DatabaseReading, log: string, context: RuleContext): void {
  context.cannotDecide(resource.urn, logExports);
  const exported = knownValue(logExports);
  if (exported === undefined || exported.includes(log)) return;
  const property = "enabledCloudwatchLogsExports";
  context.violation({
    resource: resource.urn,
    text: `\`${property}\` of ${resource.name} does not include "${log}": the log stays on the instance, is lost with it, and no alarm can read it.`,
    fix: context.naming.set(property, ` of ${resource.name}`, `["${log}"] or more`),
    observed: exported.join(", "),
  });
}
