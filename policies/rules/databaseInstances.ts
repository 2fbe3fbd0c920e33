import type { PlanResource } from "../plan/plan";
import { knownValue, type Reading, unknown, unset } from "../plan/reading";
import type { DatabaseReading, ParameterGroupReading } from "../plan/types";

/** What has a connection limit of its own: a database, or each instance of an Aurora cluster. */
export interface DatabaseInstance {
  readonly resource: PlanResource;
  /** Names a confirmed limit may use, besides the database's. */
  readonly names: readonly string[];
  readonly instanceClass: Reading<string>;
  /** Whether its class is `db.serverless`, whose size is its capacity. */
  readonly isServerless: boolean;
  /** The cluster's maximum capacity in ACU; unset for what has a class of its own. */
  readonly maxAcu: Reading<number>;
  /** What says how large it is: its class, or the maximum capacity. */
  readonly size: Reading<string | number>;
  /** The group in force on it. */
  readonly parameters: ParameterGroupReading;
}

/** The instances of a cluster that the stack holds; any other database is its own instance. */
export function instancesOf(database: DatabaseReading): readonly DatabaseInstance[] {
  const own = { resource: database.resource, parameters: database.parameters };
  if (database.members.length === 0)
    return [instance({ ...own, instanceClass: classOf(database) }, database)];
  return database.members.map((member) => instance(member, database));
}

/** Without instances in the stack, nothing says how large an Aurora cluster is. */
function classOf(database: DatabaseReading): Reading<string> {
  const { kind, instanceClass } = database;
  if (kind !== "cluster" || instanceClass.state !== "unset") return instanceClass;
  return unknown("instanceClass", "no instance of this cluster is part of the stack");
}

type Sized = Pick<DatabaseInstance, "resource" | "instanceClass" | "parameters">;

function instance(
  { resource, instanceClass, parameters }: Sized,
  database: DatabaseReading,
): DatabaseInstance {
  const isServerless = knownValue(instanceClass) === "db.serverless";
  const maxAcu = isServerless ? capacityOf(database) : unset("serverlessv2ScalingConfiguration");
  const identifier = resource.properties.identifier;
  return {
    resource,
    names: typeof identifier === "string" ? [resource.name, identifier] : [resource.name],
    instanceClass,
    isServerless,
    maxAcu,
    size: isServerless ? maxAcu : instanceClass,
    parameters,
  };
}

function capacityOf({ serverless }: DatabaseReading): Reading<number> {
  if (serverless && serverless.maxAcu.state !== "unset") return serverless.maxAcu;
  return unknown(
    "serverlessv2ScalingConfiguration",
    "`db.serverless` needs the cluster's `serverlessv2ScalingConfiguration`, whose maximum capacity is not set",
  );
}
