import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import ts from "typescript";

const root = path.resolve(__dirname, "..", "..");
const scratch = path.join(root, ".state", "tests");

/**
 * A folder below `.state`, which git ignores. Modules resolve from it as they do in the project, and unlike a folder
 * below node_modules it holds TypeScript that ts-node is willing to compile.
 */
export function temporaryFolder(prefix: string): string {
  mkdirSync(scratch, { recursive: true });
  return mkdtempSync(path.join(scratch, `${prefix}-`));
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/**
 * Compiles the pack as it is now into a folder laid out like the published package, so that these tests never run
 * yesterday's `dist`.
 */
export function compilePack(): string {
  const target = temporaryFolder("poolproof");
  const policies = path.join(root, "policies");
  for (const name of ["bin", "config", "package.json", "PulumiPolicy.yaml", "README.md"]) {
    cpSync(path.join(policies, name), path.join(target, name), { recursive: true });
  }
  for (const file of sources(policies)) {
    const from = path.join(policies, file);
    const to = path.join(target, "dist", file);
    mkdirSync(path.dirname(to), { recursive: true });
    if (file.endsWith(".json")) cpSync(from, to);
    else writeFileSync(to.replace(/\.ts$/, ".js"), transpiled(from));
  }
  return target;
}

function transpiled(file: string): string {
  return ts.transpileModule(readFileSync(file, "utf8"), {
    fileName: file,
    compilerOptions: {
      module: ts.ModuleKind.Node16,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  }).outputText;
}

function sources(policies: string): string[] {
  return readdirSync(policies, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.(ts|json)$/.test(file) && !/^(dist|node_modules)[/\\]|^(package|tsconfig)\.json$/.test(file),
  );
}
