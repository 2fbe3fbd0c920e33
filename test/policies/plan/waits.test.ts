import { describe, expect, it } from "vitest";
import type { PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { readStack } from "../../../policies/plan/stack";
import { resource, type Sample, SERVICE, samplePlan, urn } from "../samplePlan";

const GROUP = "aws:lb/targetGroup:TargetGroup";
const ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api/0123456789abcdef";

/** The waits of the sample's only client, with some resources changed. */
function waits(changes: Partial<Sample> = {}, change: (each: PlanResource) => PlanResource = (each) => each) {
  const { resources } = samplePlan(changes);
  const [client] = readStack({ resources: resources.map(change) }).clients;
  if (!client) throw new Error("the sample has one client");
  return client;
}

const withProperties = (type: string, properties: PropertyMap) => (each: PlanResource) =>
  each.type === type ? { ...each, properties: { ...each.properties, ...properties } } : each;

/** The service, made from these target groups. */
const behind =
  (groups: readonly string[], loadBalancers: PropertyValue) =>
  (each: PlanResource): PlanResource =>
    each.urn === SERVICE
      ? {
          ...each,
          properties: { ...each.properties, loadBalancers },
          propertyDependencies: { ...each.propertyDependencies, loadBalancers: groups },
        }
      : each;

describe("the deregistration delay in front of a service", () => {
  const delay = (...given: Parameters<typeof waits>) => waits(...given).deregistrationDelaySeconds;

  it("is the target group's, and 300 s where it sets none", () => {
    expect(delay({}, withProperties(GROUP, { deregistrationDelay: 30 }))).toEqual({
      state: "known",
      value: 30,
    });
    expect(delay()).toEqual({ state: "known", value: 300, assumed: "ELB's default" });
  });

  it("is the shortest of several target groups, a Network Load Balancer's among them", () => {
    const extra = [resource(GROUP, "tcp", { protocol: "TCP", deregistrationDelay: 20, arn: UNKNOWN })];
    const both = behind([urn(GROUP, "api-tg"), urn(GROUP, "tcp")], [{ targetGroupArn: UNKNOWN }]);
    expect(delay({ extra }, both)).toEqual({ state: "known", value: 20 });
  });

  it("is unset where no load balancer stands in front", () => {
    expect(delay({ service: { loadBalancers: [] } }).state).toBe("unset");
  });

  it("is found by the ARN that the service names, and unknown where the stack does not hold that group", () => {
    const named = behind([], [{ targetGroupArn: ARN }]);
    const isNamed = (each: PlanResource) =>
      withProperties(GROUP, { arn: ARN, deregistrationDelay: 15 })(named(each));
    expect(delay({}, isNamed)).toEqual({ state: "known", value: 15 });
    expect(delay({}, named)).toMatchObject({ state: "unknown", property: "loadBalancers" });
  });

  it("is unknown as a whole where one of several target groups is of another stack", () => {
    const one = { targetGroupArn: ARN };
    const other = { targetGroupArn: ARN.replace("/api/", "/other/") };
    const change = (each: PlanResource) =>
      withProperties(GROUP, { arn: ARN, deregistrationDelay: 15 })(behind([], [one, other])(each));
    expect(delay({}, change).state).toBe("unknown");
    expect(waits({}, change).loadBalancerIdleSeconds.state).toBe("unknown");
  });
});

describe("the stop timeout of a container", () => {
  const definitions = (container: PropertyMap): Partial<Sample> => ({
    taskDefinition: { containerDefinitions: JSON.stringify([{ name: "api", ...container }]) },
  });

  it("is the container's, and 30 s where it sets none", () => {
    expect(waits(definitions({ stopTimeout: 90 })).stopTimeoutSeconds).toEqual({ state: "known", value: 90 });
    expect(waits(definitions({ stopTimeout: "90" })).stopTimeoutSeconds).toEqual({
      state: "known",
      value: 90,
    });
    expect(waits().stopTimeoutSeconds).toEqual({ state: "known", value: 30, assumed: "ECS's default" });
  });

  it.each<[string, PropertyMap, PropertyMap]>([
    ["the service's launch type", { launchType: "FARGATE" }, {}],
    ["its capacity provider", { capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT" }] }, {}],
    ["what the definition is fit for", {}, { requiresCompatibilities: ["FARGATE"] }],
  ])("is refused above 120 s on Fargate, which is told by %s", (_name, service, fitFor) => {
    const over = definitions({ stopTimeout: 121 });
    const on = (extra: Partial<Sample>) =>
      waits({ ...extra, service, taskDefinition: { ...extra.taskDefinition, ...fitFor } }).stopTimeoutSeconds;
    expect(on(over)).toMatchObject({ state: "malformed", property: "stopTimeout", observed: 121 });
    expect(on(definitions({ stopTimeout: 120 }))).toEqual({ state: "known", value: 120 });
  });

  it.each([-1, 2.5, "soon", true])("is malformed as %j", (stopTimeout) => {
    expect(waits(definitions({ stopTimeout })).stopTimeoutSeconds.state).toBe("malformed");
  });

  it("is unknown where the containers are", () => {
    const hidden = waits({ taskDefinition: { containerDefinitions: UNKNOWN } });
    expect(hidden.stopTimeoutSeconds).toMatchObject({ state: "unknown", property: "containerDefinitions" });
  });
});
