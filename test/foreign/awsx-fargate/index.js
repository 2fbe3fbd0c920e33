const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const awsx = require("../awsx");

const config = new pulumi.Config();
const vpc = new awsx.ec2.Vpc("custom", { numberOfAvailabilityZones: 2, natGateways: { strategy: "Single" } });
const subnets = new aws.rds.SubnetGroup("db", { subnetIds: vpc.privateSubnetIds });
const access = new aws.ec2.SecurityGroup("db", {
  vpcId: vpc.vpcId,
  ingress: [{ protocol: "tcp", fromPort: 5432, toPort: 5432, cidrBlocks: ["10.0.0.0/16"] }],
});
const group = new aws.rds.ParameterGroup("db", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
});
const db = new aws.rds.Instance("db", {
  engine: "postgres",
  engineVersion: "17",
  instanceClass: "db.t4g.medium",
  allocatedStorage: 20,
  dbName: "app",
  username: "app",
  manageMasterUserPassword: true,
  parameterGroupName: group.name,
  dbSubnetGroupName: subnets.name,
  vpcSecurityGroupIds: [access.id],
  skipFinalSnapshot: true,
});
const alb = new awsx.lb.ApplicationLoadBalancer("lb", { subnetIds: vpc.publicSubnetIds });
const repository = new awsx.ecr.Repository("app");
const image = new awsx.ecr.Image("app", { repositoryUrl: repository.url, context: "./app" });
const cluster = new aws.ecs.Cluster("main");
const app = new awsx.ecs.FargateService("app", {
  cluster: cluster.arn,
  desiredCount: 3,
  assignPublicIp: true,
  taskDefinitionArgs: {
    container: {
      name: "app",
      image: image.imageUri,
      cpu: 512,
      memory: 1024,
      essential: true,
      portMappings: [{ containerPort: 3000, targetGroup: alb.defaultTargetGroup }],
      environment: [
        { name: "DATABASE_HOST", value: db.address },
        { name: "DB_POOL_MAX", value: config.require("pool") },
        { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
  { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
  { name: "DB_LOCK_TIMEOUT_MS", value: "1000" },
  { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
  { name: "REQUEST_TIMEOUT_MS", value: "8000" },
  { name: "HTTP_KEEP_ALIVE_TIMEOUT_MS", value: "75000" },
      ],
    },
  },
});
exports.url = pulumi.interpolate`http://${alb.loadBalancer.dnsName}`;
exports.service = app.service;
