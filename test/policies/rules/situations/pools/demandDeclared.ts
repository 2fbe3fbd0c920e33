import { UNKNOWN } from "../../../../../policies/plan/plan";
import { FUNCTION, lambda, undeclared } from "../../../sampleClients";
import { type Sample, SERVICE, tags, urn } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn(null, SERVICE);

const tagged = (changes: Sample["tags"]) => ({
  tags: tags(Object.fromEntries(Object.entries(changes).map(([tag, value]) => [`poolproof:${tag}`, value]))),
});

export const DEMAND_DECLARED = [
  given(
    "Peak and hold time are declared",
    tagged({ "db-acquisitions-per-request": undefined, "tasks-at-peak": undefined }),
  ),
  given(
    "Peak and hold time are missing",
    tagged({ "db-hold-ms": undefined, "peak-requests-per-second": undefined }),
  ).violates(),
  given("The hold time is missing", tagged({ "db-hold-ms": undefined })).violates(),
  given("The hold time is 0", tagged({ "db-hold-ms": "0" })).violates(),
  given("The hold time is a word", tagged({ "db-hold-ms": "ninety" })).violates(),
  given("The peak is negative", tagged({ "peak-requests-per-second": "-1" })).violates(),
  given("The peak is not a number", tagged({ "peak-requests-per-second": "NaN" })).violates(),
  given("The acquisitions are 0", tagged({ "db-acquisitions-per-request": "0" })).violates(),
  given("The tasks at peak are a fraction", tagged({ "tasks-at-peak": "1.5" })).violates(),
  given("The tasks at peak are 0", tagged({ "tasks-at-peak": "0" })).violates(),
  given("The tasks at peak are a word", tagged({ "tasks-at-peak": "many" })).violates(),
  given("The tasks at peak are more than may run", tagged({ "tasks-at-peak": "9" })).violates(
    9,
    [1, 8],
    "tasks",
  ),
  given("The tasks at peak are more than autoscaling keeps, below the desired count", {
    ...tagged({ "tasks-at-peak": "20" }),
    service: { desiredCount: 60 },
  }).violates(20, [1, 8], "tasks"),
  given("The hold time is hidden", tagged({ "db-hold-ms": UNKNOWN })).undecided("poolproof:db-hold-ms"),
  given("A function declares nothing", { extra: [lambda({ tags: {} })] }).finds(FUNCTION),
  given("A described client declares nothing", {}, { clients: [undeclared("batch", 2)] }).finds(
    urn("poolproof:declared:Client", "batch"),
  ),
];
