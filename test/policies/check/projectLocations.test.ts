import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { projectLocations } from "../../../policies/check/check";
import { readProject } from "../../../policies/check/project";
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

describe("where a finding can be mended", () => {
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
