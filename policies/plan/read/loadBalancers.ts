import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { type Reading, readNumber, readProperty, readText, unknown, unset, whenUnset } from "../reading";
import { resourceTypes } from "../resourceTypes";

/** Seconds an Application Load Balancer keeps an idle connection when nothing is set (AWS: ELB, edit attributes). */
const DEFAULT_IDLE_SECONDS = 60;

/**
 * Idle timeout, in seconds, of the load balancer in front of a service: service → target group → listener (or
 * listener rule) → load balancer. ARNs are unknown at preview, so the links are property dependencies. Unset when
 * the service stands behind none.
 */
export function readIdleSeconds(service: PlanResource, index: PlanIndex): Reading<number> {
  const blocks = readProperty(service, "loadBalancers");
  const isEmpty = blocks.state === "known" && Array.isArray(blocks.value) && blocks.value.length === 0;
  if (blocks.state === "unset" || isEmpty) return unset("loadBalancers");

  const groups = index.dependenciesOf(service, "loadBalancers", resourceTypes.targetGroup);
  const balancers = [...new Set(groups.flatMap((group) => balancersOf(group, index)))];
  const readings = balancers.filter(isApplication).map(idleSeconds);
  // Several balancers: the one that waits longest is the one a keep-alive must outlast.
  const longest = readings.reduce<Reading<number>>(
    (worst, reading) =>
      worst.state === "unset" ||
      (worst.state === "known" && reading.state === "known" && reading.value > worst.value)
        ? reading
        : worst.state === "known" && reading.state !== "known"
          ? reading
          : worst,
    unset("loadBalancers"),
  );
  if (longest.state !== "unset" || (balancers.length > 0 && readings.length === 0)) return longest;
  return unknown("loadBalancers", "the load balancer behind `loadBalancers` is not part of this stack");
}

function balancersOf(group: PlanResource, index: PlanIndex): PlanResource[] {
  const rules = index.usersOf(group.urn, resourceTypes.listenerRule, "actions");
  const listeners = [
    ...rules.flatMap((rule) => index.dependenciesOf(rule, "listenerArn", resourceTypes.listener)),
    ...index.usersOf(group.urn, resourceTypes.listener, "defaultActions"),
  ];
  return listeners.flatMap((listener) =>
    index.dependenciesOf(listener, "loadBalancerArn", resourceTypes.loadBalancer),
  );
}

function isApplication(balancer: PlanResource): boolean {
  const type = readText(balancer, "loadBalancerType");
  return type.state !== "known" || type.value === "application";
}

function idleSeconds(balancer: PlanResource): Reading<number> {
  return whenUnset(readNumber(balancer, "idleTimeout"), DEFAULT_IDLE_SECONDS, "ELB's default");
}
