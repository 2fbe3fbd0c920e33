import { UNKNOWN } from "../../../../policies/plan/plan";
import { secondDatabase } from "../../sampleClients";
import { type Sample, SERVICE, tags } from "../../samplePlan";
import { given } from "../situation";

const HIDDEN: Partial<Sample> = { taskDefinition: { containerDefinitions: UNKNOWN } };

const library = (name: string) => ({ tags: tags({ "poolproof:pool-library": name }) });
const deployment = (service: Sample["service"]) => ({ service });
const NOWHERE = { environment: { REQUEST_TIMEOUT_MS: "8000" } };
const NO_PROCESS = { environment: { WEB_CONCURRENCY: "0", PG_POOL_MAX: "12" } };

/** What a report adds to what its rules find: one finding of each hidden property and of each malformed value. */
export const UNDECIDED = [
  given("Nothing is hidden"),
  given("The containers are hidden", HIDDEN).reports(SERVICE, "mandatory"),
  given("What is hidden only warns", HIDDEN, { undecided: "warn" }).reports(SERVICE, "advisory"),
  given("A share is hidden", deployment({ deploymentMaximumPercent: UNKNOWN })).reports(SERVICE, "mandatory"),
  given("It may be either database", { extra: [secondDatabase()] }).reports(SERVICE, "mandatory"),
  given("The library is an unknown one", library("c3p0")).reports(SERVICE, "mandatory"),
  given("The library is not named", NOWHERE).reports(SERVICE, "mandatory"),
  given("A share is a word", deployment({ deploymentMaximumPercent: "many" })).reports(
    SERVICE,
    "mandatory",
    '"many"',
  ),
  given(
    "Two shares are words",
    deployment({ deploymentMaximumPercent: "many", deploymentMinimumHealthyPercent: "few" }),
  )
    .reports(SERVICE, "mandatory", '"few"')
    .reports(SERVICE, "mandatory", '"many"'),
  given("There is no process, and what is hidden only warns", NO_PROCESS, { undecided: "warn" }).reports(
    SERVICE,
    "mandatory",
    "0",
  ),
];
