import { describe, expect, it } from "vitest";
import { demandTags } from "../../../infra/service/demandTags";

describe("the tags of the declared demand", () => {
  it("carry each number as text, under the name the policies read", () => {
    const settings = {
      peakRequestsPerSecond: 400,
      dbHoldMs: 90,
      dbAcquisitionsPerRequest: 1.1,
      tasksAtPeak: 8,
    };
    expect(demandTags(settings, "auth-prod")).toEqual({
      "poolproof:peak-requests-per-second": "400",
      "poolproof:db-hold-ms": "90",
      "poolproof:db-acquisitions-per-request": "1.1",
      "poolproof:tasks-at-peak": "8",
      "poolproof:database": "auth-prod",
      "poolproof:pool-library": "node-postgres",
    });
  });
});
