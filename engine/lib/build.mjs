// @ts-check
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { lastLines, run } from "./child.mjs";
import { isExecutable, languageHost, searchPath } from "./discover.mjs";
import { pinnedEngine } from "./pins.mjs";
import { startProgress } from "./progress.mjs";
import { moveIntoPlace } from "./release.mjs";
import { isAtLeast, parseVersion } from "./version.mjs";

/** @typedef {"engine" | "language-host"} Part */

/** What each part compiles, and about how many packages that is (`go list -deps`). */
const PARTS = {
  engine: {
    packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", `./${languageHost}`],
    label: `Building Pulumi ${pinnedEngine} from its Go module`,
    about: 1740,
  },
  "language-host": { packages: [`./${languageHost}`], label: "Building a Node.js language host", about: 550 },
};

/** Where Go is often installed without being on PATH. */
const USUAL_PLACES = ["/usr/local/go/bin", "/opt/homebrew/bin", "/usr/lib/go/bin"];

/**
 * Builds the engine and a language host, or the language host alone, once for each pin and platform.
 * @param {Part} part
 * @param {{ module: string; cache: string; env?: NodeJS.ProcessEnv }} where
 * @returns {Promise<{ directory: string } | { failure: string }>}
 */
export async function build(part, { module, cache, env = process.env }) {
  const { packages, label, about } = PARTS[part];
  const place = builtPlace(part, module, cache);
  if (existsSync(place)) return { directory: place };
  const go = findGo(module, env);
  if ("failure" in go) return go;

  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, ".building-"));
  const counter = packageCounter(about);
  const done = startProgress(label, {
    estimate: `${estimate(part)}, once per machine`,
    detail: counter.describe,
  });
  try {
    const version = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${pinnedEngine}`;
    const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", `-s -w ${version}`];
    const ended = await run(go.path, ["build", ...flags, "-o", `${unfinished}/`, ...packages], {
      cwd: module,
      env: { ...env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
      onStderr: counter.read,
    });
    if (ended.code !== 0) {
      done("failed");
      return { failure: explain(ended.stderr) };
    }
    done("done");
    return { directory: moveIntoPlace(unfinished, place) };
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/**
 * Where a part lies once it is built.
 * @param {Part} part
 * @param {string} module
 * @param {string} cache
 */
export function builtPlace(part, module, cache) {
  return join(cache, `${part}-${pinnedEngine}-${buildKey(module)}`);
}

/**
 * What a build depends on: the pins, the launcher's source, the platform.
 * @param {string} module
 */
export function buildKey(module) {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\0${pinnedEngine}\0`);
  const launcher = join(module, languageHost);
  const sources = readdirSync(launcher).filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"));
  for (const file of ["go.mod", "go.sum", ...sources.sort().map((name) => join(languageHost, name))]) {
    hash.update(`${file}\0`).update(readFileSync(join(module, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * A Go toolchain that can build the module, or why there is none.
 * @param {string} module
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} [usualPlaces]
 * @returns {{ path: string } | { failure: string }}
 */
export function findGo(module, env, usualPlaces = USUAL_PLACES) {
  const path = [...searchPath(env), ...usualPlaces].map((place) => join(place, "go")).find(isExecutable);
  if (!path) return { failure: "there is no Go toolchain to build one with" };
  const required = /^go (\S+)/m.exec(readFileSync(join(module, "go.mod"), "utf8"))?.[1] ?? "1.25";
  const say = (/** @type {string[]} */ args) => spawnSync(path, args, { encoding: "utf8", env }).stdout ?? "";
  const version = parseVersion(say(["version"]))?.join(".");
  if (!version) return { failure: `${path} does not answer \`go version\`` };
  // From 1.21 on Go fetches the toolchain that a module asks for, unless it is told to stay as it is.
  const fetchesNewer = isAtLeast(version, "1.21") && say(["env", "GOTOOLCHAIN"]).trim() !== "local";
  if (!isAtLeast(version, required) && !fetchesNewer) {
    return { failure: `Go ${version} is too old to build it (${required} or newer is needed)` };
  }
  return { path };
}

/**
 * Counts what `go build -v` reports: a line for each package compiled, a "downloading" line for each module.
 * @param {number} about
 */
export function packageCounter(about) {
  let compiled = 0;
  let fetched = 0;
  let rest = "";
  return {
    /** @param {string} text */
    read(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("go: downloading")) fetched += 1;
        else if (/^[\w./-]+$/.test(line)) compiled += 1;
      }
    },
    describe() {
      if (compiled === 0) return fetched === 0 ? "" : `${fetched} modules fetched`;
      return `${compiled} of about ${about} packages`;
    },
  };
}

/** @param {Part} part */
function estimate(part) {
  const cores = cpus().length;
  if (part === "language-host") return "about a minute";
  return cores >= 8 ? "about 2 to 4 minutes" : `about 5 to 8 minutes on ${cores} cores`;
}

/**
 * Why a build failed, in one line.
 * @param {string} stderr
 */
export function explain(stderr) {
  const network =
    /no such host|dial tcp|proxyconnect|i\/o timeout|connection refused|TLS handshake|network is unreachable|module lookup disabled/;
  if (network.test(stderr)) return "the Go module proxy cannot be reached to build it";
  if (/no space left on device/.test(stderr)) return "the disk is full, so it cannot be built";
  return `its build failed: ${lastLines(stderr, 1) || "go gave no reason"}`;
}
