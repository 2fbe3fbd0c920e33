import type { PlanResource } from "../../../../../policies/plan/plan";
import { UNKNOWN } from "../../../../../policies/plan/plan";
import { DEFAULT_SETTINGS } from "../../../../../policies/plan/settings";
import { container, containers, described, secondDatabase } from "../../../sampleClients";
import {
  DATABASE,
  environment,
  resource,
  SERVICE,
  samplePlan,
  tags,
  urn,
  withProperties,
} from "../../../samplePlan";
import { given } from "../../situation";

const without = (types: RegExp, ...more: readonly PlanResource[]) => ({
  resources: [...samplePlan().resources.filter(({ type }) => !types.test(type)), ...more],
});
const ALONE = /^aws:(ecs|appautoscaling|lb)\//;
const web = resource(
  "aws:ecs/expressGatewayService:ExpressGatewayService",
  "web",
  {},
  { primaryContainer: [DATABASE] },
);
/** A task of operations that says how many connections it may hold. */
const operation = (name: string) =>
  resource("aws:ecs/taskDefinition:TaskDefinition", name, {
    ...containers(container(name, { DB_POOL_MAX: "3" })).taskDefinition,
    tags: { "poolproof:operations-connections": "3" },
  });
const replica = resource(
  "aws:rds/instance:Instance",
  "replica",
  { replicateSourceDb: "db1234567", instanceClass: "db.m7g.large", engine: UNKNOWN },
  { replicateSourceDb: [DATABASE] },
);
const job = resource("aws:batch/jobDefinition:JobDefinition", "job", {}, { containerProperties: [DATABASE] });

const EMPTY = { resources: [resource("pulumi:pulumi:Stack", "shop-test", {})] };

export const COVERAGE = [
  given("The database and its client are judged"),
  given("An ECS Express service holds connections", { extra: [web] }).finds(
    urn("aws:ecs/expressGatewayService:ExpressGatewayService", "web"),
  ),
  given("An ECS Express service is described", { extra: [web] }, { clients: [described("web", 2)] }),
  given("A task of operations holds what is kept for it", { extra: [operation("migrate")] }),
  given("Two tasks of operations hold more than is kept for them", {
    extra: [operation("migrate"), operation("reindex")],
  }).finds(urn("aws:ecs/taskDefinition:TaskDefinition", "migrate"), 6, [null, 5], "connections"),
  given(
    "Two tasks of operations hold what is kept for them",
    { extra: [operation("migrate"), operation("reindex")] },
    {
      capacity: { ...DEFAULT_SETTINGS.capacity, operationsReserve: 6 },
    },
  ),
  given(
    "A service shows no sign of a database",
    { tags: {}, ...containers(container("web", { PORT: "80" })) },
    {
      databases: [{ name: "db", otherDemand: 3 }],
    },
  ),
  given("The client's database is in no stack", without(/^aws:rds\//)).finds(SERVICE),
  given("Nothing says which of two databases a client uses", { extra: [secondDatabase()] }),
  given("The database has no client", without(ALONE)).finds(DATABASE),
  given(
    "The database has no client, and its engine is hidden",
    withProperties(without(ALONE), DATABASE, { engine: UNKNOWN }),
  ).finds(DATABASE),
  given("The database has clients of other stacks", without(ALONE), {
    databases: [{ name: "db", otherDemand: 40 }],
  }),
  given("The database has a described client", without(ALONE), { clients: [described("batch", 2)] }),
  given("The database has a replica", { extra: [replica] }),
  given("The database has a job for its only client", without(ALONE, job)).finds(
    urn("aws:batch/jobDefinition:JobDefinition", "job"),
  ),
  given(
    "An ECS Express service opens no connection",
    { extra: [web] },
    {
      notClients: [{ resource: "aws:ecs/expressGatewayService:*", reason: "it serves pictures" }],
    },
  ),
  given("A database is not read", { extra: [resource("aws:docdb/cluster:Cluster", "papers", {})] }).finds(
    urn("aws:docdb/cluster:Cluster", "papers"),
  ),
  given("A stack without a database is expected to have one", EMPTY, { requireDatabase: true }).finds(
    urn("pulumi:pulumi:Stack", "shop-test"),
  ),
  given("A stack has no database", EMPTY),
  given("A variable looks like the size of a pool", {
    environment: environment({ AUDIT_POOL_MAX: "2" }),
  }).leavesOpen(SERVICE, "AUDIT_POOL_MAX"),
  given(
    "A variable that looks like the size of a pool is ignored",
    { environment: environment({ AUDIT_POOL_MAX: "2" }) },
    {
      pools: [{ client: "api", ignoredVariables: ["AUDIT_*"] }],
    },
  ),
  given("The library is none that poolproof knows", {
    tags: tags({ "poolproof:pool-library": "c3p0" }),
  }).leavesOpen(SERVICE, "tags"),
];
