import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What the generated code of @pulumi/aws says about one resource type. */
export interface SdkResource {
  readonly type: string;
  readonly outputOnly: readonly string[];
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Optional inputs whose output is never undefined: AWS or a default fills them in. */
  readonly optionalButAlwaysThere: readonly string[];
  readonly numbers: readonly string[];
  readonly secretOutputs: readonly string[];
}

const ROOT = dirname(require.resolve("@pulumi/aws/package.json"));

/** Reads the compiled code and the types of `aws:rds/instance:Instance` from `rds/instance.{js,d.ts}`. */
export function sdkResource(type: string): SdkResource {
  const path = type.split(":")[1] ?? "";
  const code = readFileSync(join(ROOT, `${path}.js`), "utf8");
  const types = readFileSync(join(ROOT, `${path}.d.ts`), "utf8");
  const classStart = types.search(/^export declare class /m);
  const classBody = types.slice(classStart, types.search(/^export interface \w+State /m));
  const argsBody = types.slice(types.search(/^export interface \w+Args /m));

  const outputs = new Map(
    [...classBody.matchAll(/readonly (\w+): pulumi\.Output<([^;]+)>;/g)].map(([, name = "", text = ""]) => [
      name,
      text,
    ]),
  );
  const inputs = [...argsBody.matchAll(/^ {4}(\w+)(\??): /gm)].map(([, name = "", mark]) => ({
    name,
    isOptional: mark === "?",
  }));
  const optional = inputs.filter((input) => input.isOptional).map((input) => input.name);
  const secrets = /additionalSecretOutputs: (\[[^\]]*\])/.exec(code)?.[1];
  return {
    type: /__pulumiType = '([^']+)'/.exec(code)?.[1] ?? "",
    outputOnly: [...code.matchAll(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g)].map(
      ([, name = ""]) => name,
    ),
    required: inputs.filter((input) => !input.isOptional).map((input) => input.name),
    optional,
    optionalButAlwaysThere: optional.filter(
      (name) => !/\bundefined\b/.test(outputs.get(name) ?? "undefined"),
    ),
    numbers: [...outputs].filter(([, text]) => /^number\b/.test(text)).map(([name]) => name),
    secretOutputs: secrets === undefined ? [] : JSON.parse(secrets),
  };
}
