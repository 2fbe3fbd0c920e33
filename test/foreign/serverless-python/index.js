const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();

const group = new aws.rds.ClusterParameterGroup("insights", {
  family: "aurora-postgresql15",
  parameters: [
    { name: "idle_in_transaction_session_timeout", value: "60000" },
    { name: "statement_timeout", value: "20000" },
    { name: "lock_timeout", value: "3000" },
    { name: "rds.force_ssl", value: "1" },
  ],
});
const db = new aws.rds.Cluster("insights", {
  clusterIdentifier: "insights",
  engine: aws.rds.EngineType.AuroraPostgresql,
  engineMode: aws.rds.EngineMode.Provisioned,
  engineVersion: "15.10",
  databaseName: "insights",
  masterUsername: "insights",
  masterPassword: pulumi.secret("hunter2-in-the-program"),
  dbClusterParameterGroupName: group.name,
  serverlessv2ScalingConfiguration: {
    minCapacity: config.requireNumber("minAcu"),
    maxCapacity: config.requireNumber("maxAcu"),
  },
  skipFinalSnapshot: true,
});
new aws.rds.ClusterInstance("insights-1", {
  clusterIdentifier: db.id,
  instanceClass: "db.serverless",
  engine: db.engine,
  engineVersion: db.engineVersion,
});

const secret = new aws.secretsmanager.Secret("insights-db", { name: "insights/db" });
new aws.secretsmanager.SecretVersion("insights-db", {
  secretId: secret.id,
  secretString: pulumi.jsonStringify({ host: db.endpoint, username: "insights", password: db.masterPassword }),
});

const task = new aws.ecs.TaskDefinition("api", {
  family: "insights-api",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  cpu: "2048",
  memory: "4096",
  containerDefinitions: JSON.stringify([
    {
      name: "api",
      image: "insights/api",
      command: ["gunicorn", "--threads", "10", "app:app"],
      environment: [
        { name: "WEB_CONCURRENCY", value: config.require("workers") },
        { name: "DB_POOL_SIZE", value: "5" },
        { name: "DB_MAX_OVERFLOW", value: "5" },
        { name: "DB_POOL_TIMEOUT", value: "5" },
        { name: "DB_POOL_RECYCLE", value: "900" },
        { name: "DB_QUERY_TIMEOUT_MS", value: "21000" },
        { name: "REQUEST_TIMEOUT_MS", value: "28000" },
      ],
      secrets: [{ name: "DATABASE_SECRET", valueFrom: "arn:aws:secretsmanager:us-west-2:123456789012:secret:insights/db" }],
    },
  ]),
});
const cluster = new aws.ecs.Cluster("insights");
new aws.ecs.Service("api", {
  cluster: cluster.arn,
  taskDefinition: task.arn,
  desiredCount: 8,
  tags: {
    "poolproof:pool-library": "sqlalchemy",
    "poolproof:peak-requests-per-second": "600",
    "poolproof:db-hold-ms": "80",
  },
});
