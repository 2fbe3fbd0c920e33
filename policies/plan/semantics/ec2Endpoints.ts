import { type ServiceSemantics, words } from "./types";

/** VPC endpoints and flow logs. */
export const ec2Endpoints: ServiceSemantics = {
  "aws:ec2/flowLog:FlowLog": {
    required: [],
    defaults: { logDestinationType: "cloud-watch-logs", maxAggregationInterval: 600 },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("logDestination logFormat region"),
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    required: words("vpcId"),
    defaults: { vpcEndpointType: "Gateway" },
    computed: words(`
      arn cidrBlocks dnsEntries networkInterfaceIds ownerId prefixListId requesterManaged state tagsAll
    `),
    computedUnlessSet: words(`
      dnsOptions ipAddressType policy privateDnsEnabled region routeTableIds securityGroupIds
      serviceRegion subnetConfigurations subnetIds
    `),
  },
};
