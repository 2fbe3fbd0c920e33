import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { UndecryptedConfig } from "../../../policies/check/undecrypted";
import { InputError } from "../../../policies/kit/errors";
import { UNKNOWN } from "../../../policies/plan/plan";
import { fromWire } from "../../../policies/plan/wire";

const MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const VALUES = {
  "shop:key": MARKER,
  "shop:database": `{"host":"db","port":"${MARKER}","users":[{"password":"${MARKER}"}]}`,
  "shop:known": "4",
};

let undecrypted: UndecryptedConfig;
let restore: () => void;
const config = new pulumi.Config("shop");

beforeEach(() => {
  // A preview, in which what is unknown is not computed with.
  pulumi.runtime.setMockOptions({}, "shop", "dev", true);
  pulumi.runtime.setAllConfig(VALUES, ["shop:key", "shop:database"]);
  undecrypted = new UndecryptedConfig({ values: VALUES, secretKeys: [], notes: [] });
  restore = undecrypted.install(pulumi);
});

afterEach(() => restore());

/** A value as it is in the plan when a resource is given it. */
async function planned(value: unknown): Promise<unknown> {
  const wire = await pulumi.runtime.serializeProperties("resource", { value });
  return fromWire(wire.value);
}

const KINDS = ["", "Boolean", "Number", "Object"];
const READERS = ["get", "require"].flatMap((verb) =>
  ["", "Secret"].flatMap((secret) => KINDS.map((kind) => `${verb}${secret}${kind}`)),
);

const read = (reader: string, key = "key"): unknown =>
  (config as unknown as { [reader: string]: (key: string) => unknown })[reader]?.(key);

describe("a config key that cannot be decrypted", () => {
  it.each(READERS)("is unknown in the plan, read by %s", async (reader) => {
    const value = read(reader);
    expect(await planned(value)).toBe(UNKNOWN);
    expect(await planned({ nested: [value] })).toEqual({ nested: [UNKNOWN] });
    expect(await planned(pulumi.all([value, "x"]).apply(([first]) => first))).toBe(UNKNOWN);
    expect(await planned(pulumi.interpolate`postgres://${value as pulumi.Input<string>}@db`)).toBe(UNKNOWN);
    expect(await planned(pulumi.jsonStringify({ value }))).toBe(UNKNOWN);
    expect(undecrypted.problem).toBeUndefined();
  });

  it.each(
    READERS.filter((reader) => reader.includes("Secret")),
  )("is not computed with, read by %s", async (reader) => {
    const computed = (read(reader) as pulumi.Output<unknown>).apply(() => "computed");
    expect(await planned(computed)).toBe(UNKNOWN);
  });

  it.each(
    READERS.filter((reader) => !reader.includes("Secret")),
  )("makes text unknown that is made from it, read by %s", async (reader) => {
    const value = read(reader);
    expect(await planned(`size=${value}`)).toBe(UNKNOWN);
    expect(await planned(JSON.stringify({ environment: [{ name: "DB_POOL_MAX", value }] }))).toBe(UNKNOWN);
  });

  it.each([
    ["a sum", (size: number) => size + 1],
    ["a product", (size: number) => size * 2],
    ["a comparison", (size: number) => size > 3],
    ["its negative", (size: number) => -size],
    ["the larger of two", (size: number) => Math.max(size, 1)],
    ["a count of items", (length: number) => Array.from({ length })],
    ["a whole number of it", (size: number) => Number.parseInt(String(size), 10)],
    ["a number of it", (size: number) => Number.parseFloat(size as unknown as string)],
  ])("stops a program that makes of a number %s", (_what, compute) => {
    expect(() => compute(config.requireNumber("key"))).toThrow(InputError);
    expect(() => compute(config.getNumber("key") ?? 0)).toThrow(InputError);
    // Even one that goes on after the error.
    expect(undecrypted.problem).toMatch(/shop:key, a secret .*`--config shop:key=NUMBER`/);
  });

  it.each([
    ["Number", (text: string) => Number(text)],
    ["parseInt", (text: string) => parseInt(text, 10)],
    ["parseFloat", (text: string) => parseFloat(text)],
    ["Number.parseInt", (text: string) => Number.parseInt(text, 10)],
  ])("stops a program that reads it as a text and a number from it, by %s", (_name, parse) => {
    expect(() => parse(config.require("key"))).toThrow(/shop:key, a secret .*`--config shop:key=NUMBER`/);
    expect(parse(config.require("known"))).toBe(4);
  });

  it("stops a program that counts or lists what is in an object", () => {
    const zones = config.requireObject<string[]>("key");
    expect(() => zones.length > 2).toThrow(InputError);
    expect(() => [...zones]).toThrow(InputError);
    expect(() => ({ ...zones })).toThrow(InputError);
    expect(() => Object.keys(zones)).toThrow(InputError);
  });

  it("is left out of what the program exports", () => {
    const size = config.requireNumber("key");
    const exported = {
      size,
      isOpen: config.requireBoolean("key"),
      list: config.requireObject("key"),
      zone: "a",
    };
    expect(undecrypted.exported(exported)).toEqual({ zone: "a" });
    expect(undecrypted.problem).toBeUndefined();
  });

  it("notices that a boolean decided something, which nothing can stop", async () => {
    const isOpen = config.requireBoolean("key");
    expect(undecrypted.problem).toMatch(/decides by shop:key, a secret .*`--config shop:key=true`/);
    await planned(isOpen);
    expect(undecrypted.problem).toBeUndefined();
  });

  it("takes any text there may be one rule for", () => {
    expect(config.require("key", { allowedValues: ["a", "b"] })).toBe(MARKER);
    expect(config.require("key", { pattern: /^x$/, maxLength: 3 })).toBe(MARKER);
    expect(() => config.requireNumber("key", { min: 1, max: 3 })).not.toThrow();
  });

  it("is unknown in the parts of an object that are secret", async () => {
    interface Database {
      host: string;
      port: number;
      users: { password: string }[];
    }
    const database = config.requireObject<Database>("database");
    const expected = { host: "db", port: UNKNOWN, users: [{ password: UNKNOWN }] };
    expect(await planned(database)).toEqual(expected);
    expect(await planned(config.requireSecretObject("database").apply(() => "computed"))).toBe(UNKNOWN);
    expect(await planned(config.requireSecretObject<Database>("database").host)).toBe("db");
    expect(await planned(`postgres://${database.users[0]?.password}@${database.host}`)).toBe(UNKNOWN);
    expect(await planned(["postgres://", database.users[0]?.password].join(""))).toBe(UNKNOWN);
    expect(() => database.port * 2).toThrow(/shop:database/);
    expect(await planned(config.get("database"))).toBe(UNKNOWN);
  });

  it("leaves every other key, and afterwards the SDK and the numbers, as they were", () => {
    expect(config.requireNumber("known")).toBe(4);
    expect(config.getBoolean("unset")).toBeUndefined();
    expect(() => config.requireObject("unset")).toThrow(/Missing required configuration variable/);
    restore();
    expect(config.requireNumber("key")).toBe(4);
    expect(Number(MARKER)).toBeNaN();
    expect(Number.parseInt).toBe(parseInt);
    expect(parseInt(MARKER, 10)).toBe(4);
  });
});
