import { LB_NAME } from "./nameRules";
import { type ServiceSemantics, words } from "./types";

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
