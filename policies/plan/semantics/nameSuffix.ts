import { createHash } from "node:crypto";

/**
 * Seven hexadecimal digits that end an auto-generated name.
 *
 * The real provider draws them at random and keeps them in the state. Here they are derived from the URN, so
 * that a first preview, the in-process check and the deployment agree on every name.
 *
 * @param urn the resource's URN
 * @param replaces the name that is being replaced: its successor must differ, both exist for a while
 */
export function nameSuffix(urn: string, replaces?: string): string {
  const seed = replaces === undefined ? urn : `${urn}\n${replaces}`;
  return createHash("sha256").update(seed).digest("hex").slice(0, 7);
}
