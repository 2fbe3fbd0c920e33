import { FARGATE_MAXIMUM_SECONDS } from "../../plan/clients/ecsServices";
import { DEREGISTRATION_MAXIMUM_SECONDS } from "../../plan/clients/loadBalancers";
import { knownValue, type Reading } from "../../plan/reading";
import type { ClientReading } from "../../plan/types";
import { inContainer, type Naming, plain } from "../format";
import { type RuleContext, rule } from "../rule";
import { timeoutOrder } from "./timeoutOrder";

/**
 * A task that stops leaves its target groups first (state DEACTIVATING), is then asked to end with SIGTERM and, after
 * its stop timeout, killed (AWS: ECS Developer Guide, task lifecycle). A request accepted at the last moment must
 * outlive neither wait: it would be cut off halfway, its transaction left to the database to clear away.
 */
export const drainOrder = rule({
  id: "drain-order",
  title: "Stopping tasks finish their requests",
  severity: "medium",
  level: "mandatory",
  description:
    "The stop timeout of a task and the deregistration delay of its target groups both outlast the request timeout.",
  remediationSteps:
    "Raise the container's `stopTimeout` (120 s at most on Fargate) and the target group's `deregistrationDelay` above the request timeout, or lower the request timeout.",
  check(context) {
    const seen = new Set<string>();
    for (const { client } of context.budget.pools) {
      // Several pools of one container stop together.
      const key = JSON.stringify([client.resource.urn, knownValue(client.container)]);
      if (client.kind !== "ecs-service" || seen.has(key)) continue;
      seen.add(key);
      checkClient(client, context);
    }
  },
});

function checkClient(client: ClientReading, context: RuleContext): void {
  const resource = client.resource.urn;
  const { reading: request, variable } = client.settings.requestTimeoutMs;
  const hasBalancer = client.deregistrationDelaySeconds.state !== "unset";
  if (request.state === "unset" || knownValue(request) === 0) {
    // Behind a load balancer `timeout-order` asks for an end; without one there may be no requests at all.
    if (!hasBalancer) return;
    const reason = `requests of ${client.name} have no timeout that a stopping task could outlast`;
    const { naming } = context;
    const fix = naming.set(variable, inContainer(client, variable), "the longest that a request may take");
    context.cannotDecide(resource, { property: variable, reason, fix }, timeoutOrder.id);
    return;
  }
  context.cannotDecide(resource, request, request.state === "malformed" ? timeoutOrder.id : undefined);
  const requestMs = knownValue(request);
  for (const wait of waitsOf(client)) {
    if (wait.reading.state === "unset") continue;
    context.cannotDecide(resource, wait.reading);
    if (requestMs === undefined || wait.reading.state !== "known") continue;
    const { value, assumed } = wait.reading;
    if (value * 1000 > requestMs) continue;
    const least = Math.floor(requestMs / 1000) + 1;
    const source = assumed === undefined ? "" : ` (${assumed})`;
    context.violation({
      resource,
      text: `The ${wait.label} of ${client.name} is ${plain(value)} s${source}, not above the request timeout of ${plain(requestMs)} ms: every deployment and every scale-in cuts off requests that are still running, and leaves their transactions open on the database.`,
      fix: adviceFor(wait, least, client, context.naming),
      observed: value,
      allowed: { min: least, max: null },
      unit: "s",
    });
  }
}

/** One of the two waits a stopping task is given. */
interface Wait {
  readonly label: string;
  readonly setting: string;
  readonly where: string;
  readonly reading: Reading<number>;
  /** What AWS takes at most, in seconds, and where. */
  readonly maximum: { readonly seconds: number; readonly of: string };
}

const waitsOf = (client: ClientReading): readonly Wait[] => [
  {
    label: "stop timeout",
    setting: "stopTimeout",
    where: inContainer(client),
    reading: client.stopTimeoutSeconds,
    maximum: { seconds: FARGATE_MAXIMUM_SECONDS, of: "Fargate" },
  },
  {
    label: "deregistration delay",
    setting: "deregistrationDelay",
    where: " of the target group",
    reading: client.deregistrationDelaySeconds,
    maximum: { seconds: DEREGISTRATION_MAXIMUM_SECONDS, of: "a target group" },
  },
];

function adviceFor(
  { setting, where, maximum }: Wait,
  least: number,
  client: ClientReading,
  naming: Naming,
): string {
  const { variable } = client.settings.requestTimeoutMs;
  const most = `${maximum.of} takes ${maximum.seconds} s at most`;
  return least > maximum.seconds
    ? `${naming.set(variable, inContainer(client, variable), `a value below ${maximum.seconds * 1000} ms`)}: ${most}`
    : `${naming.set(setting, where, `at least ${least} s`)} (${most}), or lower ${naming.name(variable)}`;
}
