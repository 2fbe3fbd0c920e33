import type { Plan, PlanResource } from "../../policies/plan/plan.js";

/** Resources that a service with its own database stands for here; the rest of a plan is what no rule reads. */
const SERVICES_PER_THOUSAND = 20;

/**
 * A plan of many resources: most are what a large stack is full of (log groups, alarms, security rules), and for
 * each thousand there are twenty services with a task definition and an autoscaling target, and two databases.
 */
export function largePlan(resources: number): Plan {
  const made: PlanResource[] = [];
  const thousands = Math.ceil(resources / 1000);
  for (let thousand = 0; thousand < thousands; thousand++) {
    for (let half = 0; half < 2; half++) made.push(...database(thousand, half));
    for (let service = 0; service < SERVICES_PER_THOUSAND; service++) made.push(...client(thousand, service));
  }
  for (let filler = 0; made.length < resources; filler++) made.push(bystander(filler));
  return { resources: made };
}

const urn = (type: string, name: string): string => `urn:pulumi:large::bench::${type}::${name}`;

function resource(
  type: string,
  name: string,
  properties: PlanResource["properties"],
  propertyDependencies: PlanResource["propertyDependencies"] = {},
): PlanResource {
  const dependencies = Object.values(propertyDependencies).flat();
  return {
    urn: urn(type, name),
    type,
    name,
    properties,
    propertyDependencies,
    dependencies,
    parent: undefined,
  };
}

const INSTANCE = "aws:rds/instance:Instance";
const GROUP = "aws:rds/parameterGroup:ParameterGroup";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";

function database(thousand: number, half: number): PlanResource[] {
  const name = `db-${thousand}-${half}`;
  const parameters = [{ name: "max_connections", value: "2000", applyMethod: "pending-reboot" }];
  const instance = {
    identifier: name,
    engine: "postgres",
    engineVersion: "17",
    instanceClass: "db.m7g.2xlarge",
  };
  return [
    resource(GROUP, name, { name, family: "postgres17", parameters }),
    resource(
      INSTANCE,
      name,
      { ...instance, parameterGroupName: name },
      { parameterGroupName: [urn(GROUP, name)] },
    ),
  ];
}

function client(thousand: number, service: number): PlanResource[] {
  const name = `service-${thousand}-${service}`;
  const environment = Object.entries({
    DB_POOL_MAX: "6",
    DB_POOL_ACQUIRE_TIMEOUT_MS: "1000",
    DB_STATEMENT_TIMEOUT_MS: "2000",
    DB_LOCK_TIMEOUT_MS: "1500",
    DB_QUERY_TIMEOUT_MS: "2500",
    REQUEST_TIMEOUT_MS: "8000",
  }).map(([variable, value]) => ({ name: variable, value }));
  const tags = {
    "poolproof:peak-requests-per-second": "100",
    "poolproof:db-hold-ms": "20",
    "poolproof:database": `db-${thousand}-${service % 2}`,
    "poolproof:pool-library": "node-postgres",
  };
  const containerDefinitions = JSON.stringify([{ name: "app", image: "app", environment }]);
  return [
    resource(TASK, name, { family: name, containerDefinitions }),
    resource(SERVICE, name, { name, desiredCount: 4, tags }, { taskDefinition: [urn(TASK, name)] }),
    resource(
      "aws:appautoscaling/target:Target",
      name,
      { resourceId: `service/main/${name}`, minCapacity: 2, maxCapacity: 8 },
      { resourceId: [urn(SERVICE, name)] },
    ),
  ];
}

function bystander(number: number): PlanResource {
  const name = `bystander-${number}`;
  return resource("aws:cloudwatch/logGroup:LogGroup", name, {
    name,
    retentionInDays: 30,
    tags: { service: name, team: "platform", costCentre: "1234" },
  });
}
