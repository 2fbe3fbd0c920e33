import { POLICY_CONFIGURATION } from "../declarations";
import type { PlanResource } from "../plan";
import {
  andThen,
  isMap,
  known,
  type Reading,
  readProperty,
  readText,
  requireNumber,
  type Unknown,
  unknown,
  whenUnset,
} from "../reading";
import type { Container } from "./containers";

/**
 * What ECS waits when a container sets nothing, in seconds: on Fargate always, on EC2 where the agent's
 * `ECS_CONTAINER_STOP_TIMEOUT` is left alone too (AWS: ECS API reference, ContainerDefinition, stopTimeout).
 */
const DEFAULT_SECONDS = 30;

/** The most that Fargate takes, in seconds (the same page); EC2 has no such bound. */
export const FARGATE_MAXIMUM_SECONDS = 120;

/**
 * Seconds that a container has between SIGTERM and SIGKILL; malformed where Fargate would refuse the number.
 * @param given - What the policy configuration says, which stands in for what no plan shows.
 */
export function readStopTimeout(
  container: Reading<Container>,
  service: PlanResource,
  taskDefinition: PlanResource | undefined,
  given?: number,
): Reading<number> {
  if (container.state === "unset") return unknown(container.property, `\`${container.property}\` is not set`);
  const read = andThen(container, ({ stopTimeout }) => stopTimeout);
  const own = read.state === "unknown" ? declared(read, given) : read;
  const seconds = whenUnset(own, DEFAULT_SECONDS, "ECS's default");
  if (!runsOnFargate(service, taskDefinition)) return seconds;
  const expected = `whole seconds up to ${FARGATE_MAXIMUM_SECONDS}, Fargate's maximum`;
  return andThen(seconds, () =>
    requireNumber(seconds, "stopTimeout", (s) => s <= FARGATE_MAXIMUM_SECONDS, expected),
  );
}

function declared(hidden: Unknown, given: number | undefined): Reading<number> {
  if (given !== undefined) return known(given, POLICY_CONFIGURATION);
  const how = "Give `stopTimeoutSeconds` of the client under `pools` in the policy configuration";
  return { ...hidden, fix: hidden.fix === undefined ? how : `${how}. ${hidden.fix}` };
}

/** Whether the plan says so: by launch type, by a capacity provider, or by what the definition must be fit for. */
function runsOnFargate(service: PlanResource, taskDefinition: PlanResource | undefined): boolean {
  const launchType = readText(service, "launchType");
  if (launchType.state === "known") return launchType.value === "FARGATE";
  const strategies = readProperty(service, "capacityProviderStrategies");
  if (strategies.state === "known" && Array.isArray(strategies.value) && strategies.value.length > 0) {
    return strategies.value.some(
      (strategy) => isMap(strategy) && /^FARGATE/.test(String(strategy.capacityProvider)),
    );
  }
  const fitFor = taskDefinition && readProperty(taskDefinition, "requiresCompatibilities");
  return fitFor?.state === "known" && Array.isArray(fitFor.value) && fitFor.value.join() === "FARGATE";
}
