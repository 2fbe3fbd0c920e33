import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const tagged = config.requireBoolean("tagged");

const group = new aws.rds.ParameterGroup("pg", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
    { name: "statement_timeout", value: "2000" },
    { name: "lock_timeout", value: "1000" },
  ],
});

const database = (name) =>
  new aws.rds.Instance(name, {
    identifier: `newsroom-${name}`,
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.t4g.medium",
    allocatedStorage: 20,
    username: "newsroom",
    manageMasterUserPassword: true,
    parameterGroupName: group.name,
    skipFinalSnapshot: true,
  });
database("articles");
database("search");

const cluster = new aws.ecs.Cluster("newsroom");
const service = (name, pool, requests, holdMs) => {
  const task = new aws.ecs.TaskDefinition(name, {
    family: name,
    containerDefinitions: JSON.stringify([
      {
        name,
        image: `newsroom/${name}`,
        memory: 512,
        environment: [
          { name: "PGHOST", value: `${name}.db.internal` },
          { name: "DB_POOL_MAX", value: pool },
          { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1500" },
          { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
          { name: "REQUEST_TIMEOUT_MS", value: "8000" },
        ],
      },
    ]),
  });
  new aws.ecs.Service(name, {
    cluster: cluster.arn,
    taskDefinition: task.arn,
    desiredCount: 4,
    tags: {
      "poolproof:peak-requests-per-second": String(requests),
      "poolproof:db-hold-ms": String(holdMs),
      ...(tagged ? { "poolproof:database": `newsroom-${name}` } : {}),
    },
  });
};
service("articles", "10", 400, 20);
service("search", config.require("searchPool"), 240, 30);
