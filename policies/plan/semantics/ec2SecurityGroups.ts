import { type ServiceSemantics, words } from "./types";

/** Security groups and their rules. */
export const ec2SecurityGroups: ServiceSemantics = {
  "aws:ec2/securityGroup:SecurityGroup": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 255, unless: "namePrefix" },
    defaults: { description: "Managed by Pulumi", revokeRulesOnDelete: false },
    nestedDefaults: { ingress: { self: false }, egress: { self: false } },
    computed: words("arn ownerId tagsAll"),
    computedUnlessSet: words("egress ingress namePrefix region vpcId"),
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    required: [],
    defaults: { revokeRulesOnDelete: false },
    nestedDefaults: { ingress: { self: false }, egress: { self: false } },
    computed: words("arn description name namePrefix ownerId tagsAll"),
    computedUnlessSet: words("egress ingress region vpcId"),
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    required: words("ipProtocol securityGroupId"),
    computed: words("arn securityGroupRuleId tagsAll"),
    computedUnlessSet: words("region"),
  },
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
    required: words("ipProtocol securityGroupId"),
    computed: words("arn securityGroupRuleId tagsAll"),
    computedUnlessSet: words("region"),
  },
};
