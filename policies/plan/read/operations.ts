import type { PlanResource } from "../plan";
import { dependencyUrns } from "../planIndex";
import { knownValue, type Reading, readNumber, readText, requireNumber } from "../reading";
import type { OperationsReading } from "../stackReading";
import type { ClientContext } from "./clients";
import { readContainers } from "./containers";
import { linkDatabase } from "./databaseLinks";

/** How many connections a task of operations (a migration, a job by hand) holds at most, out of those kept for them. */
export const OPERATIONS_TAG = "poolproof:operations-connections";

/**
 * What a task definition says that its tasks hold of the connections that the budget keeps for operations; undefined
 * when it says nothing that can be read, and its connections are then counted by nobody.
 */
export function readOperations(
  definition: PlanResource,
  { databases, index }: Pick<ClientContext, "databases" | "index">,
): OperationsReading | undefined {
  const connections = knownValue(connectionsOf(definition));
  if (connections === undefined) return undefined;
  const link = linkDatabase(
    {
      tag: readText(definition, "tags", "poolproof:database"),
      made: dependencyUrns(definition, "containerDefinitions"),
      container: (knownValue(readContainers(definition)) ?? [])[0],
    },
    databases,
    index,
  );
  return { connections, database: link.state === "linked" ? link.database : undefined };
}

function connectionsOf(definition: PlanResource): Reading<number> {
  const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n >= 1;
  const expected = "a whole number of connections from 1 up";
  return requireNumber(readNumber(definition, "tags", OPERATIONS_TAG), OPERATIONS_TAG, isWhole, expected);
}
