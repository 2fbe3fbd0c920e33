const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

module.exports = async () => {
  const config = new pulumi.Config();

  const clusterParameters = new aws.rds.ClusterParameterGroup("payments", {
    family: "aurora-postgresql16",
    parameters: [
      { name: "rds.force_ssl", value: "1" },
      { name: "idle_in_transaction_session_timeout", value: "30000" },
      { name: "statement_timeout", value: "10000" },
      { name: "lock_timeout", value: "5000" },
    ],
  });
  const cluster = new aws.rds.Cluster("payments", {
    engine: "aurora-postgresql",
    engineVersion: "16.6",
    databaseName: "payments",
    masterUsername: "payments",
    manageMasterUserPassword: true,
    dbClusterParameterGroupName: clusterParameters.name,
    enabledCloudwatchLogsExports: ["postgresql"],
    storageEncrypted: true,
    skipFinalSnapshot: true,
  });
  for (const role of ["writer", "reader"]) {
    new aws.rds.ClusterInstance(`payments-${role}`, {
      clusterIdentifier: cluster.id,
      engine: "aurora-postgresql",
      instanceClass: config.require("class"),
      promotionTier: role === "writer" ? 0 : 1,
    });
  }

  const url = new aws.ssm.Parameter("jdbc-url", {
    name: "/payments/jdbc-url",
    type: "String",
    value: pulumi.interpolate`jdbc:postgresql://${cluster.endpoint}:${cluster.port}/payments?sslmode=verify-full`,
  });

  const env = {
    SPRING_PROFILES_ACTIVE: "prod",
    SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: config.require("poolSize"),
    SPRING_DATASOURCE_HIKARI_CONNECTION_TIMEOUT: "3000",
    SPRING_DATASOURCE_HIKARI_IDLE_TIMEOUT: "120000",
    SPRING_DATASOURCE_HIKARI_MAX_LIFETIME: "900000",
    REQUEST_TIMEOUT_MS: "25000",
    DB_QUERY_TIMEOUT_MS: "12000",
  };
  const task = new aws.ecs.TaskDefinition("payments", {
    family: "payments",
    cpu: "1024",
    memory: "2048",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    containerDefinitions: JSON.stringify([
      {
        name: "payments",
        image: "registry.example/payments:2025.3",
        environment: Object.keys(env).map((name) => ({ name, value: env[name] })),
        secrets: [{ name: "SPRING_DATASOURCE_URL", valueFrom: "/payments/jdbc-url" }],
      },
    ]),
  });
  const ecs = new aws.ecs.Cluster("payments");
  const service = new aws.ecs.Service(
    "payments",
    {
      cluster: ecs.arn,
      taskDefinition: task.arn,
      desiredCount: 6,
      tags: {
        "poolproof:pool-library": "hikaricp",
        "poolproof:peak-requests-per-second": "900",
        "poolproof:db-hold-ms": "60",
      },
    },
    { dependsOn: url },
  );
  const target = new aws.appautoscaling.Target("payments", {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: pulumi.interpolate`service/${ecs.name}/${service.name}`,
    minCapacity: 6,
    maxCapacity: 12,
  });
  return { endpoint: cluster.endpoint, target: target.resourceId };
};
