import { spawnSync } from "node:child_process";
import { cpSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  buildKey,
  builtPlace,
  engineCache,
  engineModule,
  explain,
  findGo,
  packageCounter,
} from "../../engine/build.js";
import { discoverEngine, findLanguageHost } from "../../engine/engine.js";
import { fakeProgram, script, temporaryDirectory } from "./temporary.js";

/** A machine with nothing installed, whose places can be filled. */
function machine() {
  const root = temporaryDirectory();
  const place = (name: string) => join(root, name);
  return {
    place,
    install: (directory: string, version: string) => fakeProgram(join(root, directory, "pulumi"), version),
    around: {
      env: { PATH: [place("path-a"), place("path-b")].join(":") },
      home: place("home"),
      cached: [{ directory: place("cache"), source: "built before" }],
    },
  };
}

describe("the search for an engine", () => {
  test("takes PATH before ~/.pulumi/bin before the cache", () => {
    const { install, around } = machine();
    install("cache", "v3.259.0");
    expect(discoverEngine(around).engine?.source).toBe("built before");
    install("home/.pulumi/bin", "v3.251.0");
    expect(discoverEngine(around).engine).toMatchObject({ version: "3.251.0", source: "in ~/.pulumi/bin" });
    const onPath = install("path-b", "v3.250.1");
    expect(discoverEngine(around).engine).toEqual({ pulumi: onPath, version: "3.250.1", source: "on PATH" });
  });

  test("goes on past an engine that is too old, and says so", () => {
    const { install, around } = machine();
    const old = install("path-a", "v3.239.9");
    install("path-b", "v3.240.0");
    const { engine, passedOver } = discoverEngine(around);
    expect(engine?.version).toBe("3.240.0");
    expect(passedOver).toEqual([`${old} is 3.239.9, older than 3.240.0`]);
  });

  test("goes on past a pulumi that does not run", () => {
    const { place, around } = machine();
    const broken = fakeProgram(join(place("path-a"), "pulumi"), "v3.259.0", 1);
    expect(discoverEngine(around)).toEqual({ passedOver: [`${broken} does not answer \`pulumi version\``] });
  });

  test("does not take the npm package, which would start a download", () => {
    const { place, around } = machine();
    const npm = place(join("node_modules", ".bin"));
    fakeProgram(join(npm, "pulumi"), "v3.259.0");
    expect(discoverEngine({ ...around, env: { PATH: npm } }).engine).toBeUndefined();
  });

  test("takes a release that the npm package has downloaded earlier", () => {
    const { install, around } = machine();
    install("home/.pulumi/versions/3.255.0/bin", "v3.255.0");
    expect(discoverEngine(around).engine).toMatchObject({
      version: "3.255.0",
      source: "in ~/.pulumi/versions",
    });
  });

  test("finds nothing on a machine without one", () => {
    expect(discoverEngine(machine().around)).toEqual({ passedOver: [] });
  });
});

describe("the language host of an engine", () => {
  test("is the one beside the engine before any on PATH", () => {
    const { place, install, around } = machine();
    const pulumi = install("release", "v3.259.0");
    fakeProgram(join(place("path-a"), "pulumi-language-nodejs"), "");
    expect(findLanguageHost(pulumi, around)).toBe(place("path-a"));
    fakeProgram(join(place("release"), "pulumi-language-nodejs"), "");
    expect(findLanguageHost(pulumi, around)).toBe(place("release"));
  });

  test("is found beside the file that a link on PATH leads to", () => {
    const { place, install, around } = machine();
    install("cellar", "v3.259.0");
    fakeProgram(join(place("cellar"), "pulumi-language-nodejs"), "");
    const link = join(temporaryDirectory(), "pulumi");
    symlinkSync(join(place("cellar"), "pulumi"), link);
    expect(findLanguageHost(link, around)).toBe(place("cellar"));
  });

  test("is missing where only the engine was installed", () => {
    const { install, around } = machine();
    expect(findLanguageHost(install("path-a", "v3.259.0"), around)).toBeUndefined();
  });
});

