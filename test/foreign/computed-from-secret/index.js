const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

module.exports = async () => {
  const { secretString } = await aws.secretsmanager.getSecretVersion({ secretId: `tuning/${pulumi.getStack()}` });
  const { poolMax } = JSON.parse(secretString);
  const group = new aws.rds.ParameterGroup("tuning", {
    family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
  });
  const db = new aws.rds.Instance("tuning", {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.t4g.medium",
    allocatedStorage: 20,
    username: "tuning",
    manageMasterUserPassword: true,
    parameterGroupName: group.name,
    skipFinalSnapshot: true,
  });
  const task = new aws.ecs.TaskDefinition("tuning", {
    family: "tuning",
    cpu: "512",
    memory: "1024",
    containerDefinitions: pulumi.jsonStringify([
      {
        name: "tuning",
        image: "tuning/api:1",
        environment: [
          { name: "DB_HOST", value: db.address },
          { name: "DB_POOL_MAX", value: String(poolMax) },
          { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
  { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
  { name: "DB_LOCK_TIMEOUT_MS", value: "1000" },
  { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
  { name: "REQUEST_TIMEOUT_MS", value: "8000" },
  { name: "HTTP_KEEP_ALIVE_TIMEOUT_MS", value: "75000" },
        ],
      },
    ]),
  });
  new aws.ecs.Service("tuning", { cluster: new aws.ecs.Cluster("tuning").arn, taskDefinition: task.arn, desiredCount: 3 });
};
