import { LB_NAME } from "./nameRules";
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

/** Application and network load balancers. */
export const lb: ServiceSemantics = {
  "aws:lb/loadBalancer:LoadBalancer": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 32, unless: "namePrefix", rule: LB_NAME },
    defaults: {
      clientKeepAlive: 3600,
      desyncMitigationMode: "defensive",
      dnsRecordClientRoutingPolicy: "any_availability_zone",
      dropInvalidHeaderFields: false,
      enableCrossZoneLoadBalancing: false,
      enableDeletionProtection: false,
      enableHttp2: true,
      enableTlsVersionAndCipherSuiteHeaders: false,
      enableWafFailOpen: false,
      enableXffClientPort: false,
      enableZonalShift: false,
      idleTimeout: 60,
      loadBalancerType: "application",
      preserveHostHeader: false,
      xffHeaderProcessingMode: "append",
    },
    numbers: words("clientKeepAlive idleTimeout"),
    nestedDefaults: { accessLogs: { enabled: false }, connectionLogs: { enabled: false } },
    computed: words("arn arnSuffix dnsName tagsAll vpcId zoneId"),
    computedUnlessSet: words(`
      enablePrefixForIpv6SourceNat enforceSecurityGroupInboundRulesOnPrivateLinkTraffic internal
      ipAddressType namePrefix region secondaryIpsAutoAssignedPerSubnet securityGroups subnetMappings
      subnets
    `),
  },
  "aws:lb/targetGroup:TargetGroup": {
    required: [],
    autoName: { property: "name", separator: "-", maxLength: 32, unless: "namePrefix", rule: LB_NAME },
    defaults: {
      lambdaMultiValueHeadersEnabled: false,
      proxyProtocolV2: false,
      slowStart: 0,
      targetType: "instance",
    },
    numbers: words("deregistrationDelay port slowStart"),
    nestedDefaults: {
      healthCheck: {
        enabled: true,
        healthyThreshold: 3,
        interval: 30,
        port: "traffic-port",
        protocol: "HTTP",
        unhealthyThreshold: 3,
      },
      stickiness: { cookieDuration: 86400, enabled: true },
      "targetGroupHealth.dnsFailover": {
        minimumHealthyTargetsCount: "off",
        minimumHealthyTargetsPercentage: "off",
      },
      "targetGroupHealth.unhealthyStateRouting": {
        minimumHealthyTargetsCount: 1,
        minimumHealthyTargetsPercentage: "off",
      },
    },
    plannedDefaults: { deregistrationDelay: 300 },
    computed: words("arn arnSuffix loadBalancerArns tagsAll"),
    computedUnlessSet: words(`
      connectionTermination healthCheck ipAddressType loadBalancingAlgorithmType
      loadBalancingAnomalyMitigation loadBalancingCrossZoneEnabled namePrefix preserveClientIp
      protocolVersion region stickiness targetFailovers targetGroupHealth targetHealthStates
    `),
    nestedComputedUnlessSet: { healthCheck: words("matcher path timeout") },
  },
  "aws:lb/listener:Listener": {
    required: words("defaultActions loadBalancerArn"),
    numbers: words("port"),
    nestedDefaults: {
      "defaultActions.redirect": {
        host: "#{host}",
        path: "/#{path}",
        port: "#{port}",
        protocol: "#{protocol}",
        query: "#{query}",
      },
      "defaultActions.forward.targetGroups": { weight: 1 },
      "defaultActions.forward.stickiness": { enabled: false },
    },
    computed: words("arn tagsAll"),
    computedUnlessSet: words(`
      mutualAuthentication protocol region routingHttpRequestXAmznMtlsClientcertHeaderName
      routingHttpRequestXAmznMtlsClientcertIssuerHeaderName
      routingHttpRequestXAmznMtlsClientcertLeafHeaderName
      routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName
      routingHttpRequestXAmznMtlsClientcertSubjectHeaderName
      routingHttpRequestXAmznMtlsClientcertValidityHeaderName
      routingHttpRequestXAmznTlsCipherSuiteHeaderName routingHttpRequestXAmznTlsVersionHeaderName
      routingHttpResponseAccessControlAllowCredentialsHeaderValue
      routingHttpResponseAccessControlAllowHeadersHeaderValue
      routingHttpResponseAccessControlAllowMethodsHeaderValue
      routingHttpResponseAccessControlAllowOriginHeaderValue
      routingHttpResponseAccessControlExposeHeadersHeaderValue
      routingHttpResponseAccessControlMaxAgeHeaderValue
      routingHttpResponseContentSecurityPolicyHeaderValue routingHttpResponseServerEnabled
      routingHttpResponseStrictTransportSecurityHeaderValue
      routingHttpResponseXContentTypeOptionsHeaderValue routingHttpResponseXFrameOptionsHeaderValue
      sslPolicy tcpIdleTimeoutSeconds
    `),
    nestedComputedUnlessSet: { defaultActions: words("order") },
  },
  "aws:lb/listenerRule:ListenerRule": {
    required: words("actions conditions listenerArn"),
    nestedDefaults: {
      "actions.redirect": {
        host: "#{host}",
        path: "/#{path}",
        port: "#{port}",
        protocol: "#{protocol}",
        query: "#{query}",
      },
      "actions.forward.targetGroups": { weight: 1 },
      "actions.forward.stickiness": { enabled: false },
    },
    computed: words("arn tagsAll"),
    computedUnlessSet: words("priority region"),
    nestedComputedUnlessSet: { actions: words("order") },
  },
};
