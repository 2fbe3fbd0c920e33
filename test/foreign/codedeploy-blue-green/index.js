const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();

const vpc = new aws.ec2.Vpc("checkout", { cidrBlock: "10.1.0.0/16" });
const subnetIds = [0, 1].map(
  (n) => new aws.ec2.Subnet(`public-${n}`, { vpcId: vpc.id, cidrBlock: `10.1.${n}.0/24` }).id,
);
const group = new aws.rds.ParameterGroup("checkout", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "30000" },
    { name: "statement_timeout", value: "3000" },
    { name: "lock_timeout", value: "1500" },
  ],
});
const db = new aws.rds.Instance("checkout", {
  engine: "postgres",
  engineVersion: "17",
  instanceClass: "db.m7g.large",
  allocatedStorage: 100,
  username: "checkout",
  manageMasterUserPassword: true,
  parameterGroupName: group.name,
  skipFinalSnapshot: true,
});
new aws.ssm.Parameter("db-host", { name: "/checkout/db-host", type: "String", value: db.address });

const lb = new aws.lb.LoadBalancer("checkout", { subnets: subnetIds, idleTimeout: 30 });
const tg = (color) =>
  new aws.lb.TargetGroup(color, { port: 8080, protocol: "HTTP", targetType: "ip", vpcId: vpc.id, deregistrationDelay: 20 });
const [blue, green] = [tg("blue"), tg("green")];
const listener = new aws.lb.Listener("http", {
  loadBalancerArn: lb.arn,
  port: 80,
  defaultActions: [{ type: "forward", targetGroupArn: blue.arn }],
}, { ignoreChanges: ["defaultActions"] });

const task = new aws.ecs.TaskDefinition("checkout", {
  family: "checkout",
  cpu: "512",
  memory: "1024",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  containerDefinitions: JSON.stringify([
    {
      name: "app",
      image: "checkout/app",
      portMappings: [{ containerPort: 8080 }],
      stopTimeout: 60,
      environment: [
        { name: "DB_POOL_MAX", value: config.require("pool") },
        { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
        { name: "DB_QUERY_TIMEOUT_MS", value: "3500" },
        { name: "REQUEST_TIMEOUT_MS", value: "10000" },
        { name: "HTTP_KEEP_ALIVE_TIMEOUT_MS", value: "65000" },
      ],
      secrets: [{ name: "DB_HOST", valueFrom: "/checkout/db-host" }],
    },
  ]),
});
const cluster = new aws.ecs.Cluster("checkout");
const service = new aws.ecs.Service("checkout", {
  cluster: cluster.arn,
  taskDefinition: task.arn,
  desiredCount: 8,
  deploymentMaximumPercent: 100,
  deploymentMinimumHealthyPercent: 50,
  deploymentController: { type: "CODE_DEPLOY" },
  loadBalancers: [{ targetGroupArn: blue.arn, containerName: "app", containerPort: 8080 }],
  networkConfiguration: { subnets: subnetIds },
  tags: {
    "poolproof:peak-requests-per-second": "500",
    "poolproof:db-hold-ms": "40",
    "poolproof:tasks-at-peak": "8",
  },
}, { ignoreChanges: ["taskDefinition", "loadBalancers"], dependsOn: [listener] });

const role = new aws.iam.Role("deploy", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "codedeploy.amazonaws.com" }),
});
const app = new aws.codedeploy.Application("checkout", { computePlatform: "ECS" });
new aws.codedeploy.DeploymentGroup("checkout", {
  appName: app.name,
  deploymentGroupName: "checkout",
  deploymentConfigName: "CodeDeployDefault.ECSCanary10Percent5Minutes",
  serviceRoleArn: role.arn,
  ecsService: { clusterName: cluster.name, serviceName: service.name },
  deploymentStyle: { deploymentOption: "WITH_TRAFFIC_CONTROL", deploymentType: "BLUE_GREEN" },
  blueGreenDeploymentConfig: {
    deploymentReadyOption: { actionOnTimeout: "CONTINUE_DEPLOYMENT" },
    terminateBlueInstancesOnDeploymentSuccess: { action: "TERMINATE", terminationWaitTimeInMinutes: 15 },
  },
  loadBalancerInfo: {
    targetGroupPairInfo: {
      prodTrafficRoute: { listenerArns: [listener.arn] },
      targetGroups: [{ name: blue.name }, { name: green.name }],
    },
  },
});
