const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const group = new aws.rds.ParameterGroup("core", {
  name: "core-pg17",
  family: "postgres17",
  parameters: [
    { name: "max_connections", value: "600", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
});
exports.core = new aws.rds.Instance("core", {
  identifier: "core",
  engine: "postgres",
  engineVersion: "17",
  instanceClass: new pulumi.Config().require("class"),
  allocatedStorage: 500,
  username: "dba",
  manageMasterUserPassword: true,
  parameterGroupName: group.name,
  finalSnapshotIdentifier: "core-final",
}).endpoint;
