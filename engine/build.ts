import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { cpus, homedir } from "node:os";
import { delimiter, join } from "node:path";
import { lastLines, run } from "./boot/child.mjs";
import { repository } from "./boot/install.mjs";
import { codeOf, note, startProgress } from "./boot/say.mjs";
import { isAtLeast, parseVersion, pinnedEngine } from "./boot/versions.mjs";

/** The name that Pulumi looks for to run a Node.js program or pack. */
export const languageHost = "pulumi-language-nodejs";

/** The Go module that pins the engine and holds the language host's source. */
export const engineModule = join(repository, "engine", "build");

/**
 * Where engines that were downloaded or built are kept, for every checkout of this user.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function engineCache(env = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "poolproof", "engine");
}

type Part = "engine" | "language-host";

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

/** Go's build cache is kept apart from the user's own, so that `npm run clean:engine` can take it away. */
const goCache = (cache: string): string => join(cache, "go-build");

/** Builds the engine and a language host, or the language host alone, once for each pin and platform. */
export async function build(
  part: Part,
  { module, cache, env = process.env }: { module: string; cache: string; env?: NodeJS.ProcessEnv },
): Promise<{ directory: string } | { failure: string }> {
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
      env: { GOCACHE: goCache(cache), ...env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
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
 * `clean:engine`: takes away what a build of the engine leaves (Go's build cache, unfinished builds, engines of earlier pins);
 * the engine in use stays.
 */
export function cleanEngine(env = process.env): number {
  const cache = engineCache(env);
  const used = new Set([
    builtPlace("engine", engineModule, cache),
    builtPlace("language-host", engineModule, cache),
    join(cache, `release-${pinnedEngine}`),
  ]);
  const found = existsSync(cache) ? readdirSync(cache).map((name) => join(cache, name)) : [];
  const left = found.filter((path) => !used.has(path));
  for (const path of left) rmSync(path, { recursive: true, force: true });
  note(left.length === 0 ? `Nothing to clean in ${cache}.` : `Removed ${left.join(", ")}.`);
  note("Go's module cache is shared with other Go programs: `go clean -modcache` empties it.");
  return 0;
}

/** Gives a finished folder its name in one step; where another process was faster, its result is as good. */
export function moveIntoPlace(finished: string, place: string): string {
  try {
    renameSync(finished, place);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
  return place;
}

/** Where a part lies once it is built. */
export function builtPlace(part: Part, module: string, cache: string): string {
  return join(cache, `${part}-${pinnedEngine}-${buildKey(module)}`);
}

/** What a build depends on: the pins, the launcher's source, the platform. */
export function buildKey(module: string): string {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\0${pinnedEngine}\0`);
  const launcher = join(module, languageHost);
  const sources = readdirSync(launcher).filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"));
  for (const file of ["go.mod", "go.sum", ...sources.sort().map((name) => join(languageHost, name))]) {
    hash.update(`${file}\0`).update(readFileSync(join(module, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** A Go toolchain that can build the module, or why there is none. */
export function findGo(
  module: string,
  env: NodeJS.ProcessEnv,
  usualPlaces: readonly string[] = USUAL_PLACES,
): { path: string } | { failure: string } {
  const path = [...searchPath(env), ...usualPlaces].map((place) => join(place, "go")).find(isExecutable);
  if (!path) return { failure: "there is no Go toolchain to build one with" };
  const required = /^go (\S+)/m.exec(readFileSync(join(module, "go.mod"), "utf8"))?.[1] ?? "1.25";
  const say = (...args: string[]) => spawnSync(path, args, { encoding: "utf8", env }).stdout ?? "";
  const version = parseVersion(say("version"))?.join(".");
  if (!version) return { failure: `${path} does not answer \`go version\`` };
  // From 1.21 on Go fetches the toolchain that a module asks for, unless it is told to stay as it is.
  const fetchesNewer = isAtLeast(version, "1.21") && say("env", "GOTOOLCHAIN").trim() !== "local";
  if (!isAtLeast(version, required) && !fetchesNewer) {
    return { failure: `Go ${version} is too old to build it (${required} or newer is needed)` };
  }
  return { path };
}

/** Counts what `go build -v` reports: a line for each package compiled, a "downloading" line for each module. */
export function packageCounter(about: number): { read(text: string): void; describe(): string } {
  let compiled = 0;
  let fetched = 0;
  let rest = "";
  return {
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

function estimate(part: Part): string {
  const cores = cpus().length;
  if (part === "language-host") return "about a minute";
  return cores >= 8 ? "about 2 to 4 minutes" : `about 5 to 8 minutes on ${cores} cores`;
}

/** Why a build failed, in one line. */
export function explain(stderr: string): string {
  const network =
    /no such host|dial tcp|proxyconnect|i\/o timeout|connection refused|TLS handshake|network is unreachable|module lookup disabled/;
  if (network.test(stderr)) return "the Go module proxy cannot be reached to build it";
  if (/no space left on device/.test(stderr)) return "the disk is full, so it cannot be built";
  return `its build failed: ${lastLines(stderr, 1) || "go gave no reason"}`;
}

/** The folders of PATH. Those of npm are left out: a `pulumi` there is the npm package, which would download. */
export function searchPath(env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "" && !directory.endsWith(join("node_modules", ".bin")));
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
