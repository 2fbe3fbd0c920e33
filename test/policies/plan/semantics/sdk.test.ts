import { describe, expect, test } from "vitest";
import { knownTypes, semanticsOf } from "../../../../policies/plan/provider";
import { sdkResource } from "./sdk";

const sorted = (names: Iterable<string>): string[] => [...names].sort();

describe.each(knownTypes())("the table for %s, held against @pulumi/aws", (type) => {
  const sdk = sdkResource(type);
  const semantics = semanticsOf(type);
  if (semantics === undefined) throw new Error(`${type} is listed and not there`);
  const inputs = new Set([...sdk.required, ...sdk.optional]);

  test("is about a type the SDK has under this token", () => {
    expect(sdk.type).toBe(type);
  });

  test("has every output-only property as computed, and no input", () => {
    expect(sorted(semantics.computed)).toEqual(sorted(sdk.outputOnly));
  });

  test("requires what the SDK requires", () => {
    expect(sorted(semantics.required)).toEqual(sorted(sdk.required));
  });

  test("fills in, or leaves to AWS, every optional input that is always there afterwards", () => {
    const accounted = new Set([
      ...semantics.computedUnlessSet,
      ...Object.keys(semantics.defaults ?? {}),
      ...(semantics.autoName === undefined ? [] : [semantics.autoName.property]),
    ]);
    expect(sdk.optionalButAlwaysThere.filter((name) => !accounted.has(name))).toEqual([]);
    expect(semantics.computedUnlessSet.filter((name) => !sdk.optionalButAlwaysThere.includes(name))).toEqual(
      [],
    );
  });

  test("names only inputs the SDK has", () => {
    const paths = [
      ...Object.keys(semantics.nestedDefaults ?? {}),
      ...Object.keys(semantics.nestedComputedUnlessSet ?? {}),
    ];
    const named = [
      ...Object.keys(semantics.defaults ?? {}),
      ...Object.keys(semantics.plannedDefaults ?? {}),
      ...(semantics.documents ?? []),
      ...paths.map((path) => path.split(".")[0] ?? path),
      ...(semantics.autoName === undefined ? [] : [semantics.autoName.property]),
      ...(semantics.autoName?.unless === undefined ? [] : [semantics.autoName.unless]),
    ];
    expect(named.filter((name) => !inputs.has(name))).toEqual([]);
    expect((semantics.numbers ?? []).filter((name) => !sdk.numbers.includes(name))).toEqual([]);
  });

  test("decides each property once", () => {
    const all = [
      ...semantics.computed,
      ...semantics.computedUnlessSet,
      ...Object.keys(semantics.defaults ?? {}),
    ];
    expect(all).toHaveLength(new Set(all).size);
  });
});
