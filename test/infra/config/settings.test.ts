import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import type { Setting } from "../../../infra/config/settings";
import { NAMESPACE, settings } from "../../../infra/config/settings";
import { ROOT } from "../plannedProgram";

const table: readonly (readonly [string, Setting<unknown>])[] = Object.entries(settings);

it.each(table)("%s: its own example and default can be read", (_name, {
  schema,
  example,
  default: fallback,
}) => {
  expect(schema.safeParse(example).error).toBeUndefined();
  if (fallback !== undefined) expect(schema.parse(fallback)).toEqual(fallback);
});

it("the settings are those of the project that Pulumi.yaml names", () => {
  expect(parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8"))).toMatchObject({ name: NAMESPACE });
});
