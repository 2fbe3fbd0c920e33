import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildKey, explain, findGo, packageCounter } from "../../engine/lib/build.mjs";
import { engineModule } from "../../engine/lib/paths.mjs";
import { script, temporaryDirectory } from "./temporary.js";

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
