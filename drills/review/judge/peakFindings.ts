import { count, list, number, percent, utcMinute } from "../../../policies/kit/text";
import { connectionBudget } from "../../../policies/model/connectionBudget";
import { type MetricName, seenValue } from "../live/liveState";
import { type Evidence, type Finding, GUIDE } from "./finding";

/** Spans of five minutes beyond the wait target that are put down to chance: a deployment, a failover. */
const TOLERATED_SPANS = 2;

/** What was seen of connections and pools, against what they were planned for. */
export function peakFindings(evidence: Evidence): readonly Finding[] {
  return [connections, poolUse, waits, timeouts, silence].flatMap((check) => check(evidence) ?? []);
}

/** More open connections than all that is known to hold some: another client uses the database. */
function connections({ measured, windows, limit, expected, capacity }: Evidence): Finding | undefined {
  const peak = measured.connections;
  if (peak === undefined) return undefined;
  const resource = expected.database.identifier;
  const seen = `${count(peak.value, "connection")} were open at once (${utcMinute(peak.at)}).`;
  const others = peak.value - windows.demandAtPeak;
  const budget = limit.usable === undefined ? undefined : connectionBudget(limit.usable, capacity);
  if (budget !== undefined && peak.value > budget) {
    return {
      id: "connections-peak",
      resource,
      urgency: "now",
      observed: seen,
      limit: `Of ${number(limit.usable ?? 0)} usable ones ${number(budget)} may be planned for.`,
      consequence: "What is left is for failovers and people; at the limit the next login is refused.",
      fix: "Find out who holds them (`SELECT usename, application_name, count(*) FROM pg_stat_activity GROUP BY 1, 2`)",
      docs: "docs/runbooks/connections-near-limit.md",
    };
  }
  if (others <= 0) return undefined;
  return {
    id: "unplanned-connections",
    resource,
    urgency: "soon",
    observed: seen,
    limit: `The pools and the operations reserve add up to ${number(windows.demandAtPeak)}.`,
    consequence: `At least ${count(others, "connection")} belong to a client that no policy counts.`,
    fix: "Find out whose they are (`SELECT usename, application_name, count(*) FROM pg_stat_activity GROUP BY 1, 2`) and describe it under `clients` in the policy configuration",
    docs: "docs/runbooks/coverage.md",
  };
}

function poolUse({ measured, windows, expected }: Evidence): Finding | undefined {
  const peak = measured.poolUse;
  const saturated = expected.alarms.find(({ name }) => name === `${expected.name}-${SATURATED}`);
  const threshold = Number(saturated?.settings.Threshold);
  if (peak === undefined || !(100 * peak.value > threshold)) return undefined;
  return {
    id: "pool-use",
    resource: expected.service.pool.name,
    urgency: "now",
    observed: `${percent(peak.value)} of the pool was in use over five minutes (${utcMinute(peak.at)}).`,
    limit: `Above ${threshold} % more than 1 in 100 acquisitions waits too long.`,
    consequence: "The pool has no room for a peak, and logins queue.",
    fix: `See whether holds or requests have grown (below, under what was seen) and raise \`auth:poolMax\` within ${windows.floorSeen ?? "?"}–${windows.ceiling ?? "?"}`,
    docs: "docs/runbooks/pool-saturated.md",
  };
}

/** The alarm whose threshold is the use that is too much, in percent; a stack without alarms has no such number. */
const SATURATED = "pool-saturated";

function waits({ measured, capacity, expected }: Evidence): Finding | undefined {
  const peak = measured.waitMs;
  if (peak === undefined || peak.beyondTarget <= TOLERATED_SPANS) return undefined;
  return {
    id: "pool-wait",
    resource: expected.service.pool.name,
    urgency: "soon",
    observed: `In ${number(peak.beyondTarget)} of ${number(peak.spans)} spans of five minutes 1 of 100 acquisitions waited too long, at worst ${number(peak.value)} ms (${utcMinute(peak.at)}).`,
    limit: `The target is ${capacity.waitTargetMs} ms.`,
    consequence: "Logins are slow then, and the next peak meets a pool without reserve.",
    fix: "See whether holds or requests have grown (below, under what was seen); a pool at its floor keeps the target",
    docs: "docs/runbooks/pool-wait.md",
  };
}

function timeouts({ measured, expected }: Evidence): Finding | undefined {
  const seen = measured.timeouts;
  if (seen === undefined || seen.total <= 0) return undefined;
  return {
    id: "pool-timeouts",
    resource: expected.service.pool.name,
    urgency: "now",
    observed: `${count(seen.total, "acquisition")} gave up, ${number(seen.value)} of them within five minutes (${utcMinute(seen.at)}).`,
    limit: `The acquire timeout is ${number(expected.service.pool.acquireTimeoutMs ?? 0)} ms; a pool within its window has none.`,
    consequence: "Each is a request that failed.",
    fix: "Read what the alarm `pool-timeouts` said at that time, and follow its runbook",
    docs: "docs/runbooks/pool-timeouts.md",
  };
}

/** What a running service must report; without a request there is no hold and no wait. */
const REPORTED: readonly { readonly metric: MetricName; readonly name: string; readonly byRequest?: true }[] =
  [
    { metric: "connections", name: "DatabaseConnections" },
    { metric: "used", name: "db.client.connection.count" },
    { metric: "limit", name: "db.client.connection.max" },
    { metric: "holds", name: "db.client.connection.use_time", byRequest: true },
    { metric: "waitP99", name: "db.client.connection.wait_time", byRequest: true },
  ];

/** A metric that a running service must report and that is silent leaves its alarms blind. */
function silence({ live, expected }: Evidence): Finding | undefined {
  const isSilent = (metric: MetricName): boolean => seenValue(live.metrics[metric])?.points.length === 0;
  const silent = REPORTED.filter(
    ({ metric, byRequest }) => isSilent(metric) && !(byRequest && isSilent("requests")),
  ).map(({ name }) => `\`${name}\``);
  if (silent.length === 0 || (seenValue(live.service)?.running ?? 1) === 0) return undefined;
  return {
    id: "metrics-missing",
    resource: expected.service.pool.name,
    urgency: "now",
    observed: `Not once since ${utcMinute(live.since)} was ${list(silent)} reported.`,
    limit: "A running service reports them every ten seconds, and RDS its own every minute.",
    consequence: "The alarms that read them are blind, and this review could not compare them.",
    fix: "See whether the tasks write metrics to their log (`aws logs tail`), and under which pool name",
    docs: `${GUIDE}#metrics-missing`,
  };
}
