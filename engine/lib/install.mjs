// @ts-check
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastLines, run } from "./child.mjs";
import { startProgress } from "./progress.mjs";
import { Stop } from "./say.mjs";

/**
 * Brings node_modules and the compiled policy pack up to date; costs milliseconds when they are.
 * @param {string} root the folder of package.json
 * @throws {Stop} when npm fails, with npm's last words
 */
export async function ensureInstalled(root) {
  const started = new Date();
  if (!dependenciesMatch(root)) {
    // The root's `prepare` script builds the pack as well, and the service.
    await npm(root, ["ci", "--no-audit", "--no-fund"], "Installing dependencies (npm ci)");
    markBuilt(root, started);
  }
  if (packIsStale(root)) {
    // The pack alone: a mistake in the service must not keep anyone from judging a stack.
    await npm(root, ["run", "--silent", "build:pack"], "Compiling the policy pack");
    markBuilt(root, started);
  }
}

/**
 * Whether node_modules holds what package-lock.json names. npm writes `node_modules/.package-lock.json` as the last
 * act of an installation, so an interrupted one does not match either.
 * https://docs.npmjs.com/cli/v10/configuring-npm/package-lock-json#hidden-lockfiles
 * @param {string} root
 */
export function dependenciesMatch(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, want]) => {
    const have = installed[path];
    if (path === "" || (!have && want.optional)) return true;
    return have !== undefined && have.version === want.version && have.integrity === want.integrity;
  });
}

/**
 * @typedef {{ version?: string; integrity?: string; optional?: boolean }} LockedPackage
 * @param {string} file
 * @returns {Record<string, LockedPackage> | undefined}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Whether the pack has sources younger than its last good build, so that no stack is judged by yesterday's rules or by
 * half of today's: tsc writes its files even where it finds errors.
 * @param {string} root
 */
export function packIsStale(root) {
  const pack = join(root, "policies");
  const built = modified(builtMark(root));
  if (built === 0 || !existsSync(join(pack, "dist", "index.js"))) return true;
  return newestSource(pack) > built || modified(join(root, "tsconfig.base.json")) > built;
}

/**
 * A file whose time is that of the last good build.
 * @param {string} root
 */
function builtMark(root) {
  return join(root, "policies", "dist", ".built");
}

/**
 * @param {string} root
 * @param {Date} started when the build began: what is changed while it runs may have been missed
 */
function markBuilt(root, started) {
  writeFileSync(builtMark(root), "");
  utimesSync(builtMark(root), started, started);
}

/**
 * @param {string} directory
 * @returns {number} milliseconds since 1970
 */
function newestSource(directory) {
  let newest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "dist" || entry.name === "node_modules") continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestSource(path));
    else if (/\.(ts|json)$/.test(entry.name)) newest = Math.max(newest, modified(path));
  }
  return newest;
}

/**
 * @param {string} file
 * @returns {number} milliseconds since 1970, 0 where there is no such file
 */
function modified(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * @param {string} root
 * @param {readonly string[]} args
 * @param {string} label
 */
async function npm(root, args, label) {
  const done = startProgress(label);
  // `npm --silent test` would silence this npm as well, and with it the reason why it fails.
  const ended = await run("npm", [...args, "--loglevel=error"], { cwd: root });
  if (ended.code === 0) {
    done("done");
    return;
  }
  done("failed");
  throw new Stop(explainNpm(args, ended));
}

/** What npm reports when it cannot reach its registry. */
const NETWORK = /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT)$/;

/**
 * npm's own reason, without the usage that it prints after it; then one line that says what failed.
 * @param {readonly string[]} args
 * @param {{ code: number; stdout: string; stderr: string }} ended
 */
export function explainNpm(args, ended) {
  const command = `npm ${args.filter((arg) => !arg.startsWith("--")).join(" ")}`;
  const errors = [...ended.stderr.matchAll(/^npm (?:error|ERR!) ?(.*)$/gm)].map((found) => found[1] ?? "");
  const code = errors.find((line) => line.startsWith("code "))?.slice("code ".length);
  if (code && NETWORK.test(code)) {
    return `\`${command}\` cannot reach the npm registry (${code}): check the network, then run this again.`;
  }
  const usage = errors.findIndex((line) => /^(Clean install|Usage:|A complete log)/.test(line));
  const reason = errors
    .slice(0, usage < 0 ? undefined : usage)
    .filter((line) => line !== "" && !line.startsWith("code "))
    .slice(0, 6);
  const words = [lastLines(ended.stdout), ...reason].filter((line) => line !== "");
  return `${words.join("\n")}\n\`${command}\` failed (${code ?? `code ${ended.code}`}): its reason is above.`;
}
