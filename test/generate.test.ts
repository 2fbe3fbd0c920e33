import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { OUTAGE } from "../docs/pictures/safeWindow";
import { compared, GENERATED } from "../tools/generate";

describe("every generated file is what the code says today (npm run generate)", () => {
  it.each(GENERATED.map((entry) => [entry.file, entry] as const))("%s", (_file, entry) => {
    const { now, wanted } = compared(entry);
    expect(now).toBe(wanted);
  });
});

describe("the README's picture", () => {
  it("shows the settings of the outage's stack", () => {
    const { config } = parse(
      readFileSync(join(__dirname, "../stacks/Pulumi.incident-2024-09-02.yaml"), "utf8"),
    );
    expect(OUTAGE).toEqual({
      demand: {
        peakRequestsPerSecond: Number(config["auth:peakRequestsPerSecond"]),
        holdMs: Number(config["auth:dbHoldMs"]),
        acquisitionsPerRequest: Number(config["auth:dbAcquisitionsPerRequest"]),
        tasksServingPeak: Number(config["auth:tasksAtPeak"]),
      },
      maxConnections: Number(config["auth:maxConnections"]),
      tasksHoldingPools: (Number(config["auth:maxTasks"]) * Number(config["auth:maximumPercent"])) / 100,
      poolMax: Number(config["auth:poolMax"]),
    });
  });
});
