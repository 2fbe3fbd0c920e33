const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

module.exports = async () => {
  const config = new pulumi.Config();
  const vpc = await aws.ec2.getVpc({ default: true });
  const { ids } = await aws.ec2.getSubnets({ filters: [{ name: "vpc-id", values: [vpc.id] }] });
  const image = await aws.ec2.getAmi({ owners: ["amazon"], mostRecent: true, filters: [{ name: "name", values: ["al2023-*"] }] });
  const zone = aws.route53.getZoneOutput({ name: "example.com" });

  const subnets = new aws.rds.SubnetGroup("intranet", { subnetIds: ids });
  const group = new aws.rds.ParameterGroup("intranet", {
    family: "postgres17",
  parameters: [
    { name: "max_connections", value: "200", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
  });
  const db = new aws.rds.Instance("intranet", {
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.t4g.medium",
    allocatedStorage: 20,
    username: "intranet",
    manageMasterUserPassword: true,
    parameterGroupName: group.name,
    dbSubnetGroupName: subnets.name,
    skipFinalSnapshot: true,
  });
  new aws.route53.Record("db", { zoneId: zone.zoneId, name: pulumi.interpolate`db.${zone.name}`, type: "CNAME", ttl: 60, records: [db.address] });
  new aws.ec2.Instance("bastion", { ami: image.id, instanceType: "t4g.nano", subnetId: ids[0], tags: { Name: `bastion-${vpc.id}` } });

  const task = new aws.ecs.TaskDefinition("portal", {
    family: "portal",
    cpu: "512",
    memory: "1024",
    containerDefinitions: pulumi.jsonStringify([
      {
        name: "portal",
        image: "intranet/portal:7",
        environment: [
          { name: "DB_HOST", value: db.address },
          { name: "DB_POOL_MAX", value: config.require("pool") },
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
  const service = new aws.ecs.Service("portal", {
    cluster: new aws.ecs.Cluster("intranet").arn,
    taskDefinition: task.arn,
    desiredCount: 3,
    networkConfiguration: { subnets: ids },
  });
  return { service: service.name };
};
