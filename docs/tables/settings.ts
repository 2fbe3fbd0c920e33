import { settingsJsonSchema } from "../../policies/config/publishedSchemas";
import { table } from "./sections";

/** What this page reads of a JSON schema. */
interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
}

const settings: Schema = settingsJsonSchema() as Schema;

/** One setting; one inside a list is named with it: `demand[].holdMs`. */
export interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly meaning: string;
}

/** Every setting of `poolproof-settings`, in the schema's order. */
export const SETTING_ROWS: readonly SettingRow[] = rows(settings);

/** Every setting with its kind and meaning, in the schema's order. */
export function settingsTable(): string {
  return table(
    ["setting", "value", "meaning"],
    SETTING_ROWS.map(({ name, value, meaning }) => [`\`${name}\``, value, meaning]),
  );
}

function rows(object: Schema, prefix = ""): readonly SettingRow[] {
  return Object.entries(object.properties ?? {}).flatMap(([key, property]) => {
    const name = `${prefix}${key}`;
    const needed = prefix !== "" && object.required?.includes(key) ? ", required" : "";
    return [
      { name, value: `${kind(property)}${needed}`, meaning: property.description ?? "" },
      ...(property.items ? rows(property.items, `${name}[].`) : rows(property, `${name}.`)),
    ];
  });
}

/** A schema's kind in words: `integer, 1 to 100`, `"reject" or "warn"`, `list`. */
function kind(property: Schema): string {
  if (property.enum) return property.enum.map((each) => `\`${JSON.stringify(each)}\``).join(" or ");
  if (property.anyOf) return property.anyOf.map(kind).join(", or ");
  if (property.type === "array")
    return property.items?.properties ? "list" : `list of ${plural(property.items)}`;
  if (property.type === "object") {
    const { additionalProperties: values } = property;
    return typeof values === "object" ? `${kind(values)} by name` : "object";
  }
  return `${property.type ?? "any"}${range(property)}`;
}

function plural(items: Schema | undefined): string {
  const text = items ? kind(items) : "value";
  return items?.enum ? text : `${text}s`;
}

/** JavaScript's largest safe integer is where a schema says no bound: it is none to a reader. */
function range({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (exclusiveMinimum !== undefined)
    return bounded ? `, above ${exclusiveMinimum}, at most ${maximum}` : `, above ${exclusiveMinimum}`;
  if (minimum !== undefined) return bounded ? `, ${minimum} to ${maximum}` : `, ${minimum} or more`;
  return bounded ? `, at most ${maximum}` : "";
}
