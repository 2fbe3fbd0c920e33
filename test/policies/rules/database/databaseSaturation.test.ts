import { expect, it } from "vitest";
import { vcpusOf } from "../../../../policies/budget/reach";
import { type PropertyValue, UNKNOWN } from "../../../../policies/plan/plan";
import { readStack } from "../../../../policies/plan/stack";
import { type AuroraSample, auroraPlan } from "../../auroraPlan";

it.each<[vcpus: number | undefined, classes: readonly PropertyValue[]]>([
  [8, ["db.r6g.2xlarge"]],
  [2, ["db.r6g.2xlarge", "db.r6g.large", "db.r6g.xlarge"]],
  [undefined, ["db.r6g.2xlarge", UNKNOWN]],
  // Newer than the table.
  [undefined, ["db.m99.large"]],
  [2, ["db.m9g.large"]],
  [undefined, []],
])("goes by the smallest instance of a cluster, and by none while one of them is not known: %s", (vcpus, classes) => {
  const members: AuroraSample["members"] = Object.fromEntries(
    classes.map((instanceClass, at) => [`m${at}`, { instanceClass }]),
  );
  const { databases } = readStack({ resources: auroraPlan({ members }) });
  expect(databases.map(vcpusOf)).toEqual([vcpus]);
});
