import {
  type DBInstance,
  DescribeDBInstancesCommand,
  paginateDescribeDBParameters,
  type RDSClient,
} from "@aws-sdk/client-rds";
import type { LiveDatabase, LiveParameter } from "./liveState";

/** The instance with this identifier. */
export async function describeDatabase(rds: RDSClient, identifier: string): Promise<DBInstance | undefined> {
  const { DBInstances = [] } = await rds.send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
  );
  return DBInstances[0];
}

/** The parts of RDS's description that a review compares. */
export function databaseFrom(instance: DBInstance): LiveDatabase {
  const [group] = instance.DBParameterGroups ?? [];
  return {
    identifier: instance.DBInstanceIdentifier ?? "",
    status: instance.DBInstanceStatus ?? "unknown",
    instanceClass: instance.DBInstanceClass ?? "unknown",
    engine: instance.Engine ?? "unknown",
    engineVersion: instance.EngineVersion ?? "unknown",
    storageGib: instance.AllocatedStorage,
    multiAz: instance.MultiAZ,
    parameterGroup: group?.DBParameterGroupName ?? "none",
    applyStatus: group?.ParameterApplyStatus ?? "unknown",
    pending: pendingOf(instance),
  };
}

/** The account, from the instance's own ARN. */
export const accountOf = ({ DBInstanceArn }: DBInstance): string | undefined => DBInstanceArn?.split(":")[4];

/** Named one by one: a new master password waits here too, and is nobody's to read. */
function pendingOf({ PendingModifiedValues: pending = {} }: DBInstance): LiveDatabase["pending"] {
  const values = {
    DBInstanceClass: pending.DBInstanceClass,
    EngineVersion: pending.EngineVersion,
    AllocatedStorage: pending.AllocatedStorage,
    MultiAZ: pending.MultiAZ,
    StorageType: pending.StorageType,
  };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** Every parameter of a group: some hundreds, over several pages. */
export async function describeParameters(
  rds: RDSClient,
  group: string,
): Promise<ReadonlyMap<string, LiveParameter>> {
  const found = new Map<string, LiveParameter>();
  for await (const { Parameters = [] } of paginateDescribeDBParameters(
    { client: rds, pageSize: 100 },
    { DBParameterGroupName: group },
  )) {
    for (const { ParameterName, ParameterValue, Source } of Parameters) {
      if (ParameterName === undefined) continue;
      found.set(ParameterName, { value: ParameterValue, source: Source });
    }
  }
  return found;
}
