const aws = require("@pulumi/aws");
const { Config } = require("@pulumi/pulumi");
const maxOpen = new Config().get("maxOpen");

const parameters = new aws.rds.ParameterGroup("telemetry", {
  family: "mysql8.0",
  parameters: [
    { name: "max_connections", value: "600" },
    { name: "require_secure_transport", value: "1" },
    { name: "wait_timeout", value: "600" },
  ],
});
const db = new aws.rds.Instance("telemetry", {
  identifier: "telemetry",
  engine: "mysql",
  engineVersion: "8.0",
  instanceClass: "db.m6g.large",
  allocatedStorage: 200,
  username: "ingest",
  manageMasterUserPassword: true,
  parameterGroupName: parameters.name,
  enabledCloudwatchLogsExports: ["error", "slowquery"],
  skipFinalSnapshot: true,
});
new aws.route53.Record("db", { zoneId: "Z123", name: "mysql.telemetry.internal", type: "CNAME", ttl: 60, records: [db.address] });

const environment = [
  { name: "DB_DSN_HOST", value: "mysql.telemetry.internal:3306" },
  { name: "DB_CONN_MAX_IDLE_TIME", value: "5m" },
  { name: "DB_CONN_MAX_LIFETIME", value: "30m" },
  { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "2000" },
  { name: "DB_QUERY_TIMEOUT_MS", value: "4000" },
  { name: "DB_STATEMENT_TIMEOUT_MS", value: "3000" },
  { name: "DB_LOCK_TIMEOUT_MS", value: "2000" },
  { name: "REQUEST_TIMEOUT_MS", value: "10000" },
];
if (maxOpen !== undefined) environment.push({ name: "DB_MAX_OPEN_CONNS", value: maxOpen });

const task = new aws.ecs.TaskDefinition("ingest", {
  family: "ingest",
  cpu: "512",
  memory: "1024",
  containerDefinitions: JSON.stringify([{ name: "ingest", image: "telemetry/ingest:v3", environment }]),
});
new aws.ecs.Service("ingest", {
  cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/shared",
  taskDefinition: task.arn,
  desiredCount: 8,
  tags: {
    "poolproof:pool-library": "go-database-sql",
    "poolproof:peak-requests-per-second": "800",
    "poolproof:db-hold-ms": "12",
  },
});
