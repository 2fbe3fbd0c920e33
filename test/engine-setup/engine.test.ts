import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
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
import { copyStackFile } from "../../engine/embedded.js";
import { discoverEngine, findLanguageHost } from "../../engine/engine.js";
import {
  flagValue,
  hasFlag,
  policyConfigOf,
  stackArguments,
  stackFile,
  stackNames,
} from "../../engine/stacks.js";
import { fakeProgram, script, temporaryDirectory, writeFiles } from "./temporary.js";

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

describe("the arguments of preview, up and destroy", () => {
  test("are a stack, then flags for Pulumi", () => {
    const given = ["dev", "--diff", "-c", "auth:poolMax=12", "-cauth:f=1"];
    expect(stackArguments("preview", given, {})).toEqual({
      stack: "dev",
      flags: given.slice(1),
      realAws: false,
    });
  });

  test.each([
    [["dev", "--skip-preview"], "--skip-preview is not taken"],
    [["dev", "--skip-preview=true"], "--skip-preview is not taken"],
    [["dev", "-f"], "-f is not taken"],
    [["dev", "-yf"], "-f is not taken"],
    [["dev", "-s", "prod"], "-s is not taken"],
    [["dev", "--stack=prod"], "--stack is not taken"],
    [["dev", "--config-file", "other.yaml"], "--config-file is not taken"],
    [["dev", "prod"], 'takes one stack at a time, and then flags: "prod" is neither'],
    [[], "needs a stack first: npm run up -- STACK"],
    [["--diff"], "needs a stack first"],
    [[""], "needs a stack first"],
  ])("%j is refused in one line", (given, expected) => {
    expect(() => stackArguments("up", given, {})).toThrow(expected);
  });

  test("ask for a real account by flag or by environment, and only then", () => {
    expect(stackArguments("up", ["dev", "--real-aws", "--diff"], {})).toEqual({
      stack: "dev",
      flags: ["--diff"],
      realAws: true,
    });
    expect(stackArguments("up", ["dev"], { POOLPROOF_AWS: "real" }).realAws).toBe(true);
    expect(stackArguments("up", ["dev"], { POOLPROOF_AWS: "offline" }).realAws).toBe(false);
  });
});

test("a flag's value is read in both ways of writing it", () => {
  expect(flagValue(["--a", "1", "--b=2=3"], "--b")).toBe("2=3");
  expect(flagValue(["--a", "1"], "--a")).toBe("1");
  expect(flagValue(["--ab", "1"], "--a")).toBeUndefined();
  expect(flagValue(["--a"], "--a")).toBeUndefined();
});
test("a flag with a value is seen in both spellings, and not inside another's name", () => {
  expect(hasFlag(["--policy-config", "x"], "--policy-config")).toBe(true);
  expect(hasFlag(["--policy-config=x"], "--policy-config")).toBe(true);
  expect(hasFlag(["--policy-config-file=x"], "--policy-config")).toBe(false);
});

function repository() {
  const root = temporaryDirectory();
  writeFiles(root, {
    "stacks/Pulumi.dev.yaml": "config:\n  auth:poolMax: 5\n",
    "stacks/Pulumi.prod.yaml": "",
    "stacks/Pulumi.incident-2024-09-02.yaml": "",
    "stacks/notes.md": "",
    "policies/config/dev.json": "{}",
    "policies/config/prod.json": "{}",
  });
  return root;
}

test("stacks are the files in stacks/ that Pulumi would read", () => {
  expect(stackNames(repository())).toEqual(["dev", "incident-2024-09-02", "prod"]);
});

test.each([
  ["prd", 'There is no stack "prd" in stacks/. Did you mean prod?'],
  ["incident", "Did you mean incident-2024-09-02?"],
  ["../../etc/passwd", "Stacks: dev, incident-2024-09-02, prod."],
])("an unknown stack %s is answered with the ones there are", (name, expected) => {
  expect(() => stackFile(repository(), name)).toThrow(expected);
});

test("nothing is suggested where no name is near", () => {
  expect(() => stackFile(repository(), "staging")).toThrow(/in stacks\/\. Stacks:/);
});

test("a stack without a policy configuration of its own is judged by production's", () => {
  const root = repository();
  expect(policyConfigOf(root, "dev")).toBe(join(root, "policies/config/dev.json"));
  expect(policyConfigOf(root, "incident-2024-09-02")).toBe(join(root, "policies/config/prod.json"));
});

describe("the copy of a stack's settings", () => {
  const copied = (root: string) =>
    copyStackFile(join(root, "stacks/Pulumi.dev.yaml"), join(root, ".state/stacks"), "dev");

  test("keeps the salt that Pulumi has written to it, and takes over every change of the source", () => {
    const root = repository();
    const copy = copied(root);
    writeFiles(root, {
      ".state/stacks/Pulumi.dev.yaml": "config:\n  auth:poolMax: 5\nencryptionsalt: v1:abc=\n",
    });
    writeFiles(root, { "stacks/Pulumi.dev.yaml": "config:\n  auth:poolMax: 12\n" });
    expect(copied(root)).toBe(copy);
    expect(readFileSync(copy, "utf8")).toBe("config:\n  auth:poolMax: 12\nencryptionsalt: v1:abc=\n");
  });

  test("leaves the source as it is", () => {
    const root = repository();
    const before = readFileSync(join(root, "stacks/Pulumi.dev.yaml"), "utf8");
    writeFiles(root, { ".state/stacks/Pulumi.dev.yaml": "encryptionsalt: v1:abc=\n" });
    copied(root);
    expect(readFileSync(join(root, "stacks/Pulumi.dev.yaml"), "utf8")).toBe(before);
  });

  test("prefers the salt of a source that has its own", () => {
    const root = repository();
    writeFiles(root, {
      ".state/stacks/Pulumi.dev.yaml": "encryptionsalt: v1:old=\n",
      "stacks/Pulumi.dev.yaml": "encryptionsalt: v1:own=\nconfig: {}\n",
    });
    expect(readFileSync(copied(root), "utf8")).toBe("encryptionsalt: v1:own=\nconfig: {}\n");
  });
});
