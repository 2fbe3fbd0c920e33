import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Setting } from "../../../infra/config/settings";
import { NAMESPACE, settings } from "../../../infra/config/settings";
import { ROOT } from "../plannedProgram";

interface Declaration {
  readonly type: string;
  readonly items?: { readonly type: string };
  readonly description: string;
  readonly default?: unknown;
}

const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
  readonly name: string;
  readonly config: { readonly [name: string]: Declaration };
};
const table: readonly (readonly [string, Setting<unknown>])[] = Object.entries(settings);

/** A default as Pulumi.yaml writes it: a fraction is text there, since Pulumi has no type for it. */
function written({ pulumiType, default: fallback }: Setting<unknown>): unknown {
  return pulumiType === "string" && fallback !== undefined ? String(fallback) : fallback;
}

describe("Pulumi.yaml declares the table of settings", () => {
  it("has the same settings in the same order", () => {
    expect(Object.keys(project.config)).toEqual(table.map(([name]) => name));
    expect(project.name).toBe(NAMESPACE);
  });

  it.each(table)("%s: type, meaning and default agree", (name, setting) => {
    const declared = project.config[name];
    expect(declared?.type).toBe(setting.pulumiType);
    expect(declared?.default).toEqual(written(setting));
    expect(declared?.description.startsWith(setting.meaning)).toBe(true);
    if (setting.unit !== undefined) expect(declared?.description).toContain(setting.unit);
    if (setting.pulumiType === "array") expect(declared?.items).toEqual({ type: "string" });
  });

  it.each(table)("%s: its own example and default can be read", (_name, {
    schema,
    example,
    default: fallback,
  }) => {
    expect(schema.safeParse(example).error).toBeUndefined();
    if (fallback !== undefined) expect(schema.parse(fallback)).toEqual(fallback);
  });
});
