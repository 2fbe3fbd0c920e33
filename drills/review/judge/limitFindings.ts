import { list, number } from "../../../policies/kit/text";
import { connectionBudget } from "../../../policies/model/connectionBudget";
import { seenValue } from "../live/liveState";
import { deployCommand, type Evidence, type Finding, GUIDE } from "./finding";

/** The limit in force: whether it is the one that was judged, and whether the pools fit into it. */
export function limitFindings(evidence: Evidence): readonly Finding[] {
  return [pendingReboot, limitDiffers, overBudget].flatMap((check) => check(evidence) ?? []);
}

/** Whether what all pools may open at peak stays within the share of what is in force. */
function fits({ limit, windows, capacity }: Evidence): boolean | undefined {
  return limit.usable === undefined
    ? undefined
    : windows.demandAtPeak <= connectionBudget(limit.usable, capacity);
}

/**
 * Static parameters that are written and not in force. RDS says that some are pending and not which, nor what is in force
 * meanwhile: only the server knows.
 */
function pendingReboot(evidence: Evidence): Finding | undefined {
  const { limit, live, windows, expected, capacity } = evidence;
  const database = seenValue(live.database);
  if (database === undefined || !limit.pendingReboot) return undefined;
  const reboot = `\`aws rds reboot-db-instance --db-instance-identifier ${database.identifier}${database.multiAz ? " --force-failover" : ""}\``;
  const common = {
    resource: database.identifier,
    limit: `\`max_connections\` is written as ${limit.written ?? "the default"} there.`,
  };
  const written = limit.model?.maxConnections;
  const waiting = `Parameters of ${database.parameterGroup} wait for a reboot, and no maintenance window applies them.`;
  if (limit.inForce !== undefined && limit.inForce === written) {
    return {
      ...common,
      id: "pending-reboot",
      urgency: "soon",
      observed: waiting,
      consequence: `The limit itself is in force (${limit.from}); another static parameter is not.`,
      fix: `Reboot in a quiet hour: ${reboot}`,
      docs: `${GUIDE}#pending-reboot`,
    };
  }
  const claimed = `the pools may claim ${number(windows.demandAtPeak)} connections at peak`;
  const needed = leastLimit(windows.demandAtPeak, evidence);
  const docs = "docs/runbooks/pending-reboot-order.md";
  if (limit.inForce === undefined) {
    return {
      ...common,
      id: "pending-reboot-order",
      urgency: "now",
      observed: waiting,
      consequence: `What is in force cannot be seen from outside, and ${claimed}: with fewer than ${number(needed)} in force the database would refuse them.`,
      fix: `Ask the server (\`SHOW max_connections\`) and run the review again with \`--confirmed-max-connections N\`; then reboot in a quiet hour: ${reboot}`,
      docs,
    };
  }
  const share = connectionBudget(limit.usable ?? 0, capacity);
  const isCounted = fits(evidence) === false;
  return {
    ...common,
    id: isCounted ? "pending-reboot-order" : "pending-reboot",
    urgency: isCounted ? "now" : "soon",
    observed: `${waiting} ${number(limit.inForce)} connections are in force (${limit.from}).`,
    consequence: isCounted
      ? `The pools count on the written number already: ${claimed}, where ${number(share)} may be planned for.`
      : `The pools fit into what is in force: ${claimed}, of ${number(share)} that may be planned for.`,
    fix: isCounted
      ? `Reboot (${reboot}), or lower the pools of ${expected.service.name} until then`
      : `Reboot in a quiet hour before any pool is raised: ${reboot}`,
    docs: isCounted ? docs : `${GUIDE}#pending-reboot`,
  };
}

/** The smallest limit into which a demand fits. */
function leastLimit(demand: number, { limit, capacity }: Pick<Evidence, "limit" | "capacity">): number {
  const withheld =
    limit.inForce !== undefined && limit.usable !== undefined ? limit.inForce - limit.usable : WITHHELD;
  return Math.ceil(demand / capacity.budgetShare) + withheld;
}

/** PostgreSQL's and RDS's own (`policies/model/defaults.ts`): 3 + 2 + 6. */
const WITHHELD = 11;

/** The server's own answer against the number that the policies judged by. */
function limitDiffers({ limit, expected, live }: Evidence): Finding | undefined {
  const { inForce, judged } = limit;
  const isMeasured = limit.from === "SHOW max_connections" || limit.from === "CloudWatch";
  // A pending reboot explains the difference, and has a finding of its own.
  if (!isMeasured || limit.pendingReboot || inForce === undefined || judged === undefined) return undefined;
  const database = seenValue(live.database)?.identifier ?? expected.database.identifier;
  if (inForce >= judged.maxConnections && judged.source === "estimated") return undefined;
  if (inForce === judged.maxConnections) return undefined;
  const isLess = inForce < judged.maxConnections;
  return {
    id: "max-connections",
    resource: database,
    urgency: isLess ? "now" : "soon",
    observed: `${number(inForce)} connections are in force (${limit.from}).`,
    limit: `The policies count on ${number(judged.maxConnections)} (${judged.source}, from ${judged.text}).`,
    consequence: isLess
      ? "Every ceiling is computed from connections that are not there."
      : "Every ceiling is lower than it has to be.",
    fix:
      judged.source === "explicit"
        ? `Find out who set it, and deploy the program again (${deployCommand({ expected })}) or change \`auth:maxConnections\``
        : `Set \`confirmedMaxConnections\` of ${database} to ${inForce} in the policy configuration`,
    docs: "docs/runbooks/max-connections.md",
  };
}

/** Pools that do not fit into the limit in force, whatever made it so. */
function overBudget(evidence: Evidence): Finding | undefined {
  const { limit, windows, expected, capacity } = evidence;
  if (limit.pendingReboot || fits(evidence) !== false) return undefined;
  const budget = connectionBudget(limit.usable ?? 0, capacity);
  return {
    id: "connection-budget",
    resource: expected.service.pool.name,
    urgency: "now",
    observed: `${windows.tasksHoldingPools} tasks may hold pools of ${windows.set} at once: ${number(windows.demandAtPeak)} connections with the operations reserve.`,
    limit: `Of ${number(limit.usable ?? 0)} usable ones (${limit.from}) ${number(budget)} may be planned for.`,
    consequence: "The next deployment at peak can use up the database's connections: logins are refused.",
    fix: `Undo what was changed manually (${list(["pool", "tasks", "class", "`max_connections`"])} are compared below), or lower \`auth:poolMax\` to ${number(windows.ceiling ?? 0)}`,
    docs: "docs/runbooks/connection-budget.md",
  };
}
