// Loads a TypeScript module with all of its own that it imports, compiled in one go. A loader that compiles file by
// file as each is required takes several times as long on a machine that never did it, and most continuous
// integration runs on such machines. What was compiled is kept in .state/ for as long as nothing that it was made of has changed.
const { createHash } = require("node:crypto");
const { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join } = require("node:path");

const repository = join(__dirname, "..", "..");

/**
 * What every loader of CommonJS builds on, and Node's types leave out.
 * @typedef {NodeJS.Module & { _compile(text: string, file: string): void }} CompilingModule
 * @typedef {typeof Module & { _nodeModulePaths(folder: string): string[] }} ModuleClass
 * @typedef {{ readonly inputs: readonly string[]; readonly fingerprint: string; readonly text: string }} Kept
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
  const text = (traced ? undefined : kept(file)) ?? compile(file, traced);
  if (traced) process.setSourceMapsEnabled(true);
  const compiled = /** @type {CompilingModule} */ (new Module(file));
  compiled.filename = file;
  compiled.paths = /** @type {ModuleClass} */ (Module)._nodeModulePaths(dirname(file));
  compiled._compile(text, file);
  return compiled.exports;
}

/**
 * @param {string} file
 * @param {boolean} traced
 */
function compile(file, traced) {
  const started = Date.now();
  const { outputFiles, metafile } = require("esbuild").buildSync({
    entryPoints: [file],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    absWorkingDir: repository,
    sourcemap: traced && "inline",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const text = outputFiles.map((/** @type {{ text: string }} */ output) => output.text).join("");
  if (!traced) keep(file, Object.keys(metafile.inputs), text, started);
  return text;
}

/** @param {string} file */
const placeOf = (file) =>
  join(
    repository,
    ".state",
    "compiled",
    `${createHash("sha256").update(file).digest("hex").slice(0, 16)}.json`,
  );

/**
 * What was compiled of a file before, if it would be the same now.
 * @param {string} file
 * @returns {string | undefined}
 */
function kept(file) {
  try {
    /** @type {Kept} */
    const { inputs, fingerprint, text } = JSON.parse(readFileSync(placeOf(file), "utf8"));
    return fingerprintOf(inputs) === fingerprint ? text : undefined;
  } catch {
    return undefined; // It was never kept, or a source has gone.
  }
}

/** A source younger than this before its compilation may have changed under it: nothing is kept then. */
const SETTLED_MS = 2_000;

/**
 * @param {string} file
 * @param {readonly string[]} inputs relative to the repository
 * @param {string} text
 * @param {number} started when the compilation began
 */
function keep(file, inputs, text, started) {
  try {
    // `ctime`, because a copy may keep the time of its original.
    const seen = [...inputs, ...foldersOf(inputs)];
    if (seen.some((path) => statSync(join(repository, path)).ctimeMs > started - SETTLED_MS)) return;
    const place = placeOf(file);
    const own = `${place}.${process.pid}`;
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(own, JSON.stringify({ inputs, fingerprint: fingerprintOf(inputs), text }));
    renameSync(own, place);
  } catch {
    // A checkout that is read-only compiles each time.
  }
}

/**
 * All that decides what is compiled: the sources, the names of the files around them, of which a new one may be found first,
 * what configures the compiler, and its version.
 * @param {readonly string[]} inputs
 */
function fingerprintOf(inputs) {
  const hash = createHash("sha256");
  const add = (/** @type {string | Buffer} */ part) => hash.update(`${part.length}:`).update(part);
  add(readFileSync(__filename));
  add(readFileSync(require.resolve("esbuild/package.json")));
  for (const path of inputs) {
    add(path);
    add(readFileSync(join(repository, path)));
  }
  for (const folder of foldersOf(inputs))
    add(`${folder}\n${readdirSync(join(repository, folder)).join("\n")}`);
  for (const file of configurationsOf(inputs)) add(readFileSync(join(repository, file)));
  return hash.digest("hex");
}

/**
 * The folders that are searched for what is imported: those of the sources, and the one above, for a folder's index.
 * @param {readonly string[]} inputs
 */
const foldersOf = (inputs) =>
  [...new Set(inputs.flatMap((path) => [dirname(path), dirname(dirname(path))]))].sort();

/**
 * What configures the compiler, from the folders of the sources up to the repository's.
 * @param {readonly string[]} inputs
 */
function configurationsOf(inputs) {
  const folders = new Set(["."]);
  for (const path of inputs) {
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  return [...folders]
    .flatMap((folder) => readdirSync(join(repository, folder)).map((name) => join(folder, name)))
    .filter((path) => /(^|\/)(package|tsconfig[\w.]*)\.json$/.test(path))
    .sort();
}

module.exports = { load };
