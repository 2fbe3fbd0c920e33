import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..", "..");

/** Pulumi's own program that loads and serves a policy pack. */
export const packRunner = join(root, "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack");

/** A compiled pack with no policies: the least that any pack costs. */
export const emptyPack = (): string => packOf("empty", "[]");

/** A compiled pack whose one policy is handed the whole stack and does nothing with it. */
export const emptyStackPolicy = (): string =>
  packOf(
    "idle",
    '[{ name: "idle", description: "idle", enforcementLevel: "mandatory", validateStack: () => {} }]',
  );

function packOf(name: string, policies: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-pack-`));
  writeFileSync(join(folder, "PulumiPolicy.yaml"), `name: ${name}\nruntime: nodejs\nmain: dist\n`);
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name, version: "1.0.0", main: "dist/index.js" }),
  );
  mkdirSync(join(folder, "dist"));
  writeFileSync(
    join(folder, "dist", "index.js"),
    `const { PolicyPack } = require("@pulumi/policy");\nnew PolicyPack("${name}", { policies: ${policies} });\n`,
  );
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
  return folder;
}
