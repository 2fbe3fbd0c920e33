import { closest } from "../../model/nearestName";
import type { Container } from "../../plan/clients/containers";
import type { NamedPlace } from "../../plan/configTargets";
import type { DemandOverride, PoolOverride } from "../../plan/declarations";
import { knownValue } from "../../plan/reading";
import type { StackReading } from "../../plan/types";
import { type Settings, wildcard } from "../settings";
import { type UnmatchedFinding, unmatched } from "./wording";

const KIND = "service or function";

/**
 * Entries of `pools` and `demand` that fit no service and no function, and what in an entry of `pools` fits nothing in
 * those that it does fit. A stack without services and functions has nothing that they could be of.
 */
export function unmatchedPlaces(stack: StackReading, settings: Settings): readonly UnmatchedFinding[] {
  const { places } = stack;
  if (places.length === 0) return [];
  return [
    ...settings.pools.flatMap((entry, i) => ofPool(entry, `pools.${i}`, places)),
    ...settings.demand.flatMap((entry, i) => ofDemand(entry, `demand.${i}`, stack)),
  ];
}

/** Entries of `notClients` that fit nothing that would have been a client. */
export function unmatchedNotClients(
  { exempted, unexamined }: StackReading,
  { notClients }: Settings,
): readonly UnmatchedFinding[] {
  const there = unexamined.flatMap(({ resource, usesDatabase }) =>
    usesDatabase ? [resource.split("::").pop() ?? resource] : [],
  );
  return notClients.flatMap(({ resource }, i) =>
    exempted.has(resource)
      ? []
      : [unmatched({ path: `notClients.${i}.resource`, name: resource, kind: "unexamined client", there })],
  );
}

function fitting(name: string, places: readonly NamedPlace[]): readonly NamedPlace[] {
  const pattern = wildcard(name);
  return places.filter(({ names }) => names.some((each) => pattern.test(each)));
}

const namesOf = (places: readonly NamedPlace[]): readonly string[] => places.flatMap(({ names }) => names);

const noneHidden = (places: readonly NamedPlace[]): boolean =>
  places.every(({ hasHiddenName }) => !hasHiddenName);

function ofPool(
  entry: PoolOverride,
  path: string,
  places: readonly NamedPlace[],
): readonly UnmatchedFinding[] {
  const found = fitting(entry.client, places);
  if (found.length === 0) {
    const isCertain = noneHidden(places);
    return [
      unmatched({
        path: `${path}.client`,
        name: entry.client,
        kind: KIND,
        there: namesOf(places),
        isCertain,
      }),
    ];
  }
  const containers: Container[] = [];
  for (const place of found) {
    const own = knownValue(place.containers());
    // What cannot be seen may hold what the entry names.
    if (own === undefined) return [];
    containers.push(...own);
  }
  const { container } = entry;
  const meant = container === undefined ? containers : containers.filter(({ name }) => name === container);
  if (container !== undefined && meant.length === 0) {
    const there = containers.map(({ name }) => name);
    const of = `container of ${entry.client}`;
    const finding = unmatched({ path: `${path}.container`, name: container, kind: of, there });
    return [{ ...finding, level: levelFor(entry) }];
  }
  return ofVariables(entry, path, meant);
}

/** Names that no container sets: the setting then has its default, as if the entry did not say how it is named. */
function ofVariables(
  entry: PoolOverride,
  path: string,
  containers: readonly Container[],
): readonly UnmatchedFinding[] {
  if (containers.some(({ mayHoldMore }) => mayHoldMore)) return [];
  const there = [...new Set(containers.flatMap(({ variables }) => variables))];
  return Object.entries(entry.variables ?? {}).flatMap(([setting, names = []]): UnmatchedFinding[] => {
    if (names.length === 0 || names.some((name) => there.includes(name))) return [];
    const near = names.flatMap((name) => closest(name, there) ?? [])[0];
    return [
      {
        level: levelFor(entry),
        text: `\`${path}.variables.${setting}\` in the policy configuration names ${names.map((name) => `\`${name}\``).join(" and ")}, which no container of ${entry.client} sets: \`${setting}\` is judged as the library's default.`,
        fix:
          near === undefined
            ? "Correct the name, set the variable in the container, or remove it from the entry"
            : `Correct it to "${near}", or set the variable in the container`,
      },
    ];
  });
}

/** An entry for whatever fits a pattern may be about a part of it alone. */
const levelFor = ({ client }: PoolOverride): UnmatchedFinding["level"] =>
  client.includes("*") ? "advisory" : "mandatory";

/** A demand may be of one pool by its name: "api (reporting)". */
function ofDemand(
  { service }: DemandOverride,
  path: string,
  { places, clients }: StackReading,
): readonly UnmatchedFinding[] {
  const pools = clients.flatMap(({ kind, name }) => (kind === "declared" ? [] : [name]));
  const pattern = wildcard(service);
  if (fitting(service, places).length > 0 || pools.some((name) => pattern.test(name))) return [];
  const there = [...namesOf(places), ...pools];
  return [
    unmatched({
      path: `${path}.service`,
      name: service,
      kind: KIND,
      there,
      isCertain: noneHidden(places),
    }),
  ];
}
