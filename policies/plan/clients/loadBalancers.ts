import { type PlanResource, type PropertyValue, UNKNOWN } from "../plan";
import type { PlanIndex } from "../planIndex";
import {
  isMap,
  knownValue,
  leftToAws,
  ownText,
  type Reading,
  readNumber,
  readProperty,
  readText,
  requireNumber,
  type Unset,
  unknown,
  unset,
  whenUnset,
} from "../reading";
import { resourceTypes } from "../resourceTypes";

/** Seconds an Application Load Balancer keeps an idle connection when nothing is set (AWS: ELB, edit attributes). */
const DEFAULT_IDLE_SECONDS = 60;

/** Seconds a target that leaves is let finish when nothing is set, ALB and NLB alike (AWS: ELB, target group attributes). */
const DEFAULT_DEREGISTRATION_SECONDS = 300;

/** Seconds between health checks when nothing is set, ALB and NLB alike (AWS: ELB, target group health checks). */
const DEFAULT_INTERVAL_SECONDS = 30;

/** The longest that a target group takes (the same page). */
export const DEREGISTRATION_MAXIMUM_SECONDS = 3600;

const ELB_DEFAULT = "ELB's default";

/**
 * Idle timeout, in seconds, of the load balancer in front of a service: service → target group → listener (or
 * listener rule) → load balancer. ARNs are unknown at preview, so the links are property dependencies. Unset when
 * the service stands behind none. Of several balancers the one that waits longest counts: a keep-alive must
 * outlast them all.
 */
export function readIdleSeconds(service: PlanResource, index: PlanIndex): Reading<number> {
  const targets = targetsOf(service, index);
  if (targets.state === "unset") return targets;
  const balancers = [...new Set(targets.groups.flatMap((group) => balancersOf(group, index)))];
  const readings = balancers.filter(isApplication).map(idleSeconds);
  if (targets.areAllHere && readings.length > 0) return pick(readings, Math.max);
  if (targets.areAllHere && balancers.length > 0) return unset("loadBalancers");
  return unknown("loadBalancers", "the load balancer behind `loadBalancers` is not part of this stack");
}

/**
 * Deregistration delay, in seconds, of the target groups a service's tasks leave when they stop: an Application or
 * a Network Load Balancer's. Of several the shortest counts, since it is the first to cut requests off.
 */
export function readDeregistrationDelay(service: PlanResource, index: PlanIndex): Reading<number> {
  return readGroups(service, index, delaySeconds, Math.min);
}

/** The longest deregistration delay of a service's target groups, in seconds: until then a stopped task runs on. */
export function readDrain(service: PlanResource, index: PlanIndex): Reading<number> {
  return readGroups(service, index, delaySeconds, Math.max);
}

/**
 * The shortest health check interval of a service's target groups, in seconds. A new target has to pass one check (AWS:
 * Elastic Load Balancing, target group health checks), which no earlier start of the next task precedes.
 */
export function readHealthCheck(service: PlanResource, index: PlanIndex): Reading<number> {
  const interval = (group: PlanResource): Reading<number> =>
    requireNumber(
      whenUnset(
        leftToAws(group, "healthCheck", readNumber(group, "healthCheck", "interval")),
        DEFAULT_INTERVAL_SECONDS,
        ELB_DEFAULT,
      ),
      "healthCheck.interval",
      (seconds) => seconds > 0,
      "seconds above 0",
    );
  return readGroups(service, index, interval, Math.min);
}

/**
 * Whether a zone gets its share however many targets it has: cross-zone load balancing is off. A Network Load Balancer has
 * it off unless it is turned on, an Application Load Balancer on unless a target group turns it off (AWS: ELB, "Cross-zone
 * load balancing"). Of what cannot be seen the uneven share counts.
 */
export function readSpreadByZone(service: PlanResource, index: PlanIndex): boolean {
  const targets = targetsOf(service, index);
  if (targets.state === "unset") return false;
  return targets.groups.some((group) => {
    const own = given(group, "loadBalancingCrossZoneEnabled");
    if (own.state === "unknown") return true;
    const said = String(knownValue(own) ?? "use_load_balancer_configuration");
    if (said === "true" || said === "false") return said === "false";
    const balancers = balancersOf(group, index);
    const protocol = knownValue(readText(group, "protocol"));
    if (balancers.length === 0) return protocol !== undefined && !/^HTTPS?$/.test(protocol);
    return balancers.some((balancer) => {
      if (isApplication(balancer)) return false;
      return String(knownValue(given(balancer, "enableCrossZoneLoadBalancing"))) !== "true";
    });
  });
}

/**
 * Whether a load balancer may send the requests of one user to the same task again: then shares follow users, and nothing
 * in a plan says how evenly. A block of settings turns it on unless it says otherwise (@pulumi/aws: `stickiness.enabled`).
 */
export function readSticky(service: PlanResource, index: PlanIndex): boolean {
  const targets = targetsOf(service, index);
  if (targets.state === "unset") return false;
  return targets.groups.some((group) => {
    const block = given(group, "stickiness");
    if (block.state === "unset") return false;
    return String(knownValue(readProperty(group, "stickiness", "enabled")) ?? true) !== "false";
  });
}

