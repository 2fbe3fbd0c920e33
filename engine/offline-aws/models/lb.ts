import type { PropertyMap } from "../../../policies/plan/plan";
import { arn, digitsOf, ec2Id, list, type ResourceState, type ServiceModels, text } from "./resourceState";

/** Hosted zones of load balancers, from the AWS General Reference, "Elastic Load Balancing endpoints". */
const HOSTED_ZONES: { readonly [region: string]: string } = {
  "eu-central-1": "Z215JYRZR1TBD5",
  "eu-west-1": "Z32O12XQLNTSW2",
  "us-east-1": "Z35SXDOTRQ7X7K",
  "us-west-2": "Z1H1FL5HABSF5",
};

/** How each type stands in an ARN. */
const KINDS: { readonly [type: string]: string } = { application: "app", network: "net", gateway: "gwy" };

function loadBalancerOutputs({ id, inputs, region }: ResourceState): PropertyMap {
  const digits = digitsOf(id);
  const inFront = inputs.internal === true ? "internal-" : "";
  const number = 1_000_000_000 + Number.parseInt(digits("dns", 7), 16);
  const subnets = list(inputs, "subnets");
  return {
    arn: id,
    arnSuffix: id.split(":loadbalancer/").at(-1) ?? "",
    dnsName: `${inFront}${text(inputs, "name")}-${number}.${region}.elb.amazonaws.com`,
    internal: false,
    ipAddressType: "ipv4",
    securityGroups: [],
    subnetMappings: subnets.map((subnetId) => ({ subnetId })),
    // AWS looks it up from the subnets; nothing here knows which network they are in.
    vpcId: ec2Id("vpc", digits("vpc", 16)),
    zoneId: HOSTED_ZONES[region] ?? `Z${digits("zone", 13).toUpperCase()}`,
  };
}

function targetGroupOutputs({ id }: ResourceState): PropertyMap {
  return {
    arn: id,
    arnSuffix: id.split(":").at(-1) ?? "",
    connectionTermination: false,
    // What the recorded provider reads back for an HTTP group without one.
    healthCheck: {
      enabled: true,
      healthyThreshold: 5,
      interval: 30,
      matcher: "200",
      path: "/",
      port: "traffic-port",
      protocol: "HTTP",
      timeout: 5,
      unhealthyThreshold: 2,
    },
    ipAddressType: "ipv4",
    loadBalancerArns: [],
    loadBalancingAlgorithmType: "round_robin",
    loadBalancingAnomalyMitigation: "off",
    loadBalancingCrossZoneEnabled: "use_load_balancer_configuration",
    protocolVersion: "HTTP1",
    stickiness: { cookieDuration: 86400, cookieName: "", enabled: false, type: "lb_cookie" },
    targetFailovers: [],
    targetHealthStates: [],
  };
}

/** Behaviour of load balancers, target groups, listeners and their rules. */
export const lb: ServiceModels = {
  "aws:lb/loadBalancer:LoadBalancer": {
    replaceOn: ["customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"],
    id: (inputs, digits, region) => {
      const kind = KINDS[text(inputs, "loadBalancerType")] ?? "app";
      return arn(
        "elasticloadbalancing",
        region,
        `loadbalancer/${kind}/${text(inputs, "name")}/${digits("id", 16)}`,
      );
    },
    outputs: loadBalancerOutputs,
  },
  "aws:lb/targetGroup:TargetGroup": {
    replaceOn: [
      "ipAddressType",
      "name",
      "namePrefix",
      "port",
      "protocol",
      "protocolVersion",
      "targetType",
      "vpcId",
    ],
    id: (inputs, digits, region) =>
      arn("elasticloadbalancing", region, `targetgroup/${text(inputs, "name")}/${digits("id", 16)}`),
    outputs: targetGroupOutputs,
    nestedOutputs: { healthCheck: { matcher: "200", path: "/", timeout: 5 } },
  },
  "aws:lb/listener:Listener": {
    replaceOn: ["loadBalancerArn"],
    id: (inputs, digits) =>
      `${text(inputs, "loadBalancerArn").replace(":loadbalancer/", ":listener/")}/${digits("id", 16)}`,
    outputs: ({ id, inputs }) => ({
      arn: id,
      protocol: "HTTP",
      sslPolicy: text(inputs, "protocol") === "HTTPS" ? "ELBSecurityPolicy-2016-08" : "",
    }),
    nestedOutputs: { defaultActions: { order: 1 } },
  },
  "aws:lb/listenerRule:ListenerRule": {
    replaceOn: ["listenerArn"],
    id: (inputs, digits) =>
      `${text(inputs, "listenerArn").replace(":listener/", ":listener-rule/")}/${digits("id", 16)}`,
    outputs: ({ id }) => ({ arn: id, priority: 1 }),
    nestedOutputs: { actions: { order: 1 } },
  },
};
