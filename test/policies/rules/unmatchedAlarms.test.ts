import { describe, expect, it } from "vitest";
import { DATABASE } from "../samplePlan";
import { by, judge } from "./judge";

const RULE = "poolproof-settings";
const entry = { where: "Datadog", reason: "they alert there" };
const elsewhere = (resource: string) => by(judge({}, { alarmsElsewhere: [{ ...entry, resource }] }), RULE);
const metrics = (client: string) => by(judge({}, { poolMetrics: [{ client, pending: ["Queue"] }] }), RULE);

describe("entries about alarms that nothing answers to", () => {
  it.each([
    "api",
    "api-1234567",
    "db",
    "db1234567",
    DATABASE,
    "*",
    "a*",
  ])("alarmsElsewhere may name %s", (resource) => {
    expect(elsewhere(resource)).toEqual([]);
  });

  it("are violations where the name is exact, with the nearest, and advice where it is a pattern", () => {
    expect(elsewhere("apy")).toEqual([
      expect.objectContaining({ level: "mandatory", fix: expect.stringContaining('Correct it to "api"') }),
    ]);
    expect(elsewhere("apy")[0]?.message).toContain("`alarmsElsewhere.0.resource`");
    expect(elsewhere("orders-*").map(({ level }) => level)).toEqual(["advisory"]);
  });

  it("are no database's where they are of pool metrics", () => {
    expect(metrics("api")).toEqual([]);
    expect(metrics("db1234567")[0]?.message).toContain("`poolMetrics.0.client`");
  });
});
