const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const awsx = require("../awsx");

const config = new pulumi.Config();
const network = new pulumi.StackReference("acme/network/prod");
const group = new aws.rds.ParameterGroup("books", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
});
const db = new aws.rds.Instance("books", {
  engine: "postgres",
  engineVersion: "17",
  instanceClass: "db.t4g.medium",
  allocatedStorage: 20,
  username: "books",
  manageMasterUserPassword: true,
  parameterGroupName: group.name,
  dbSubnetGroupName: network.getOutput("databaseSubnetGroup"),
  skipFinalSnapshot: true,
});
const cluster = new aws.ecs.Cluster("books");
const settings = (pool) => [
  { name: "DATABASE_URL", value: pulumi.interpolate`postgresql://books@${db.endpoint}/books` },
  { name: "DB_POOL_MAX", value: String(pool) },
  { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
  { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
  { name: "DB_LOCK_TIMEOUT_MS", value: "1000" },
  { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
  { name: "REQUEST_TIMEOUT_MS", value: "8000" },
  { name: "HTTP_KEEP_ALIVE_TIMEOUT_MS", value: "75000" },
];
new awsx.ecs.FargateService("web", {
  cluster: cluster.arn,
  desiredCount: 3,
  networkConfiguration: { subnets: network.getOutput("privateSubnets") },
  taskDefinitionArgs: {
    containers: {
      web: { image: "books/web:4", memory: 512, environment: settings(config.require("pool")) },
      statsd: { image: "statsd", memory: 64, environment: [{ name: "PORT", value: "8125" }] },
    },
  },
});
new awsx.ecs.EC2Service("import", {
  cluster: cluster.arn,
  desiredCount: 1,
  taskDefinitionArgs: { container: { name: "import", image: "books/import:4", memory: 512, environment: settings(4) } },
});
