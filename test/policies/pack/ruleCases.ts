import type { Plan, PlanResource } from "../../../policies/plan/plan";
import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { connectionsAlarm, poolAlarm, SAMPLE_ALARMS, topic } from "../sampleAlarms";
import { environment, resource, type Sample, samplePlan, tags, urn } from "../samplePlan";

/** What one rule must reject and must let pass, as the engine would send it. */
export interface RuleCase {
  readonly violates: Plan;
  readonly passes: Plan;
  /** The same plan with the value that this rule needs not known yet. */
  readonly hides?: Plan;
}

const sample = (changes: Partial<Sample> = {}): Plan => samplePlan(changes);
const withVariables = (changes: { readonly [name: string]: string }): Plan =>
  sample({ environment: environment(changes) });
const withDatabase = (database: PropertyMap): Plan => sample({ database });

const withConnectionsAlarm = (...changes: Parameters<typeof connectionsAlarm>): Plan =>
  sample({ alarms: [...SAMPLE_ALARMS.slice(0, 1), ...SAMPLE_ALARMS.slice(2), connectionsAlarm(...changes)] });

const parameter = (name: string, value: string): PropertyValue => ({ name, value, applyMethod: "immediate" });
const LIMIT: PropertyValue = { name: "max_connections", value: "400", applyMethod: "pending-reboot" };
const IN_TRANSACTION = parameter("idle_in_transaction_session_timeout", "60000");

const withParameters = (...parameters: readonly PropertyValue[]): Plan =>
  sample({ parameters: [LIMIT, IN_TRANSACTION, ...parameters] });
const withLimit = (value: string, applyMethod = "pending-reboot"): Plan =>
  sample({ parameters: [{ name: "max_connections", value, applyMethod }, IN_TRANSACTION] });

/** The plan with some properties of one resource changed; `undefined` removes one. */
function changed(
  plan: Plan,
  urn: string,
  changes: { readonly [name: string]: PropertyValue | undefined },
): Plan {
  const change = (each: PlanResource): PlanResource => {
    if (each.urn !== urn) return each;
    const properties = Object.entries({ ...each.properties, ...changes }).filter(
      (entry): entry is [string, PropertyValue] => entry[1] !== undefined,
    );
    return { ...each, properties: Object.fromEntries(properties) };
  };
  return { resources: plan.resources.map(change) };
}

/** The plan with this property of the database made from another resource: not merely left to AWS. */
const hiddenBy = (plan: Plan, property: string): Plan => ({
  resources: plan.resources.map((each) =>
    each.urn === DATABASE
      ? { ...each, propertyDependencies: { ...each.propertyDependencies, [property]: [TASK] } }
      : each,
  ),
});

const DATABASE = urn("aws:rds/instance:Instance", "db");
const GROUP = urn("aws:rds/parameterGroup:ParameterGroup", "db-params");
const TARGET_GROUP = urn("aws:lb/targetGroup:TargetGroup", "api-tg");
const TASK = urn("aws:ecs/taskDefinition:TaskDefinition", "api-task");
const PROXY = urn("aws:rds/proxy:Proxy", "proxy");

/** The service behind an RDS Proxy whose target group has these settings. */
function behindProxy(connectionPoolConfig: PropertyValue): Plan {
  const { resources } = sample({
    environment: environment({ DB_CONNECTION: "proxy" }),
    extra: [
      resource("aws:rds/proxy:Proxy", "proxy", {
        name: "proxy",
        engineFamily: "POSTGRESQL",
        requireTls: true,
      }),
      resource(
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "targets",
        { dbProxyName: "proxy", connectionPoolConfig },
        { dbProxyName: [PROXY] },
      ),
      resource(
        "aws:rds/proxyTarget:ProxyTarget",
        "target",
        { dbProxyName: "proxy", dbInstanceIdentifier: "db1234567" },
        { dbProxyName: [PROXY], dbInstanceIdentifier: [DATABASE] },
      ),
    ],
  });
  return {
    resources: resources.map((each) =>
      each.urn === TASK ? { ...each, propertyDependencies: { containerDefinitions: [PROXY] } } : each,
    ),
  };
}

const hiddenContainers = sample({ taskDefinition: { containerDefinitions: UNKNOWN } });
const hiddenParameters = sample({ parameters: UNKNOWN });

