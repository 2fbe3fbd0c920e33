import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { parseStackConfig } from "../../infra/config/parseStackConfig";
import { formatProblems } from "../../infra/config/problems";
import type { StackConfig } from "../../infra/config/stackConfig";
import { closest } from "../../policies/model/nearestName";
import { ReplayInputError, reasonOf } from "./inputError";

const STACKS = resolve(__dirname, "../../stacks");

/** Names of the stacks that have a file. */
export function stackNames(): readonly string[] {
  return readdirSync(STACKS)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
}

/**
 * A stack's settings from its file, as the deployment would have them.
 * @param overrides Settings that a scenario changes, by name without the namespace.
 * @throws ReplayInputError for a stack without a file, and for settings that cannot be read.
 */
export function stackSettings(
  stack: string,
  overrides: { readonly [setting: string]: unknown } = {},
): StackConfig {
  const path = join(STACKS, `Pulumi.${stack}.yaml`);
  if (!/^[\w.-]+$/.test(stack) || !existsSync(path)) {
    const near = closest(stack, stackNames());
    const hint = near === undefined ? `there are ${stackNames().join(", ")}` : `did you mean ${near}?`;
    throw new ReplayInputError(`there is no stack ${stack}: ${hint}`);
  }
  const config = configOf(path);
  const changes = Object.entries(overrides).map(([name, value]) => [`auth:${name}`, value] as const);
  const result = parseStackConfig({ ...config, ...Object.fromEntries(changes) }, stack);
  if (result.ok) return result.config;
  throw new ReplayInputError(`stack ${stack} cannot be used:\n${formatProblems(result.problems)}`);
}

function configOf(path: string): { readonly [key: string]: unknown } {
  try {
    const content: unknown = parse(readFileSync(path, "utf8"));
    const config = isMapping(content) ? content.config : undefined;
    if (isMapping(config)) return config;
  } catch (error) {
    throw new ReplayInputError(`${path} cannot be read: ${reasonOf(error)}`);
  }
  throw new ReplayInputError(`${path} has no \`config:\` block with settings under it`);
}

function isMapping(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
