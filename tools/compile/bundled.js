// Loads a TypeScript module with all of its own that it imports, compiled in one go. A loader that compiles file by
// file as each is required takes several times as long on a machine that never did it, and most continuous
// integration runs on such machines.
const Module = require("node:module");
const { dirname, join } = require("node:path");
const { buildSync } = require("esbuild");

const repository = join(__dirname, "..", "..");

/**
 * What every loader of CommonJS builds on, and Node's types leave out.
 * @typedef {NodeJS.Module & { _compile(text: string, file: string): void }} CompilingModule
 * @typedef {typeof Module & { _nodeModulePaths(folder: string): string[] }} ModuleClass
 */

/**
 * The exports of a TypeScript file. Packages are not bundled: they are required as they are, from the file's folder.
 * Types are stripped, not checked. With PULUMI_STACK_TRACES set, traces name the lines of the source; reading the
 * source maps of every package, as Node then does, costs a tenth of a second a process.
 *
 * @template Exports
 * @param {string} file - Absolute path.
 * @returns {Exports}
 * @throws with file, line and what is wrong, where a file cannot be compiled.
 */
function load(file) {
  const traced = Boolean(process.env.PULUMI_STACK_TRACES);
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    absWorkingDir: repository,
    sourcemap: traced && "inline",
    write: false,
    logLevel: "silent",
  });
  if (traced) process.setSourceMapsEnabled(true);
  const compiled = /** @type {CompilingModule} */ (new Module(file));
  compiled.filename = file;
  compiled.paths = /** @type {ModuleClass} */ (Module)._nodeModulePaths(dirname(file));
  for (const { text } of outputFiles) compiled._compile(text, file);
  return compiled.exports;
}

module.exports = { load };
