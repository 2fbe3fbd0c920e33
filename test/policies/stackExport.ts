import type { Plan } from "../../policies/plan/plan";
import { type PropertyValue, UNKNOWN } from "../../policies/plan/plan";
import { isMap } from "../../policies/plan/reading";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A secret as `pulumi stack export` writes it. */
export const encrypted = () => ({ ...SECRET, ciphertext: "v1:aGlkZGVu:Y2lwaGVydGV4dA==" });

/** A secret as `pulumi stack export --show-secrets` writes it: JSON in a text. */
export const inClear = (value: unknown) => ({ ...SECRET, plaintext: JSON.stringify(value) });

export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly outputs: { readonly [property: string]: unknown };
  readonly [field: string]: unknown;
}

/** What AWS makes of a value that only it can decide. */
function deployed(value: PropertyValue, property: string): unknown {
  if (value === UNKNOWN) {
    return property === "deploymentConfiguration" ? { strategy: "ROLLING" } : `arn:aws:made:::${property}`;
  }
  if (Array.isArray(value)) return value.map((item: PropertyValue) => deployed(item, property));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deployed(item, key)]));
}

/** What `pulumi stack export` would write once a plan is deployed: what was unknown is known. */
export function stackExport(
  plan: Plan,
  change: (resource: ExportedResource) => ExportedResource = (resource) => resource,
): string {
  const resources = plan.resources.map((resource) => {
    const { urn, type, properties, propertyDependencies, dependencies, parent } = resource;
    const outputs = Object.fromEntries(
      Object.entries(properties).map(([property, value]) => [property, deployed(value, property)]),
    );
    const custom = !type.startsWith("pulumi:pulumi:");
    return change({ urn, custom, type, inputs: {}, outputs, parent, dependencies, propertyDependencies });
  });
  const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "v3.259.0" };
  return JSON.stringify({ version: 3, deployment: { manifest, resources } });
}
