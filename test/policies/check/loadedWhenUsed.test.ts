import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadedWhenUsed } from "../../../policies/check/programSdk";
import { removeFolder, temporaryFolder } from "../compiledPack";

const folder = temporaryFolder("deferred");
afterAll(() => removeFolder(folder));

/** A module that requires a heavy one the way TypeScript compiles `import * as`. */
function user(name: string) {
  const own = path.join(folder, name);
  mkdirSync(own);
  writeFileSync(
    path.join(own, "heavy.js"),
    "globalThis.loaded = (globalThis.loaded ?? 0) + 1;\nmodule.exports = function heavy() { return 7; };\nmodule.exports.Tree = class { size() { return 3; } };\n",
  );
  writeFileSync(
    path.join(own, "user.js"),
    `const star = (mod) => {
  if (mod && mod.__esModule) return mod;
  const copy = {};
  for (const key of Object.keys(mod)) copy[key] = mod[key];
  return copy;
};
const heavy = star(require("./heavy"));
exports.size = () => new heavy.Tree().size();
exports.has = () => "Tree" in heavy;
`,
  );
  return () => createRequire(path.join(own, "index.js"))("./user.js") as { size(): number; has(): boolean };
}

const loads = () => (globalThis as { loaded?: number }).loaded ?? 0;

describe("a module that is loaded when it is used", () => {
  it("is not loaded with what requires it, and then once", () => {
    const before = loads();
    const { size, has } = loadedWhenUsed(new Set(["./heavy"]), user("used"));
    expect(loads()).toBe(before);
    expect(size()).toBe(3);
    expect(has()).toBe(true);
    expect(size()).toBe(3);
    expect(loads()).toBe(before + 1);
  });

  it("leaves every other module, and every later one, as it is", () => {
    const before = loads();
    loadedWhenUsed(new Set(["./other"]), user("other"));
    expect(loads()).toBe(before + 1);
    loadedWhenUsed(new Set(["./heavy"]), () => undefined);
    user("later")();
    expect(loads()).toBe(before + 2);
  });

  it("loads as usual again after a failure", () => {
    const before = loads();
    const fail = () => {
      throw new Error("no such SDK");
    };
    expect(() => loadedWhenUsed(new Set(["./heavy"]), fail)).toThrow("no such SDK");
    user("after")();
    expect(loads()).toBe(before + 1);
  });
});
