import type { DeclaredDatabase } from "../../declarations";
import { type PlanIndex, stackAndProject } from "../../planIndex";
import { resourceTypes } from "../../resourceTypes";
import type { DatabaseReading } from "../../stackReading";
import { readCluster } from "./clusters";
import { withDeclared } from "./declaredDatabases";
import { readInstance } from "./instances";

/**
 * Every database of a plan, and those that the policy configuration describes: RDS instances, read replicas, Aurora
 * and Multi-AZ clusters. Neptune and DocumentDB share a few names with RDS and none of its limits; they are not read.
 */
export function readDatabases(
  index: PlanIndex,
  declared: readonly DeclaredDatabase[] = [],
): DatabaseReading[] {
  const databases = [
    ...index.ofType(resourceTypes.rdsInstance).map((instance) => readInstance(instance, index)),
    ...index.ofType(resourceTypes.rdsCluster).map((cluster) => readCluster(cluster, index)),
  ];
  return withDeclared(databases, declared, stackAndProject(index));
}