describe("the key of a build", () => {
  function copyOfModule() {
    const copy = temporaryDirectory();
    cpSync(engineModule, copy, { recursive: true });
    return copy;
  }

  test("is the same for the same sources", () => {
    expect(buildKey(copyOfModule())).toBe(buildKey(engineModule));
  });

  test.each(["go.mod", "go.sum", "pulumi-language-nodejs/main.go"])("changes with %s", (file) => {
    const copy = copyOfModule();
    writeFileSync(join(copy, file), "changed");
    expect(buildKey(copy)).not.toBe(buildKey(engineModule));
  });

  test("does not change with the launcher's tests", () => {
    const copy = copyOfModule();
    writeFileSync(join(copy, "pulumi-language-nodejs", "host_test.go"), "changed");
    expect(buildKey(copy)).toBe(buildKey(engineModule));
  });
});

describe("the Go toolchain", () => {
  const go = (version: string, toolchain: string) => {
    const directory = temporaryDirectory();
    const answers = `case "$1" in version) echo "go version ${version} linux/amd64" ;; env) echo ${toolchain} ;; esac`;
    script(join(directory, "go"), answers);
    return directory;
  };

  test("that is missing is said to be", () => {
    expect(findGo(engineModule, { PATH: temporaryDirectory() }, [])).toEqual({
      failure: "there is no Go toolchain to build one with",
    });
  });

  test.each([
    ["go1.20.5", "auto"],
    ["go1.24.0", "local"],
  ])("%s, GOTOOLCHAIN=%s, cannot fetch a newer one: refused, with both versions", (version, toolchain) => {
    const found = findGo(engineModule, { PATH: go(version, toolchain) }, []);
    expect(found).toEqual({
      failure: expect.stringMatching(/^Go 1\.2\d\.\d is too old .*1\.\d+\.\d+ or newer/),
    });
  });

  test("that may fetch a newer one is taken though it is older", () => {
    const path = go("go1.24.0", "auto");
    expect(findGo(engineModule, { PATH: path }, [])).toEqual({ path: join(path, "go") });
  });

  test("that does not run is refused", () => {
    expect(findGo(engineModule, { PATH: go("", "") }, [])).toHaveProperty("failure");
  });
});

test("progress counts the packages that go reports, across broken lines", () => {
  const counter = packageCounter(1690);
  expect(counter.describe()).toBe("");
  counter.read("go: downloading github.com/a/b v1.0.0\ngo: downloading github.com/c/d v1.0.0\n");
  expect(counter.describe()).toBe("2 modules fetched");
  counter.read("internal/cpu\nencoding/js");
  counter.read("on\n# a warning of the linker\n");
  expect(counter.describe()).toBe("2 of about 1690 packages");
});

test.each([
  [
    'Get "https://…": dial tcp: lookup host: no such host',
    "the Go module proxy cannot be reached to build it",
  ],
  ["write /x: no space left on device", "the disk is full, so it cannot be built"],
  ["# pkg\n./main.go:3: syntax error\n", "its build failed: ./main.go:3: syntax error"],
  ["", "its build failed: go gave no reason"],
])("a failed build is explained in one line: %j", (stderr, expected) => {
  expect(explain(stderr)).toBe(expected);
});

// Only where our language host was built: elsewhere an official one is in use, and the compile caches are cold.
const inUse = (["engine", "language-host"] as const).some((part) =>
  existsSync(builtPlace(part, engineModule, engineCache())),
);
const go = findGo(engineModule, process.env);

test.runIf(inUse && "path" in go)(
  "our language host's own tests and go vet pass",
  { timeout: 300_000 },
  () => {
    if (!("path" in go)) return;
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };
    const ended = spawnSync(go.path, ["test", "-trimpath", "./..."], {
      cwd: engineModule,
      env,
      encoding: "utf8",
    });
    expect(ended.stdout + ended.stderr).toContain("ok");
    expect(ended.status).toBe(0);
  },
);
