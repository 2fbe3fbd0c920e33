"use strict"
const pulumi = require("@pulumi/pulumi")
const aws = require("@pulumi/aws")

const config = new pulumi.Config()
const password = config.requireSecret("dbPassword")

const vpc = new aws.ec2.Vpc("main", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true })
const a = new aws.ec2.Subnet("a", { vpcId: vpc.id, cidrBlock: "10.0.0.0/24", availabilityZone: "eu-west-1a" })
const b = new aws.ec2.Subnet("b", { vpcId: vpc.id, cidrBlock: "10.0.1.0/24", availabilityZone: "eu-west-1b" })
const sg = new aws.ec2.SecurityGroup("sg", {
  vpcId: vpc.id,
  ingress: [{ protocol: "tcp", fromPort: 0, toPort: 65535, cidrBlocks: ["10.0.0.0/16"] }],
  egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
})

const subnets = new aws.rds.SubnetGroup("db", { subnetIds: [a.id, b.id] })
const params = new aws.rds.ParameterGroup("db", {
  family: "postgres16",
  parameters: [
    { name: "max_connections", value: "300", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "30000" },
  ],
})
const db = new aws.rds.Instance("db", {
  engine: "postgres",
  engineVersion: "16",
  instanceClass: "db.t4g.medium",
  allocatedStorage: 20,
  dbName: "shop",
  username: "shop",
  password,
  dbSubnetGroupName: subnets.name,
  vpcSecurityGroupIds: [sg.id],
  parameterGroupName: params.name,
  skipFinalSnapshot: true,
})

const logs = new aws.cloudwatch.LogGroup("web", { retentionInDays: 7 })
const role = new aws.iam.Role("exec", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ecs-tasks.amazonaws.com" }),
})
new aws.iam.RolePolicyAttachment("exec", {
  role: role.name,
  policyArn: "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
})

const cluster = new aws.ecs.Cluster("main")
const task = new aws.ecs.TaskDefinition("web", {
  family: "web",
  cpu: "512",
  memory: "1024",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  executionRoleArn: role.arn,
  containerDefinitions: pulumi.jsonStringify([
    {
      name: "web",
      image: "example/web:1.4.2",
      portMappings: [{ containerPort: 3000 }],
      environment: [
        { name: "DATABASE_URL", value: pulumi.interpolate`postgres://shop:${password}@${db.endpoint}/shop` },
        { name: "POOL_MAX", value: config.require("poolMax") },
        { name: "REQUEST_TIMEOUT_MS", value: "10000" },
      ],
      logConfiguration: {
        logDriver: "awslogs",
        options: { "awslogs-group": logs.name, "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web" },
      },
    },
  ]),
})
new aws.ecs.Service("web", {
  cluster: cluster.arn,
  taskDefinition: task.arn,
  desiredCount: 4,
  launchType: "FARGATE",
  networkConfiguration: { subnets: [a.id, b.id], securityGroups: [sg.id] },
})

exports.endpoint = db.endpoint
