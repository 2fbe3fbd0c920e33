import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { discoverEngine, findLanguageHost } from "../../engine/lib/discover.mjs";
import { fakeProgram, temporaryDirectory } from "./temporary.js";

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
