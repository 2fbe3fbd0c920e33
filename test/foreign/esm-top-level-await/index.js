import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const { id } = await aws.ec2.getVpc({ tags: { Name: "shared" } });
const subnets = await aws.ec2.getSubnets({ filters: [{ name: "vpc-id", values: [id] }] });
const group = new aws.rds.ParameterGroup("atlas", {
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
});
const db = new aws.rds.Instance("atlas", {
  engine: "postgres",
  engineVersion: "17",
  instanceClass: "db.t4g.medium",
  allocatedStorage: 20,
  username: "atlas",
  manageMasterUserPassword: true,
  parameterGroupName: group.name,
  dbSubnetGroupName: new aws.rds.SubnetGroup("atlas", { subnetIds: subnets.ids }).name,
  skipFinalSnapshot: true,
});
const cluster = new aws.ecs.Cluster("atlas");
const services = { api: config.require("pool"), tiles: "4" };
export const names = Object.entries(services).map(([name, pool]) => {
  const task = new aws.ecs.TaskDefinition(name, {
    family: name,
    cpu: "512",
    memory: "1024",
    containerDefinitions: pulumi.all([db.address, db.port]).apply(([host, port]) =>
      JSON.stringify([
        {
          name,
          image: `atlas/${name}:9`,
          environment: [
            { name: "PGHOST", value: host },
            { name: "PGPORT", value: String(port) },
            { name: "DB_POOL_MAX", value: pool },
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
  return new aws.ecs.Service(name, { cluster: cluster.arn, taskDefinition: task.arn, desiredCount: 2 }).name;
});
