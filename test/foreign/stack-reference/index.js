const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const data = new pulumi.StackReference("acme/shared-data/prod");
const host = new aws.ssm.Parameter("db-host", {
  name: "/storefront/db-host",
  type: "String",
  value: data.requireOutput("core"),
});
const task = new aws.ecs.TaskDefinition("storefront", {
  family: "storefront",
  containerDefinitions: JSON.stringify([
    {
      name: "web",
      image: "storefront/web",
      memory: 512,
      environment: [
        { name: "DB_POOL_MAX", value: new pulumi.Config().require("pool") },
        { name: "DB_POOL_ACQUIRE_TIMEOUT_MS", value: "1000" },
        { name: "DB_LOCK_TIMEOUT_MS", value: "1000" },
        { name: "DB_STATEMENT_TIMEOUT_MS", value: "2000" },
        { name: "DB_QUERY_TIMEOUT_MS", value: "2500" },
        { name: "REQUEST_TIMEOUT_MS", value: "8000" },
      ],
      secrets: [{ name: "DB_HOST", valueFrom: "/storefront/db-host" }],
    },
  ]),
});
new aws.ecs.Service("storefront", {
  cluster: "default",
  taskDefinition: task.arn,
  desiredCount: 6,
  tags: {
    "poolproof:database": "core",
    "poolproof:peak-requests-per-second": "400",
    "poolproof:db-hold-ms": "25",
  },
}, { dependsOn: [host] });
