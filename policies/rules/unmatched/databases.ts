import { closest } from "../../model/nearestName";
import type { StackReading } from "../../plan/types";
import { instancesOf } from "../databaseInstances";
import type { Settings } from "../settings";
import { type UnmatchedFinding, unmatched } from "./wording";

/** Names in `confirmedMaxConnections` and `databases` that are no database's of this stack, and nobody uses. */
export function unmatchedDatabases(
  { databases, clients }: StackReading,
  { confirmedMaxConnections: confirmed, databases: described }: Settings,
): readonly UnmatchedFinding[] {
  if (databases.every(({ kind }) => kind === "declared") && clients.length === 0) return [];
  const namesOf = (of: StackReading["databases"]): readonly string[] =>
    of.flatMap((database) => [...database.names, ...instancesOf(database).flatMap(({ names }) => names)]);
  const all = namesOf(databases);
  const unconfirmed = typeof confirmed === "object" ? Object.keys(confirmed) : [];
  const own = namesOf(databases.filter(({ kind }) => kind !== "declared"));
  const used = new Set(
    clients.flatMap(({ database }) => (database.state === "linked" ? [database.database] : [])),
  );
  const idle = databases.filter(({ kind, resource }) => kind === "declared" && !used.has(resource.urn));
  return [
    ...unconfirmed
      .filter((name) => !all.includes(name))
      .map((name) =>
        unmatched({
          path: "confirmedMaxConnections",
          name,
          kind: "database",
          there: all,
          hasPatterns: false,
        }),
      ),
    ...idle.map(({ resource: { name } }): UnmatchedFinding => {
      const path = `databases.${described.findIndex((entry) => entry.name === name)}.name`;
      // A database elsewhere that no client of this stack uses harms nobody; one that was meant to be this stack's does.
      const isCertain = closest(name, own) !== undefined;
      return unmatched({ path, name, kind: "database or client", there: own, isCertain, hasPatterns: false });
    }),
  ];
}
