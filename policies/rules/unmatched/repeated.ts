import type { Settings } from "../settings";
import type { UnmatchedFinding } from "./wording";

/** Entries about what an earlier entry is about already: only the first of `pools` and `demand` counts, both of the rest. */
export function repeatedEntries({ pools, demand, clients }: Settings): readonly UnmatchedFinding[] {
  return [
    ...later(
      "pools",
      pools.map(({ client, pool, container }) => [client, pool, container]),
      ONLY_FIRST,
    ),
    ...later(
      "demand",
      demand.map(({ service }) => [service]),
      ONLY_FIRST,
    ),
    ...later(
      "clients",
      clients.map(({ name }) => [name]),
      "its connections count twice",
    ),
  ];
}

const ONLY_FIRST = "only the first counts";

function later(
  list: string,
  keys: readonly (readonly (string | undefined)[])[],
  consequence: string,
): readonly UnmatchedFinding[] {
  const first = new Map<string, number>();
  return keys.flatMap((key, i): UnmatchedFinding[] => {
    const id = JSON.stringify(key.map((part) => part ?? null));
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, i);
      return [];
    }
    return [
      {
        level: "mandatory",
        text: `\`${list}.${i}\` in the policy configuration is of "${key[0] ?? ""}" like \`${list}.${before}\`: ${consequence}.`,
        fix: `Make one entry of them, or remove \`${list}.${i}\``,
      },
    ];
  });
}
