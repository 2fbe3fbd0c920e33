import { UNKNOWN } from "../../../../policies/plan/property";
import { secondDatabase } from "../../sampleClients";
import { type Sample, tags } from "../../samplePlan";
import { given } from "../situation";

const HIDDEN: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };

/** What a report adds to what its rules find: one finding of each hidden property and of each malformed value. */
export const UNDECIDED = [
  given("Nothing is hidden"),
  given("The containers are hidden", HIDDEN),
  given("What is hidden only warns", HIDDEN, { undecided: "warn" }),
  given("The share of a deployment is hidden", { service: { deploymentMaximumPercent: UNKNOWN } }),
  given("Nothing says which of two databases a client uses", { extra: [secondDatabase()] }),
  given("The library is none that poolproof knows", { tags: tags({ "poolproof:pool-library": "c3p0" }) }),
  given("Nothing says which library holds the pool", {
    environment: { REQUEST_TIMEOUT_MS: "8000" },
    tags: tags({}),
  }),
  given("The share of a deployment is a word", { service: { deploymentMaximumPercent: "many" } }),
  given("Two shares of a deployment are words", {
    service: { deploymentMaximumPercent: "many", deploymentMinimumHealthyPercent: "few" },
  }),
  given(
    "The processes of a task are 0",
    { environment: { WEB_CONCURRENCY: "0", DB_POOL_MAX: "12" } },
    { undecided: "warn" },
  ),
];
