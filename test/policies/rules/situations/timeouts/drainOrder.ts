import type { Plan } from "../../../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import type { Settings } from "../../../../../policies/plan/settings";
import { container, containers, lambda } from "../../../sampleClients";
import { environment, SAFE, type Sample, SERVICE, samplePlan, withProperties } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("s", SERVICE);

interface Waits {
  readonly requestMs?: string | undefined;
  readonly stopTimeout?: PropertyValue;
  readonly delay?: PropertyValue;
}

/** The sample with other waits; what is left out stays unset, and AWS's defaults hold. */
export function drained(waits: Waits, changes: Partial<Sample> = {}): Plan {
  const values =
    "requestMs" in waits ? environment({ REQUEST_TIMEOUT_MS: waits.requestMs }) : SAFE.environment;
  const { stopTimeout, delay } = waits;
  const api = containers(container("api", values, stopTimeout === undefined ? {} : { stopTimeout }));
  const taskDefinition = { ...api.taskDefinition, ...changes.taskDefinition };
  const plan = samplePlan({ ...changes, taskDefinition });
  if (delay === undefined) return plan;
  return withProperties(plan, "aws:lb/targetGroup:TargetGroup", { deregistrationDelay: delay });
}

const FARGATE = { taskDefinition: { requiresCompatibilities: ["FARGATE"] } };
const NO_BALANCER: { service: PropertyMap } = { service: { loadBalancers: [] } };
const HIDDEN: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };
const stops = (stopTimeoutSeconds?: number): Partial<Settings> => ({
  pools: [
    {
      client: "api",
      values: { requestTimeoutMs: 8_000 },
      ...(stopTimeoutSeconds === undefined ? {} : { stopTimeoutSeconds }),
    },
  ],
});
const two = containers(
  container("api", SAFE.environment, { stopTimeout: 30 }),
  container("worker", SAFE.environment, { stopTimeout: 2 }),
);

export const DRAIN_ORDER = [
  given("AWS's defaults outlast a request of 8 s", drained({})),
  given(
    "ECS's default stop timeout is as long as a request",
    drained({ requestMs: "30000" }, FARGATE),
  ).violates(30, [31, null]),
  given("The stop timeout is as long as a request", drained({ stopTimeout: 8 })).violates(8, [9, null]),
  given("The stop timeout outlasts a request", drained({ stopTimeout: 9 })),
  given("The deregistration delay is shorter than a request", drained({ delay: 5 })).violates(5, [9, null]),
  given("The deregistration delay is 0", drained({ delay: 0 })).violates(0, [9, null]),
  given("The deregistration delay is as long as a request", drained({ delay: 8 })).violates(8, [9, null]),
  given("The deregistration delay outlasts a request", drained({ delay: 9 })),
  given(
    "ECS's default delay is shorter than a request",
    drained({ requestMs: "300000", stopTimeout: 301 }),
  ).violates(300, [301, null]),
  given("Both waits are shorter than a request", drained({ delay: 1, stopTimeout: 2 }))
    .violates(2, [9, null])
    .violates(1, [9, null]),
  given(
    "A request outlasts what Fargate takes",
    drained({ requestMs: "120000", stopTimeout: 60 }, FARGATE),
  ).violates(60, [121, null]),
  given(
    "A request ends within what Fargate takes",
    drained({ requestMs: "119999", stopTimeout: 60 }, FARGATE),
  ).violates(60, [120, null]),
  given("Fargate refuses the stop timeout", drained({ stopTimeout: 121 }, FARGATE)).malformed("stopTimeout"),
  given("EC2 takes the stop timeout", drained({ stopTimeout: 121 })),
  given(
    "A service on EC2 takes the stop timeout of a task for Fargate",
    drained({ stopTimeout: 121 }, { ...FARGATE, service: { launchType: "EC2" } }),
  ),
  given("The stop timeout is a word", drained({ stopTimeout: "soon" })).malformed("stopTimeout"),
  given("The stop timeout is negative", drained({ stopTimeout: -1 })).malformed("stopTimeout"),
  given("The delay is a word", drained({ delay: "soon" })).malformed("deregistrationDelay"),
  given("The delay is above AWS's most", drained({ delay: 3601 })).malformed("deregistrationDelay"),
  given("No load balancer is in front of a short delay", drained({ delay: 1 }, NO_BALANCER)),
  given(
    "No load balancer is in front of a short stop timeout",
    drained({ stopTimeout: 1 }, NO_BALANCER),
  ).violates(1, [9, null]),
  given("The request timeout is not set", drained({ requestMs: undefined })),
  given("The request timeout is 0", drained({ requestMs: "0" })),
  given("The request timeout is a word", drained({ requestMs: "soon" })),
  given("A worker has no request timeout", drained({ requestMs: undefined }, NO_BALANCER)),
  given("A worker's request timeout is 0", drained({ requestMs: "0" }, NO_BALANCER)),
  given("The second container stops too soon", two, {
    pools: [{ client: "api", container: "worker", pool: "reports", values: { poolMax: 2 } }],
  }).violates(2, [9, null]),
  given("A function has no stop timeout", { extra: [lambda({ timeout: UNKNOWN })] }),
  given("The delay is hidden", drained({ delay: UNKNOWN })).undecided("deregistrationDelay"),
  given("The containers are hidden", HIDDEN).undecided("containerDefinitions"),
  given(
    "The containers are hidden and the policy configuration gives the request",
    HIDDEN,
    stops(),
  ).undecided("containerDefinitions"),
  given(
    "The containers are hidden and the policy configuration gives too short a stop",
    HIDDEN,
    stops(8),
  ).violates(8, [9, null]),
  given("The containers are hidden and the policy configuration gives a stop", HIDDEN, stops(9)),
  given("The plan shows another stop than the policy configuration", {}, stops(1)),
];
