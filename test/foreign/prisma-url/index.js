const pulumi = require("@pulumi/pulumi");
const aws = require("@pulumi/aws");

const config = new pulumi.Config();
const password = pulumi.secret("prisma-password-in-url");
const group = new aws.rds.ParameterGroup("booking", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "250", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "15000" },
    { name: "statement_timeout", value: "4000" },
    { name: "lock_timeout", value: "2000" },
  ],
});
const db = new aws.rds.Instance("booking", {
  engine: "postgres",
  engineVersion: "17.4",
  instanceClass: "db.t4g.large",
  allocatedStorage: 20,
  username: "booking",
  password,
  parameterGroupName: group.name,
  skipFinalSnapshot: true,
});
const zone = new aws.route53.Zone("internal", { name: "booking.internal" });
new aws.route53.Record("db", { zoneId: zone.zoneId, name: "db.booking.internal", type: "CNAME", ttl: 30, records: [db.address] });

const url = pulumi.interpolate`postgresql://booking:${password}@db.booking.internal:5432/booking?${config.require("query")}`;
const task = new aws.ecs.TaskDefinition("web", {
  family: "booking-web",
  containerDefinitions: url.apply((value) =>
    JSON.stringify([
      {
        name: "web",
        image: "booking/web",
        memory: 1024,
        environment: [
          { name: "DATABASE_URL", value },
          { name: "DB_QUERY_TIMEOUT_MS", value: "4500" },
          { name: "REQUEST_TIMEOUT_MS", value: "12000" },
        ],
      },
    ]),
  ),
});
const cluster = new aws.ecs.Cluster("booking");
const service = new aws.ecs.Service("web", {
  cluster: cluster.id,
  taskDefinition: task.arn,
  desiredCount: 4,
  tags: {
    "poolproof:pool-library": "prisma-6",
    "poolproof:peak-requests-per-second": "320",
    "poolproof:db-hold-ms": "35",
    "poolproof:tasks-at-peak": "6",
  },
});
new aws.appautoscaling.Target("web", {
  serviceNamespace: "ecs",
  scalableDimension: "ecs:service:DesiredCount",
  resourceId: pulumi.interpolate`service/${cluster.name}/${service.name}`,
  minCapacity: 4,
  maxCapacity: 8,
});
