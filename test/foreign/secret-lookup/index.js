const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const config = new pulumi.Config();
const login = aws.secretsmanager.getSecretVersionOutput({ secretId: "ledger/database" }).secretString.apply(JSON.parse);
const group = new aws.rds.ParameterGroup("ledger", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
});
const db = new aws.rds.Instance("ledger", {
  engine: "postgres",
  engineVersion: "17",
  instanceClass: "db.t4g.medium",
  allocatedStorage: 20,
  username: login.username,
  password: login.password,
  parameterGroupName: group.name,
  skipFinalSnapshot: true,
});
const url = pulumi.interpolate`postgresql://${login.username}:${login.password}@${db.endpoint}/ledger`;
const task = new aws.ecs.TaskDefinition("ledger", {
  family: "ledger",
  cpu: "512",
  memory: "1024",
  containerDefinitions: url.apply((value) =>
    JSON.stringify([
      {
        name: "ledger",
        image: "ledger/api:2",
        environment: [
          { name: "DATABASE_URL", value },
          { name: "DB_POOL_MAX", value: "10" },
          { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
  { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
  { name: "DB_LOCK_TIMEOUT_MS", value: "1000" },
  { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
  { name: "REQUEST_TIMEOUT_MS", value: "8000" },
  { name: "HTTP_KEEP_ALIVE_TIMEOUT_MS", value: "75000" },
        ],
      },
    ]),
  ),
});
new aws.ecs.Service("ledger", {
  cluster: new aws.ecs.Cluster("ledger").arn,
  taskDefinition: task.arn,
  desiredCount: config.requireNumber("tasks"),
});
