import { type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { DATABASE, environment, type Sample, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("connections", DATABASE);
const on = (instanceClass: PropertyValue, poolMax = "12", processes = "1"): Partial<Sample> => ({
  database: { instanceClass },
  environment: environment({ DB_POOL_MAX: poolMax, WEB_CONCURRENCY: processes }),
});
const SMALL = "db.m7g.2xlarge";

/** 400/s × 1.1 acquisitions × 0.09 s are 39.6 busy connections. */
export const DATABASE_SATURATION = [
  given("16 vCPU carry 48 busy connections", on("db.m7g.4xlarge")),
  given("8 vCPU carry 24 busy connections", on(SMALL)).violates(39.6, [null, 24]),
  given("The pools cannot keep the processors busy", on(SMALL, "3")),
  given("The pools are what bounds the load", on(SMALL, "4")).violates(32, [null, 24]),
  given("A task has two processes", on(SMALL, "12", "2")).violates(39.6, [null, 24]),
  given("Two processes' pools are what bounds the load", on(SMALL, "2", "2")).violates(32, [null, 24]),
  given("Two processes' pools cannot keep the processors busy", on(SMALL, "1", "2")),
  given("A vCPU may carry 5 connections", on(SMALL), { busyPerVcpu: 5 }),
  given("A vCPU may carry 4 connections", on(SMALL), { busyPerVcpu: 4 }).violates(39.6, [null, 32]),
  given("The class is hidden", on(UNKNOWN)),
  given("The class is mistyped", on("db.m7g.lagre")),
  given("The class is serverless", on("db.serverless")),
  given("The class is a number", on(7)),
  given("The demand is not declared", {
    ...on("db.t4g.micro"),
    tags: tags({ "poolproof:db-hold-ms": undefined }),
  }),
];
