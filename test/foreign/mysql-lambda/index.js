const pulumi = require("@pulumi/pulumi");
const aws = require("@pulumi/aws");

const config = new pulumi.Config();

const parameters = new aws.rds.ParameterGroup("tickets", {
  family: "mysql8.0",
  parameters: [
    { name: "max_connections", value: "300" },
    { name: "require_secure_transport", value: "ON" },
    { name: "innodb_lock_wait_timeout", value: "2" },
    { name: "max_execution_time", value: "4000" },
    { name: "wait_timeout", value: "900" },
  ],
});
const db = new aws.rds.Instance("tickets", {
  identifier: "tickets",
  engine: "mysql",
  engineVersion: "8.0.40",
  instanceClass: "db.t4g.large",
  allocatedStorage: 50,
  dbName: "tickets",
  username: "tickets",
  manageMasterUserPassword: true,
  parameterGroupName: parameters.name,
  enabledCloudwatchLogsExports: ["error"],
  skipFinalSnapshot: true,
});
const role = new aws.iam.Role("functions", {
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  }),
});

const functionWith = (name, peak) =>
  new aws.lambda.Function(name, {
    runtime: "nodejs22.x",
    handler: "index.handler",
    role: role.arn,
    timeout: 15,
    s3Bucket: "tickets-builds",
    s3Key: `${name}.zip`,
    reservedConcurrentExecutions: config.getNumber("concurrency"),
    environment: {
      variables: {
        MYSQL_HOST: db.address,
        MYSQL_CONNECTION_LIMIT: "1",
        DB_POOL_ACQUIRE_TIMEOUT_MS: "3000",
        DB_POOL_IDLE_TIMEOUT_MS: "60000",
        DB_QUERY_TIMEOUT_MS: "5000",
      },
    },
    tags: {
      "poolproof:pool-library": config.require("library"),
      "poolproof:peak-requests-per-second": peak,
      "poolproof:db-hold-ms": "80",
    },
  });
functionWith("reserve", "150");
functionWith("cancel", "60");
