import type { Settings } from "../../plan/settings";
import type { StackReading } from "../../plan/types";
import { elsewhere, namesOfClient, namesOfDatabase } from "../alarms/elsewhere";
import { isAbout } from "../alarms/poolMetrics";
import { type UnmatchedFinding, unmatched } from "./unmatched";

/** Entries of `poolMetrics` and `alarmsElsewhere` that fit no client and no database: silence that is typed out for nothing. */
export function unmatchedAlarms(
  { databases, clients, places }: StackReading,
  settings: Settings,
): readonly UnmatchedFinding[] {
  if (databases.length === 0 && clients.length === 0) return [];
  const ofClients = clients.map(namesOfClient);
  const all = [...ofClients, ...databases.map(namesOfDatabase)];
  const isCertain = places.every(({ hasHiddenName }) => !hasHiddenName);
  const metrics = settings.poolMetrics.flatMap(({ client }, i) =>
    client === undefined || ofClients.some((names) => isAbout(client, names))
      ? []
      : [
          unmatched({
            path: `poolMetrics.${i}.client`,
            name: client,
            kind: "client",
            there: withoutUrns(ofClients),
            isCertain,
          }),
        ],
  );
  const watched = settings.alarmsElsewhere.flatMap((entry, i) =>
    all.some((names) => elsewhere(names, { ...settings, alarmsElsewhere: [entry] }))
      ? []
      : [
          unmatched({
            path: `alarmsElsewhere.${i}.resource`,
            name: entry.resource,
            kind: "database or client",
            there: withoutUrns(all),
            isCertain,
          }),
        ],
  );
  return [...metrics, ...watched];
}

const withoutUrns = (of: readonly (readonly string[])[]): readonly string[] =>
  of.flat().filter((name) => !name.startsWith("urn:"));
