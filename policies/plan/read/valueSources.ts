import type { PlanIndex } from "../planIndex";
import { readText } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { Container } from "./containers";

/** SSM parameters and secrets that the container itself takes its values from. */
export const ownSources = (container: Container | undefined, index: PlanIndex): string[] =>
  (container?.secretSources ?? []).flatMap((source) => carriersNamed(source, index));

/** A secret's value lies in its versions, which depend on it and not it on them. */
export const withVersions = (urns: readonly string[], index: PlanIndex): string[] =>
  unique(
    urns.flatMap((urn) => [
      urn,
      ...index.usersOf(urn, resourceTypes.secretVersion, "secretId").map((version) => version.urn),
    ]),
  );

/** What the container's own parameters and secrets hold, where the plan shows it; never for messages. */
export function ownTexts(
  container: Container | undefined,
  index: PlanIndex,
): readonly { readonly name: string; readonly text: string }[] {
  return withVersions(ownSources(container, index), index).flatMap((urn) => {
    const store = index.get(urn);
    if (store === undefined) return [];
    const texts = [readText(store, "value"), readText(store, "secretString")];
    return texts.flatMap((text) => (text.state === "known" ? [{ name: store.name, text: text.value }] : []));
  });
}

/** SSM parameters and secrets that an ARN or a name in `valueFrom` points to. */
function carriersNamed(source: string, index: PlanIndex): string[] {
  const parameter = after(source, ":parameter") ?? source;
  const secret = after(source, ":secret:");
  return [
    // `…:parameter/auth/db/host` names "/auth/db/host"; `…:parameter/host` may also name "host".
    ...index.named(resourceTypes.ssmParameter, "name", parameter),
    ...index.named(resourceTypes.ssmParameter, "name", parameter.replace(/^\//, "")),
    ...index.named(resourceTypes.secret, "name", secret === undefined ? source : secretName(secret)),
  ].map(({ urn }) => urn);
}

function after(text: string, marker: string): string | undefined {
  const at = text.indexOf(marker);
  return at < 0 ? undefined : text.slice(at + marker.length);
}

/** Secrets Manager appends a hyphen and six characters to the name in an ARN; a partial ARN leaves them out. */
function secretName(rest: string): string {
  return (rest.split(":")[0] ?? "").replace(/-[A-Za-z0-9]{6}$/, "");
}

export const unique = (items: readonly string[]): string[] => [...new Set(items)];
