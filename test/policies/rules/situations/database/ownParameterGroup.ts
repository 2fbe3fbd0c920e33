import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { type AuroraSample, auroraPlan, CLUSTER, limitTo } from "../../../auroraPlan";
import { DATABASE, resource } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn(null, DATABASE);

const instance = (parameterGroupName: PropertyValue | undefined, made: readonly string[] = []) =>
  resource(
    "aws:rds/instance:Instance",
    "db",
    {
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.m7g.large",
      ...(parameterGroupName === undefined ? {} : { parameterGroupName }),
    },
    made.length > 0 ? { parameterGroupName: made } : {},
  );
const alone = (...of: Parameters<typeof instance>) => ({ resources: [instance(...of)] });
const nameless: PropertyMap = { name: UNKNOWN, family: "postgres17" };
const group = resource("aws:rds/parameterGroup:ParameterGroup", "group", nameless);
const aurora = (changes: Partial<AuroraSample> = {}) => ({
  resources: auroraPlan({ parameters: undefined, ...changes }),
});
const TWO = { a: { instanceClass: "db.r6g.large" }, b: { instanceClass: "db.r6g.large" } };

export const OWN_PARAMETER_GROUP = [
  given("The group is the stack's"),
  given("The group is another stack's", alone("someone-elses")),
  given("The group is the stack's, and its name is hidden", {
    resources: [group, instance(UNKNOWN, [group.urn])],
  }),
  given("No group is named", alone(undefined)).violates(),
  given("AWS assigns the group", alone(UNKNOWN)).violates(),
  given("The group is AWS's default", alone("default.postgres17")).violates("default.postgres17"),
  given(
    "The group's name is made from something else",
    alone(UNKNOWN, ["urn:pulumi:test::shop::other:Thing::made"]),
  ).undecided("parameterGroupName"),
  given("A cluster has no group", aurora()).finds(CLUSTER),
  given("A cluster has a group", aurora({ parameters: [] })),
  given("A cluster without an instance has no group", aurora({ members: {} })).finds(CLUSTER),
  given(
    "A cluster has no group, and its only instance has",
    aurora({ memberParameters: { "aurora-0": limitTo("500") } }),
  ),
  given(
    "A cluster has no group, and one of two instances has",
    aurora({ members: TWO, memberParameters: { b: limitTo("500") } }),
  ).finds(CLUSTER),
  given(
    "The database is described",
    { resources: [] },
    { databases: [{ name: "warehouse", maxConnections: 90 }] },
  ),
];