/** By rule id; `test/policies/pack/rules.test.ts` fails when a rule has no row here. */
export const RULE_CASES: { readonly [rule: string]: RuleCase } = {
  "pool-floor": {
    violates: withVariables({ DB_POOL_MAX: "3" }),
    passes: withVariables({ DB_POOL_MAX: "11" }),
    hides: hiddenContainers,
  },
  "connection-budget": {
    violates: withVariables({ DB_POOL_MAX: "20" }),
    passes: withVariables({ DB_POOL_MAX: "19" }),
    hides: hiddenParameters,
  },
  "max-connections": {
    violates: withLimit("LEAST("),
    passes: withLimit("LEAST(400,5000)"),
    hides: hiddenParameters,
  },
  "memory-for-connections": {
    violates: changed(withLimit("5000"), DATABASE, { instanceClass: "db.t4g.micro" }),
    passes: withLimit("400"),
    hides: withDatabase({ instanceClass: UNKNOWN }),
  },
  "acquire-timeout": {
    violates: withVariables({ DB_POOL_ACQUIRE_TIMEOUT_MS: "0" }),
    passes: withVariables({ DB_POOL_ACQUIRE_TIMEOUT_MS: "1000" }),
    hides: hiddenContainers,
  },
  "timeout-order": {
    violates: withVariables({ DB_LOCK_TIMEOUT_MS: "2000" }),
    passes: withVariables({ DB_LOCK_TIMEOUT_MS: "1999" }),
    hides: hiddenContainers,
  },
  "proxy-bounds": {
    violates: behindProxy({
      maxConnectionsPercent: 60,
      maxIdleConnectionsPercent: 80,
      connectionBorrowTimeout: 1,
    }),
    passes: behindProxy({
      maxConnectionsPercent: 60,
      maxIdleConnectionsPercent: 30,
      connectionBorrowTimeout: 1,
    }),
    hides: behindProxy({
      maxConnectionsPercent: UNKNOWN,
      maxIdleConnectionsPercent: 30,
      connectionBorrowTimeout: 1,
    }),
  },
  "idle-order": {
    violates: withParameters(parameter("idle_session_timeout", "5000")),
    passes: withParameters(parameter("idle_session_timeout", "600000")),
    hides: withParameters({ name: "idle_session_timeout", value: UNKNOWN, applyMethod: "immediate" }),
  },
  "idle-in-transaction": {
    violates: sample({ parameters: [LIMIT, parameter("idle_in_transaction_session_timeout", "86400000")] }),
    passes: sample({ parameters: [LIMIT, IN_TRANSACTION] }),
    hides: hiddenParameters,
  },
  "drain-order": {
    violates: changed(sample(), TARGET_GROUP, { deregistrationDelay: 5 }),
    passes: changed(sample(), TARGET_GROUP, { deregistrationDelay: 30 }),
    hides: changed(sample(), TARGET_GROUP, { deregistrationDelay: UNKNOWN }),
  },
  "keep-alive-order": {
    violates: withVariables({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "60000" }),
    passes: withVariables({ HTTP_KEEP_ALIVE_TIMEOUT_MS: "61000" }),
    hides: sample({ idleTimeout: UNKNOWN }),
  },
  "reconnect-storm": {
    violates: sample({
      database: { iamDatabaseAuthenticationEnabled: true },
      environment: environment({ DB_POOL_MAX: "30" }),
    }),
    passes: withDatabase({ iamDatabaseAuthenticationEnabled: true }),
    hides: hiddenBy(
      sample({
        database: { iamDatabaseAuthenticationEnabled: UNKNOWN },
        environment: environment({ DB_POOL_MAX: "30" }),
      }),
      "iamDatabaseAuthenticationEnabled",
    ),
  },
  "parameter-values": {
    violates: withParameters(parameter("statement_timeout", "two seconds")),
    passes: withParameters(parameter("statement_timeout", "2000")),
    hides: hiddenParameters,
  },
  "parameter-group-family": {
    violates: changed(sample(), GROUP, { family: "postgres16" }),
    passes: changed(sample(), GROUP, { family: "postgres17" }),
    hides: changed(sample(), GROUP, { family: UNKNOWN }),
  },
  "own-parameter-group": {
    violates: {
      resources: changed(sample(), DATABASE, { parameterGroupName: "default.postgres17" }).resources.map(
        (each) => (each.urn === DATABASE ? { ...each, propertyDependencies: {} } : each),
      ),
    },
    passes: sample(),
  },
  "tls-required": {
    violates: withParameters(parameter("rds.force_ssl", "0")),
    passes: withParameters(parameter("rds.force_ssl", "1")),
    hides: withParameters({ name: "rds.force_ssl", value: UNKNOWN, applyMethod: "immediate" }),
  },
  "connection-logging": {
    violates: withParameters(parameter("log_connections", "0")),
    passes: changed(
      withParameters(parameter("log_connections", "1"), parameter("log_disconnections", "1")),
      DATABASE,
      { enabledCloudwatchLogsExports: ["postgresql"] },
    ),
  },
  "database-saturation": {
    violates: withDatabase({ instanceClass: "db.m7g.large" }),
    passes: withDatabase({ instanceClass: "db.m7g.8xlarge" }),
  },
  "alarms-present": {
    violates: sample({ alarms: [] }),
    passes: sample(),
    hides: sample({
      alarms: [
        topic(),
        connectionsAlarm({ dimensions: { DBInstanceIdentifier: UNKNOWN } }, { dimensions: [] }),
        poolAlarm("db.client.connection.pending_requests"),
        poolAlarm("db.client.connection.timeouts"),
      ],
    }),
  },
  "alarm-shape": {
    violates: withConnectionsAlarm({ statistic: "Sum", period: 300 }),
    passes: withConnectionsAlarm({}),
    hides: withConnectionsAlarm({ metricName: UNKNOWN }),
  },
  "alarm-threshold": {
    violates: withConnectionsAlarm({ threshold: 90 }),
    passes: withConnectionsAlarm({ threshold: 350 }),
    hides: withConnectionsAlarm({ threshold: UNKNOWN }),
  },
  "alarm-actionable": {
    violates: withConnectionsAlarm({ alarmActions: [] }),
    passes: withConnectionsAlarm({}),
    hides: withConnectionsAlarm({ alarmActions: UNKNOWN }, { alarmActions: [] }),
  },
  "demand-declared": {
    violates: sample({ tags: tags({ "poolproof:db-hold-ms": undefined }) }),
    passes: sample(),
    hides: sample({ tags: tags({ "poolproof:db-hold-ms": UNKNOWN }) }),
  },
  coverage: {
    violates: sample({
      extra: [
        resource(
          "aws:ec2/launchTemplate:LaunchTemplate",
          "legacy",
          { userData: UNKNOWN },
          { userData: [DATABASE] },
        ),
      ],
    }),
    passes: sample(),
  },
};

/** Rules that cannot be judged by what the engine sends, with the reason. */
export const NOT_OVER_THE_WIRE: { readonly [rule: string]: string } = {
  "pending-reboot-order": "it compares with the deployed state, which the engine hands to no policy",
};
