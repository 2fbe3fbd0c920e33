import type { PoolBudget } from "../../budget/budget";
import type { SettingReading } from "../../plan/pools/libraries";
import { typeDuration, writeDuration } from "../../plan/pools/settings";
import { knownValue, notWhat, observedOf, originOf } from "../../plan/reading";
import type { ClientReading } from "../../plan/types";
import { byMeansOf, inContainer, type Naming, plain } from "../format";
import { type RuleContext, rule } from "../rule";

/** A request that waits for a connection must end before the client of the request gives up. */
export const acquireTimeout = rule({
  id: "acquire-timeout",
  title: "Waiting for a connection ends in time",
  severity: "high",
  level: "mandatory",
  description: "Waiting for a pool connection has a timeout, above 0 and below the request timeout.",
  remediationSteps:
    "Set the pool's acquire timeout (node-postgres: `connectionTimeoutMillis`) to a value above 0 and well below the request timeout; one or two seconds suit most services.",
  check(context) {
    for (const pool of context.budget.pools) if (pool.client.pooler === undefined) checkPool(pool, context);
  },
});

function checkPool({ client }: PoolBudget, context: RuleContext): void {
  const resource = client.resource.urn;
  const { acquireTimeoutMs: setting, requestTimeoutMs } = client.settings;
  const { reading } = setting;
  if (requestTimeoutMs.reading.state === "unknown") context.cannotDecide(resource, requestTimeoutMs.reading);
  if (reading.state === "unknown") context.cannotDecide(resource, reading);

  const requestMs = knownValue(requestTimeoutMs.reading) || undefined;
  const text = problemOf(client, requestMs);
  if (text === undefined) return;
  const { naming } = context;
  const written = (ms: number): string => writeDuration(ms, setting.writtenIn);
  const below =
    requestMs === undefined
      ? `${written(1000)} to ${written(2000)}`
      : `a value below the request timeout of ${written(requestMs)}`;
  context.violation({
    resource,
    text,
    fix: endsWithRequest(setting)
      ? `${naming.set(requestTimeoutMs.variable, inContainer(client, requestTimeoutMs.variable), "a value above 0 ms")}, and give every query the request's context`
      : setPoolTimeout(naming, client, "acquireTimeoutMs", below, suggestedAcquireMs(requestMs)),
    observed: observedOf(reading),
    allowed: { min: 1, max: requestMs === undefined ? null : requestMs - 1 },
    unit: "ms",
  });
}

/** What a person does to give a pool's timeout a value: set its variable, or do it in the program where it has none, and say so. */
export function setPoolTimeout(
  naming: Naming,
  client: ClientReading,
  setting: "acquireTimeoutMs" | "idleTimeoutMs" | "maxLifetimeMs",
  to: string,
  ms?: number,
): string {
  const { variable, writtenIn } = client.settings[setting];
  const isVariable = !variable.includes(" ") || variable.includes(" in ");
  if (isVariable)
    return naming.set(
      variable,
      inContainer(client, variable),
      `${to}${byMeansOf(client.settings[setting])}`,
      ms === undefined ? undefined : typeDuration(ms, writtenIn),
    );
  return `Set the ${variable} of ${client.name} in its program to ${to}${byMeansOf(client.settings[setting])}, and give it as \`values.${setting}\` of ${client.name} under \`pools\` in the policy configuration`;
}

/** What is wrong with a client's acquire timeout; undefined when nothing is, or nothing can be said. */
function problemOf(client: ClientReading, requestMs: number | undefined): string | undefined {
  const { acquireTimeoutMs: setting, requestTimeoutMs } = client.settings;
  const { reading } = setting;
  if (endsWithRequest(setting)) {
    if (requestMs !== undefined || requestTimeoutMs.reading.state === "unknown") return undefined;
    return `${client.name} waits for a connection for as long as its request lasts (${knownValue(client.library) ?? "its library"} has no timeout of its own), and \`${requestTimeoutMs.variable}\` does not limit it: when the pool is exhausted, every request waits without a limit.`;
  }
  const subject = `The acquire timeout of ${client.name} is`;
  if (reading.state === "unknown") return undefined;
  if (reading.state !== "known") {
    return `${subject} ${notWhat(reading)}: when the pool is exhausted, every request may wait without a limit.`;
  }
  if (reading.value === 0) {
    const shown = originOf(reading) === "set" ? "0" : `not set (${reading.assumed} is 0)`;
    return `${subject} ${shown}, so it waits without a limit: once the pool is exhausted, requests pile up until the service stops responding.`;
  }
  if (requestMs === undefined || reading.value < requestMs) return undefined;
  const source = reading.assumed === undefined ? "" : ` (${reading.assumed})`;
  return `${subject} ${plain(reading.value)} ms${source}, not below the request timeout of ${plain(requestMs)} ms: requests end while still waiting for a connection, and nothing says that the pool was the cause.`;
}

/**
 * Go's `database/sql` has no acquire timeout: the wait ends with the request's context. That bound is as good as one of
 * its own, since it covers acquisition and query together; only a request without a deadline waits without a limit.
 */
const endsWithRequest = ({ boundedByRequest, reading }: SettingReading): boolean =>
  boundedByRequest === true && knownValue(reading) === 0;

/** A fifth of the request timeout, between 1 ms and 2 s, in round numbers. */
export function suggestedAcquireMs(requestMs: number | undefined): number {
  if (requestMs === undefined) return 2000;
  const fifth = Math.min(2000, requestMs / 5);
  return fifth >= 100 ? Math.floor(fifth / 100) * 100 : Math.max(1, Math.floor(fifth));
}
