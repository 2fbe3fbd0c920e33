import { describe, expect, it } from "vitest";
import type { Project } from "../../../policies/check/project";
import { stackConfig } from "../../../policies/check/stackConfig";
import { InputError } from "../../../policies/kit/errors";

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

  it("names every missing and mistyped value, with the command that mends each", () => {
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
