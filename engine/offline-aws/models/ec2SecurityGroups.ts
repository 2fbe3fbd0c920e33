import { ACCOUNT_ID } from "../../../policies/plan/provider";
import { defaultSecurityGroupId } from "./ec2Network";
import { arn, ec2Id, type ResourceModel, type ServiceModels, text } from "./resourceState";

const RULE: ResourceModel = {
  replaceOn: ["securityGroupId"],
  id: (_inputs, digits) => ec2Id("sgr", digits("id", 16)),
  outputs: ({ id, region }) => ({
    arn: arn("ec2", region, `security-group-rule/${id}`),
    securityGroupRuleId: id,
  }),
};

/** Behaviour of security groups and their rules. */
export const ec2SecurityGroups: ServiceModels = {
  "aws:ec2/securityGroup:SecurityGroup": {
    replaceOn: ["description", "name", "namePrefix", "vpcId"],
    id: (_inputs, digits) => ec2Id("sg", digits("id", 16)),
    outputs: ({ id, region }) => ({
      arn: arn("ec2", region, `security-group/${id}`),
      egress: [],
      ingress: [],
      ownerId: ACCOUNT_ID,
    }),
  },
  // Not made but adopted: it is the group that came with the VPC, and its rules are replaced by those given.
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    replaceOn: ["vpcId"],
    id: (inputs) => defaultSecurityGroupId(text(inputs, "vpcId")),
    outputs: ({ id, region }) => ({
      arn: arn("ec2", region, `security-group/${id}`),
      description: "default VPC security group",
      egress: [],
      ingress: [],
      name: "default",
      namePrefix: "",
      ownerId: ACCOUNT_ID,
    }),
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": RULE,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": RULE,
};
