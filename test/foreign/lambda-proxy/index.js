const pulumi = require("@pulumi/pulumi");
const aws = require("@pulumi/aws");

const config = new pulumi.Config();
const concurrency = config.getNumber("concurrency");

const parameters = new aws.rds.ParameterGroup("invoices", {
  family: "postgres16",
  parameters: [
    { name: "max_connections", value: "400", applyMethod: "pending-reboot" },
    { name: "idle_in_transaction_session_timeout", value: "60000", applyMethod: "immediate" },
    { name: "statement_timeout", value: "5000" },
    { name: "lock_timeout", value: "2000" },
  ],
});
const db = new aws.rds.Instance("invoices", {
  engine: "postgres",
  engineVersion: "16",
  instanceClass: "db.m6g.large",
  allocatedStorage: 50,
  username: "invoices",
  manageMasterUserPassword: true,
  parameterGroupName: parameters.name,
  skipFinalSnapshot: true,
});
const role = new aws.iam.Role("proxy", {
  assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal(aws.iam.Principals.RdsPrincipal ?? { Service: "rds.amazonaws.com" }),
});
const proxy = new aws.rds.Proxy("invoices", {
  engineFamily: "POSTGRESQL",
  roleArn: role.arn,
  requireTls: true,
  idleClientTimeout: 900,
  vpcSubnetIds: ["subnet-1111", "subnet-2222"],
  auths: [{ authScheme: "SECRETS", secretArn: db.masterUserSecrets[0].secretArn, iamAuth: "DISABLED" }],
});
const targets = new aws.rds.ProxyDefaultTargetGroup("invoices", {
  dbProxyName: proxy.name,
  connectionPoolConfig: {
    maxConnectionsPercent: config.requireNumber("proxyPercent"),
    maxIdleConnectionsPercent: Math.min(30, config.requireNumber("proxyPercent")),
    connectionBorrowTimeout: config.requireNumber("borrowSeconds"),
  },
});
new aws.rds.ProxyTarget("invoices", {
  dbProxyName: proxy.name,
  targetGroupName: targets.name,
  dbInstanceIdentifier: db.identifier,
});

const queue = new aws.sqs.Queue("invoices", { visibilityTimeoutSeconds: 180 });
const lambdaRole = new aws.iam.Role("worker", {
  assumeRolePolicy: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  }),
});
const worker = new aws.lambda.Function("worker", {
  runtime: "nodejs20.x",
  handler: "index.handler",
  role: lambdaRole.arn,
  timeout: 30,
  code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset("exports.handler = async () => {}") }),
  reservedConcurrentExecutions: concurrency,
  environment: {
    variables: {
      PGHOST: proxy.endpoint,
      DB_POOL_MAX: "1",
      DB_POOL_ACQUIRE_TIMEOUT_MS: "12000",
      DB_QUERY_TIMEOUT_MS: "6000",
      REQUEST_TIMEOUT_MS: "30000",
    },
  },
  tags: {
    "poolproof:peak-requests-per-second": "120",
    "poolproof:db-hold-ms": "100",
  },
});
new aws.lambda.EventSourceMapping("worker", { eventSourceArn: queue.arn, functionName: worker.arn, batchSize: 10 });
