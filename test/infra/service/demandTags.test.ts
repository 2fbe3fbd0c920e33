import { describe, expect, it } from "vitest";
import { demandTags } from "../../../infra/service/authService";

const settings = {
  peakRequestsPerSecond: 400,
  dbHoldMs: 90,
  dbAcquisitionsPerRequest: 1.1,
  tasksAtPeak: 8,
  connection: "direct" as const,
};

describe("the tags of the declared demand", () => {
  it("carry each number as text, under the name the policies read", () => {
    expect(demandTags(settings, "auth-prod")).toEqual({
      "poolproof:peak-requests-per-second": "400",
      "poolproof:db-hold-ms": "90",
      "poolproof:db-acquisitions-per-request": "1.1",
      "poolproof:tasks-at-peak": "8",
      "poolproof:database": "auth-prod",
      "poolproof:pool-library": "node-postgres",
    });
  });

  it("say that sessions do not pin where a proxy stands in between, and only there", () => {
    const proxied = demandTags({ ...settings, connection: "proxy" }, "auth-prod");
    expect(proxied["poolproof:proxy-sessions"]).toBe("multiplexed");
    expect(demandTags(settings, "auth-prod")).not.toHaveProperty("poolproof:proxy-sessions");
  });
});
