import { type ServiceSemantics, words } from "./types";

/** The network itself: VPC, subnets, gateways, routes. */
export const ec2Network: ServiceSemantics = {
  "aws:ec2/vpc:Vpc": {
    required: [],
    defaults: { enableDnsSupport: true, instanceTenancy: "default" },
    computed: words(`
      arn defaultNetworkAclId defaultRouteTableId defaultSecurityGroupId dhcpOptionsId ipv6AssociationId
      mainRouteTableId ownerId tagsAll
    `),
    computedUnlessSet: words(`
      cidrBlock enableDnsHostnames enableNetworkAddressUsageMetrics ipv6CidrBlock
      ipv6CidrBlockNetworkBorderGroup region
    `),
  },
  "aws:ec2/subnet:Subnet": {
    required: words("vpcId"),
    defaults: {
      assignIpv6AddressOnCreation: false,
      enableDns64: false,
      enableResourceNameDnsARecordOnLaunch: false,
      enableResourceNameDnsAaaaRecordOnLaunch: false,
      ipv6Native: false,
      mapPublicIpOnLaunch: false,
    },
    computed: words("arn ipv6CidrBlockAssociationId ownerId tagsAll"),
    computedUnlessSet: words(`
      availabilityZone availabilityZoneId cidrBlock ipv6CidrBlock privateDnsHostnameTypeOnLaunch region
    `),
  },
  "aws:ec2/internetGateway:InternetGateway": {
    required: [],
    computed: words("arn ownerId tagsAll"),
    computedUnlessSet: words("region vpcId"),
  },
  "aws:ec2/eip:Eip": {
    required: [],
    computed: words(`
      allocationId arn associationId carrierIp customerOwnedIp privateDns privateIp ptrRecord publicDns
      publicIp tagsAll
    `),
    computedUnlessSet: words(`
      domain instance ipamPoolId networkBorderGroup networkInterface publicIpv4Pool region
    `),
  },
  "aws:ec2/natGateway:NatGateway": {
    required: [],
    defaults: { connectivityType: "public" },
    computed: words(`
      associationId autoProvisionZones autoScalingIps networkInterfaceId publicIp
      regionalNatGatewayAddresses regionalNatGatewayAutoMode routeTableId tagsAll
    `),
    computedUnlessSet: words(`
      availabilityMode privateIp region secondaryAllocationIds secondaryPrivateIpAddressCount
      secondaryPrivateIpAddresses vpcId
    `),
  },
  "aws:ec2/routeTable:RouteTable": {
    required: words("vpcId"),
    computed: words("arn ownerId tagsAll"),
    computedUnlessSet: words("propagatingVgws region routes"),
  },
  "aws:ec2/route:Route": {
    required: words("routeTableId"),
    computed: words("instanceId instanceOwnerId origin state"),
    computedUnlessSet: words("networkInterfaceId region"),
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    required: words("routeTableId"),
    computed: [],
    computedUnlessSet: words("region"),
  },
};
