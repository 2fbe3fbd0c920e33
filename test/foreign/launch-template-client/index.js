const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const group = new aws.rds.ParameterGroup("legacy", {
  family: "postgres15",
  parameters: [
    { name: "max_connections", value: "300", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000" },
  ],
});
const db = new aws.rds.Instance("legacy", {
  identifier: "legacy",
  engine: "postgres",
  engineVersion: "15",
  instanceClass: "db.m5.large",
  allocatedStorage: 100,
  username: "legacy",
  password: pulumi.secret("legacy-password-in-user-data"),
  parameterGroupName: group.name,
  skipFinalSnapshot: true,
});
const template = new aws.ec2.LaunchTemplate("legacy", {
  imageId: "ami-0123456789abcdef0",
  instanceType: "m5.large",
  userData: pulumi
    .interpolate`#!/bin/bash
echo "DATABASE_URL=postgres://legacy:${db.password}@${db.endpoint}/legacy" >> /etc/legacy.env
echo "DB_POOL_MAX=50" >> /etc/legacy.env
systemctl start legacy
`.apply((text) => Buffer.from(text).toString("base64")),
});
new aws.autoscaling.Group("legacy", {
  minSize: 4,
  maxSize: 20,
  vpcZoneIdentifiers: ["subnet-1", "subnet-2"],
  launchTemplate: { id: template.id, version: "$Latest" },
});
