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
        peakRequestsPerSecond: config["auth:peakRequestsPerSecond"],
        holdMs: config["auth:dbHoldMs"],
        acquisitionsPerRequest: config["auth:dbAcquisitionsPerRequest"],
        tasksServingPeak: config["auth:tasksAtPeak"],
      },
      maxConnections: Number(config["auth:maxConnections"]),
      tasksHoldingPools: (config["auth:maxTasks"] * config["auth:maximumPercent"]) / 100,
      poolMax: config["auth:poolMax"],
    });
  });
});
