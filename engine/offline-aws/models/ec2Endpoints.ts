import { ACCOUNT_ID } from "../../../policies/plan/provider";
import { arn, digitsOf, ec2Id, list, type ServiceModels, text } from "./resourceState";

/** The fields of a flow log that asks for none (VPC User Guide, "Flow log records", version 2). */
const DEFAULT_LOG_FORMAT =
  "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
    .split(" ")
    .map((field) => `\${${field}}`)
    .join(" ");

/** Behaviour of VPC endpoints and flow logs. */
export const ec2Endpoints: ServiceModels = {
  "aws:ec2/flowLog:FlowLog": {
    replaceOn: [
      "deliverCrossAccountRole",
      "destinationOptions",
      "eniId",
      "iamRoleArn",
      "logDestination",
      "logDestinationType",
      "logFormat",
      "maxAggregationInterval",
      "subnetId",
      "trafficType",
      "transitGatewayAttachmentId",
      "transitGatewayId",
      "vpcId",
    ],
    id: (_inputs, digits) => ec2Id("fl", digits("id", 16)),
    outputs: ({ id, region }) => ({
      arn: arn("ec2", region, `vpc-flow-log/${id}`),
      logFormat: DEFAULT_LOG_FORMAT,
    }),
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    replaceOn: [
      "resourceConfigurationArn",
      "serviceName",
      "serviceNetworkArn",
      "serviceRegion",
      "vpcEndpointType",
      "vpcId",
    ],
    id: (_inputs, digits) => ec2Id("vpce", digits("id", 16)),
    outputs: ({ id, inputs, region }) => {
      const digits = digitsOf(id);
      const service = text(inputs, "serviceName").split(".").at(-1) ?? "";
      const isGateway = text(inputs, "vpcEndpointType") === "Gateway";
      return {
        arn: arn("ec2", region, `vpc-endpoint/${id}`),
        cidrBlocks: [],
        dnsEntries: isGateway
          ? []
          : [
              {
                dnsName: `${id}-${digits("dns", 8)}.${service}.${region}.vpce.amazonaws.com`,
                hostedZoneId: `Z${digits("zone", 13).toUpperCase()}`,
              },
            ],
        ipAddressType: "ipv4",
        networkInterfaceIds: isGateway
          ? []
          : list(inputs, "subnetIds").map((_subnet, index) => ec2Id("eni", digits(`interface-${index}`, 16))),
        ownerId: ACCOUNT_ID,
        policy: JSON.stringify({
          Statement: [{ Action: "*", Effect: "Allow", Principal: "*", Resource: "*" }],
          Version: "2008-10-17",
        }),
        prefixListId: isGateway ? `pl-${digits("prefix-list", 8)}` : "",
        privateDnsEnabled: false,
        requesterManaged: false,
        routeTableIds: [],
        securityGroupIds: [],
        serviceRegion: region,
        state: "available",
        subnetIds: [],
      };
    },
  },
};
