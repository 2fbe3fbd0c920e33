import type { JsonValue } from "../../../../policies/plan/provider";

/** What the real provider made of one resource, reduced to what is compared. */
export interface Recorded {
  readonly type: string;
  readonly logicalName: string;
  /** The random digits it drew for the name, if it made one. */
  readonly suffix?: string;
  /** What the program gave. */
  readonly given: { readonly [property: string]: JsonValue };
  /** What Check added. */
  readonly added: { readonly [property: string]: JsonValue };
  readonly id: string;
  /** Some of the outputs it read back after Create. */
  readonly decided: { readonly [property: string]: JsonValue };
}

export const RECORDED_REGION = "us-west-2";
export const RECORDED_ACCOUNT = "616138583583";

/**
 * Facts out of github.com/pulumi/pulumi-aws, `provider/testdata/recorded/TestProviderUpgrade/<case>/5.42.0`,
 * `state.json` and `grpc.json` (Apache-2.0): version 5.42.0 of the provider against AWS, in our own form.
 *
 * Where version 7.48.0 is known to differ, the test that uses a fact says so.
 */
export const RECORDED: readonly Recorded[] = [
  {
    // rds-instance
    type: "aws:rds/instance:Instance",
    logicalName: "tested-resource",
    suffix: "32446a6",
    given: {
      allocatedStorage: 30,
      engine: "postgres",
      instanceClass: "db.t4g.micro",
      dbName: "mydbname",
      password: "mypassword",
      skipFinalSnapshot: true,
      username: "mydbuser",
    },
    added: {
      applyImmediately: false,
      autoMinorVersionUpgrade: true,
      copyTagsToSnapshot: false,
      deleteAutomatedBackups: true,
      identifier: "tested-resource32446a6",
      monitoringInterval: 0,
      performanceInsightsEnabled: false,
      publiclyAccessible: false,
    },
    id: "tested-resource32446a6",
    decided: {
      address: "tested-resource32446a6.chuqccm8uxqx.us-west-2.rds.amazonaws.com",
      arn: "arn:aws:rds:us-west-2:616138583583:db:tested-resource32446a6",
      availabilityZone: "us-west-2a",
      backupRetentionPeriod: 0,
      endpoint: "tested-resource32446a6.chuqccm8uxqx.us-west-2.rds.amazonaws.com:5432",
      identifierPrefix: "",
      licenseModel: "postgresql-license",
      listenerEndpoints: [],
      masterUserSecrets: [],
      monitoringRoleArn: "",
      multiAz: false,
      networkType: "IPV4",
      performanceInsightsRetentionPeriod: 0,
      port: 5432,
      replicas: [],
      resourceId: "db-APHDYQXAWC6637KYGRJPNEN5Y4",
      status: "available",
      storageType: "gp2",
    },
  },
  {
    // subnet-group
    type: "aws:rds/subnetGroup:SubnetGroup",
    logicalName: "subnetgroup",
    suffix: "61ea626",
    given: { subnetIds: ["subnet-0c7fa5789dd25cd20", "subnet-0564be685b5f37bfc"] },
    added: { description: "Managed by Pulumi", name: "subnetgroup-61ea626" },
    id: "subnetgroup-61ea626",
    decided: {
      arn: "arn:aws:rds:us-west-2:616138583583:subgrp:subnetgroup-61ea626",
      namePrefix: "",
      supportedNetworkTypes: ["IPV4"],
      vpcId: "vpc-0fe32922af7ae59ee",
    },
  },
  {
    // subnet-group
    type: "aws:ec2/vpc:Vpc",
    logicalName: "myVpc",
    given: { cidrBlock: "10.0.0.0/16" },
    added: { enableDnsSupport: true, instanceTenancy: "default" },
    id: "vpc-0fe32922af7ae59ee",
    decided: {
      arn: "arn:aws:ec2:us-west-2:616138583583:vpc/vpc-0fe32922af7ae59ee",
      defaultNetworkAclId: "acl-04f52678672948ef1",
      defaultRouteTableId: "rtb-01b763174664bd941",
      defaultSecurityGroupId: "sg-00855c9436d6732d1",
      enableDnsHostnames: false,
      ipv6AssociationId: "",
      mainRouteTableId: "rtb-01b763174664bd941",
      ownerId: "616138583583",
    },
  },
  {
    // subnet-group
    type: "aws:ec2/subnet:Subnet",
    logicalName: "mysubnet",
    given: { availabilityZone: "us-west-2a", cidrBlock: "10.0.1.0/24", vpcId: "vpc-0fe32922af7ae59ee" },
    added: {
      assignIpv6AddressOnCreation: false,
      enableDns64: false,
      enableResourceNameDnsARecordOnLaunch: false,
      enableResourceNameDnsAaaaRecordOnLaunch: false,
      ipv6Native: false,
      mapPublicIpOnLaunch: false,
    },
    id: "subnet-0c7fa5789dd25cd20",
    decided: {
      arn: "arn:aws:ec2:us-west-2:616138583583:subnet/subnet-0c7fa5789dd25cd20",
      ipv6CidrBlock: "",
      ownerId: "616138583583",
      privateDnsHostnameTypeOnLaunch: "ip-name",
    },
  },
  {
    // ec2-networking
    type: "aws:ec2/eip:Eip",
    logicalName: "MyEIP",
    given: {},
    added: {},
    id: "eipalloc-01c9ffd2c77115e63",
    decided: {
      allocationId: "eipalloc-01c9ffd2c77115e63",
      associationId: "",
      domain: "vpc",
      networkBorderGroup: "us-west-2",
      publicDns: "ec2-44-226-163-70.us-west-2.compute.amazonaws.com",
      publicIp: "44.226.163.70",
      publicIpv4Pool: "amazon",
    },
  },
  {
    // ec2-networking
    type: "aws:ec2/route:Route",
    logicalName: "MyRoute",
    given: {
      destinationCidrBlock: "0.0.0.0/0",
      gatewayId: "igw-09d3c416e9f3c46bf",
      routeTableId: "rtb-0c4e1dbf8c3de39a2",
    },
    added: {},
    id: "r-rtb-0c4e1dbf8c3de39a21080289494",
    decided: {},
  },
  {
    // ecs-service
    type: "aws:ec2/securityGroup:SecurityGroup",
    logicalName: "ecsSecurityGroup",
    suffix: "c7a45de",
    given: { vpcId: "vpc-07658190e07d2fa25" },
    added: {
      description: "Managed by Pulumi",
      name: "ecsSecurityGroup-c7a45de",
      revokeRulesOnDelete: false,
    },
    id: "sg-0860d9318fe0575a7",
    decided: {
      arn: "arn:aws:ec2:us-west-2:616138583583:security-group/sg-0860d9318fe0575a7",
      egress: [],
      namePrefix: "",
      ownerId: "616138583583",
    },
  },
  {
    // ecs-service
    type: "aws:iam/role:Role",
    logicalName: "ecsExecutionRole",
    suffix: "a0bdd3a",
    given: { assumeRolePolicy: '{"Version":"2012-10-17","Statement":[]}' },
    added: {
      forceDetachPolicies: false,
      maxSessionDuration: 3600,
      name: "ecsExecutionRole-a0bdd3a",
      path: "/",
    },
    id: "ecsExecutionRole-a0bdd3a",
    decided: {
      arn: "arn:aws:iam::616138583583:role/ecsExecutionRole-a0bdd3a",
      createDate: "2024-03-12T12:27:46Z",
      inlinePolicies: [],
      managedPolicyArns: [],
      namePrefix: "",
      uniqueId: "AROAY65FYVYP2BJSY5PAX",
    },
  },
  {
    // ecs-service
    type: "aws:iam/rolePolicy:RolePolicy",
    logicalName: "ecsExecutionRolePolicy",
    suffix: "a9ace28",
    given: { policy: '{"Version":"2012-10-17","Statement":[]}', role: "ecsExecutionRole-a0bdd3a" },
    added: { name: "ecsExecutionRolePolicy-a9ace28" },
    id: "ecsExecutionRole-a0bdd3a:ecsExecutionRolePolicy-a9ace28",
    decided: {},
  },
  {
    // ecs-service
    type: "aws:ecs/cluster:Cluster",
    logicalName: "ecsCluster",
    suffix: "e90fa1d",
    given: {},
    added: { name: "ecsCluster-e90fa1d" },
    id: "arn:aws:ecs:us-west-2:616138583583:cluster/ecsCluster-e90fa1d",
    decided: {
      arn: "arn:aws:ecs:us-west-2:616138583583:cluster/ecsCluster-e90fa1d",
      settings: [{ name: "containerInsights", value: "disabled" }],
    },
  },
  {
    // ecs-service; it had reached revision 228
    type: "aws:ecs/taskDefinition:TaskDefinition",
    logicalName: "taskDefinition",
    given: {
      containerDefinitions: '[{"name":"my-app","image":"nginx"}]',
      cpu: "256",
      family: "fargate-task-definition",
      memory: "512",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
    },
    added: { skipDestroy: false },
    id: "fargate-task-definition",
    decided: {
      arn: "arn:aws:ecs:us-west-2:616138583583:task-definition/fargate-task-definition:228",
      arnWithoutRevision: "arn:aws:ecs:us-west-2:616138583583:task-definition/fargate-task-definition",
      revision: 228,
    },
  },
  {
    // ecs-service
    type: "aws:ecs/service:Service",
    logicalName: "ecsService",
    suffix: "6aae01f",
    given: {
      cluster: "arn:aws:ecs:us-west-2:616138583583:cluster/ecsCluster-e90fa1d",
      desiredCount: 1,
      launchType: "FARGATE",
      networkConfiguration: {
        assignPublicIp: true,
        securityGroups: ["sg-0860d9318fe0575a7"],
        subnets: ["subnet-0f31fe3bce2701630", "subnet-06032f753529640e6"],
      },
      taskDefinition: "arn:aws:ecs:us-west-2:616138583583:task-definition/fargate-task-definition:228",
    },
    added: {
      deploymentMaximumPercent: 200,
      deploymentMinimumHealthyPercent: 100,
      enableEcsManagedTags: false,
      enableExecuteCommand: false,
      name: "ecsService-6aae01f",
      schedulingStrategy: "REPLICA",
      waitForSteadyState: false,
    },
    id: "arn:aws:ecs:us-west-2:616138583583:service/ecsCluster-e90fa1d/ecsService-6aae01f",
    decided: {
      iamRole: "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
      platformVersion: "LATEST",
    },
  },
  {
    // lb
    type: "aws:lb/loadBalancer:LoadBalancer",
    logicalName: "exampleLoadBalancer",
    given: {
      internal: false,
      loadBalancerType: "application",
      name: "example-load-balancer",
      securityGroups: ["sg-050483f973da37d41"],
      subnets: ["subnet-04fc9e30e1df99dcc", "subnet-0c90fdea73c1e6595"],
    },
    added: {
      desyncMitigationMode: "defensive",
      dropInvalidHeaderFields: false,
      enableCrossZoneLoadBalancing: false,
      enableDeletionProtection: false,
      enableHttp2: true,
      enableTlsVersionAndCipherSuiteHeaders: false,
      enableWafFailOpen: false,
      enableXffClientPort: false,
      idleTimeout: 60,
      preserveHostHeader: false,
      xffHeaderProcessingMode: "append",
    },
    id: "arn:aws:elasticloadbalancing:us-west-2:616138583583:loadbalancer/app/example-load-balancer/3ce0ba59bd351b07",
    decided: {
      arn: "arn:aws:elasticloadbalancing:us-west-2:616138583583:loadbalancer/app/example-load-balancer/3ce0ba59bd351b07",
      arnSuffix: "app/example-load-balancer/3ce0ba59bd351b07",
      dnsName: "example-load-balancer-1596252727.us-west-2.elb.amazonaws.com",
      ipAddressType: "ipv4",
      vpcId: "vpc-0c99ce9c17a0eaf74",
      zoneId: "Z1H1FL5HABSF5",
    },
  },
  {
    // lb
    type: "aws:lb/targetGroup:TargetGroup",
    logicalName: "exampleTargetGroup",
    given: { name: "example-target-group", port: 80, protocol: "HTTP", vpcId: "vpc-0c99ce9c17a0eaf74" },
    added: {
      connectionTermination: false,
      lambdaMultiValueHeadersEnabled: false,
      proxyProtocolV2: false,
      slowStart: 0,
      targetType: "instance",
    },
    id: "arn:aws:elasticloadbalancing:us-west-2:616138583583:targetgroup/example-target-group/25fcc37f8bb38bf4",
    decided: {
      arn: "arn:aws:elasticloadbalancing:us-west-2:616138583583:targetgroup/example-target-group/25fcc37f8bb38bf4",
      arnSuffix: "targetgroup/example-target-group/25fcc37f8bb38bf4",
      deregistrationDelay: 300,
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
      loadBalancingAlgorithmType: "round_robin",
      loadBalancingCrossZoneEnabled: "use_load_balancer_configuration",
      protocolVersion: "HTTP1",
      stickiness: { cookieDuration: 86400, cookieName: "", enabled: false, type: "lb_cookie" },
    },
  },
  {
    // lb
    type: "aws:lb/listener:Listener",
    logicalName: "exampleListener",
    given: {
      defaultActions: [
        {
          targetGroupArn:
            "arn:aws:elasticloadbalancing:us-west-2:616138583583:targetgroup/example-target-group/25fcc37f8bb38bf4",
          type: "forward",
        },
      ],
      loadBalancerArn:
        "arn:aws:elasticloadbalancing:us-west-2:616138583583:loadbalancer/app/example-load-balancer/3ce0ba59bd351b07",
      port: 80,
      protocol: "HTTP",
    },
    added: {},
    id: "arn:aws:elasticloadbalancing:us-west-2:616138583583:listener/app/example-load-balancer/3ce0ba59bd351b07/29ea7ffb381d82b3",
    decided: {
      arn: "arn:aws:elasticloadbalancing:us-west-2:616138583583:listener/app/example-load-balancer/3ce0ba59bd351b07/29ea7ffb381d82b3",
      sslPolicy: "",
    },
  },
  {
    // kms-key
    type: "aws:kms/key:Key",
    logicalName: "a",
    given: { deletionWindowInDays: 10, description: "KMS key 1" },
    added: {
      bypassPolicyLockoutSafetyCheck: false,
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      enableKeyRotation: false,
      isEnabled: true,
      keyUsage: "ENCRYPT_DECRYPT",
    },
    id: "7085f966-4bed-4480-a64b-bc3c91773751",
    decided: {
      arn: "arn:aws:kms:us-west-2:616138583583:key/7085f966-4bed-4480-a64b-bc3c91773751",
      keyId: "7085f966-4bed-4480-a64b-bc3c91773751",
      multiRegion: false,
    },
  },
  {
    // sns-topic
    type: "aws:sns/topic:Topic",
    logicalName: "user_updates",
    given: { name: "user-updates-topic" },
    added: { contentBasedDeduplication: false, fifoTopic: false },
    id: "arn:aws:sns:us-west-2:616138583583:user-updates-topic",
    decided: {
      arn: "arn:aws:sns:us-west-2:616138583583:user-updates-topic",
      namePrefix: "",
      owner: "616138583583",
      signatureVersion: 0,
      tracingConfig: "",
    },
  },
  {
    // secretversion
    type: "aws:secretsmanager/secret:Secret",
    logicalName: "mySecret",
    suffix: "a8aa50c",
    given: {},
    added: { forceOverwriteReplicaSecret: false, name: "mySecret-a8aa50c", recoveryWindowInDays: 30 },
    id: "arn:aws:secretsmanager:us-west-2:616138583583:secret:mySecret-a8aa50c-2Daf5H",
    decided: {
      arn: "arn:aws:secretsmanager:us-west-2:616138583583:secret:mySecret-a8aa50c-2Daf5H",
      namePrefix: "",
      policy: "",
    },
  },
  {
    // secretversion
    type: "aws:secretsmanager/secretVersion:SecretVersion",
    logicalName: "mySecretVersion",
    given: {
      secretId: "arn:aws:secretsmanager:us-west-2:616138583583:secret:mySecret-a8aa50c-2Daf5H",
      secretString: "MySecretVersionValue",
    },
    added: {},
    id: "arn:aws:secretsmanager:us-west-2:616138583583:secret:mySecret-a8aa50c-2Daf5H|EA71735A-EDE9-4926-85B4-3BE674666FCD",
    decided: {
      arn: "arn:aws:secretsmanager:us-west-2:616138583583:secret:mySecret-a8aa50c-2Daf5H",
      versionId: "EA71735A-EDE9-4926-85B4-3BE674666FCD",
      versionStages: ["AWSCURRENT"],
    },
  },
  {
    // cloudwatch-loggroup
    type: "aws:cloudwatch/logGroup:LogGroup",
    logicalName: "yada",
    given: { name: "Yada", tags: { application: "serviceA", environment: "production" } },
    added: { retentionInDays: 0, skipDestroy: false },
    id: "Yada",
    decided: {
      arn: "arn:aws:logs:us-west-2:616138583583:log-group:Yada",
      namePrefix: "",
      tagsAll: { application: "serviceA", environment: "production" },
    },
  },
];
