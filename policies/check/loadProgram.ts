import { existsSync, readFileSync, statSync } from "node:fs";
import Module, { createRequire } from "node:module";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { InputError, isRecord, messageOf } from "../kit/errors";
import type { Project } from "./project";

/**
 * Loads a program the way Pulumi's own runner does (sdk/nodejs, `cmd/run/run.ts`): the entry from `main` in
 * Pulumi.yaml or from package.json, by `import` for ES modules and by `require` otherwise, TypeScript through
 * ts-node unless the project says `typescript: false`; an exported function is called.
 *
 * @param sdkRequire resolves modules from the program's @pulumi/pulumi
 */
export async function loadProgram(project: Project, sdkRequire: NodeJS.Require): Promise<unknown> {
  const manifest = nearestManifest(project.entry ?? project.programFolder);
  const program = project.entry ?? manifestEntry(manifest) ?? project.programFolder;
  const isModule = manifest?.content.type === "module" || program.endsWith(".mjs");
  if (project.typescript) compileTypeScript(project, isModule, sdkRequire);
  try {
    const exported = isModule ? await importProgram(program) : requireProgram(program);
    return await (exported instanceof Function ? exported() : exported);
  } catch (error) {
    throw withoutCode(error, program);
  }
}

interface Manifest {
  readonly folder: string;
  readonly content: { readonly [field: string]: unknown };
}

function nearestManifest(program: string): Manifest | undefined {
  for (let folder = statSync(program).isDirectory() ? program : path.dirname(program); ; ) {
    const file = path.join(folder, "package.json");
    if (existsSync(file)) {
      try {
        const content: unknown = JSON.parse(readFileSync(file, "utf8"));
        return isRecord(content) ? { folder, content } : undefined;
      } catch (error) {
        throw new InputError(`${file} cannot be read: ${messageOf(error)}`);
      }
    }
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** `exports` (a text, or the entry for ".") goes before `main`; an entry that does not exist is passed over. */
function manifestEntry(manifest: Manifest | undefined): string | undefined {
  if (!manifest) return undefined;
  const { exports, main } = manifest.content;
  const dot = isRecord(exports) ? exports["."] : exports;
  const fromExports = isRecord(dot) ? (dot.default ?? dot.require ?? dot.import) : dot;
  const entry = exports === undefined ? main : fromExports;
  if (typeof entry !== "string") return undefined;
  const file = path.join(manifest.folder, entry);
  return existsSync(file) ? file : undefined;
}

function requireProgram(program: string): unknown {
  const target = statSync(program).isDirectory() ? `${program}${path.sep}` : program;
  return createRequire(path.join(path.dirname(program), "index.js"))(target);
}

const MODULE_ENTRIES = ["index.js", "index.mjs", "index.ts", "index.mts"];

async function importProgram(program: string): Promise<unknown> {
  const file = statSync(program).isDirectory()
    ? MODULE_ENTRIES.map((name) => path.join(program, name)).find((each) => existsSync(each))
    : program;
  if (!file) throw new InputError(`${program} has no ${MODULE_ENTRIES.join(", ")}`);
  const exported: unknown = await import(pathToFileURL(file).href);
  return isRecord(exported) && Object.hasOwn(exported, "default") ? exported.default : exported;
}

/**
 * Registers ts-node when the first TypeScript file is loaded, and not before: it takes a second to load, and many
 * projects that allow TypeScript are plain JavaScript.
 */
function compileTypeScript(project: Project, isModule: boolean, sdkRequire: NodeJS.Require): void {
  if (isModule) {
    registerModuleHooks(project, sdkRequire);
    return;
  }
  const extensions = (Module as unknown as { _extensions: NodeJS.RequireExtensions })._extensions;
  // A loader that is already there (tsx through `nodeargs`) does the work.
  if (extensions[".ts"]) return;
  extensions[".ts"] = (loaded, file) => {
    delete extensions[".ts"];
    const { tsnodeRequire, options } = tsNode(project, sdkRequire);
    sdkRequire(tsnodeRequire).register(options);
    const handler = extensions[".ts"];
    if (!handler) throw new InputError("ts-node did not register itself for TypeScript files");
    handler(loaded, file);
  };
}

/** ES modules in TypeScript need Pulumi's own loader hooks, and a ts-node in the project that has them. */
function registerModuleHooks(project: Project, sdkRequire: NodeJS.Require): void {
  try {
    sdkRequire.resolve("ts-node/esm");
    const hooks = sdkRequire.resolve("@pulumi/pulumi/cmd/run/hooks.js");
    Module.register(pathToFileURL(hooks).href, { data: tsNode(project, sdkRequire).options });
  } catch {
    // Plain JavaScript modules need none of this, and TypeScript ones fail with Node's own message.
  }
}

/** ts-node and its options, as Pulumi's runner chooses them. */
function tsNode(project: Project, sdkRequire: NodeJS.Require): { tsnodeRequire: string; options: object } {
  const utilities = sdkRequire("@pulumi/pulumi/tsutils");
  const { tsnodeRequire, typescriptRequire } = utilities.typeScriptRequireStrings();
  const file = path.join(project.programFolder, "tsconfig.json");
  const compilerOptions = utilities.loadTypeScriptCompilerOptions(file);
  const [major = 0, minor = 0] = String(sdkRequire(typescriptRequire).version).split(".").map(Number);
  const isNodeNext = major > 4 || (major === 4 && minor >= 7);
  return {
    tsnodeRequire,
    options: {
      compiler: typescriptRequire,
      transpileOnly: compilerOptions.noCheck,
      project: file,
      skipProject: !existsSync(file),
      compilerOptions: {
        target: "ES2020",
        module: isNodeNext ? "nodenext" : "commonjs",
        moduleResolution: isNodeNext ? "nodenext" : "node",
        sourceMap: "true",
        ...compilerOptions,
      },
    },
  };
}

/** Node's message for a missing module goes on with the files that required it: the first line says enough. */
function withoutCode(error: unknown, program: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "MODULE_NOT_FOUND") return error;
  const [first = error.message] = error.message.split("\n");
  return new Error(`${first} (from ${program}); is it installed and built?`);
}
