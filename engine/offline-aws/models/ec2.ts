import { crc32 } from "node:zlib";
import type { PropertyMap } from "../../../policies/plan/plan";
import { ACCOUNT_ID, shortRegion } from "../../../policies/plan/provider";
import {
  arn,
  digitsOf,
  ec2Id,
  list,
  type ResourceModel,
  type ResourceState,
  type ServiceModels,
  text,
} from "./resourceState";

/** The security group that AWS makes with every VPC. */
export function defaultSecurityGroupId(vpcId: string): string {
  return ec2Id("sg", digitsOf(vpcId)("default-security-group", 16));
}

/** An address out of the ranges kept for documentation (RFC 5737): it leads nowhere. */
function documentationAddress(id: string): string {
  const byte = Number.parseInt(digitsOf(id)("address", 4), 16);
  return `${byte % 2 === 0 ? "198.51.100" : "203.0.113"}.${1 + ((byte >> 1) % 254)}`;
}

function subnetOutputs({ id, inputs, region }: ResourceState): PropertyMap {
  const zone = text(inputs, "availabilityZone") || `${region}a`;
  const zoneNumber = Math.max(0, "abcdef".indexOf(zone.slice(-1))) + 1;
  return {
    arn: arn("ec2", region, `subnet/${id}`),
    availabilityZone: zone,
    availabilityZoneId: `${shortRegion(region)}-az${zoneNumber}`,
    ipv6CidrBlock: "",
    ipv6CidrBlockAssociationId: "",
    ownerId: ACCOUNT_ID,
    privateDnsHostnameTypeOnLaunch: "ip-name",
  };
}

/** Behaviour of the network's resource types. */
export const ec2Network: ServiceModels = {
  "aws:ec2/vpc:Vpc": {
    replaceOn: ["cidrBlock", "instanceTenancy", "ipv4IpamPoolId", "ipv4NetmaskLength"],
    id: (_inputs, digits) => ec2Id("vpc", digits("id", 16)),
    outputs: ({ id, region }) => {
      const digits = digitsOf(id);
      const routeTableId = ec2Id("rtb", digits("main-route-table", 16));
      return {
        arn: arn("ec2", region, `vpc/${id}`),
        defaultNetworkAclId: ec2Id("acl", digits("default-network-acl", 16)),
        defaultRouteTableId: routeTableId,
        defaultSecurityGroupId: defaultSecurityGroupId(id),
        dhcpOptionsId: ec2Id("dopt", digits("dhcp-options", 16)),
        enableDnsHostnames: false,
        enableNetworkAddressUsageMetrics: false,
        ipv6AssociationId: "",
        ipv6CidrBlock: "",
        ipv6CidrBlockNetworkBorderGroup: "",
        mainRouteTableId: routeTableId,
        ownerId: ACCOUNT_ID,
      };
    },
  },
  "aws:ec2/subnet:Subnet": {
    replaceOn: ["availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"],
    id: (_inputs, digits) => ec2Id("subnet", digits("id", 16)),
    outputs: subnetOutputs,
  },
  "aws:ec2/internetGateway:InternetGateway": {
    replaceOn: [],
    id: (_inputs, digits) => ec2Id("igw", digits("id", 16)),
    outputs: ({ id, region }) => ({
      arn: arn("ec2", region, `internet-gateway/${id}`),
      ownerId: ACCOUNT_ID,
      vpcId: "",
    }),
  },
  "aws:ec2/eip:Eip": {
    replaceOn: ["address", "customerOwnedIpv4Pool", "domain", "networkBorderGroup", "publicIpv4Pool"],
    id: (_inputs, digits) => ec2Id("eipalloc", digits("id", 16)),
    outputs: ({ id, inputs, region }) => {
      const publicIp = text(inputs, "address") || documentationAddress(id);
      return {
        allocationId: id,
        arn: arn("ec2", region, `elastic-ip/${id}`),
        associationId: "",
        carrierIp: "",
        customerOwnedIp: "",
        domain: "vpc",
        instance: "",
        networkBorderGroup: region,
        networkInterface: "",
        privateDns: "",
        privateIp: "",
        ptrRecord: "",
        publicDns: `ec2-${publicIp.replaceAll(".", "-")}.${region}.compute.amazonaws.com`,
        publicIp,
        publicIpv4Pool: "amazon",
      };
    },
  },
  "aws:ec2/natGateway:NatGateway": {
    replaceOn: ["allocationId", "availabilityMode", "connectivityType", "privateIp", "subnetId", "vpcId"],
    id: (_inputs, digits) => ec2Id("nat", digits("id", 16)),
    outputs: ({ id, inputs }) => {
      const isPublic = text(inputs, "connectivityType") !== "private";
      return {
        associationId: isPublic ? ec2Id("eipassoc", digitsOf(id)("association", 16)) : "",
        autoProvisionZones: "disabled",
        autoScalingIps: "disabled",
        availabilityMode: "zonal",
        networkInterfaceId: ec2Id("eni", digitsOf(id)("interface", 16)),
        // The address of the allocation it was given: both come from the same id.
        publicIp: isPublic ? documentationAddress(text(inputs, "allocationId") || id) : "",
        regionalNatGatewayAddresses: [],
        regionalNatGatewayAutoMode: "disabled",
        routeTableId: "",
        secondaryAllocationIds: [],
        secondaryPrivateIpAddressCount: 0,
        secondaryPrivateIpAddresses: [],
      };
    },
  },
  "aws:ec2/routeTable:RouteTable": {
    replaceOn: ["vpcId"],
    id: (_inputs, digits) => ec2Id("rtb", digits("id", 16)),
    outputs: ({ id, inputs, region }) => ({
      arn: arn("ec2", region, `route-table/${id}`),
      ownerId: ACCOUNT_ID,
      propagatingVgws: [],
      routes: list(inputs, "routes"),
    }),
  },
  "aws:ec2/route:Route": {
    replaceOn: [
      "destinationCidrBlock",
      "destinationIpv6CidrBlock",
      "destinationPrefixListId",
      "routeTableId",
    ],
    // The Terraform provider's own form: the table, then the checksum of where the route leads.
    id: (inputs) => {
      const destination =
        text(inputs, "destinationCidrBlock") ||
        text(inputs, "destinationIpv6CidrBlock") ||
        text(inputs, "destinationPrefixListId");
      return `r-${text(inputs, "routeTableId")}${crc32(destination)}`;
    },
    outputs: () => ({
      instanceId: "",
      instanceOwnerId: "",
      networkInterfaceId: "",
      origin: "CreateRoute",
      state: "active",
    }),
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    replaceOn: ["gatewayId", "subnetId"],
    id: (_inputs, digits) => ec2Id("rtbassoc", digits("id", 16)),
    outputs: () => ({}),
  },
};

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
