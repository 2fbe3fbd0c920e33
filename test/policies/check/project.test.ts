import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { projectLocations } from "../../../policies/check/check";
import { loadedWhenUsed } from "../../../policies/check/programSdk";
import { type Project, readProject } from "../../../policies/check/project";
import { stackConfig } from "../../../policies/check/stackConfig";
import { InputError } from "../../../policies/kit/errors";
import { removeFolder, temporaryFolder } from "../compiledPack";

const repository = temporaryFolder("repository");
afterAll(() => removeFolder(repository));

const write = (name: string, text: string): string => {
  const file = path.join(repository, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};

write(".git/HEAD", "");
write(
  "apps/shop/Pulumi.yaml",
  "name: shop\nruntime: nodejs\nconfig:\n  poolMax:\n    type: integer\n    default: 3\n  size:\n    default: 1\n",
);
const stackFile = write(
  "apps/shop/Pulumi.dev.yaml",
  "# The stack\nconfig:\n  aws:region: eu-west-1\n\n  shop:size: 4\n  shop:config:old: 1\n",
);
const program = path.join(repository, "apps", "shop", "index.ts");

const line = (of: number) => ({ uri: pathToFileURL(program).href, line: of });
const inPackage = {
  uri: pathToFileURL(path.join(repository, "node_modules", "x", "index.js")).href,
  line: 1,
};

const at = (finding: { fix?: string; resource?: string }, withStackFile = true) =>
  projectLocations({
    project: readProject(path.join(repository, "apps", "shop")),
    stack: "dev",
    config: {},
    stackFile: withStackFile ? stackFile : undefined,
    positions: new Map([
      ["own", [line(7), line(50)]],
      ["package", [inPackage]],
      ["called", [inPackage, line(9)]],
      ["elsewhere", [{ uri: "file:///somewhere/else.ts", line: 1 }]],
      ["strange", [{ uri: "vm:evaluated", line: 1 }]],
      ["first", [line(20), line(31), line(40)]],
      ["second", [line(20), line(32), line(40)]],
      ["in a loop", [line(60), line(61)]],
      ["in the loop", [line(60), line(61)]],
    ]),
  }).at({
    rule: "pool-floor",
    level: "mandatory",
    resource: finding.resource ?? "none",
    message: "",
    observed: null,
    allowed: null,
    unit: null,
    fix: finding.fix ?? "Raise it",
    docs: "",
  });

describe("where a finding can be fixed", () => {
  it("is the line of the key in the stack's file, from the repository's root", () => {
    const place = { file: "apps/shop/Pulumi.dev.yaml", line: 5 };
    expect(at({ fix: "Set `shop:size` to 11–19" })).toEqual(place);
    expect(at({ fix: "Set `shop:size` to 11–19", resource: "own" })).toEqual(place);
    expect(at({ fix: "Set `shop:old`" })).toEqual({ ...place, line: 6 });
  });

  it("is the project's declaration where the stack leaves the default", () => {
    expect(at({ fix: "Set `shop:poolMax` to 11" })).toEqual({ file: "apps/shop/Pulumi.yaml", line: 4 });
  });

  it("is the program's line where no key is named, unless it is a package's or lies elsewhere", () => {
    expect(at({ resource: "own" })).toEqual({ file: "apps/shop/index.ts", line: 7 });
    for (const resource of ["package", "elsewhere", "strange", "none"]) {
      expect(at({ resource })).toEqual({ file: "apps/shop/Pulumi.dev.yaml" });
    }
  });

  it("is the call of a helper whose one line makes several resources", () => {
    const place = (of: number) => ({ file: "apps/shop/index.ts", line: of });
    expect(at({ resource: "first" })).toEqual(place(31));
    expect(at({ resource: "second" })).toEqual(place(32));
    expect(at({ resource: "in a loop" })).toEqual(place(60));
    expect(at({ resource: "called" })).toEqual(place(9));
  });

  it("is the project's file where the project has no stack files", () => {
    expect(at({}, false)).toEqual({ file: "apps/shop/Pulumi.yaml" });
  });
});

const project = (config: Project["config"]): Project => ({
  name: "auth",
  runtime: "nodejs",
  root: "/p",
  file: "/p/Pulumi.yaml",
  programFolder: "/p",
  entry: undefined,
  typescript: false,
  nodeargs: [],
  config,
  stackFolder: "/p",
});

const read = (declared: Project["config"], config: object, overrides: [string, string][] = []) =>
  stackConfig(project(declared), "dev", { config }, overrides);

describe("a stack's configuration", () => {
  it("is the project's defaults, then the stack file, then the command line", () => {
    const declared = {
      poolMax: { type: "integer", default: 5 },
      "aws:region": { value: "eu-west-1" },
      greeting: "hi",
    };
    const own = { "auth:poolMax": 7, "auth:list": [1, { a: true }], "auth:config:old": "x" };
    expect(read(declared, own, [["poolMax", "9"]]).values).toEqual({
      "auth:poolMax": "9",
      "auth:greeting": "hi",
      "aws:region": "eu-west-1",
      "auth:list": '[1,{"a":true}]',
      "auth:old": "x",
    });
  });

  it("keeps every digit of a whole number", () => {
    expect(read({}, { account: 123456789012345678901n }).values["auth:account"]).toBe(
      "123456789012345678901",
    );
  });

  it("takes a key with nothing after it for an empty text, as the engine does", () => {
    const declared = {
      greeting: { type: "string", default: "hi" },
      poolMax: { type: "integer", default: 5 },
    };
    expect(read(declared, { "auth:greeting": null }).values["auth:greeting"]).toBe("");
    expect(() => read(declared, { "auth:poolMax": null })).toThrow('auth:poolMax is "", not of type integer');
  });

  it("takes a key without a namespace for the project's own, as the engine does", () => {
    expect(read({ poolMax: { type: "integer" } }, { poolMax: 8 }).values).toEqual({ "auth:poolMax": "8" });
  });

  it("names every missing and mistyped value, with the command that fixes each", () => {
    const declared = {
      poolMax: { type: "integer" },
      region: { type: "string" },
      zones: { type: "array" },
      isOpen: { type: "boolean" },
      token: { type: "string", secret: true },
    };
    const attempt = () => read(declared, { "auth:poolMax": "ten", "auth:zones": "a", "auth:isOpen": "yes" });
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(
      'auth:poolMax is "ten", not of type integer: `pulumi config set auth:poolMax NUMBER --stack dev`',
    );
    expect(attempt).toThrow("auth:region is not set: `pulumi config set auth:region VALUE --stack dev`");
    expect(attempt).toThrow("`pulumi config set --secret auth:token VALUE --stack dev`");
    expect(attempt).toThrow("auth:zones");
    expect(attempt).toThrow("auth:isOpen");
  });

  it("never shows the value of a secret, whether the project or the stack says that it is one", () => {
    const declared = { pin: { type: "integer", secret: true }, key: { type: "integer" } };
    const own = { "auth:pin": "hunter2", "auth:key": { a: "hunter2", b: { secure: "v1:abc" } } };
    const attempt = () => read(declared, own);
    expect(attempt).toThrow(
      "auth:pin is a secret, not of type integer: `pulumi config set --secret auth:pin NUMBER --stack dev`",
    );
    expect(attempt).toThrow("auth:key is a secret, not of type integer");
    expect(attempt).not.toThrow("hunter2");
    expect(() => read(declared, { "auth:key": 1 }, [["pin", "hunter2"]])).toThrow("auth:pin is a secret");
  });

  it("refuses a list or an object for a text, as the engine does, and a text that looks like one passes", () => {
    const declared = { greeting: { type: "string" } };
    expect(() => read(declared, { "auth:greeting": ["hi"] })).toThrow(
      'auth:greeting is "[\\"hi\\"]", not of type string',
    );
    expect(read(declared, { "auth:greeting": '["hi"]' }).values["auth:greeting"]).toBe('["hi"]');
    expect(read(declared, { "auth:greeting": {} }, [["greeting", "hi"]]).values["auth:greeting"]).toBe("hi");
  });

  it("lets numbers through that only a policy may refuse", () => {
    const declared = { poolMax: { type: "integer" } };
    expect(read(declared, { "auth:poolMax": -1 }).values["auth:poolMax"]).toBe("-1");
    expect(read(declared, { "auth:poolMax": 1e9 }).values["auth:poolMax"]).toBe("1000000000");
  });

  it("puts Pulumi's own marker of an unknown in the place of a secret it cannot decrypt", () => {
    const { values, secretKeys } = read(
      { token: { type: "integer", secret: true } },
      { "auth:token": { secure: "v1:abc" }, "auth:nested": { a: [{ secure: "v1:def" }] } },
    );
    expect(secretKeys).toEqual(["auth:token", "auth:nested"]);
    expect(JSON.stringify(values)).not.toContain("v1:");
    expect(values["auth:token"]).toBe("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
  });

  it("says that values from a Pulumi Cloud environment are not seen", () => {
    const { notes } = stackConfig(project({}), "dev", { environment: ["shared"] }, []);
    expect(notes.join()).toContain("environment:");
  });
});

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