/** What the program says; AWS fills in its default where it says nothing. */
const given = (resource: PlanResource, property: string): Reading<PropertyValue> =>
  leftToAws(resource, property, readProperty(resource, property));

function readGroups(
  service: PlanResource,
  index: PlanIndex,
  read: (group: PlanResource) => Reading<number>,
  of: (...values: number[]) => number,
): Reading<number> {
  const targets = targetsOf(service, index);
  if (targets.state === "unset") return targets;
  if (targets.areAllHere && targets.groups.length > 0) return pick(targets.groups.map(read), of);
  return unknown("loadBalancers", "the target group behind `loadBalancers` is not part of this stack");
}

/** URNs of a service's target groups and of the load balancers in front of them, as far as the plan holds them. */
export function inFrontOf(service: PlanResource, index: PlanIndex): readonly string[] {
  const targets = targetsOf(service, index);
  if (targets.state === "unset") return [];
  const { groups } = targets;
  const all = new Set([...groups, ...groups.flatMap((group) => balancersOf(group, index))]);
  return [...all].map(({ urn }) => urn);
}

interface Targets {
  readonly state: "found";
  readonly groups: readonly PlanResource[];
  /** False where the service names a target group that this plan does not hold. */
  readonly areAllHere: boolean;
}

/** Target groups of a service: what its `loadBalancers` were made from, and those whose ARN it names. */
function targetsOf(service: PlanResource, index: PlanIndex): Targets | Unset {
  const blocks = knownValue(readProperty(service, "loadBalancers"));
  const isEmpty = Array.isArray(blocks) && blocks.length === 0;
  if (isEmpty || readProperty(service, "loadBalancers").state === "unset") return unset("loadBalancers");

  const groups = new Set(index.dependenciesOf(service, "loadBalancers", resourceTypes.targetGroup));
  const isMade = groups.size > 0;
  let areAllHere = true;
  for (const block of Array.isArray(blocks) ? blocks : []) {
    const arn = isMap(block) ? block.targetGroupArn : undefined;
    if (arn === UNKNOWN) continue;
    const named = typeof arn === "string" ? index.named(resourceTypes.targetGroup, "arn", arn) : [];
    for (const group of named) groups.add(group);
    // Of an ARN that is known the dependencies say nothing: it may be the same group's, imported.
    if (typeof arn === "string" && named.length === 0 && !isMade) areAllHere = false;
  }
  return { state: "found", groups: [...groups], areAllHere };
}

function balancersOf(group: PlanResource, index: PlanIndex): PlanResource[] {
  const rules = forwardingTo(group, resourceTypes.listenerRule, "actions", index);
  const listeners = [
    ...rules.flatMap((rule) => withArn(rule, "listenerArn", resourceTypes.listener, index)),
    ...forwardingTo(group, resourceTypes.listener, "defaultActions", index),
  ];
  return listeners.flatMap((listener) =>
    withArn(listener, "loadBalancerArn", resourceTypes.loadBalancer, index),
  );
}

/** Listeners or rules whose actions were made from a target group, else those that hold its ARN. */
function forwardingTo(
  group: PlanResource,
  types: ReadonlySet<string>,
  property: string,
  index: PlanIndex,
): readonly PlanResource[] {
  const made = index.usersOf(group.urn, types, property);
  const arn = knownValue(ownText(group, "arn"));
  return made.length > 0 || arn === undefined ? made : index.holding(types, property, arn);
}

/** What a property was made from, else what has the ARN that it holds. */
function withArn(
  from: PlanResource,
  property: string,
  types: ReadonlySet<string>,
  index: PlanIndex,
): readonly PlanResource[] {
  const made = index.dependenciesOf(from, property, types);
  const arn = knownValue(ownText(from, property));
  return made.length > 0 || arn === undefined ? made : index.named(types, "arn", arn);
}

function isApplication(balancer: PlanResource): boolean {
  const type = readText(balancer, "loadBalancerType");
  return type.state !== "known" || type.value === "application";
}

function idleSeconds(balancer: PlanResource): Reading<number> {
  return whenUnset(readNumber(balancer, "idleTimeout"), DEFAULT_IDLE_SECONDS, ELB_DEFAULT);
}

function delaySeconds(group: PlanResource): Reading<number> {
  const reading = whenUnset(
    readNumber(group, "deregistrationDelay"),
    DEFAULT_DEREGISTRATION_SECONDS,
    ELB_DEFAULT,
  );
  return requireNumber(
    reading,
    "deregistrationDelay",
    isDelay,
    `seconds from 0 to ${DEREGISTRATION_MAXIMUM_SECONDS}`,
  );
}

const isDelay = (seconds: number): boolean => seconds >= 0 && seconds <= DEREGISTRATION_MAXIMUM_SECONDS;

/** The pick of readings that are all known, with its own source; one that is not stands for all of them. */
function pick(readings: readonly Reading<number>[], of: (...values: number[]) => number): Reading<number> {
  const hidden = readings.find(({ state }) => state !== "known");
  if (hidden) return hidden;
  const picked = of(...readings.map((reading) => knownValue(reading) ?? 0));
  return readings.find((reading) => knownValue(reading) === picked) ?? unset("loadBalancers");
}
