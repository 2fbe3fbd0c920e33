import type { PlanResource } from "../../plan";
import type { PlanIndex } from "../../planIndex";
import { ownText, type Reading, readText } from "../../reading";
import { resourceTypes } from "../../resourceTypes";
import type { DatabaseReading, ParameterGroupReading } from "../../stackReading";
import {
  namesOf,
  readEngine,
  readIamAuthentication,
  readLogExports,
  readOwnText,
} from "./databaseProperties";
import { INSTANCE_GROUP, readParameterGroup } from "./parameterGroups";

/** An RDS instance; a read replica is a database of its own, with what it takes over from its source. */
export function readInstance(instance: PlanResource, index: PlanIndex): DatabaseReading {
  const source = sourceOf(instance, index);
  // A replica runs its source's engine, and need not name it.
  const inherited = (read: (of: PlanResource) => Reading<string>): Reading<string> => {
    const own = read(instance);
    return own.state === "unset" && source ? read(source) : own;
  };
  return {
    resource: instance,
    names: namesOf(instance, "identifier", "dbName"),
    kind: ownText(instance, "replicateSourceDb").state === "unset" ? "instance" : "replica",
    engine: inherited(readEngine),
    engineVersion: inherited((of) => readOwnText(of, "engineVersion")),
    instanceClass: readText(instance, "instanceClass"),
    members: [],
    serverless: undefined,
    parameters: readGroup(instance, source, index),
    declaredMaxConnections: undefined,
    otherDemand: 0,
    iamAuthentication: readIamAuthentication(instance),
    logExports: readLogExports(instance),
  };
}

function sourceOf(instance: PlanResource, index: PlanIndex): PlanResource | undefined {
  const [made] = index.dependenciesOf(instance, "replicateSourceDb", resourceTypes.rdsInstance);
  if (made) return made;
  const named = ownText(instance, "replicateSourceDb");
  const found =
    named.state === "known"
      ? index.named(resourceTypes.rdsInstance, "identifier", named.value)[0]
      : undefined;
  return found === instance ? undefined : found;
}

/**
 * A replica that names no group gets its source's in the same region, where it names the source by its identifier,
 * and the default group in another, where it needs the source's ARN (RDS API, CreateDBInstanceReadReplica).
 */
function readGroup(
  instance: PlanResource,
  source: PlanResource | undefined,
  index: PlanIndex,
): ParameterGroupReading {
  const own = readParameterGroup(instance, INSTANCE_GROUP, index);
  if (source === undefined || own.group.state !== "unset") return own;
  const named = ownText(instance, "replicateSourceDb");
  const isSameRegion = named.state === "known" && !named.value.startsWith("arn:");
  return isSameRegion ? readParameterGroup(source, INSTANCE_GROUP, index) : own;
}
